"""Receives messages of a failure queue, and releases or deletes them.

Also a look at messages receives them, and so hides them for a while:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING

from submitter.stack.context import Context

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

DEFAULT_LIMIT = 1000
"""Messages of one queue."""
LOOK_HOLD_SECONDS = 60
"""How long a look hides a message that it can't release."""
_BATCH = 10
"""SQS's limit for one request."""
_LONG_POLL_SECONDS = 1
"""With more than 0, SQS asks all its servers, so an empty answer means an empty queue."""


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message of a failure queue; while it is held, other receivers don't see it."""

    message_id: str
    receipt_handle: str
    body: str
    attributes: dict[str, str]
    sent: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """The messages seen in a queue, and left there."""

    messages: tuple[QueuedMessage, ...]
    seen_all: bool
    """See `FailureQueue.seen_all`."""


class FailureQueue:
    """A failure queue, and the messages that this process holds."""

    def __init__(
        self,
        client: SQSClient,
        queue_url: str,
        hold_seconds: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Hold each message for so many seconds at most, also if this process is killed.

        Raises:
            botocore.exceptions.ClientError: SQS refused.
        """
        self._client = client
        self._queue_url = queue_url
        self._hold_seconds = hold_seconds
        self._clock = clock
        self._held: dict[str, QueuedMessage] = {}
        attributes = client.get_queue_attributes(
            QueueUrl=queue_url,
            AttributeNames=["RedrivePolicy", "ApproximateNumberOfMessagesNotVisible"],
        ).get("Attributes", {})
        self.is_closed = "RedrivePolicy" in attributes
        """Whether it has a redrive policy, so that receiving would move messages away. None of the
        stack's failure queues has one, and nothing is received then."""
        self._others_hold_some = attributes.get("ApproximateNumberOfMessagesNotVisible", "0") != "0"
        self._came_to_the_end = False

    @classmethod
    @contextmanager
    def opened(
        cls,
        client: SQSClient,
        queue_url: str,
        hold_seconds: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> Iterator[FailureQueue]:
        """Open a queue for a ``with`` block, and release at its end what is still held."""
        queue = cls(client, queue_url, hold_seconds, clock)
        try:
            yield queue
        finally:
            queue.release_all()

    @property
    def seen_all(self) -> bool:
        """Whether every message was received, as far as SQS says.

        False if there may be more: beyond the limit, or hidden by another receiver.
        """
        return self._came_to_the_end and not self._others_hold_some

    def look(self, limit: int) -> Iterator[QueuedMessage]:
        """Yield at most ``limit`` messages, as long as the first one is still held.

        Later, those seen first would be visible, and received again.
        """
        deadline = self._clock() + self._hold_seconds / 2
        for message in self.messages(limit):
            yield message
            if self._clock() > deadline:
                return

    def messages(self, limit: int) -> Iterator[QueuedMessage]:
        """Yield at most ``limit`` messages, each held and only once.

        One that has been held for half its time before its turn is released and received again, so
        that the caller always has the other half.
        """
        seen: set[str] = set()
        while len(seen) < limit and not self.is_closed:
            started = self._clock()
            received = self._receive(min(_BATCH, limit - len(seen)))
            fresh = [each for each in received if each.message_id not in seen]
            if not fresh:
                # The queue is empty, or all that is left was held so long that it came back.
                self._came_to_the_end = not received
                return
            for number, each in enumerate(fresh):
                if self._clock() - started > self._hold_seconds / 2:
                    self._release(fresh[number:])
                    break
                seen.add(each.message_id)
                yield each

    def delete(self, message: QueuedMessage) -> None:
        """Remove a message for good."""
        self._client.delete_message(
            QueueUrl=self._queue_url, ReceiptHandle=self._held[message.message_id].receipt_handle
        )
        del self._held[message.message_id]

    def release_all(self) -> None:
        """Make all held messages visible again."""
        self._release(list(self._held.values()))

    def _release(self, messages: list[QueuedMessage]) -> None:
        for each in messages:
            self._held.pop(each.message_id, None)
        for batch in batched(messages, _BATCH, strict=False):
            # SQS refuses one whose time has run out, which is visible already.
            self._client.change_message_visibility_batch(
                QueueUrl=self._queue_url,
                Entries=[
                    {
                        "Id": str(number),
                        "ReceiptHandle": each.receipt_handle,
                        "VisibilityTimeout": 0,
                    }
                    for number, each in enumerate(batch)
                ],
            )

    def _receive(self, count: int) -> list[QueuedMessage]:
        answer = self._client.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=count,
            VisibilityTimeout=self._hold_seconds,
            WaitTimeSeconds=_LONG_POLL_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        received = [_message(raw) for raw in answer.get("Messages", [])]
        self._held |= {each.message_id: each for each in received}
        return received


def read_waiting(context: Context, queue_url: str, limit: int = DEFAULT_LIMIT) -> Waiting:
    """Return at most ``limit`` messages of a failure queue, and leave them there.

    Each is visible again before this returns, also if it is interrupted; only its receive count
    grows. Never use it on the submitter queue.

    Raises:
        botocore.exceptions.ClientError: SQS refused.
    """
    with FailureQueue.opened(context.sqs, queue_url, LOOK_HOLD_SECONDS) as queue:
        return Waiting(tuple(queue.look(limit)), seen_all=queue.seen_all)


def _message(raw: MessageTypeDef) -> QueuedMessage:
    system = raw.get("Attributes", {})
    return QueuedMessage(
        message_id=raw["MessageId"],
        receipt_handle=raw["ReceiptHandle"],
        body=raw["Body"],
        attributes={
            name: value["StringValue"]
            for name, value in raw.get("MessageAttributes", {}).items()
            if "StringValue" in value
        },
        sent=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
    )
