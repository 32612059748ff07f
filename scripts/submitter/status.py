"""Counts everything the stack holds, and says what of it needs a person, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from submission_intake.submission_key import SubmissionKey, parse_key
from submitter.alarms import read_alarms
from submitter.bucket import RESULTS, SUBMISSIONS, StoredObject, walk_objects
from submitter.console import age, plain
from submitter.progress import counted
from submitter.queues import QueueDepth, oldest_message_seconds, queue_depth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from submitter.context import Context

PAIR_SECONDS = 300
"""How long one half of a pair may be there without the other before it needs attention: an upload
of both takes seconds."""
WAIT_SECONDS = 900
"""How long a message may wait for the back end before it needs attention."""
_FOLDER_DEPTH = 5
"""Parts of a submission's folder: submissions, admin, event, problem, subid."""


@dataclass(frozen=True, slots=True)
class SubmissionCounts:
    """What lies under ``submissions/``."""

    objects: int
    submissions: int
    """Both halves are there."""
    data_alone: int
    """A .json without its .py."""
    code_alone: int
    """A .py without its .json."""
    unpaired_for_long: int
    """Halves that have been alone for longer than an upload takes."""
    malformed: int
    """.json objects whose key is no submission's, which are never announced."""
    oldest_seconds: float | None
    """Age of the oldest submission."""


@dataclass(frozen=True, slots=True)
class ResultCounts:
    """What lies under ``output/``."""

    objects: int
    results: int
    oldest_seconds: float | None
    """Age of the oldest result."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that goes off."""

    name: str
    since: datetime | None
    description: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The whole stack at one time."""

    stack: str
    attention: tuple[str, ...]
    """What needs a person, most urgent first, each with what to do."""
    submissions: SubmissionCounts
    results: ResultCounts
    queue: QueueDepth
    intake_failures: QueueDepth
    dead_letters: QueueDepth
    alarms: tuple[Alarm, ...]


def look_at_stack(context: Context) -> StatusReport:
    """Count what is in the bucket and the queues, and read the alarms.

    Args:
        context: the command's surroundings.

    Returns:
        The report.

    Raises:
        botocore.exceptions.ClientError: AWS refused one of the questions.
    """
    names = context.deployment
    now = datetime.now(UTC)
    alarms = tuple(
        Alarm(alarm.name, alarm.since, alarm.description)
        for alarm in read_alarms(context).there
        if alarm.goes_off
    )
    queue, intake_failures, dead_letters = (
        queue_depth(context, url, oldest_message_seconds(context, url))
        for url in (
            names.queue_url,
            names.intake_failures_queue_url,
            names.dead_letter_queue_url,
        )
    )
    listing = walk_objects(context, SUBMISSIONS)
    submissions = count_submissions(counted(context.output, "Counting submissions:", listing), now)
    listing = walk_objects(context, RESULTS)
    results = count_results(counted(context.output, "Counting results:", listing), now)
    return StatusReport(
        stack=names.name,
        attention=what_needs_attention(submissions, queue, intake_failures, dead_letters, alarms),
        submissions=submissions,
        results=results,
        queue=queue,
        intake_failures=intake_failures,
        dead_letters=dead_letters,
        alarms=alarms,
    )


@dataclass(slots=True)
class _Half:
    """The one folder that is being listed: keys of a folder are neighbours in a listing."""

    folder: str = ""
    data: datetime | None = None
    code: datetime | None = None


def count_submissions(listing: Iterable[StoredObject], now: datetime) -> SubmissionCounts:
    """Count the pairs and halves of a listing, keeping one folder of it at a time.

    Args:
        listing: the objects under ``submissions/``, in the order of their keys.
        now: the time that ages are counted to.

    Returns:
        The counts.
    """
    objects = pairs = data_alone = code_alone = unpaired = malformed = 0
    oldest: datetime | None = None
    half = _Half()

    def close() -> None:
        nonlocal pairs, data_alone, code_alone, unpaired
        if half.data and half.code:
            pairs += 1
        elif alone := half.data or half.code:
            data_alone += half.data is not None
            code_alone += half.code is not None
            unpaired += (now - alone).total_seconds() > PAIR_SECONDS

    for stored in listing:
        objects += 1
        parts = stored.key.split("/", _FOLDER_DEPTH)
        folder = "/".join(parts[:_FOLDER_DEPTH])
        if folder != half.folder:
            close()
            half = _Half(folder)
        if isinstance(parse_key(stored.key), SubmissionKey):
            half.data = stored.modified
            oldest = stored.modified if oldest is None else min(oldest, stored.modified)
        elif stored.key.endswith(".json"):
            malformed += 1
        elif stored.key.endswith(".py") and isinstance(
            parse_key(f"{stored.key.removesuffix('.py')}.json"), SubmissionKey
        ):
            half.code = stored.modified
    close()
    return SubmissionCounts(
        objects, pairs, data_alone, code_alone, unpaired, malformed, _seconds(oldest, now)
    )


def count_results(listing: Iterable[StoredObject], now: datetime) -> ResultCounts:
    """Count the results of a listing, keeping none of it.

    Args:
        listing: the objects under ``output/``.
        now: the time that ages are counted to.

    Returns:
        The counts; other objects than ``<subid>.json`` in their place are no results.
    """
    objects = results = 0
    oldest: datetime | None = None
    for stored in listing:
        objects += 1
        # A result lies where its submission does, under the other prefix.
        mirrored = f"{SUBMISSIONS}{stored.key.removeprefix(RESULTS)}"
        if isinstance(parse_key(mirrored), SubmissionKey):
            results += 1
            oldest = stored.modified if oldest is None else min(oldest, stored.modified)
    return ResultCounts(objects, results, _seconds(oldest, now))


def render_status(report: StatusReport) -> RenderableType:
    """Make what a person sees of a report: first what needs attention, then the flow."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", overflow="fold")
    for name in ("count", "oldest"):
        table.add_column(name, justify="right")
    table.add_column("", overflow="fold")
    submissions, results = report.submissions, report.results
    table.add_row(
        "submissions/",
        f"{submissions.submissions:,}",
        age(submissions.oldest_seconds),
        _phrase(
            (submissions.data_alone, ".json without .py"),
            (submissions.code_alone, ".py without .json"),
            (submissions.malformed, ".json with a malformed key"),
        ),
    )
    for label, queue in (
        ("submitter queue", report.queue),
        ("intake failures", report.intake_failures),
        ("dead letters", report.dead_letters),
    ):
        table.add_row(
            label,
            f"{queue.total:,}",
            age(queue.oldest_seconds),
            _phrase((queue.in_flight, "in flight"), (queue.delayed, "delayed")),
        )
    table.add_row("output/", f"{results.results:,}", age(results.oldest_seconds), "")
    return Group(_headline(report), *map(_attention_line, report.attention), Text(), table)


