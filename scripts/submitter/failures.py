"""Looks into the failure queues: what waits there, and which submissions it is about.

A message of the intake-failures queue is Lambda's record of an event that it gave up on:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING

from submission_intake.s3_event import UploadedObject, read_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_sqs.type_defs import MessageTypeDef

    from submitter.context import Context

DEFAULT_LIMIT = 1000
"""Messages of one queue that are looked at, unless told otherwise."""
_BATCH = 10
"""SQS's limit for one request."""
_HIDDEN_SECONDS = 30
"""How long a message is hidden at the most, should it not be possible to release it."""
_LOOKING_SECONDS = 20
"""Longest look into one queue; shorter than messages are hidden, so that none is met twice."""


@dataclass(frozen=True, slots=True)
class FailedRecord:
    """One upload that a failed event tells of."""

    key: str
    """Decoded."""
    version_id: str | None


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """An event that Lambda gave up on."""

    condition: str
    """Lambda's word for why: `RetriesExhausted`, `EventAgeExceeded`."""
    error: str
    """What the function raised at last, in one line; empty if it never ran."""
    records: tuple[FailedRecord, ...]
    """The uploads it tells of."""
    payload: dict[str, object]
    """What the function was invoked with, as it was, to invoke it with again."""


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message that was seen in a queue, and left there."""

    message_id: str
    sent: datetime
    receive_count: int
    """How often it has been received, this look at it included."""
    body: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was seen in a queue."""

    messages: tuple[WaitingMessage, ...]
    seen_all: bool
    """False if there are, or may be, more: beyond the limit, or hidden by another receiver."""


def parse_failed_event(body: str) -> FailedEvent | None:
    """Read the body of a message of the intake-failures queue.

    Args:
        body: the message's body.

    Returns:
        The failed event; None if the body is no such record.
    """
    try:
        record = json.loads(body)
    except ValueError:
        return None
    if not isinstance(record, dict) or not isinstance(
        payload := record.get("requestPayload"), dict
    ):
        return None
    context, response = record.get("requestContext"), record.get("responsePayload")
    return FailedEvent(
        condition=_text(context, "condition"),
        error=": ".join(
            filter(None, (_text(response, "errorType"), _text(response, "errorMessage")))
        ),
        records=tuple(
            FailedRecord(found.key, found.version_id)
            for found in read_event(payload)
            if isinstance(found, UploadedObject)
        ),
        payload=payload,
    )


def read_waiting(context: Context, queue_url: str, limit: int = DEFAULT_LIMIT) -> Waiting:
    """Look at the messages of a failure queue, and leave them there.

    SQS shows messages only to receivers, so each is received, hidden for half a minute at the
    most, and made visible again before this returns, also when it is interrupted. For a queue
    without a redrive policy that has no other effect than a higher receive count; a queue with
    one is not looked into, because looking often enough would move its messages away.

    Args:
        context: the command's surroundings.
        queue_url: the queue; never the submitter queue itself.
        limit: how many messages to look at, at the most.

    Returns:
        What was seen.

    Raises:
        botocore.exceptions.ClientError: SQS refused.
    """
    attributes = context.sqs.get_queue_attributes(
        QueueUrl=queue_url,
        AttributeNames=["RedrivePolicy", "ApproximateNumberOfMessagesNotVisible"],
    ).get("Attributes", {})
    if "RedrivePolicy" in attributes:
        return Waiting((), seen_all=False)
    others_hold_some = attributes.get("ApproximateNumberOfMessagesNotVisible", "0") != "0"
    received: dict[str, MessageTypeDef] = {}
    came_to_the_end = False
    try:
        for batch in _receive(context, queue_url, limit):
            came_to_the_end = not batch
            received |= {message["MessageId"]: message for message in batch}
    finally:
        _release(context, queue_url, [each["ReceiptHandle"] for each in received.values()])
    return Waiting(
        tuple(map(_message, received.values())), seen_all=came_to_the_end and not others_hold_some
    )


def _receive(context: Context, queue_url: str, limit: int) -> Iterator[list[MessageTypeDef]]:
    """Receive batch after batch; the last one is empty if the queue has no more to show."""
    deadline = time.monotonic() + _LOOKING_SECONDS
    left = limit
    while left > 0 and time.monotonic() < deadline:
        batch = context.sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=min(_BATCH, left),
            VisibilityTimeout=_HIDDEN_SECONDS,
            # Not 0: only a long poll asks all of SQS's servers.
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        yield batch
        if not batch:
            return
        left -= len(batch)


def _release(context: Context, queue_url: str, receipt_handles: list[str]) -> None:
    """Make messages visible again; one that can't be is visible again by itself soon."""
    for batch in batched(receipt_handles, _BATCH, strict=False):
        context.sqs.change_message_visibility_batch(
            QueueUrl=queue_url,
            Entries=[
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                for number, handle in enumerate(batch)
            ],
        )


def _message(message: MessageTypeDef) -> WaitingMessage:
    system = message.get("Attributes", {})
    return WaitingMessage(
        message_id=message["MessageId"],
        sent=datetime.fromtimestamp(int(system.get("SentTimestamp", "0")) / 1000, UTC),
        receive_count=int(system.get("ApproximateReceiveCount", "0")),
        body=message["Body"],
        attributes={
            name: value.get("StringValue", "")
            for name, value in message.get("MessageAttributes", {}).items()
        },
    )


def _text(fields: object, name: str) -> str:
    value = fields.get(name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else ""
