"""Shows what is in the failure queues, and moves it back.

An event that the function failed on goes to the function again, and is deleted once the function
has announced all of it. A dead letter goes back to the queue it came from, which SQS does itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table

from submission_intake.submission_key import SubmissionKey, parse_key
from submitter.console import age, plain
from submitter.failed_event import FailedEvent, parse_failed_event
from submitter.function_call import Handled, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from submitter.failure_queue import FailureQueue, QueuedMessage

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


def describe_failed_event(failed: FailedEvent | None) -> str:
    """Return the cause that a failed event is grouped by."""
    if failed is None:
        return FOREIGN
    return f"{failed.condition}: {failed.error_type or 'the function was not run'}"


def describe_dead_letter(message: QueuedMessage) -> str:
    """Return what a dead letter is grouped by: the problem whose submissions are not finished."""
    key = parse_key(message.attributes.get("key", ""))
    if not isinstance(key, SubmissionKey):
        return FOREIGN_LETTER
    return f"{key.admin}/{key.event}/{key.problem}"


def look_at(
    queue: FailureQueue, report: QueueReport, limit: int, on_progress: Callable[[], None]
) -> None:
    """Take stock of a queue, and change nothing.

    Args:
        queue: the failure queue.
        report: filled in on the way, so that it is true whenever the work is interrupted.
        limit: how many messages to look at, at the most.
        on_progress: called after each message.
    """
    for message in queue.look(limit):
        if report.queue is FailureQueueName.INTAKE:
            failed = parse_failed_event(message.body)
            cause, keys = describe_failed_event(failed), _keys(failed)
        else:
            key = message.attributes.get("key")
            cause, keys = describe_dead_letter(message), (key,) if key else ()
        report.note(message, cause, keys, MessageFate.WAITING)
        on_progress()
    _conclude(queue, report)


def redrive_intake(
    queue: FailureQueue,
    call: Callable[[FailedEvent], Handled | Refused],
    report: QueueReport,
    limit: int,
    on_progress: Callable[[], None],
) -> None:
    """Hand failed events to the function again.

    A message is deleted after the function has taken its event, and never before: killed in
    between, the event is announced twice, and never lost.

    Args:
        queue: the intake-failures queue.
        call: invokes the function with an event.
        report: filled in on the way, so that it is true whenever the work is interrupted.
        limit: how many messages to handle at the most.
        on_progress: called after each message.
    """
    for message in queue.messages(limit):
        failed = parse_failed_event(message.body)
        cause, keys = describe_failed_event(failed), _keys(failed)
        answer = call(failed) if failed is not None else None
        if isinstance(answer, Handled):
            queue.delete(message)
            report.note(message, cause, keys, MessageFate.HANDED_OVER)
        else:
            detail = f"{answer.cause}: {answer.detail}" if answer else FOREIGN
            report.note(message, cause, keys, MessageFate.LEFT, detail)
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


def _keys(failed: FailedEvent | None) -> tuple[str, ...]:
    return tuple(upload.key for upload in failed.uploads) if failed else ()


def render_redrive(reports: list[QueueReport], now: datetime) -> RenderableType:
    """Return what a person sees of reports.

    Args:
        reports: one for each queue.
        now: the time that ages are counted to.
    """
    return Group(*(part for report in reports for part in _render_queue(report, now)))


def _render_queue(report: QueueReport, now: datetime) -> list[RenderableType]:
    parts: list[RenderableType] = [plain(f"{report.queue.value}: {_summary(report)}", "bold")]
    if report.causes:
        causes = Table(box=None, pad_edge=False)
        for column in ("COUNT", "OLDEST", "CAUSE"):
            causes.add_column(column)
        for name, cause in sorted(report.causes.items(), key=lambda item: -item[1].count):
            seconds = (now - cause.oldest).total_seconds()
            causes.add_row(str(cause.count), age(seconds), plain(name))
        parts.append(causes)
    if report.carried_out and report.messages:
        parts.append(_messages(report))
    if report.problem:
        parts.append(plain(report.problem, "red"))
    if report.interrupted:
        parts.append(plain("Interrupted. Nothing is lost: run it again to go on."))
    elif report.left and not report.carried_out:
        parts.append(
            plain(
                f"Nothing was moved. To move it back: submitter redrive {report.queue.value} --yes"
            )
        )
    return parts


def _messages(report: QueueReport) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("MESSAGE", "FATE", "ABOUT"):
        table.add_column(column, overflow="fold")
    for each in report.messages:
        about = ", ".join(each.keys) + (f" ({each.detail})" if each.detail else "")
        table.add_row(plain(each.message_id), each.fate.value, plain(about))
    return table


def _summary(report: QueueReport) -> str:
    if not report.left and not report.moved:
        return "empty"
    if not report.carried_out:
        return f"about {report.left} waiting"
    return f"{report.moved} handed over, {report.left} left"
