"""Lists the messages in the failure queues, and has them announced again.

Anybody with a broad right on SQS may have written a message. So none is moved or handed on as it
is: the object that it names is looked up in the bucket, the function announces that one, and then
the message is deleted. Other messages are left for a person to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import batched
from typing import TYPE_CHECKING

from submission.keys import SubmissionKey, parse_key
from submission.message import UploadedObject, announced_file, announced_upload
from submitter.aws.failed_event import parse_failed_event
from submitter.aws.function_call import Refused
from submitter.aws.upload_event import MAX_RECORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from submitter.aws.bucket import CurrentVersion
    from submitter.aws.failure_queue import FailureQueue, QueuedMessage
    from submitter.aws.function_call import Handled

FOREIGN = "not a record of a failed event"
FOREIGN_LETTER = "not an announcement"


class FailureQueueName(StrEnum):
    """The queues in which failures end."""

    INTAKE = "intake"
    DEAD_LETTER = "dead-letter"


class MessageFate(StrEnum):
    """What became of a message in this run."""

    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    LEFT = "left"


@dataclass(slots=True)
class Cause:
    """The messages that are there for one reason."""

    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class MessageReport:
    """One message, and what became of it."""

    message_id: str
    sent: datetime
    cause: str
    keys: tuple[str, ...]
    """Of the submissions that it is about."""
    fate: MessageFate
    detail: str | None = None
    """Why it was left."""


@dataclass(slots=True)
class QueueReport:
    """A failure queue, and what was done about it."""

    queue: FailureQueueName
    carried_out: bool
    waiting: int = 0
    """About how many messages there were at the start, as SQS says it."""
    causes: dict[str, Cause] = field(default_factory=dict)
    messages: list[MessageReport] = field(default_factory=list)
    moved: int = 0
    seen_all: bool = False
    """Whether each of its messages was seen; if not, others hold some, or there are too many."""
    problem: str | None = None
    """Why it ended early."""
    interrupted: bool = False

    @property
    def left(self) -> int:
        """Messages that are still there, as far as is known."""
        # SQS's count is approximate, and of a moment ago: what was seen is better.
        there = len(self.messages) if self.seen_all else max(self.waiting, len(self.messages))
        return max(there - self.moved, 0)

    def note(
        self,
        message: QueuedMessage,
        cause: str,
        keys: tuple[str, ...],
        fate: MessageFate,
        detail: str | None = None,
    ) -> None:
        """Take a message into the report."""
        group = self.causes.setdefault(cause, Cause(0, message.sent))
        group.count += 1
        group.oldest = min(group.oldest, message.sent)
        self.messages.append(
            MessageReport(message.message_id, message.sent, cause, keys, fate, detail)
        )
        self.moved += fate is MessageFate.HANDED_OVER


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says was uploaded."""

    cause: str
    """What it is grouped by: its fault, or else why it is there."""
    uploads: tuple[UploadedObject, ...]
    fault: str | None = None
    """Why it is not trusted."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the uploads."""
        return tuple(each.key for each in self.uploads)


def read_message(queue: FailureQueueName, message: QueuedMessage, bucket: str) -> Content:
    """Read a message of a failure queue, whoever sent it.

    Args:
        queue: the queue that it is in.
        message: the message.
        bucket: the stack's bucket; a message about another one is not trusted.

    Returns:
        What it says. Failed events are grouped by their errors, dead letters by the problem whose
        submissions are not finished.
    """
    if queue is FailureQueueName.INTAKE:
        failed = parse_failed_event(message.body)
        if failed is None:
            return Content(FOREIGN, (), FOREIGN)
        cause = f"{failed.condition}: {failed.error_type or 'the function was not run'}"
        uploads = failed.uploads
        fault = None if failed.is_readable else "has a record that the function cannot read"
    else:
        upload = announced_upload(message.attributes)
        uploads = (upload,) if upload.key else ()
        key = parse_key(upload.key)
        if not isinstance(key, SubmissionKey):
            return Content(FOREIGN_LETTER, uploads, FOREIGN_LETTER)
        cause = f"{key.admin}/{key.event}/{key.problem}"
        is_same = announced_file(message.body) == key.file_name
        fault = None if is_same else "its body names another file than its key"
    fault = fault or next(filter(None, (_fault_of(each, bucket) for each in uploads)), None)
    return Content(fault or cause, uploads, fault)


