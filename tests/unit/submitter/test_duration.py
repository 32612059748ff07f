"""Durations and times, as a person types them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from submitter.duration import parse_duration, parse_time

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("30s", 30),
        ("30sec", 30),
        ("5m", 300),
        ("15min", 900),
        ("1hour", 3600),
        ("2h", 7200),
        ("12hours", 43200),
        ("1d", 86400),
        ("1day", 86400),
        (" 3 days ", 259200),
        ("3650days", 315360000),
    ],
)
def test_duration_is_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", "5", "min", "-5min", "1.5h", "5 weeks", "5minutes", "1h30m", "٣s", "1e3s", "5m\x1b", "5M"],
)
def test_invalid_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration: write it as"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["3651days", "999999d", "999999h"])
def test_duration_of_many_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="too long"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2h", NOW - timedelta(hours=2)),
        ("2026-11-23T20:00:00Z", datetime(2026, 11, 23, 20, tzinfo=UTC)),
        ("2026-11-23T20:00:00", datetime(2026, 11, 23, 20, tzinfo=UTC)),
        (
            "2026-11-23T20:00:00-08:00",
            datetime(2026, 11, 23, 20, tzinfo=timezone(timedelta(hours=-8))),
        ),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("1970-01-01", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_time_is_read_and_has_its_time_zone(text: str, time: datetime) -> None:
    read = parse_time(text, NOW)

    assert read == time
    assert read.tzinfo is not None


@pytest.mark.parametrize("text", ["", "yesterday", "23.11.2026", "2026-13-01", "20:00", "1h ago"])
def test_invalid_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time: write it as"):
        parse_time(text, NOW)


@pytest.mark.parametrize("text", ["1969-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59"])
def test_time_before_1970_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="before 1970"):
        parse_time(text, NOW)
