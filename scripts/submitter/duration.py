"""Parses durations and times as a person types them."""

import re
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(r"\s*([0-9]{1,6})\s*(s|sec|min|m|h|hours?|d|days?)\s*")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=3650)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""AWS has nothing older."""


def parse_duration(text: str) -> timedelta:
    """Parse a duration: a whole number and a unit, such as `30s`, `15min`, `2h` or `3days`.

    Raises:
        ValueError: the text is not a duration, or more than ten years.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a duration: write it as 30s, 15min, 2h or 3days.")
    duration = timedelta(seconds=int(found[1]) * _SECONDS[found[2][0]])
    if duration > _LONGEST:
        raise ValueError(f"{text!r} is too long: at most {_LONGEST.days}days.")
    return duration


def parse_time(text: str, now: datetime) -> datetime:
    """Parse a time in ISO 8601 (UTC unless it says otherwise), or a duration before now.

    Returns:
        The time, with its time zone.

    Raises:
        ValueError: the text is neither, or before 1970.
    """
    if _DURATION.fullmatch(text):
        return now - parse_duration(text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a time: write it as 2026-11-23T20:00:00Z, or as a duration before "
            "now, such as 2h or 3days."
        ) from None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    if time < _EARLIEST:
        raise ValueError(f"{text!r} is before 1970, and so before anything in AWS.")
    return time
