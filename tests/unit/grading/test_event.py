"""Events: written and read; times have offsets, and come in order."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.document import DocumentError
from grading.event import Event, Rule, Timing, read_event, timing, write_event

BERLIN = timezone(timedelta(hours=1))
DUE = datetime(2026, 11, 23, 23, 59, 59, tzinfo=BERLIN)
EVENT = Event(DUE - timedelta(days=7), DUE, DUE + timedelta(days=2), 3, Rule.BEST)
WRITTEN = {
    "format": 1,
    "release_date": "2026-11-16T23:59:59+01:00",
    "due_date": "2026-11-23T23:59:59+01:00",
    "late_due_date": "2026-11-25T23:59:59+01:00",
    "group_size": 3,
    "rule": "best",
}
MOMENTS = st.datetimes(
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    min_value=datetime(2, 1, 1),  # noqa: DTZ001
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001
)


def test_an_event_is_one_json_object_with_gradescopes_names() -> None:
    assert json.loads(write_event(EVENT)) == WRITTEN
    assert WRITTEN.keys() == {"format", *(field.name for field in fields(Event))}


@given(st.lists(MOMENTS, min_size=2, max_size=3).map(sorted), st.sampled_from(Rule))
@settings(max_examples=40)
def test_a_written_event_is_read_as_it_was(moments: list[datetime], rule: Rule) -> None:
    release, due, *late = moments
    event = Event(release, due, late[0] if late else None, 1, rule)
    assert read_event(write_event(event)) == event
    assert write_event(read_event(write_event(event))) == write_event(event)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": 2}, "from a newer release"),
        ({"due_date": "2026-11-23T23:59:59"}, "due_date must be a time with its offset from UTC"),
        ({"due_date": "2026-11-23"}, "due_date must be a time with its offset from UTC"),
        ({"due_date": "tomorrow"}, "due_date must be a time, such as"),
        ({"due_date": 1_790_000_000}, "due_date must be a time, such as"),
        ({"due_date": None}, "due_date must be a time, such as"),
        ({"due_date": "2026-11-16T22:59:58Z"}, "due_date must not be before release_date"),
        ({"late_due_date": "2026-11-23T22:59:58Z"}, "late_due_date must not be before due_date"),
        ({"group_size": 0}, "group_size must be 1 or more, not 0"),
        ({"group_size": None}, "group_size must be a whole number, not None"),
        ({"rule": "first"}, "rule must be one of last, best, not 'first'"),
        ({"title": "Lab 5"}, "it has the unknown key 'title'"),
    ],
)
def test_wrong_settings_say_what_is_wrong(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_event(json.dumps(WRITTEN | change).encode())


def test_wrong_settings_are_never_written() -> None:
    with pytest.raises(DocumentError, match="offset"):
        write_event(replace(EVENT, due_date=DUE.replace(tzinfo=None)))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-16T22:59:58Z", Timing.EARLY),
        ("2026-11-16T22:59:59Z", Timing.IN_TIME),
        ("2026-11-23T22:59:59Z", Timing.IN_TIME),
        ("2026-11-23T23:59:59+01:00", Timing.IN_TIME),
        ("2026-11-23T23:00:00Z", Timing.LATE),
        ("2026-11-23T23:59:59Z", Timing.LATE),
        ("2026-11-25T22:59:59Z", Timing.LATE),
        ("2026-11-25T23:00:00Z", Timing.CLOSED),
    ],
)
def test_a_submissions_time_is_compared_in_utc(moment: str, expected: Timing) -> None:
    assert timing(EVENT, datetime.fromisoformat(moment)) is expected


def test_without_a_late_due_date_the_due_date_closes_the_event() -> None:
    event = replace(EVENT, late_due_date=None)
    assert timing(event, DUE.astimezone(UTC)) is Timing.IN_TIME
    assert timing(event, DUE + timedelta(seconds=1)) is Timing.CLOSED
