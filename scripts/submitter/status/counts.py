"""Counts what the stack holds, and says what needs attention, most urgent first."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from submission.keys import (
    DATA_SUFFIX,
    RESULTS,
    SUBMISSIONS,
    SubmissionKey,
    folder_of,
    is_result_key,
    parse_key,
    result_place,
)
from submission.log import GradingOutcome, Outcome
from submission.result import Status
from submitter.aws.alarms import AlarmKind, read_alarms
from submitter.aws.bucket import (
    StoredObject,
    walk_current_versions,
    walk_objects,
)
from submitter.aws.intake_log import log_start, read_intake_log, read_log
from submitter.aws.queues import QueueDepth, oldest_message_seconds, queue_depth
from submitter.aws.read_ahead import read_ahead
from submitter.aws.result import fetch_result
from submitter.invocation import command
from submitter.output import age
from submitter.pair import Folder, Pair, is_of_code, is_since, judge_pair, walk_folders
from submitter.progress import counted
from submitter.reconcile.gaps import Results
from submitter.stack.context import Context

PAIR_SECONDS = 300
"""How long a .py or .json may be alone before it needs attention: an upload takes seconds."""
WAIT_SECONDS = 900
"""How long a message may wait for the back end if the alarm that says so is missing."""
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SubmissionCounts:
    """The objects under ``submissions/``."""

    objects: int
    submissions: int
    """With both files."""
    data_alone: int
    """A .json without its .py."""
    code_alone: int
    """A .py without its .json."""
    unpaired_for_long: int
    """A .py or .json that has been alone for longer than an upload takes."""
    malformed: int
    """Objects named nearly like a submission's file, which are never announced."""
    oldest_seconds: float | None
    """Age of the oldest .json."""
    code_newer: int = 0
    """Submissions whose .py was replaced after the announcement, and not moments ago."""
    without_result: int | None = None
    """Those whose .json has no result that is as new; None without grading."""


@dataclass(frozen=True, slots=True)
class ResultCounts:
    """The objects under ``output/``."""

    objects: int
    results: int
    oldest_seconds: float | None
    """Age of the oldest result."""
    graded: int | None = None
    """All but the next two; each is None without grading."""
    rejected: int | None = None
    failed: int | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A firing alarm."""

    name: str
    since: datetime | None
    description: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The stack's state."""

    stack: str
    attention: tuple[str, ...]
    """What needs attention, most urgent first, and what to do."""
    submissions: SubmissionCounts
    results: ResultCounts
    queue: QueueDepth
    intake_failures: QueueDepth
    dead_letters: QueueDepth
    alarms: tuple[Alarm, ...]


def look_at_stack(context: Context) -> StatusReport:
    """Count what is in the bucket and the queues, and read the alarms.

    Raises:
        SubmitterError: the function has no log.
        botocore.exceptions.ClientError: AWS refused.
    """
    stack = context.deployment
    now = datetime.now(UTC)
    existing = read_alarms(context).existing
    alarms = tuple(
        Alarm(alarm.name, alarm.since, alarm.description) for alarm in existing if alarm.is_firing
    )
    limits = (each.threshold for each in existing if each.kind is AlarmKind.OLDEST_MESSAGE_AGE)
    wait_seconds = next((limit for limit in limits if limit is not None), WAIT_SECONDS)
    queue, intake_failures, dead_letters = (
        queue_depth(context, url, oldest_message_seconds(context, url))
        for url in (
            stack.queue_url,
            stack.intake_failures_queue_url,
            stack.dead_letter_queue_url,
        )
    )
    listing = walk_objects(context, SUBMISSIONS)
    stored_results = CountedResults(walk_objects(context, RESULTS))
    newer: list[Replaced] = []
    submissions = count_submissions(
        counted(context.output, "Counting submissions:", listing),
        now,
        newer.append,
        Results(stored_results) if stack.grader else None,
    )
    submissions = replace(submissions, code_newer=count_unannounced_code(context, newer, now))
    for _ in counted(context.output, "Counting results:", stored_results):
        pass
    results = stored_results.counts(now)
    if stack.grader is not None:
        results = count_statuses(context, results, stack.grader.log_group_name, now)
    return StatusReport(
        stack=stack.name,
        attention=what_needs_attention(
            submissions,
            queue,
            intake_failures,
            dead_letters,
            alarms,
            wait_seconds=wait_seconds,
            failed_results=results.failed or 0,
        ),
        submissions=submissions,
        results=results,
        queue=queue,
        intake_failures=intake_failures,
        dead_letters=dead_letters,
        alarms=alarms,
    )


