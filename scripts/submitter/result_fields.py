"""Reads fields of results, whatever back end wrote them: nothing about them is taken for granted.

A field that is missing, or of another type than docs/results.md says, is None, or has nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from submission.json_object import text_of

SCORE = "score"
MAX_SCORE = "max_score"

_MANY = 1e12
"""No score and no time is as large; sums of such numbers, and texts of them, stay small."""
_YEARS = range(1970, 9000)
"""Others can't be counted with."""


@dataclass(frozen=True, slots=True)
class Points:
    """A score; what it is out of can be unknown."""

    score: float
    max_score: float | None

    def __str__(self) -> str:
        """Return it as a student reads it."""
        if self.max_score is None:
            return f"{self.score:.10g}"
        return f"{self.score:.10g} of {self.max_score:.10g}"


def read_points(fields: Mapping[str, Any]) -> Points | None:
    """Return a result's, a group's or a test's points; None if it has none."""
    score = number_of(fields, SCORE)
    return None if score is None else Points(score, number_of(fields, MAX_SCORE))


def number_of(fields: Mapping[str, Any], name: str) -> float | None:
    """Return a field's number; None if it has none to count with: JSON's NaN, 1e400."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < _MANY else None


def moment_of(fields: Mapping[str, Any], name: str) -> datetime | None:
    """Return a field's time in UTC; None if it has none that can be counted with."""
    try:
        moment = datetime.fromisoformat(text_of(fields, name) or "")
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in _YEARS else None


def object_of(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a field's object; an empty one if it has none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def objects_of(fields: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects in a field's list."""
    value = fields.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
