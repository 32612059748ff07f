"""Reads lengths of time and moments as a person types them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(r"\s*(\d{1,6})\s*(s|sec|min|m|h|hours?|d|days?)\s*")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(text: str) -> timedelta:
    """Read a length of time.

    Args:
        text: a whole number and a unit: `30s`, `15min`, `2h`, `3days`.

    Returns:
        The length.

    Raises:
        ValueError: the text is no such thing.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no length of time: write it as 30s, 15min, 2h or 3days.")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2][0]])


def parse_moment(text: str, now: datetime) -> datetime:
    """Read a moment.

    Args:
        text: ISO 8601 (UTC unless it says otherwise), or a length of time before now.
        now: the time that a length is counted back from.

    Returns:
        The moment, with its time zone.

    Raises:
        ValueError: the text is neither.
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
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