@dataclass(frozen=True, slots=True)
class Replaced:
    """A submission whose .py is newer than its .json."""

    data: StoredObject
    code: StoredObject


def count_submissions(
    listing: Iterable[StoredObject],
    now: datetime,
    on_newer: Callable[[Replaced], None] = lambda _found: None,
    results: Results | None = None,
) -> SubmissionCounts:
    """Count a listing of submissions, one folder in memory at a time.

    Args:
        listing: the objects under ``submissions/``, in the order of their keys.
        now: the time for ages.
        on_newer: gets each pair whose .py has been newer for longer than an upload takes.
        results: the results, if submissions without one are counted.

    Returns:
        The counts, without ``code_newer``: a listing does not show what was announced.
    """
    objects = unpaired = malformed = without_result = 0
    pairs = dict.fromkeys(Pair, 0)
    oldest: datetime | None = None

    def listed() -> Iterator[StoredObject]:
        nonlocal objects
        for stored in listing:
            objects += 1
            yield stored

    for folder in walk_folders(listed()):
        data, code = folder.data, folder.code
        pair = judge_pair(_modified(code), _modified(data))
        pairs[pair] += 1
        misnamed = (*folder.like_data, *folder.like_code)
        malformed += len(misnamed) + sum(each.key.endswith(DATA_SUFFIX) for each in folder.others)
        if data is not None:
            oldest = data.modified if oldest is None else min(oldest, data.modified)
            result = results.of(data.key) if results is not None else None
            without_result += result is None or result.modified < data.modified
        newest = max((each.modified for each in (data, code) if each is not None), default=now)
        if (now - newest).total_seconds() <= PAIR_SECONDS:
            continue
        # A misnamed file explains it, and is counted already.
        unpaired += pair in {Pair.CODE_ONLY, Pair.DATA_ONLY} and not misnamed
        if pair is Pair.CODE_NEWER and data is not None and code is not None:
            on_newer(Replaced(data, code))
    return SubmissionCounts(
        objects=objects,
        submissions=pairs[Pair.COMPLETE] + pairs[Pair.CODE_NEWER],
        data_alone=pairs[Pair.DATA_ONLY],
        code_alone=pairs[Pair.CODE_ONLY],
        unpaired_for_long=unpaired,
        malformed=malformed,
        oldest_seconds=_seconds(oldest, now),
        without_result=None if results is None else without_result,
    )


def count_unannounced_code(context: Context, newer: list[Replaced], now: datetime) -> int:
    """Count submissions whose newer .py was not announced, and has no result.

    One from before the function's log is not counted, since it is not known.

    Raises:
        SubmitterError: there is no log.
        botocore.exceptions.ClientError: AWS refused.
    """
    if not newer:
        return 0
    log_from = log_start(context, now)
    unannounced = {
        each.data.key: each for each in newer if log_from is None or each.code.modified >= log_from
    }
    if not unannounced:
        return 0
    since = min(each.code.modified for each in unannounced.values())
    for line in read_intake_log(context, since=since):
        found = unannounced.get(line.key or "")
        # The .json is older than its .py, so an announcement since is of its newest version.
        if found and line.outcome == Outcome.ANNOUNCED and is_since(found.code.modified, line.time):
            del unannounced[found.data.key]
    have_result = read_ahead(unannounced.values(), partial(_has_result, context))
    return sum(not has_result for _, has_result in have_result)


def _has_result(context: Context, replaced: Replaced) -> bool:
    """Return whether there is a result of the newest version of both files."""
    path = folder_of(replaced.data.key)
    folder = Folder.of(path, walk_current_versions(context, path))
    data, code = folder.data, folder.code
    if data is None or code is None:
        return False
    result = fetch_result(context, result_place(data.key))
    if result is None:
        return False
    return result.document.judged_version_id == data.version_id and is_of_code(
        result.document, code.version_id, code.modified, data.modified, result.time
    )


