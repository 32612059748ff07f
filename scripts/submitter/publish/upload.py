"""Compares what is to be published with the bucket, and uploads it if nobody else did."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from grading.document import DocumentError
from grading.event import Event, read_event
from grading.problem import MAX_PROBLEM_BYTES, Problem, digest_of, read_problem
from submission.keys import event_key
from submission_grader.bucket import Bucket, MissingError
from submitter.errors import as_submitter_error
from submitter.progress import counted, tracked
from submitter.publish.differences import Differences, compare_events, compare_problems
from submitter.publish.folder import Candidate, Candidates, Kind
from submitter.publish.stored import published_problems, stack_bucket, walk_results
from submitter.stack.context import Context


class Change(StrEnum):
    """How an object differs from what is published."""

    NEW = "new"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    """What is published can't be read: it is damaged, or of a newer release."""
    UNCHANGED = "unchanged"


class State(StrEnum):
    """What became of an object."""

    TO_PUBLISH = "to_publish"
    UP_TO_DATE = "up_to_date"
    """It was published before."""
    PUBLISHED = "published"
    CONFLICT = "conflict"
    """Somebody else changed it after the comparison."""
    FAILED = "failed"


_DONE = frozenset({State.UP_TO_DATE, State.PUBLISHED})


@dataclass(slots=True)
class Planned:
    """An object to publish, and its state."""

    kind: Kind
    name: str
    key: str
    change: Change
    differences: Differences
    digest: str | None = None
    """Of a problem: what its results will name."""
    results: int = 0
    """Of a problem that changes."""
    outdated: int = 0
    """Results of a problem that changes, which name another digest."""
    state: State = State.TO_PUBLISH
    detail: str | None = None


@dataclass(slots=True)
class PublishReport:
    """All objects of one command; it is true at every moment of the upload."""

    admin: str
    event: str
    objects: list[Planned] = field(default_factory=list)
    event_is_published: bool = True
    not_in_folder: list[str] = field(default_factory=list)
    """Problems that are published and not in the event's folder; they stay."""
    carried_out: bool = False

    @property
    def needs_attention(self) -> bool:
        """Whether something needs a person, or --yes."""
        return any(each.state not in _DONE for each in self.objects)

    @property
    def outdated(self) -> int:
        """Results that publishing makes outdated."""
        return sum(each.outdated for each in self.objects)


@dataclass(frozen=True, slots=True)
class Compared:
    """An object and what it was compared with."""

    candidate: Candidate
    planned: Planned
    etag: str | None
    """Of what is published; None if nothing is."""


def compare(context: Context, candidates: Candidates) -> tuple[PublishReport, list[Compared]]:
    """Compare a folder's objects with the bucket's.

    Raises:
        botocore.exceptions.ClientError: AWS refused.
    """
    bucket = stack_bucket(context)
    report = PublishReport(candidates.admin, candidates.event)
    compared = [
        _compare(bucket, each)
        for each in tracked(context.output, "Comparing", [*candidates.objects])
    ]
    report.objects = [each.planned for each in compared]
    for planned in report.objects:
        if planned.kind is Kind.PROBLEM and planned.change is not Change.UNCHANGED:
            _count_outdated(context, candidates, planned)
    if candidates.has_event:
        known = {each.name for each in candidates.objects if each.kind is Kind.PROBLEM}
        published = published_problems(context, report.admin, report.event)
        report.not_in_folder = [name for name in published if name not in known]
    else:
        report.event_is_published = _is_there(bucket, event_key(report.admin, report.event))
    return report, compared


def carry_out(context: Context, report: PublishReport, compared: Sequence[Compared]) -> None:
    """Upload what differs, unless somebody changed it after the comparison.

    Raises:
        SubmitterError: an upload was refused.
    """
    report.carried_out = True
    bucket = stack_bucket(context)
    to_do = [each for each in compared if each.planned.state is State.TO_PUBLISH]
    # Counting results takes a while. A conflict must show before the first upload.
    for each in to_do:
        if _etag(bucket, each.candidate.key) != each.etag:
            each.planned.state = State.CONFLICT
    if any(each.planned.state is State.CONFLICT for each in to_do):
        return
    for each in tracked(context.output, "Publishing", to_do):
        planned, candidate = each.planned, each.candidate
        planned.state, planned.detail = State.FAILED, "interrupted during the upload; run it again"
        try:
            is_written = bucket.put(candidate.key, candidate.content, each.etag)
            # The SDK repeats an upload whose answer was lost, and then finds its own.
            is_written = is_written or _holds(bucket, candidate)
        except Exception as error:
            reason = as_submitter_error(error)
            planned.detail = str(reason)
            raise reason from error
        planned.state, planned.detail = State.PUBLISHED if is_written else State.CONFLICT, None
        if not is_written:
            return


def _compare(bucket: Bucket, candidate: Candidate) -> Compared:
    planned = Planned(candidate.kind, candidate.name, candidate.key, Change.NEW, Differences())
    value = candidate.value
    if isinstance(value, Problem):
        planned.digest = digest_of(value)
    try:
        stored = bucket.get(candidate.key, MAX_PROBLEM_BYTES)
    except MissingError:
        return Compared(candidate, planned, None)
    if stored.content == candidate.content:
        planned.change, planned.state = Change.UNCHANGED, State.UP_TO_DATE
        return Compared(candidate, planned, stored.etag)
    planned.change = Change.CHANGED
    try:
        planned.differences = _differences(stored.content or b"", value)
    except DocumentError:
        # Its text can have a part of a hidden case.
        planned.change = Change.UNREADABLE
    return Compared(candidate, planned, stored.etag)


def _differences(published: bytes, value: Event | Problem) -> Differences:
    if isinstance(value, Problem):
        return compare_problems(read_problem(published), value)
    return compare_events(read_event(published), value)


def _count_outdated(context: Context, candidates: Candidates, planned: Planned) -> None:
    results = walk_results(context, candidates.admin, candidates.event, planned.name)
    for result in counted(context.output, f"Reading results of {planned.name}", results):
        planned.results += 1
        planned.outdated += result.digest not in {None, planned.digest}


def _is_there(bucket: Bucket, key: str) -> bool:
    return _etag(bucket, key) is not None


def _etag(bucket: Bucket, key: str) -> str | None:
    try:
        return bucket.head(key).etag
    except MissingError:
        return None


def _holds(bucket: Bucket, candidate: Candidate) -> bool:
    try:
        return bucket.get(candidate.key, MAX_PROBLEM_BYTES).content == candidate.content
    except MissingError:
        return False
