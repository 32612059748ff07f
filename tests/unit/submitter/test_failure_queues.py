"""A look into a failure queue sees its messages, and leaves them there."""

import json
from collections.abc import Iterator

import pytest
from moto import mock_aws

from submitter.console import Output
from submitter.context import Context
from submitter.failures import FailedRecord, parse_failed_event, read_waiting

KEY = "submissions/m.soltys/aws_labs/lab 5/x/y.json"
RECORD = {
    "eventSource": "aws:s3",
    "eventName": "ObjectCreated:Put",
    "eventVersion": "2.1",
    "s3": {
        "bucket": {"name": "bucket"},
        "object": {"key": KEY.replace(" ", "+"), "versionId": "v1"},
    },
}
BODY = {
    "requestContext": {"condition": "RetriesExhausted"},
    "requestPayload": {"Records": [RECORD]},
    "responsePayload": {"errorType": "IntakeError", "errorMessage": "no queue"},
}


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Context(Output(as_json=False), region="us-east-1")


def _queue(context: Context, messages: int) -> str:
    url = context.sqs.create_queue(QueueName="failures")["QueueUrl"]
    for number in range(messages):
        context.sqs.send_message(QueueUrl=url, MessageBody=f"message {number}")
    return url


def test_failed_event_tells_its_cause_and_its_decoded_uploads() -> None:
    event = parse_failed_event(json.dumps(BODY))

    assert event is not None
    assert (event.condition, event.error) == ("RetriesExhausted", "IntakeError: no queue")
    assert event.records == (FailedRecord(KEY, "v1"),)
    assert event.payload == BODY["requestPayload"]


def test_event_that_never_ran_has_no_error() -> None:
    event = parse_failed_event(json.dumps({"requestPayload": {"Records": [RECORD]}}))

    assert event is not None
    assert (event.condition, event.error) == ("", "")


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"requestPayload": 1}', '"\\u001b"'])
def test_foreign_body_is_no_failed_event(body: str) -> None:
    assert parse_failed_event(body) is None


def test_all_messages_are_seen_and_visible_again(context: Context) -> None:
    url = _queue(context, 23)

    for _ in range(2):
        waiting = read_waiting(context, url)
        assert {each.body for each in waiting.messages} == {f"message {n}" for n in range(23)}
        assert waiting.seen_all


def test_limit_is_kept_and_said(context: Context) -> None:
    url = _queue(context, 23)

    waiting = read_waiting(context, url, 12)

    assert len(waiting.messages) == 12
    assert not waiting.seen_all
    assert len(read_waiting(context, url).messages) == 23


def test_messages_that_another_receiver_holds_are_said(context: Context) -> None:
    url = _queue(context, 2)
    context.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)

    waiting = read_waiting(context, url)

    assert len(waiting.messages) == 1
    assert not waiting.seen_all


def test_interrupted_look_leaves_nothing_hidden(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = _queue(context, 12)
    receive, calls = context.sqs.receive_message, []

    def interrupted(**options: object) -> object:
        calls.append(options)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return receive(**options)  # type: ignore[arg-type]

    monkeypatch.setattr(context.sqs, "receive_message", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read_waiting(context, url)
    monkeypatch.undo()

    assert len(read_waiting(context, url).messages) == 12


def test_queue_with_a_redrive_policy_is_not_looked_into(context: Context) -> None:
    url = _queue(context, 1)
    other = context.sqs.create_queue(QueueName="other")["QueueUrl"]
    arn = context.sqs.get_queue_attributes(QueueUrl=other, AttributeNames=["QueueArn"])
    policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": "1"}
    context.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})

    waiting = read_waiting(context, url)

    assert waiting.messages == ()
    assert not waiting.seen_all
    assert context.sqs.receive_message(QueueUrl=url)["Messages"]
