"""Takes one announced submission to its end: reads, grades, writes both results, and logs."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from grading.event import Timing, timing
from grading.report import staff_report, student_report
from submission import log, result
from submission.data import MAX_DATA_BYTES
from submission.keys import ROUND_TRIP_ADMIN, IgnoredKey, SubmissionKey, parse_key
from submission.log import GradingOutcome, NotASubmission
from submission.message import UploadedObject
from submission.result import Status
from submission_grader.bucket import Bucket, MissingError
from submission_grader.ends import (
    FailedError,
    RejectedError,
    Rejection,
    WaitingError,
    failure_of,
)
from submission_grader.grade import Runner, grade
from submission_grader.inputs import CODE_GRACE, check_data, find_code, read_program
from submission_grader.log import write_line
from submission_grader.problems import Problems
from submission_grader.results import Written, write_result

type _Fields = dict[str, Any]
"""Fields of a result."""


@dataclass(slots=True)
class _Attempt:
    """What is known of a message, as far as it was processed."""

    upload: UploadedObject
    fields: _Fields
    """Of both results."""
    student: _Fields = field(default_factory=dict)
    """Of the student's result alone."""
    staff: _Fields = field(default_factory=dict)
    logged: dict[str, str | None] = field(default_factory=dict)


class Grader:
    """Grades the submissions of one bucket."""

    def __init__(
        self,
        bucket: Bucket,
        runner: Runner,
        stack: str | None = None,
        code_grace: timedelta = CODE_GRACE,
    ) -> None:
        """Grade with a sandbox.

        Args:
            bucket: the stack's.
            runner: the sandbox.
            stack: the stack's name, the dimension of its metrics; None writes no metrics.
            code_grace: how long after its .json a .py may come.
        """
        self._bucket = bucket
        self._runner = runner
        self._stack = stack
        self._code_grace = code_grace
        self._problems = Problems(bucket)

    def take(self, upload: UploadedObject, remaining: Callable[[], float]) -> bool:
        """Process a message, and write its line in the log.

        Args:
            upload: what the message announces.
            remaining: returns how many seconds are left.

        Returns:
            Whether the message is done with; if not, it must come back. Never raises an error.
        """
        begun = time.monotonic()
        attempt = _Attempt(upload, {result.STARTED_AT: _now()})
        try:
            outcome = self._process(attempt, remaining)
        except Exception as error:  # noqa: BLE001 - each message ends as one line
            # A result could not be written.
            outcome = _fail(attempt, failure_of(error))
        named = {
            log.SUBID: attempt.fields.get(result.SUBID),
            log.KEY: upload.key,
            log.VERSION_ID: attempt.fields.get(result.DATA_VERSION) or upload.version_id,
            log.CODE_VERSION_ID: attempt.fields.get(result.CODE_VERSION),
        }
        write_line(self._stack, outcome, named | attempt.logged, time.monotonic() - begun)
        return outcome not in {GradingOutcome.FAILED, GradingOutcome.WAITING}

    def _process(self, attempt: _Attempt, remaining: Callable[[], float]) -> GradingOutcome:
        key = parse_key(attempt.upload.key)
        if attempt.upload.bucket != self._bucket.name:
            return _ignore(attempt, NotASubmission.OTHER_BUCKET)
        if isinstance(key, IgnoredKey):
            return _ignore(attempt, key)
        if key.admin == ROUND_TRIP_ADMIN:
            return _ignore(attempt, NotASubmission.ROUND_TRIP)
        attempt.fields[result.SUBID] = key.subid
        attempt.fields[result.DATA_VERSION] = attempt.upload.version_id
        try:
            outcome = self._grade(attempt, key, remaining)
        except MissingError:
            return _ignore(attempt, NotASubmission.GONE)
        except WaitingError:
            return GradingOutcome.WAITING
        except RejectedError as error:
            outcome = _reject(attempt, error.rejection)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not look like none
            outcome = _fail(attempt, failure_of(error))
        if self._write(attempt, key) is Written.SUPERSEDED:
            return GradingOutcome.SUPERSEDED
        return outcome

    def _grade(
        self, attempt: _Attempt, key: SubmissionKey, remaining: Callable[[], float]
    ) -> GradingOutcome:
        fields = attempt.fields
        data = self._bucket.get(key.data_key, MAX_DATA_BYTES, attempt.upload.version_id)
        fields[result.DATA_VERSION] = data.version_id
        check_data(key, data)
        code = find_code(self._bucket, key, data, self._code_grace)
        fields[result.CODE_VERSION] = code.version_id
        submitted = max(data.time, code.time)
        fields[result.SUBMITTED_AT] = _text(submitted)
        program = read_program(self._bucket, key, code)
        event = self._problems.event(key)
        fields[result.EVENT_VERSION] = event.version_id
        when = timing(event.value, submitted)
        fields[result.TIMING] = when
        if when is Timing.EARLY:
            raise RejectedError(Rejection.EARLY)
        published = self._problems.problem(key)
        problem, digest = published.value
        fields[result.PROBLEM_VERSION] = published.version_id
        fields[result.PROBLEM_DIGEST] = digest
        results, score = grade(problem, program, self._runner, remaining)
        attempt.student = student_report(problem, results, score)
        attempt.staff = staff_report(problem, results, score)
        fields |= {result.STATUS: Status.COMPLETED, result.VERDICT: score.verdict}
        return GradingOutcome.GRADED

    def _write(self, attempt: _Attempt, key: SubmissionKey) -> Written | None:
        """Write both results, the student's last: it says that both are there."""
        if not attempt.fields[result.DATA_VERSION]:
            return None  # the message names no version, and S3 did not say which is the newest
        attempt.fields[result.FINISHED_AT] = _now()

        def published() -> str:
            return self._problems.problem(key).value[1]

        staff, student = attempt.fields | attempt.staff, attempt.fields | attempt.student
        write_result(self._bucket, key, key.staff_result_key, staff, published=published)
        return write_result(self._bucket, key, key.result_key, student, published=published)


def _ignore(attempt: _Attempt, reason: IgnoredKey | NotASubmission) -> GradingOutcome:
    attempt.logged = {log.REASON: reason.value}
    return GradingOutcome.IGNORED


def _reject(attempt: _Attempt, rejection: Rejection) -> GradingOutcome:
    attempt.fields |= {result.STATUS: Status.REJECTED, result.REASON: rejection.value}
    attempt.logged = {log.REASON: rejection.name.lower()}
    return GradingOutcome.REJECTED


def _fail(attempt: _Attempt, failure: FailedError) -> GradingOutcome:
    attempt.fields |= {result.STATUS: Status.FAILED, result.REASON: failure.reason}
    said = (failure.reason, failure.detail, failure.for_staff)
    attempt.staff = {result.REASON: " ".join(text for text in said if text)}
    attempt.logged = {log.CAUSE: failure.cause.value, log.DETAIL: failure.detail or failure.reason}
    return GradingOutcome.FAILED


def _now() -> str:
    return _text(datetime.now(UTC))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
