"""Grades submissions on this machine as the grader would, without touching a result."""

from dataclasses import replace

from grading.event import Event
from grading.score import rounded
from submission.result import Status
from submission_grader.bucket import Bucket
from submission_grader.ends import FailedError, RejectedError, Rejection, WaitingError
from submission_grader.grade import Runner
from submission_grader.inputs import read_program
from submitter.check.sandboxes import grade_program
from submitter.regrade.outdated import Outdated, Submission
from submitter.regrade.report import Regraded, Worth


def regrade_here(bucket: Bucket, event: Event, outdated: Outdated, runner: Runner) -> Regraded:
    """Grade a submission's program with what is published.

    Args:
        bucket: the stack's.
        event: the settings that are published.
        outdated: a result without an obstacle.
        runner: the sandbox.
    """
    result, submission = outdated.result, outdated.submission
    assert isinstance(submission, Submission)  # noqa: S101 - an obstacle is never graded
    old = Worth(result.document.status, result.verdict, result.score, result.max_score)
    reason = None
    try:
        new = _grade(bucket, event, outdated, submission, runner)
    except RejectedError as error:
        new, reason = Worth(Status.REJECTED), error.rejection.value
    except FailedError as error:
        # Not what is for staff alone: it has hidden cases, and this may be sent on.
        new, reason = Worth(Status.FAILED), " ".join(filter(None, (error.reason, error.detail)))
    changes = new != old and new.status != Status.FAILED
    key = result.key
    return Regraded(key.problem, key.subid, outdated.why, old, new, changes, reason)


def _grade(
    bucket: Bucket, event: Event, outdated: Outdated, submission: Submission, runner: Runner
) -> Worth:
    if submission.code is None or submission.rejection is not None:
        raise RejectedError(submission.rejection or Rejection.NO_CODE)
    try:
        program = read_program(bucket, outdated.result.key, submission.code)
    except WaitingError:
        raise RejectedError(Rejection.CODE_GONE) from None
    if submission.is_early(event):
        raise RejectedError(Rejection.EARLY)
    graded = grade_program(outdated.published.problem, program, {}, runner)
    if isinstance(graded, FailedError):
        raise graded
    total = graded.score.total
    worth = Worth(Status.COMPLETED, graded.score.verdict)
    if total is None:
        return worth
    return replace(worth, score=rounded(total.score), max_score=rounded(total.max_score))
