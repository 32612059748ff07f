"""Reads lengths of time and moments as a person types them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(r"\s*([0-9]{1,6})\s*(s|sec|min|m|h|hours?|d|days?)\s*")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=3650)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""AWS counts time from here."""


def parse_duration(text: str) -> timedelta:
    """Read a length of time.

    Args:
        text: a whole number and a unit: `30s`, `15min`, `2h`, `3days`.

    Returns:
        The length.

    Raises:
        ValueError: the text is no such thing, or more than ten years.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no length of time: write it as 30s, 15min, 2h or 3days.")
    length = timedelta(seconds=int(found[1]) * _SECONDS[found[2][0]])
    if length > _LONGEST:
        raise ValueError(f"{text!r} is too long a time: at most {_LONGEST.days}days.")
    return length


def parse_moment(text: str, now: datetime) -> datetime:
    """Read a moment.

    Args:
        text: ISO 8601 (UTC unless it says otherwise), or a length of time before now.
        now: the time that a length is counted back from.

    Returns:
        The moment, with its time zone.

    Raises:
        ValueError: the text is neither, or before 1970.
    """
    if _DURATION.fullmatch(text):
        return now - parse_duration(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no moment: write it as 2026-11-23T20:00:00Z, or as a length of time "
            "before now, such as 2h or 3days."
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment < _EARLIEST:
        raise ValueError(f"{text!r} is before 1970, and so before anything in AWS.")
    return moment