class CountedResults:
    """A listing of ``output/``, counted as it is read; only ``<subid>.json`` in its place counts.

    Reading it stops and goes on, so that a listing in step with the submissions needs no second.
    """

    def __init__(self, listing: Iterable[StoredObject]) -> None:
        """Read a listing."""
        self._listing = iter(listing)
        self._objects = self._results = 0
        self._oldest: datetime | None = None

    def __iter__(self) -> Iterator[StoredObject]:
        """Go on reading."""
        for stored in self._listing:
            self._objects += 1
            if is_result_key(stored.key):
                self._results += 1
                self._oldest = min(self._oldest or stored.modified, stored.modified)
            yield stored

    def counts(self, now: datetime) -> ResultCounts:
        """Return the counts of what has been read."""
        return ResultCounts(self._objects, self._results, _seconds(self._oldest, now))


def count_statuses(
    context: Context, results: ResultCounts, log_group: str, now: datetime
) -> ResultCounts:
    """Count results by status, as far as the grader's log goes back.

    Only those are read that were rejected or failed by the log: all of them would be too much.
    """
    # The log has a line after each result, the oldest too.
    since = now - timedelta(seconds=results.oldest_seconds or 0) - _CLOCKS_DIFFER
    named = {
        key
        for outcome in (GradingOutcome.REJECTED, GradingOutcome.FAILED)
        for line in read_log(context, log_group, since=since, containing=outcome)
        if line.outcome == outcome and isinstance(key := parse_key(line.key or ""), SubmissionKey)
    }
    found = read_ahead(named, lambda key: fetch_result(context, key.result_key))
    statuses = Counter(result.document.status for _, result in found if result is not None)
    rejected, failed = statuses[Status.REJECTED], statuses[Status.FAILED]
    graded = results.results - rejected - failed
    return replace(results, graded=graded, rejected=rejected, failed=failed)


def what_needs_attention(  # noqa: PLR0913 - a part of the stack each
    submissions: SubmissionCounts,
    queue: QueueDepth,
    intake_failures: QueueDepth,
    dead_letters: QueueDepth,
    alarms: tuple[Alarm, ...],
    *,
    wait_seconds: float = WAIT_SECONDS,
    failed_results: int = 0,
) -> tuple[str, ...]:
    """Return what needs attention: first what has failed, then alarms, then the bucket's gaps.

    A message may wait for ``wait_seconds``.
    """
    found = []
    if intake_failures.total:
        found.append(
            f"{intake_failures.total:,} event(s) could not be announced and wait in the intake "
            f"failures: {command('redrive intake')}"
        )
    if dead_letters.total:
        found.append(
            f"{dead_letters.total:,} message(s) were received too often and wait in the dead "
            f"letters: {command('redrive dead-letter')}"
        )
    if failed_results:
        found.append(
            f"{failed_results:,} result(s) say that the grader failed: list them with "
            f"{command('reconcile')}, fix the cause, then announce them again: "
            f"{command('reconcile --no-result --yes')}"
        )
    if queue.oldest_seconds is not None and queue.oldest_seconds > wait_seconds:
        found.append(
            f"The oldest message of the submitter queue has waited for {age(queue.oldest_seconds)}:"
            " see whether the back end runs"
        )
    found += [
        f"Alarm {alarm.name} is firing: {alarm.description or 'see docs/runbook.md'}"
        for alarm in alarms
    ]
    if submissions.unpaired_for_long:
        found.append(
            f"{submissions.unpaired_for_long:,} submission(s) have only one of their two files: "
            f"list them with {command('reconcile')}"
        )
    if submissions.code_newer:
        found.append(
            f"{submissions.code_newer:,} submission(s) have a .py that is newer than what was "
            f"announced: list them with {command('reconcile')}"
        )
    if submissions.malformed:
        found.append(
            f"{submissions.malformed:,} object(s) are named almost like a submission's file and "
            f"are never announced: list them with {command('reconcile')}"
        )
    return tuple(found)


def _modified(stored: StoredObject | None) -> datetime | None:
    return None if stored is None else stored.modified


def _seconds(oldest: datetime | None, now: datetime) -> float | None:
    return None if oldest is None else max(0.0, (now - oldest).total_seconds())
