"""Sums up the staff's results of an event, one at a time."""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto
from fractions import Fraction
from statistics import median
from typing import Any

from grading.event import Event
from grading.report import CaseStatus
from submission.json_object import read_object, text_of
from submission.keys import SubmissionKey
from submission.result import (
    MAX_RESULT_BYTES,
    PROBLEM_DIGEST,
    REASON,
    STATUS,
    SUBMITTED_AT,
    TIMING,
    VERDICT,
    Status,
)
from submitter.report.timeline import Timeline, timeline
from submitter.result_fields import (
    Points,
    moment_of,
    number_of,
    object_of,
    objects_of,
    read_points,
)

BANDS = 10
"""Of scores below the full one, each a tenth of it wide."""
_SLOWEST = 20
_NAMED = 20
"""Submissions that the report names of many."""
_TEXT = 500
"""Characters of a reason or a name."""
_MOST_PERCENT = 1000


class Ending(StrEnum):
    """What became of one case."""

    AC = "AC"
    WA = "WA"
    TLE = "TLE"
    MLE = "MLE"
    OLE = "OLE"
    RTE = "RTE"
    OTHER = "other"
    """Failed, with a verdict that is not the grader's, or without one."""
    NOT_RUN = "not run"
    """Because cases that it requires were not accepted."""


class NoRecord(Enum):
    """Why a submission that has a result has no record."""

    UNREADABLE = auto()
    NO_STAFF_RESULT = auto()
    """Only the student's result is there."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the report needs of a result."""

    status: str
    reason: str
    verdict: str | None
    points: Points | None
    timing: str | None
    submitted: datetime | None
    digest: str | None
    execution_time: float | None
    """Seconds of processor time, of all cases."""
    slowest_case: str | None
    endings: Mapping[str, Ending]
    """By the case's name."""


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """What became of a case."""

    name: str
    endings: Mapping[Ending, int]

    @property
    def run(self) -> int:
        """How many submissions were run on it."""
        return sum(self.endings.values()) - self.endings.get(Ending.NOT_RUN, 0)

    @property
    def passed(self) -> int:
        """How many passed it."""
        return self.endings.get(Ending.AC, 0)

    @property
    def nobody_passes(self) -> bool:
        """Whether it was run, and never passed."""
        return self.run > 0 and not self.passed


@dataclass(frozen=True, slots=True)
class ProblemCounts:
    """The results of a problem."""

    name: str
    results: int
    graded: int
    """Those with a score of a known maximum."""
    lowest: float | None
    """Scores in percent of the maximum, from here on."""
    mean: float | None
    median: float | None
    highest: float | None
    distribution: tuple[int, ...]
    """How many have less than 10 %, than 20 %, ..., than 100 %, and 100 % or more."""
    verdicts: Mapping[str, int]
    digests: int
    """Versions of the problem that they were graded with."""
    cases: tuple[CaseCounts, ...]
    nobody_passes: tuple[str, ...]
    """Names of cases."""


@dataclass(frozen=True, slots=True)
class Slow:
    """A program that took long."""

    problem: str
    subid: str
    execution_time: float
    verdict: str | None
    slowest_case: str | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Results that were rejected or failed for one reason."""

    status: str
    reason: str
    count: int
    subids: tuple[str, ...]
    """The first."""


@dataclass(frozen=True, slots=True)
class EventReport:
    """An event's results, summed up."""

    admin: str
    event: str
    settings: Event | None
    settings_problem: str | None
    """Why the event's settings can't be read."""
    results: int
    """That could be read."""
    statuses: Mapping[str, int]
    unreadable: int
    unreadable_keys: tuple[str, ...]
    """The first."""
    without_staff_result: int
    """Submissions of which only the student's result is there: not in the other numbers."""
    problems: tuple[ProblemCounts, ...]
    timings: Mapping[str, int]
    timeline: Timeline
    slowest: tuple[Slow, ...]
    causes: tuple[Cause, ...]

    @property
    def needs_attention(self) -> bool:
        """Whether a person has to act."""
        failed = self.statuses.get(Status.FAILED, 0)
        return bool(failed or self.unreadable or self.settings_problem)


