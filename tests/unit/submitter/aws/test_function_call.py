"""The intake function is invoked once for each event, and every outcome is reported."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from submitter.aws import function_call
from submitter.aws.function_call import Handled, IntakeFunction, Refused
from submitter.output import Output
from submitter.stack.context import Context
from unit.submitter.contexts import DEPLOYMENT

EVENT = {"Records": [{"eventSource": "aws:s3", "key": "été"}]}
COUNTS = b'{"announced": 2, "ignored": {"not_json": 3, "too_long": 1}}'


@dataclass
class _Answer:
    """What Lambda says to one call; nothing at all, to hang up, if there is no status."""

    body: bytes = COUNTS
    status: int | None = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_short: int = 0
    """Bytes that are promised and not sent."""
    is_late: bool = False
    """Whether it comes after everybody has stopped waiting."""


def _refusal(code: str, status: int) -> _Answer:
    return _Answer(b'{"Message": "no room"}', status, {"x-amzn-ErrorType": code})


class _Lambda:
    """Lambda's API as the SDK meets it, with answers that are given one after the other."""

    def __init__(self) -> None:
        self.answers: list[_Answer] = []
        self.payloads: list[Any] = []
        self.timeout_seconds = 30
        self.over = threading.Event()
        self.slept: list[float] = []

    def function(self, context: Context) -> IntakeFunction:
        function = IntakeFunction.deployed(context)
        function._sleep = self.slept.append  # noqa: SLF001 - record waits
        return function


@pytest.fixture
def fake() -> Iterator[tuple[_Lambda, str]]:
    state = _Lambda()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(_Answer(json.dumps({"Timeout": state.timeout_seconds}).encode()))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.payloads.append((self.path, json.loads(body)))
            self.reply(state.answers.pop(0))

        def reply(self, answer: _Answer) -> None:
            if answer.is_late:
                state.over.wait(60)
            if answer.status is None or answer.is_late:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + answer.cut_short))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state, f"http://127.0.0.1:{server.server_port}"
    finally:
        state.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


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
    aws.answers = [_Answer()]

    assert aws.function(context).call(EVENT) == Handled(announced=2, ignored=4)
    [(path, payload)] = aws.payloads
    assert DEPLOYMENT.function_name in path
    assert payload == EVENT


def test_error_of_the_function_is_returned(aws: _Lambda, context: Context) -> None:
    error = b'{"errorType": "IntakeError", "errorMessage": "no queue"}'
    aws.answers = [_Answer(error, headers={"X-Amz-Function-Error": "Unhandled"})]

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
    aws.answers = [_Answer(body)]

    answer = aws.function(context).call(EVENT)

    assert isinstance(answer, Refused)
    assert not answer.is_throttled


@pytest.mark.parametrize(
    ("code", "status"), [("TooManyRequestsException", 429), ("EC2ThrottledException", 502)]
)
def test_throttled_call_is_retried_and_then_given_up(
    code: str, status: int, aws: _Lambda, context: Context
) -> None:
    aws.answers = [_refusal(code, status), _refusal(code, status), _Answer()]
    assert isinstance(aws.function(context).call(EVENT), Handled)
    assert aws.slept == [1.0, 2.0]

    aws.answers = [_refusal(code, status)] * 4
    assert aws.function(context).call(EVENT) == Refused(code, "no room", is_throttled=True)
    assert aws.answers == []


@pytest.mark.parametrize(
    ("code", "status", "is_throttled"),
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
    code: str, status: int, aws: _Lambda, context: Context, *, is_throttled: bool
) -> None:
    aws.answers = [_refusal(code, status)]

    refused = Refused(code, "no room", is_throttled=is_throttled)
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
        (_Answer(status=None), "ConnectionClosedError"),
        (_Answer(cut_short=5), "ResponseStreamingError"),
        (_Answer(is_late=True), "ReadTimeoutError"),
    ],
)
def test_unanswered_call_is_not_repeated(
    answer: _Answer, cause: str, aws: _Lambda, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function_call, "_STARTING_SECONDS", 0)
    aws.timeout_seconds = 1
    aws.answers = [answer, _Answer()]

    refused = aws.function(context).call(EVENT)

    assert isinstance(refused, Refused)
    assert refused.cause == cause
    assert "may have been announced; nothing is lost" in refused.detail
    assert not refused.is_throttled
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
