"""An event's settings: when it takes submissions, from how many together, and which one counts.

The names are Gradescope's:
https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from grading.document import FORMAT, DocumentError, canonical, decode, fields_of, read_object

EVENT_FORMAT = 1
"""The newest version of the object, which this release writes."""


class Rule(StrEnum):
    """Which of a team's submissions counts."""

    LAST = "last"
    BEST = "best"


class Timing(StrEnum):
    """When a submission came."""

    EARLY = "early"
    """Before the release."""
    IN_TIME = "in_time"
    LATE = "late"
    CLOSED = "closed"
    """After the late due date, or after the due date of an event without one."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event's settings. Times have an offset from UTC; a limit's own second is within it."""

    release_date: datetime
    due_date: datetime
    late_due_date: datetime | None
    """None: late submissions don't count."""
    group_size: int
    """The largest team, in people."""
    rule: Rule


def timing(event: Event, moment: datetime) -> Timing:
    """Return when a submission came, compared in UTC.

    Args:
        event: the event's settings.
        moment: the later of the uploads of .json and .py, by S3's clock, with its offset.
    """
    if moment < event.release_date:
        return Timing.EARLY
    if moment <= event.due_date:
        return Timing.IN_TIME
    return Timing.LATE if moment <= (event.late_due_date or event.due_date) else Timing.CLOSED


def read_event(data: bytes) -> Event:
    """Read an event's object.

    Raises:
        DocumentError: it is damaged, from a newer release, has an unknown key, a time without
            offset, or dates in another order than release, due, late due.
    """
    event = decode(Event, read_object(data, EVENT_FORMAT))
    if event.group_size < 1:
        raise DocumentError(f"group_size must be 1 or more, not {event.group_size}")
    if event.due_date < event.release_date:
        raise DocumentError("due_date must not be before release_date")
    if event.late_due_date is not None and event.late_due_date < event.due_date:
        raise DocumentError("late_due_date must not be before due_date")
    return event


def write_event(event: Event) -> bytes:
    """Return an event's object: the same bytes for the same settings.

    Raises:
        DocumentError: `read_event` would refuse it.
    """
    data = canonical({FORMAT: EVENT_FORMAT, **fields_of(event)})
    read_event(data)
    return data
