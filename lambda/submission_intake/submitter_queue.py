"""Sends announcements to the submitter queue, and reports the end of each.

SendMessageBatch answers HTTP 200 even if it refused some of its entries:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

from __future__ import annotations

import time
from itertools import batched
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from submission_intake.sqs_client import sqs_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

    from submission.message import Announcement

QUEUE_URL_VARIABLE = "SUBMITTER_QUEUE_URL"
MAX_BATCH_ENTRIES = 10
"""SQS's limit for one SendMessageBatch."""

_RETRY_DELAYS_SECONDS = (0.1, 0.4)
"""Waits before sending an entry again that failed by SQS's fault."""


class Delivered(NamedTuple):
    """The queue has the announcement."""

    announcement: Announcement
    message_id: str


class Undelivered(NamedTuple):
    """The queue has not taken the announcement."""

    announcement: Announcement
    cause: str
    """SQS's error code, or the SDK's class of error."""
    detail: str
    """SQS's or the SDK's text."""


type Delivery = Delivered | Undelivered


class SubmitterQueue:
    """The queue that the back end receives from."""

    def __init__(
        self, client: SQSClient, queue_url: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Send with ``client`` to the queue at ``queue_url``; ``sleep`` takes seconds."""
        self._client = client
        self._queue_url = queue_url
        self._sleep = sleep

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> SubmitterQueue:
        """Make the queue that the function's environment variables name.

        Raises:
            RuntimeError: the variable with the queue's URL is not set.
        """
        queue_url = environment.get(QUEUE_URL_VARIABLE)
        if not queue_url:
            raise RuntimeError(
                f"The environment variable {QUEUE_URL_VARIABLE} is not set, so there is no queue "
                "to announce submissions on; Terraform sets it on the function."
            )
        return cls(sqs_client(), queue_url)

    def send(self, announcements: Iterable[Announcement]) -> Iterator[Delivery]:
        """Send announcements, ten at a time.

        Args:
            announcements: what to send, any number.

        Yields:
            A delivery for each announcement, as soon as it is known. A refused one does not stop
            the others. Never raises an error of the SDK.
        """
        for batch in batched(announcements, MAX_BATCH_ENTRIES, strict=False):
            yield from self._send_batch(batch)

    def _send_batch(self, batch: tuple[Announcement, ...]) -> Iterator[Delivery]:
        pending = {str(number): announcement for number, announcement in enumerate(batch)}
        try:
            yield from self._send_entries(pending)
        except ClientError as error:
            if len(pending) > 1:
                # One entry can make SQS refuse the whole batch, so send each alone.
                for announcement in pending.values():
                    yield from self._send_batch((announcement,))
            else:
                yield from _undelivered(pending, error.response["Error"]["Code"], str(error))
        except BotoCoreError as error:
            # SQS did not answer, and the SDK has retried already.
            yield from _undelivered(pending, type(error).__name__, str(error))

    def _send_entries(self, pending: dict[str, Announcement]) -> Iterator[Delivery]:
        """Send the pending announcements, by entry id, and remove those with a known end."""
        for delay in (*_RETRY_DELAYS_SECONDS, None):
            response = self._client.send_message_batch(
                QueueUrl=self._queue_url,
                Entries=[_entry(number, item) for number, item in pending.items()],
            )
            for sent in response.get("Successful", []):
                if announcement := pending.pop(sent["Id"], None):
                    yield Delivered(announcement, sent["MessageId"])
            for failed in response.get("Failed", []):
                is_final = failed["SenderFault"] or delay is None
                if is_final and (announcement := pending.pop(failed["Id"], None)):
                    yield Undelivered(announcement, failed["Code"], failed.get("Message", ""))
            if not pending:
                return
            if delay is not None:
                self._sleep(delay)
        yield from _undelivered(pending, "NotAnswered", "SQS did not say what became of it")


def _undelivered(
    pending: dict[str, Announcement], cause: str, detail: str
) -> Iterator[Undelivered]:
    return (Undelivered(announcement, cause, detail) for announcement in pending.values())


def _entry(number: str, announcement: Announcement) -> SendMessageBatchRequestEntryTypeDef:
    return {
        "Id": number,
        "MessageBody": announcement.body,
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value}
            for name, value in announcement.attributes.items()
        },
    }