def _fault_of(upload: UploadedObject, bucket: str) -> str | None:
    if upload.bucket != bucket:
        return f"names another bucket: {upload.bucket or 'none'}"
    key = parse_key(upload.key)
    return None if isinstance(key, SubmissionKey) else f"its key is no submission's: {key}"


@dataclass(frozen=True, slots=True)
class UploadAnnouncer:
    """Looks uploads up, and has the function announce them."""

    find: Callable[[UploadedObject], CurrentVersion | None]
    call: Callable[[tuple[CurrentVersion, ...]], Handled | Refused]

    def announce(self, uploads: tuple[UploadedObject, ...]) -> Refused | str | None:
        """Announce uploads.

        Returns:
            Nothing once all are announced; else why not, and how the function refused them.
        """
        found = [(each, self.find(each)) for each in uploads]
        versions = [version for _, version in found if version is not None]
        if len(versions) < len(found):
            return "the bucket has no such version (any more)"
        for batch in batched(versions, MAX_RECORDS, strict=False):
            answer = self.call(batch)
            if isinstance(answer, Refused):
                return answer
            if answer.announced != len(batch):
                return "the function ignored it"
        return None


def look_at(
    queue: FailureQueue,
    report: QueueReport,
    bucket: str,
    limit: int,
    on_progress: Callable[[], None],
) -> None:
    """Take stock of a queue, and change nothing.

    Args:
        queue: the failure queue.
        report: filled in on the way, so that it is true whenever the work is interrupted.
        bucket: the stack's bucket.
        limit: how many messages to look at, at the most.
        on_progress: called after each message.
    """
    for message in queue.look(limit):
        content = read_message(report.queue, message, bucket)
        report.note(message, content.cause, content.keys, MessageFate.WAITING)
        on_progress()
    _conclude(queue, report)


def announce_messages(  # noqa: PLR0913, PLR0917 - what look_at takes, and who announces
    queue: FailureQueue,
    report: QueueReport,
    bucket: str,
    announcer: UploadAnnouncer,
    limit: int,
    on_progress: Callable[[], None],
) -> None:
    """Have the function announce what messages are about.

    A message is deleted after all of it is announced, and never before: killed in between, it is
    announced twice, and never lost.

    Args:
        queue: the failure queue.
        report: filled in on the way, so that it is true whenever the work is interrupted.
        bucket: the stack's bucket.
        announcer: looks up and announces.
        limit: how many messages to handle at the most.
        on_progress: called after each message.
    """
    for message in queue.messages(limit):
        content = read_message(report.queue, message, bucket)
        answer = content.fault or announcer.announce(content.uploads)
        if answer is None:
            queue.delete(message)
            report.note(message, content.cause, content.keys, MessageFate.HANDED_OVER)
        else:
            detail = f"{answer.cause}: {answer.detail}" if isinstance(answer, Refused) else answer
            report.note(message, content.cause, content.keys, MessageFate.LEFT, detail)
        on_progress()
        if isinstance(answer, Refused) and answer.is_throttled:
            report.problem = (
                f"Lambda does not run the function ({answer.cause}): {answer.detail} Let it "
                "run (see its reserved concurrency), then run this again."
            )
            return
    _conclude(queue, report)


def _conclude(queue: FailureQueue, report: QueueReport) -> None:
    report.seen_all = queue.seen_all
    if queue.is_closed:
        report.problem = (
            "The queue has a redrive policy, so looking into it would move its messages away; "
            "the stack's has none. Run `terraform apply`, then run this again."
        )
