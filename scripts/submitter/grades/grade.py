"""Which of a team's submissions of a problem counts, and what it is worth.

The dates are applied here, not when a submission was graded: an event can be published again with
other dates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from grading.event import Event, Rule, Timing, timing
from submission.json_object import text_of
from submission.result import PROBLEM_DIGEST, STATUS, VERDICT, Status
from submitter.result_fields import MAX_SCORE, SCORE, number_of


class State(StrEnum):
    """What is known of the submission that counts."""

    SCORED = "scored"
    UNGRADED = "ungraded"
    """It has no result yet."""
    FAILED = "failed"
    """The back end is at fault: the result says so, or has no score."""
    REJECTED = "rejected"
    CLOSED = "closed"
    """All came after the last due date."""
    EARLY = "early"
    """All came before the release date."""
    NO_SUBMISSION = "no_submission"


UNKNOWN = frozenset({State.UNGRADED, State.FAILED})
"""A score is missing that the submission may deserve."""
_DISCOUNTED = frozenset({State.CLOSED, State.EARLY})


@dataclass(frozen=True, slots=True)
class Grade:
    """What a submission is worth."""

    state: State
    subid: str | None = None
    submitted_at: datetime | None = None
    score: float | None = None
    max_score: float | None = None
    late_days: int = 0
    """Days after the due date, each one begun counted as whole."""
    verdict: str | None = None
    problem_digest: str | None = None
    waiting: int = 0
    """With the rule `best`: submissions without a score that may turn out better."""

    @property
    def is_final(self) -> bool:
        """Whether nothing can change the score but another submission or a regrade."""
        return self.state not in UNKNOWN and not self.waiting


NOTHING = Grade(State.NO_SUBMISSION)


def grade_of_result(
    subid: str, fields: Mapping[str, Any], submitted_at: datetime, event: Event
) -> Grade:
    """Return what a submission with a result is worth.

    Args:
        subid: the submission's.
        fields: the student's result.
        submitted_at: the time of the submission.
        event: whose dates decide.
    """
    score, most = number_of(fields, SCORE), number_of(fields, MAX_SCORE)
    state = State.FAILED
    if fields.get(STATUS) == Status.REJECTED:
        state = State.REJECTED
    elif fields.get(STATUS) == Status.COMPLETED and score is not None and most is not None:
        state = State.SCORED
    grade = Grade(
        state,
        subid,
        submitted_at,
        score if state is State.SCORED else None,
        most if state is State.SCORED else None,
        verdict=text_of(fields, VERDICT),
        problem_digest=text_of(fields, PROBLEM_DIGEST),
    )
    return _with_timing(grade, submitted_at, event)


def ungraded(subid: str, submitted_at: datetime, event: Event) -> Grade:
    """Return what a submission without a result is worth."""
    return _with_timing(Grade(State.UNGRADED, subid, submitted_at), submitted_at, event)


def counts(grade: Grade) -> bool:
    """Return whether a submission came when the event took submissions."""
    return grade.state not in _DISCOUNTED


def which_counts(rule: Rule, grades: Sequence[Grade]) -> Grade:
    """Return the submission that counts.

    Late ones count, early and closed ones do not.

    Args:
        rule: the event's.
        grades: of one team and one problem, the newest first; at least one.
    """
    counting = [each for each in grades if counts(each)]
    if not counting:
        return grades[0]
    scored = [(each.score, each) for each in counting if each.score is not None]
    if rule is Rule.LAST or not scored:
        return counting[0]
    # Of several with the best score, the one with the fewest late days; of these, the newest.
    score, best = max(scored, key=lambda each: (each[0], -each[1].late_days))
    waiting = sum(each.waiting + (each.state in UNKNOWN) for each in counting)
    is_full = best.max_score is not None and score >= best.max_score
    return replace(best, waiting=0 if is_full else waiting)


def _with_timing(grade: Grade, submitted_at: datetime, event: Event) -> Grade:
    match timing(event, submitted_at):
        case Timing.IN_TIME:
            return grade
        case Timing.LATE:
            late = submitted_at - event.due_date
            return replace(grade, late_days=-(-late // timedelta(days=1)))
        case Timing.EARLY:
            return replace(grade, state=State.EARLY, score=None, max_score=None)
        case Timing.CLOSED:
            return replace(grade, state=State.CLOSED, score=None, max_score=None)
