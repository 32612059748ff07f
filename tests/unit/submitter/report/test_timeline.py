"""Submissions over time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submitter.report.timeline import Step, Timeline, timeline

DUE = datetime(2026, 11, 23, 23, 59, tzinfo=timezone(timedelta(hours=1)))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MOMENTS = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001 - `timezones` gives it one
    datetime(8999, 12, 31),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)


def test_deadline_ends_a_step_and_its_own_second_is_in_it() -> None:
    times = [DUE - 2 * MINUTE, DUE - MINUTE / 2, DUE, DUE + MINUTE / 60, None]
    assert timeline(times, DUE) == Timeline(
        (
            Step(DUE - 3 * MINUTE, DUE - 2 * MINUTE, 1),
            Step(DUE - 2 * MINUTE, DUE - MINUTE, 0),
            Step(DUE - MINUTE, DUE, 2),
            Step(DUE, DUE + MINUTE, 1),
        ),
        1,
    )


@pytest.mark.parametrize(
    ("span", "size"),
    [
        (timedelta(0), MINUTE),
        (40 * MINUTE - timedelta(seconds=1), MINUTE),
        (40 * MINUTE, 15 * MINUTE),
        (3 * DAY, timedelta(hours=3)),
        (14 * DAY, timedelta(hours=12)),
        (39 * DAY, DAY),
        (200 * DAY, 7 * DAY),
        (2000 * DAY, 51 * DAY),
    ],
)
def test_step_fits_the_span(span: timedelta, size: timedelta) -> None:
    for step in timeline([DUE, DUE + span], DUE).steps:
        assert step.until - step.after == size


def test_without_a_deadline_days_begin_at_midnight_utc() -> None:
    found = timeline(
        [datetime(2026, 11, 23, 1, tzinfo=DUE.tzinfo) + day * DAY for day in (0, 30)], None
    )
    assert found.steps[0] == Step(
        datetime(2026, 11, 22, tzinfo=UTC) - 0 * DAY, datetime(2026, 11, 23, tzinfo=UTC), 1
    )


@given(st.lists(st.none() | MOMENTS), st.none() | st.just(DUE))
def test_each_submission_is_in_one_of_few_steps_without_gaps(
    times: list[datetime | None], due: datetime | None
) -> None:
    found = timeline(times, due)
    assert found.undated == times.count(None)
    assert sum(step.count for step in found.steps) == len(times) - found.undated
    assert len(found.steps) <= 41
    for before, after in zip(found.steps, found.steps[1:], strict=False):
        assert before.until == after.after
    for step in found.steps:
        inside = [time for time in times if time and step.after < time <= step.until]
        assert len(inside) == step.count
