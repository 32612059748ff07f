"""A look into a failure queue sees its messages, and leaves them there."""

import json
from collections.abc import Iterator

import pytest
from moto import mock_aws

from submitter.aws import failure_queue
from submitter.aws.failure_queue import FailureQueue, read_waiting
from submitter.output import Output
from submitter.stack.context import Context
from unit.submitter.sqs_stand_in import Sqs


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    # The stand-in answers an empty queue's long poll as late as SQS does, and no more fully.
    monkeypatch.setattr(failure_queue, "_LONG_POLL_SECONDS", 0)
    with mock_aws():
        yield Context(Output(as_json=False), region="us-east-1")


def _queue(context: Context, messages: int) -> str:
    url = context.sqs.create_queue(QueueName="failures")["QueueUrl"]
    for number in range(messages):
        context.sqs.send_message(QueueUrl=url, MessageBody=f"message {number}")
    return url


def test_all_messages_are_seen_and_visible_again(context: Context) -> None:
    url = _queue(context, 23)

    for _ in range(2):
        waiting = read_waiting(context, url)
        assert {each.body for each in waiting.messages} == {f"message {n}" for n in range(23)}
        assert waiting.seen_all


def test_limit_is_kept_and_reported(context: Context) -> None:
    url = _queue(context, 23)

    waiting = read_waiting(context, url, 12)

    assert len(waiting.messages) == 12
    assert not waiting.seen_all
    assert len(read_waiting(context, url).messages) == 23


def test_messages_held_by_another_receiver_are_reported(context: Context) -> None:
    url = _queue(context, 2)
    context.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)

    waiting = read_waiting(context, url)

    assert len(waiting.messages) == 1
    assert not waiting.seen_all


def test_interrupted_look_releases_its_messages(
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


def _queue_with_a_redrive_policy(context: Context) -> str:
    url = _queue(context, 1)
    other = context.sqs.create_queue(QueueName="other")["QueueUrl"]
    arn = context.sqs.get_queue_attributes(QueueUrl=other, AttributeNames=["QueueArn"])
    policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": "1"}
    context.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})
    return url


def test_queue_with_a_redrive_policy_is_not_read(context: Context) -> None:
    url = _queue_with_a_redrive_policy(context)

    waiting = read_waiting(context, url)

    assert waiting.messages == ()
    assert not waiting.seen_all
    assert context.sqs.receive_message(QueueUrl=url)["Messages"]


def test_queue_with_a_redrive_policy_is_not_taken_from(context: Context) -> None:
    url = _queue_with_a_redrive_policy(context)

    with FailureQueue.opened(context.sqs, url, 300) as queue:
        assert list(queue.messages(10)) == []
        assert queue.is_closed


def test_message_held_too_long_is_received_again() -> None:
    sqs = Sqs(3)
    with FailureQueue.opened(sqs.client, "url", 100, sqs.clock.now) as queue:
        handled = []
        for message in queue.messages(10):
            held_for = sqs.clock.seconds - sqs.received_at[message.message_id]
            handled.append((message.message_id, held_for))
            sqs.clock.seconds += 51
            queue.delete(message)

    assert [number for number, _ in handled] == ["0", "1", "2"]
    assert all(held_for <= 50 for _, held_for in handled)


def test_message_that_came_back_is_handled_once() -> None:
    sqs = Sqs(15)
    met = []
    with FailureQueue.opened(sqs.client, "url", 100, sqs.clock.now) as queue:
        for message in queue.messages(100):
            met.append(message.message_id)
            sqs.clock.seconds += 9 if len(met) < 11 else 30

    assert sorted(met) == sorted(set(met))
    assert set(map(str, range(11))) <= set(met)
    assert not queue.seen_all
    assert sqs.visible() == 15


def test_look_ends_before_what_it_saw_first_is_visible_again() -> None:
    sqs = Sqs(100)
    with FailureQueue.opened(sqs.client, "url", 60, sqs.clock.now) as queue:
        seen = 0
        for _ in queue.look(1000):
            seen += 1
            sqs.clock.seconds += 1

    assert sqs.clock.seconds < 60
    assert 0 < seen < 100
    assert not queue.seen_all
    assert sqs.visible() == 100


def test_deleted_message_is_gone_and_the_others_are_released(context: Context) -> None:
    url = _queue(context, 5)

    with FailureQueue.opened(context.sqs, url, 300) as queue:
        first = next(queue.messages(10))
        queue.delete(first)

    assert len(read_waiting(context, url).messages) == 4


def test_message_has_attributes_and_time(context: Context) -> None:
    url = _queue(context, 0)
    context.sqs.send_message(
        QueueUrl=url,
        MessageBody="body",
        MessageAttributes={
            "key": {"DataType": "String", "StringValue": "a/b"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\0"},
        },
    )

    [message] = read_waiting(context, url).messages

    assert message.attributes == {"key": "a/b"}
    assert message.sent.tzinfo is not None