@dataclass(slots=True)
class _Problem:
    results: int = 0
    percents: list[Fraction] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    digests: set[str] = field(default_factory=set)
    cases: dict[str, Counter[Ending]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        self.results += 1
        points = record.points
        if points is not None and (points.max_score or 0) > 0:
            percent = 100 * Fraction(str(points.score)) / Fraction(str(points.max_score))
            self.percents.append(min(max(percent, Fraction(0)), Fraction(_MOST_PERCENT)))
        if record.verdict is not None:
            self.verdicts[record.verdict] += 1
        if record.digest is not None:
            self.digests.add(record.digest)
        for name, ending in record.endings.items():
            self.cases.setdefault(name, Counter())[ending] += 1

    def counts(self, name: str) -> ProblemCounts:
        percents = self.percents
        bands = Counter(min(BANDS, percent * BANDS // 100) for percent in percents)
        cases = tuple(CaseCounts(case, endings) for case, endings in self.cases.items())
        return ProblemCounts(
            name=name,
            results=self.results,
            graded=len(percents),
            lowest=_rounded(min(percents, default=None)),
            mean=_rounded(sum(percents, Fraction(0)) / len(percents) if percents else None),
            median=_rounded(median(percents) if percents else None),
            highest=_rounded(max(percents, default=None)),
            distribution=tuple(bands[band] for band in range(BANDS + 1)),
            verdicts=self.verdicts,
            digests=len(self.digests),
            cases=cases,
            nobody_passes=tuple(case.name for case in cases if case.nobody_passes),
        )


def read_record(document: bytes | None) -> Record | NoRecord:
    """Read what the report needs of a staff's result.

    Args:
        document: the result, any bytes; None if it was deleted meanwhile.
    """
    fields = read_object(document) if len(document or b"") <= MAX_RESULT_BYTES else {}
    status = text_of(fields, STATUS)
    if status is None:
        return NoRecord.UNREADABLE
    tests = {_name(test): test for test in objects_of(fields, "tests")}
    times = {name: _seconds(test) for name, test in tests.items()}
    return Record(
        status=status[:_TEXT],
        reason=(text_of(fields, REASON) or "")[:_TEXT],
        verdict=_short(text_of(fields, VERDICT)),
        points=read_points(fields),
        timing=_short(text_of(fields, TIMING)),
        submitted=moment_of(fields, SUBMITTED_AT),
        digest=_short(text_of(fields, PROBLEM_DIGEST)),
        execution_time=number_of(fields, "execution_time"),
        slowest_case=max(times, key=lambda name: times[name], default=None),
        endings={name: _ending(test) for name, test in tests.items()},
    )


def sum_up(
    place: tuple[str, str],
    settings: Event | None,
    settings_problem: str | None,
    found: Iterable[tuple[SubmissionKey, Record | NoRecord]],
) -> EventReport:
    """Sum up the results of an event.

    Args:
        place: its admin and its name.
        settings: its settings; None if there are none, or they can't be read.
        settings_problem: why they can't be read.
        found: each submission that has a result.
    """
    problems: dict[str, _Problem] = {}
    statuses: Counter[str] = Counter()
    timings: Counter[str] = Counter()
    times: list[datetime | None] = []
    slow: list[Slow] = []
    causes: dict[tuple[str, str], list[str]] = {}
    unread: dict[NoRecord, list[str]] = {kind: [] for kind in NoRecord}
    for key, record in found:
        if isinstance(record, NoRecord):
            unread[record].append(key.staff_result_key)
            continue
        problems.setdefault(key.problem, _Problem()).add(record)
        statuses[record.status] += 1
        times.append(record.submitted)
        if record.timing is not None:
            timings[record.timing] += 1
        if record.execution_time is not None:
            seconds, case = record.execution_time, record.slowest_case
            slow.append(Slow(key.problem, key.subid, seconds, record.verdict, case))
        if record.status != Status.COMPLETED:
            cause = causes.setdefault((record.status, record.reason), [])
            cause.append(f"{key.problem}/{key.subid}")
    unreadable = unread[NoRecord.UNREADABLE]
    return EventReport(
        *place,
        settings=settings,
        settings_problem=settings_problem,
        results=statuses.total(),
        statuses=statuses,
        unreadable=len(unreadable),
        unreadable_keys=tuple(unreadable[:_NAMED]),
        without_staff_result=len(unread[NoRecord.NO_STAFF_RESULT]),
        problems=tuple(each.counts(name) for name, each in problems.items()),
        timings=timings,
        timeline=timeline(times, None if settings is None else settings.due_date),
        slowest=tuple(heapq.nlargest(_SLOWEST, slow, key=lambda each: each.execution_time)),
        causes=tuple(
            Cause(status, reason, len(names), tuple(names[:_NAMED]))
            for (status, reason), names in sorted(causes.items(), key=lambda each: -len(each[1]))
        ),
    )


def _name(test: Mapping[str, Any]) -> str:
    return _short(text_of(test, "name") or text_of(test, "number")) or "without a name"


def _seconds(test: Mapping[str, Any]) -> float:
    return number_of(object_of(test, "extra_data"), "execution_time") or 0


def _ending(test: Mapping[str, Any]) -> Ending:
    extra = object_of(test, "extra_data")
    verdict = extra.get("verdict", "")
    if verdict is None:
        return Ending.NOT_RUN
    if isinstance(verdict, str) and verdict in Ending:
        return Ending(verdict)
    return Ending.AC if text_of(test, "status") == CaseStatus.PASSED else Ending.OTHER


def _short(text: str | None) -> str | None:
    return None if text is None else text[:_TEXT]


def _rounded(percent: Fraction | None) -> float | None:
    return None if percent is None else round(float(percent), 2)
