"""What a regrade found and did."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Why(StrEnum):
    """Why a submission should be graded again."""

    OLDER_PROBLEM = "older_problem"
    """Its result was graded with another problem than what is published."""
    FAILED = "failed"
    """The grader failed on it."""
    TOO_EARLY = "too_early"
    """It was rejected as before the release date, and now is not."""


class Obstacle(StrEnum):
    """Why a submission is not announced: the grader would not grade what the result is of."""

    RESUBMITTED = "resubmitted"
    """It has a newer .json, which is announced by itself."""
    CODE_REPLACED = "code_replaced"
    """Its .json names no .py, and the .py is newer than the result's."""
    CODE_GONE = "code_gone"
    """The .py is not there any more: the grader would replace a score by a rejection."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a submission got, or would get."""

    status: str | None
    verdict: str | None = None
    score: float | None = None
    max_score: float | None = None


@dataclass(frozen=True, slots=True)
class Regraded:
    """A submission that was graded here."""

    problem: str
    subid: str
    why: Why
    old: Worth
    new: Worth
    changes: bool
    """Whether its result would change; a failure never replaces a result that is complete."""
    reason: str | None = None
    """Why it would be rejected or fail."""


@dataclass(frozen=True, slots=True)
class Left:
    """A submission whose result stays as it is."""

    problem: str
    subid: str
    obstacle: Obstacle


@dataclass(slots=True)
class ProblemCounts:
    """The results of a problem."""

    problem: str
    digest: str
    """Of what is published."""
    results: int = 0
    why: Counter[Why] = field(default_factory=Counter)


@dataclass(slots=True)
class RegradeReport:
    """It is true at every moment of a regrade."""

    stack: str
    admin: str
    event: str
    only: str | None = None
    """The one problem that was asked for."""
    problems: list[ProblemCounts] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    graded: list[Regraded] = field(default_factory=list)
    """Those graded here, without touching a result."""
    announceable: int = 0
    announced: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    """Events that the function refused, by cause."""
    stopped: bool = False
    """Whether it stopped early because the function fails on every event."""
    error: str | None = None
    """What ended it early."""
    interrupted: bool = False
    carried_out: bool = False

    @property
    def needs_attention(self) -> bool:
        """Whether something needs a person, or --yes."""
        return bool(self.left) or self.announced < self.announceable