def what_needs_attention(
    submissions: SubmissionCounts,
    queue: QueueDepth,
    intake_failures: QueueDepth,
    dead_letters: QueueDepth,
    alarms: tuple[Alarm, ...],
) -> tuple[str, ...]:
    """Say what needs a person, in a fixed order.

    First what stands still already, then what alarms say, then what never will be announced.
    """
    found = []
    if intake_failures.total:
        found.append(
            f"{intake_failures.total:,} event(s) could not be announced and wait in the intake "
            "failures: submitter redrive intake"
        )
    if dead_letters.total:
        found.append(
            f"{dead_letters.total:,} message(s) were received too often and wait in the dead "
            "letters: submitter redrive dead-letter"
        )
    if queue.oldest_seconds is not None and queue.oldest_seconds > WAIT_SECONDS:
        found.append(
            f"The oldest message of the submitter queue has waited for {age(queue.oldest_seconds)}:"
            " see whether the back end runs"
        )
    found += [
        f"The alarm {alarm.name} goes off: {alarm.description or 'see docs/runbook.md'}"
        for alarm in alarms
    ]
    if submissions.unpaired_for_long:
        found.append(
            f"{submissions.unpaired_for_long:,} submission(s) have only one of their two files: "
            "submitter reconcile names them"
        )
    if submissions.malformed:
        found.append(
            f"{submissions.malformed:,} .json object(s) have a key that is no submission's and are "
            "never announced: submitter reconcile names them"
        )
    return tuple(found)


def _headline(report: StatusReport) -> Text:
    if report.attention:
        return plain(f"{report.stack}: {len(report.attention)} thing(s) need attention", "bold red")
    return plain(f"{report.stack}: nothing needs attention", "bold green")


def _attention_line(text: str) -> Text:
    return Text.assemble("  ! ", plain(text), no_wrap=True, overflow="ignore")


def _phrase(*counts: tuple[int, str]) -> str:
    return ", ".join(f"{count:,} {what}" for count, what in counts if count)


def _seconds(oldest: datetime | None, now: datetime) -> float | None:
    return None if oldest is None else max(0.0, (now - oldest).total_seconds())
