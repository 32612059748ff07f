"""Finds results that should be graded again, and what the grader would read for each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from grading.event import Event, Timing, timing
from submission.data import MAX_DATA_BYTES
from submission.result import Status
from submission_grader.bucket import Bucket, MissingError, Stored
from submission_grader.ends import RejectedError, Rejection
from submission_grader.inputs import check_data, find_code
from submitter.aws.bucket import CurrentVersion
from submitter.aws.read_ahead import read_ahead
from submitter.publish.stored import FoundResult
from submitter.regrade.published import PublishedProblem
from submitter.regrade.report import Obstacle, Why

_NO_GRACE = timedelta(days=-1)
"""A .py that is missing now is missing, also where this machine's clock is slow."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What the grader would read if a submission was announced again."""

    data: Stored
    code: Stored | None
    """None if it would be rejected before."""
    rejection: Rejection | None = None

    def is_early(self, event: Event) -> bool:
        """Return whether it was submitted before the release date."""
        times = [each.time for each in (self.data, self.code) if each]
        return timing(event, max(times)) is Timing.EARLY


@dataclass(frozen=True, slots=True)
class Outdated:
    """A result that should be graded again."""

    published: PublishedProblem
    result: FoundResult
    why: Why
    submission: Submission | Obstacle

    @property
    def upload(self) -> CurrentVersion | None:
        """The upload to announce; None if an obstacle forbids it."""
        if isinstance(self.submission, Obstacle):
            return None
        data = self.submission.data
        etag = data.etag.strip('"')
        return CurrentVersion(self.result.key.data_key, etag, data.size, data.time, data.version_id)


def why_again(result: FoundResult, digest: str) -> Why | None:
    """Return why a result may have to be graded again; None if it has not.

    Args:
        result: the result.
        digest: that of the published problem.
    """
    status = result.document.status
    if status == Status.FAILED:
        return Why.FAILED
    if status == Status.REJECTED:
        return Why.TOO_EARLY if result.timing == Timing.EARLY else None
    # Another back end's result has no digest.
    return Why.OLDER_PROBLEM if result.digest not in {None, digest} else None


def look_up(
    bucket: Bucket,
    event: Event,
    published: PublishedProblem,
    results: Iterable[tuple[FoundResult, Why]],
) -> Iterator[Outdated]:
    """Yield those results that have to be graded again, in order."""

    def look(found: tuple[FoundResult, Why]) -> Submission | Obstacle | None:
        return _look(bucket, found[0])

    for (result, why), submission in read_ahead(results, look):
        if submission is None:
            continue
        if why is Why.TOO_EARLY and (
            isinstance(submission, Obstacle) or submission.is_early(event)
        ):
            continue
        yield Outdated(published, result, why, submission)


def _look(bucket: Bucket, result: FoundResult) -> Submission | Obstacle | None:
    """Return what the grader would read; None if the submission was deleted."""
    key, document = result.key, result.document
    try:
        data = bucket.get(key.data_key, MAX_DATA_BYTES)
    except MissingError:
        return None
    if data.version_id != document.judged_version_id:
        return Obstacle.RESUBMITTED
    has_failed = document.status == Status.FAILED
    kept = data._replace(content=None)
    try:
        check_data(key, data)
        code = find_code(bucket, key, data, _NO_GRACE)
    except RejectedError as error:
        if has_failed:
            return Submission(kept, None, error.rejection)
        return Obstacle.CODE_GONE
    if not has_failed and document.code_version_id not in {None, code.version_id}:
        return Obstacle.CODE_REPLACED
    return Submission(kept, code)
