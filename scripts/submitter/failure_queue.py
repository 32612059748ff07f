"""Takes messages off a failure queue, so that none is lost and none stays hidden.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

_BATCH = 10
"""SQS's limit for one call."""
_LONG_POLL_SECONDS = 1
"""Anything above 0 asks all of SQS's servers, so that an empty answer means an empty queue."""


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message that is held: nobody else sees it until it is released."""

    message_id: str
    receipt_handle: str
    body: str
    attributes: dict[str, str]
    sent: datetime


class FailureQueue:
    """A failure queue, and the messages of it that are held right now."""

    def __init__(self, client: SQSClient, queue_url: str, hold_seconds: int) -> None:
        """Hold messages for so many seconds at the most, should this process be killed."""
        self._client = client
        self._queue_url = queue_url
        self._hold_seconds = hold_seconds
        self._held: dict[str, QueuedMessage] = {}

    @classmethod
    @contextmanager
    def opened(cls, client: SQSClient, queue_url: str, hold_seconds: int) -> Iterator[FailureQueue]:
        """Open a queue for a ``with`` block; whatever is held at its end is released."""
        queue = cls(client, queue_url, hold_seconds)
        try:
            yield queue
        finally:
            queue.release_all()

    def messages(self, limit: int) -> Iterator[QueuedMessage]:
        """Receive messages, each once, until there are no more.

        Args:
            limit: how many to receive at the most.

        Yields:
            The messages, held.
        """
        seen: set[str] = set()
        while len(seen) < limit:
            started = time.monotonic()
            received = self._receive(min(_BATCH, limit - len(seen)))
            fresh = [each for each in received if each.message_id not in seen]
            if not fresh:
                # Empty, or all that is left has been held for so long that it came back.
                return
            for number, each in enumerate(fresh):
                if time.monotonic() - started > self._hold_seconds / 2:
                    # The rest may not be ours for long enough; released, it comes again.
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
        """Let everybody see again what is held."""
        self._release(list(self._held.values()))

    def _release(self, messages: list[QueuedMessage]) -> None:
        for each in messages:
            self._held.pop(each.message_id, None)
        for batch in batched(messages, _BATCH, strict=False):
            # One whose time has run out is refused here, and visible already.
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


def _message(raw: MessageTypeDef) -> QueuedMessage:
    attributes = raw.get("MessageAttributes", {})
    return QueuedMessage(
        message_id=raw["MessageId"],
        receipt_handle=raw["ReceiptHandle"],
        body=raw["Body"],
        attributes={
            name: value["StringValue"]
            for name, value in attributes.items()
            if "StringValue" in value
        },
        sent=datetime.fromtimestamp(int(raw["Attributes"]["SentTimestamp"]) / 1000, UTC),
    )
