"""Lists the messages in the failure queues, and has them announced again.

A message may be forged. So the object that it names is looked up in the bucket, the function
announces that object, and then the message is deleted. Other messages are left for a person.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import batched

from submission.keys import SubmissionKey, parse_key
from submission.message import UploadedObject, announced_file, announced_upload
from submitter.aws.bucket import CurrentVersion
from submitter.aws.failed_event import parse_failed_event
from submitter.aws.failure_queue import FailureQueue, QueuedMessage
from submitter.aws.function_call import Handled, Refused
from submitter.aws.upload_event import MAX_RECORDS
from submitter.invocation import command

NOT_A_FAILED_EVENT = "not a record of a failed event"
NOT_AN_ANNOUNCEMENT = "not an announcement"


class FailureQueueName(StrEnum):
    """The queues in which failures end."""

    INTAKE = "intake"
    DEAD_LETTER = "dead-letter"


class MessageOutcome(StrEnum):
    """The outcome of a message in this run."""

    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    LEFT = "left"


@dataclass(slots=True)
class Cause:
    """The messages with one cause."""

    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class MessageReport:
    """One message, and its outcome."""

    message_id: str
    sent: datetime
    cause: str
    keys: tuple[str, ...]
    """Of its submissions."""
    fate: MessageOutcome
    """Called so in the JSON."""
    detail: str | None = None
    """Why it was left."""


@dataclass(frozen=True, slots=True)
class Content:
    """The uploads that a message names."""

    cause: str
    """Its fault, else why it is in the queue."""
    uploads: tuple[UploadedObject, ...]
    fault: str | None = None
    """Why it is not announced."""


@dataclass(slots=True)
class QueueReport:
    """A failure queue, and what was done; it is true at every moment of a run."""

    queue: FailureQueueName
    carried_out: bool
    waiting: int = 0
    """SQS's approximate count at the start."""
    causes: dict[str, Cause] = field(default_factory=dict)
    messages: list[MessageReport] = field(default_factory=list)
    moved: int = 0
    seen_all: bool = False
    """See `FailureQueue.seen_all`."""
    problem: str | None = None
    """Why it ended early."""
    interrupted: bool = False

    @property
    def left(self) -> int:
        """Messages that are still in the queue, as far as is known."""
        seen = len(self.messages)
        # SQS's count is approximate.
        return max((seen if self.seen_all else max(self.waiting, seen)) - self.moved, 0)

    def note(
        self,
        message: QueuedMessage,
        content: Content,
        outcome: MessageOutcome,
        detail: str | None = None,
    ) -> None:
        """Add a message to the report."""
        group = self.causes.setdefault(content.cause, Cause(0, message.sent))
        group.count += 1
        group.oldest = min(group.oldest, message.sent)
        keys = tuple(each.key for each in content.uploads)
        self.messages.append(
            MessageReport(message.message_id, message.sent, content.cause, keys, outcome, detail)
        )
        self.moved += outcome is MessageOutcome.HANDED_OVER


def read_message(queue: FailureQueueName, message: QueuedMessage, bucket: str) -> Content:
    """Parse a message of a failure queue, which anybody may have sent.

    Args:
        queue: the queue that it is in.
        message: the message.
        bucket: the stack's bucket; a message that names another one has a fault.

    Returns:
        Its content. The cause of a failed event is its error, that of a dead letter its problem.
    """
    if queue is FailureQueueName.INTAKE:
        failed = parse_failed_event(message.body)
        if failed is None:
            return Content(NOT_A_FAILED_EVENT, (), NOT_A_FAILED_EVENT)
        cause = f"{failed.condition}: {failed.error_type or 'the function was not run'}"
        uploads = failed.uploads
        fault = None if failed.is_readable else "has a record that the function cannot read"
    else:
        upload = announced_upload(message.attributes)
        uploads = (upload,) if upload.key else ()
        key = parse_key(upload.key)
        if not isinstance(key, SubmissionKey):
            return Content(NOT_AN_ANNOUNCEMENT, uploads, NOT_AN_ANNOUNCEMENT)
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
    """Finds uploads in the bucket, and has the function announce them."""

    find: Callable[[UploadedObject], CurrentVersion | None]
    call: Callable[[tuple[CurrentVersion, ...]], Handled | Refused]

    def announce(self, uploads: tuple[UploadedObject, ...]) -> Refused | str | None:
        """Announce uploads; return None if all were announced, else why not."""
        versions = [version for each in uploads if (version := self.find(each)) is not None]
        if len(versions) < len(uploads):
            return "the bucket has no such version (any more)"
        for batch in batched(versions, MAX_RECORDS, strict=False):
            answer = self.call(batch)
            if isinstance(answer, Refused):
                return answer
            if answer.announced != len(batch):
                return "the function ignored it"
        return None


def list_messages(
    queue: FailureQueue,
    report: QueueReport,
    bucket: str,
    limit: int,
    on_progress: Callable[[], None],
) -> None:
    """Report at most ``limit`` messages of a queue, and change nothing.

    Args:
        queue: the failure queue.
        report: filled in on the way.
        bucket: the stack's bucket.
        limit: the most messages to look at.
        on_progress: called after each message.
    """
    for message in queue.look(limit):
        content = read_message(report.queue, message, bucket)
        report.note(message, content, MessageOutcome.WAITING)
        on_progress()
    _conclude(queue, report)


def announce_messages(  # noqa: PLR0913, PLR0917 - those of list_messages, and the announcer
    queue: FailureQueue,
    report: QueueReport,
    bucket: str,
    announcer: UploadAnnouncer,
    limit: int,
    on_progress: Callable[[], None],
) -> None:
    """Have the function announce the uploads that messages name.

    A message is deleted only after all of it was announced. If this process is killed in between,
    it is announced twice, and never lost.

    Args:
        queue: the failure queue.
        report: filled in on the way.
        bucket: the stack's bucket.
        announcer: finds and announces uploads.
        limit: the most messages to handle.
        on_progress: called after each message.
    """
    for message in queue.messages(limit):
        content = read_message(report.queue, message, bucket)
        answer = content.fault or announcer.announce(content.uploads)
        if answer is None:
            queue.delete(message)
            report.note(message, content, MessageOutcome.HANDED_OVER)
        else:
            detail = f"{answer.cause}: {answer.detail}" if isinstance(answer, Refused) else answer
            report.note(message, content, MessageOutcome.LEFT, detail)
        on_progress()
        if isinstance(answer, Refused) and answer.is_unavailable:
            report.problem = (
                f"Lambda does not run the function now ({answer.cause}): {answer.detail} Check it "
                f"with `{command('doctor')}`, then run this again."
            )
            return
    _conclude(queue, report)


def _conclude(queue: FailureQueue, report: QueueReport) -> None:
    report.seen_all = queue.seen_all
    if queue.is_closed:
        report.problem = (
            "The queue has a redrive policy, so receiving from it would move its messages away. "
            "Run `make plan` and `make apply`, which remove the policy, then run this again."
        )
