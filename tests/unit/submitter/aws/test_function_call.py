"""The intake function is invoked once for each event, and every outcome is reported."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from submitter.aws import function_call
from submitter.aws.function_call import Handled, IntakeFunction, Refused
from submitter.output import Output
from submitter.stack.context import Context
from unit.http_stub import Answer, serving
from unit.submitter.contexts import DEPLOYMENT

EVENT = {"Records": [{"eventSource": "aws:s3", "key": "été"}]}
COUNTS = b'{"announced": 2, "ignored": {"not_json": 3, "too_long": 1}}'


def _refusal(code: str, status: int) -> Answer:
    return Answer(b'{"Message": "no room"}', status, {"x-amzn-ErrorType": code})


LATE = Answer(status=None)
"""Hangs up after the client has stopped waiting."""


class _Lambda:
    """Lambda's API, with scripted answers."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.payloads: list[Any] = []
        self.timeout_seconds = 30
        self.over = threading.Event()
        self.slept: list[float] = []

    def function(self, context: Context) -> IntakeFunction:
        function = IntakeFunction.deployed(context)
        function._sleep = self.slept.append  # noqa: SLF001 - record waits
        return function

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> Answer:
        if request.command == "GET":
            return Answer(json.dumps({"Timeout": self.timeout_seconds}).encode())
        self.payloads.append((request.path, json.loads(body)))
        answer = self.answers.pop(0)
        if answer is LATE:
            self.over.wait(60)
        return answer


@pytest.fixture
def fake() -> Iterator[tuple[_Lambda, str]]:
    state = _Lambda()
    with serving(state.answer) as url:
        yield state, url
        state.over.set()


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    """A session for all tests, which reads Lambda's description only once."""
    return boto3.Session("test", "test", region_name="us-east-1")


@pytest.fixture
def context(
    fake: tuple[_Lambda, str], session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> Context:
    monkeypatch.setenv("AWS_ENDPOINT_URL", fake[1])
    context = Context(Output(as_json=False))
    context.__dict__.update({"deployment": DEPLOYMENT, "session": session})
    return context


@pytest.fixture
def aws(fake: tuple[_Lambda, str]) -> _Lambda:
    return fake[0]


def test_call_sends_the_event_and_returns_the_counts(aws: _Lambda, context: Context) -> None:
    aws.answers = [Answer(COUNTS)]

    assert aws.function(context).call(EVENT) == Handled(announced=2, ignored=4)
    [(path, payload)] = aws.payloads
    assert DEPLOYMENT.function_name in path
    assert payload == EVENT


def test_error_of_the_function_is_returned(aws: _Lambda, context: Context) -> None:
    error = b'{"errorType": "IntakeError", "errorMessage": "no queue"}'
    aws.answers = [Answer(error, headers={"X-Amz-Function-Error": "Unhandled"})]

    assert aws.function(context).call(EVENT) == Refused("IntakeError", "no queue")
    assert len(aws.payloads) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{",
        b'"ok"',
        b"{}",
        b'{"announced": "2", "ignored": {}}',
        b'{"announced": 2, "ignored": []}',
        b'{"announced": 2, "ignored": {"not_json": "3"}}',
        b"[" * 200_000,
    ],
)
def test_answer_without_counts_is_a_refusal(body: bytes, aws: _Lambda, context: Context) -> None:
    aws.answers = [Answer(body)]

    answer = aws.function(context).call(EVENT)

    assert isinstance(answer, Refused)
    assert not answer.is_unavailable


@pytest.mark.parametrize(
    ("code", "status"), [("TooManyRequestsException", 429), ("EC2ThrottledException", 502)]
)
def test_throttled_call_is_retried_and_then_given_up(
    code: str, status: int, aws: _Lambda, context: Context
) -> None:
    aws.answers = [_refusal(code, status), _refusal(code, status), Answer(COUNTS)]
    assert isinstance(aws.function(context).call(EVENT), Handled)
    assert aws.slept == [1.0, 2.0]

    aws.answers = [_refusal(code, status)] * 4
    assert aws.function(context).call(EVENT) == Refused(code, "no room", is_unavailable=True)
    assert aws.answers == []


@pytest.mark.parametrize(
    ("code", "status", "is_unavailable"),
    [
        ("ServiceException", 500, True),
        ("ResourceConflictException", 409, True),
        ("ResourceNotReadyException", 502, True),
        ("CodeArtifactUserPendingException", 409, True),
        ("SnapStartNotReadyException", 409, True),
        ("InvalidRequestContentException", 400, False),
        ("RequestTooLargeException", 413, False),
    ],
)
def test_refused_event_is_not_sent_again(
    code: str, status: int, aws: _Lambda, context: Context, *, is_unavailable: bool
) -> None:
    aws.answers = [_refusal(code, status)]

    refused = Refused(code, "no room", is_unavailable=is_unavailable)
    assert aws.function(context).call(EVENT) == refused
    assert len(aws.payloads) == 1


@pytest.mark.parametrize(
    ("code", "status"), [("AccessDeniedException", 403), ("ResourceNotFoundException", 404)]
)
def test_refused_call_ends_the_command(
    code: str, status: int, aws: _Lambda, context: Context
) -> None:
    aws.answers = [_refusal(code, status)]

    with pytest.raises(ClientError, match=code):
        aws.function(context).call(EVENT)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (Answer(status=None), "ConnectionClosedError"),
        (Answer(COUNTS, cut_short=5), "ResponseStreamingError"),
        (LATE, "ReadTimeoutError"),
    ],
)
def test_unanswered_call_is_not_repeated(
    answer: Answer, cause: str, aws: _Lambda, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function_call, "_STARTING_SECONDS", 0)
    aws.timeout_seconds = 1
    aws.answers = [answer, Answer(COUNTS)]

    refused = aws.function(context).call(EVENT)

    assert isinstance(refused, Refused)
    assert refused.cause == cause
    assert "may have been announced; nothing is lost" in refused.detail
    assert not refused.is_unavailable
    assert len(aws.payloads) == 1


def test_unreachable_lambda_ends_the_command(
    aws: _Lambda, context: Context, session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = aws.function(context)
    # Nothing listens on port 1.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    once = Config(retries={"total_max_attempts": 1})
    function._client = session.client("lambda", config=once)  # noqa: SLF001

    with pytest.raises(EndpointConnectionError):
        function.call(EVENT)


@pytest.mark.parametrize("timeout_seconds", [1, 30, 900])
def test_read_timeout_exceeds_the_functions_timeout(
    timeout_seconds: int, aws: _Lambda, context: Context
) -> None:
    aws.timeout_seconds = timeout_seconds

    function = aws.function(context)

    config: Any = function._client.meta.config  # noqa: SLF001
    assert config.read_timeout > timeout_seconds
    assert function.longest_call_seconds > config.read_timeout
