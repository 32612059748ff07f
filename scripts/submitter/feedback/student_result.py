"""A student's result as its readers take it: of any back end, with whatever it lacks left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from grading.report import CaseStatus, Visibility
from grading.text import Excerpt
from submission.json_object import text_of
from submission.result import REASON, STATUS, SUBMITTED_AT, TIMING, VERDICT
from submitter.result_fields import Points, moment_of, object_of, objects_of, read_points

_TEXTS = ("args", "input", "stdout", "answer", "stderr", "hint")
"""A test's texts, by their names in a result: lambda/grading/report.py."""


@dataclass(frozen=True, slots=True)
class FirstDifference:
    """Where output and answer differ first; places count characters of the whole texts."""

    output_at: int
    answer_at: int
    whitespace_only: bool
    line: int | None
    """Of the output, from 1."""
    column: int | None


@dataclass(frozen=True, slots=True)
class StudentTest:
    """A test."""

    number: str
    name: str
    passed: bool
    verdict: str | None
    points: Points | None
    output: str
    """What happened, in a sentence or two."""
    texts: Mapping[str, Excerpt]
    """By name, if the student may see them."""
    difference: FirstDifference | None

    @property
    def has_details(self) -> bool:
        """Whether it failed and its texts say more."""
        return not self.passed and bool(self.texts)


@dataclass(frozen=True, slots=True)
class StudentResult:
    """A student's result."""

    status: str | None
    reason: str | None
    verdict: str | None
    submitted_at: datetime | None
    timing: str | None
    points: Points | None
    output: str
    groups: Mapping[str, Points] = field(default_factory=dict)
    tests: tuple[StudentTest, ...] = ()


def read_student_result(fields: Mapping[str, Any]) -> StudentResult:
    """Read a result's fields, and leave out the tests that students may not see.

    Args:
        fields: a result's, as JSON has them; nothing about them is taken for granted.
    """
    default = fields.get("visibility", Visibility.VISIBLE)
    # The others of Gradescope's values depend on dates and acts, which a result does not have.
    tests = [
        test
        for test in objects_of(fields, "tests")
        if test.get("visibility", default) == Visibility.VISIBLE
    ]
    return StudentResult(
        status=text_of(fields, STATUS),
        reason=text_of(fields, REASON),
        verdict=text_of(fields, VERDICT),
        submitted_at=moment_of(fields, SUBMITTED_AT),
        timing=text_of(fields, TIMING),
        points=read_points(fields),
        output=text_of(fields, "output") or "",
        groups={
            text_of(group, "name") or "": points
            for group in objects_of(object_of(fields, "extra_data"), "groups")
            if (points := read_points(group)) is not None
        },
        tests=tuple(_test(number, test) for number, test in enumerate(tests, 1)),
    )


def _test(number: int, test: Mapping[str, Any]) -> StudentTest:
    extra = object_of(test, "extra_data")
    points = read_points(test)
    status = text_of(test, "status")
    if status is None:
        passed = points is not None and points.score == points.max_score
    else:
        passed = status == CaseStatus.PASSED
    return StudentTest(
        number=text_of(test, "number") or str(number),
        name=text_of(test, "name") or "",
        passed=passed,
        verdict=text_of(extra, "verdict"),
        points=points,
        output=text_of(test, "output") or "",
        texts={
            name: text for name in _TEXTS if (text := _excerpt(object_of(extra, name))) is not None
        },
        difference=_difference(object_of(extra, "difference")),
    )


def _excerpt(fields: Mapping[str, Any]) -> Excerpt | None:
    text = fields.get("text")
    if not isinstance(text, str):
        return None
    return Excerpt(text, _count(fields, "start") or 0, _count(fields, "length") or len(text))


def _difference(fields: Mapping[str, Any]) -> FirstDifference | None:
    output_at, answer_at = _count(fields, "output_at"), _count(fields, "answer_at")
    if output_at is None or answer_at is None:
        return None
    whitespace_only = fields.get("whitespace_only") is True
    return FirstDifference(
        output_at, answer_at, whitespace_only, _count(fields, "line"), _count(fields, "column")
    )


def _count(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    return value if type(value) is int and value >= 0 else None
