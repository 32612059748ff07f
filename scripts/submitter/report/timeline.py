"""Counts submissions over time, in steps that begin and end at the deadline."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MOST_STEPS = 40
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_STEPS = (
    timedelta(minutes=1),
    timedelta(minutes=15),
    _HOUR,
    3 * _HOUR,
    6 * _HOUR,
    12 * _HOUR,
    _DAY,
    7 * _DAY,
)


@dataclass(frozen=True, slots=True)
class Step:
    """How many submissions came in a part of the time."""

    after: datetime
    until: datetime
    """It belongs to the step, as a deadline's own second is in time."""
    count: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """All submissions over time."""

    steps: tuple[Step, ...]
    """From the first to the last submission, without a gap."""
    undated: int
    """Results that do not say when it was submitted."""


def timeline(times: Sequence[datetime | None], due: datetime | None) -> Timeline:
    """Count submissions over time.

    Args:
        times: when each was submitted; None if that is unknown.
        due: the deadline, in whose time zone the steps are; None if it is unknown.
    """
    known = [time for time in times if time is not None]
    undated = len(times) - len(known)
    if not known:
        return Timeline((), undated)
    first, last = min(known), max(known)
    origin = due or first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    size = next((step for step in _STEPS if (last - first) / step < _MOST_STEPS), None)
    if size is None:
        size = _DAY * ((last - first) // _DAY // _MOST_STEPS + 1)
    # The number of the step's end, counted from the origin and rounded up.
    counts = Counter(-((origin - time) // size) for time in known)
    return Timeline(
        tuple(
            Step(origin + (number - 1) * size, origin + number * size, counts[number])
            for number in range(min(counts), max(counts) + 1)
        ),
        undated,
    )
