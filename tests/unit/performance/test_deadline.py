"""The deadline's model, against closed forms."""

import math

import pytest

from performance.deadline import (
    arrivals,
    concurrency_needed,
    concurrency_to_reserve,
    mapping_rates,
    queue_course,
    servers_needed,
    share_before,
)

HOUR = 3600


def test_all_submissions_come_within_the_hour_and_none_before() -> None:
    assert share_before(0) == 0
    assert share_before(HOUR) == pytest.approx(1)
    assert sum(arrivals(10_000)) == pytest.approx(10_000)
    assert len(arrivals(10_000)) == HOUR


def test_rate_grows_until_the_deadline() -> None:
    arriving = arrivals(1_000_000)

    # 30 % evenly; of the others the share 1 / (1 - e^-6) / 600 in the last second.
    even = 300_000 / HOUR
    assert arriving[-1] == pytest.approx(even + 700_000 / 600 / (1 - math.exp(-6)), rel=0.001)
    # Ten minutes before, those others came more rarely by the factor e.
    assert arriving[-1] - even == pytest.approx(math.e * (arriving[-601] - even))


@pytest.mark.parametrize(("rate", "served"), [(100.0, 40.0), (5.0, 4.5)])
def test_arrivals_beyond_capacity_wait_as_in_the_closed_form(rate: float, served: float) -> None:
    course = queue_course([rate] * HOUR, served)

    backlog = (rate - served) * HOUR
    assert course.most_waiting == pytest.approx(backlog)
    assert course.longest_wait_seconds == pytest.approx(backlog / served)
    assert course.empty_after_seconds == pytest.approx(backlog / served)


def test_queue_that_empties_has_no_backlog_left() -> None:
    course = queue_course([30, 0, 0, 20, 0], 10)

    assert (course.most_waiting, course.longest_wait_seconds) == (20, 2)
    assert course.empty_after_seconds == 0


@pytest.mark.parametrize(("service", "longest"), [(5, 900), (30, 900), (30, 7 * 86_400)])
def test_servers_needed_match_the_closed_form(service: int, longest: int) -> None:
    rate = 20.0
    # The last one waits (rate - served) * HOUR / served, and is then worked on.
    served = rate * HOUR / (longest - service + HOUR)

    assert servers_needed([rate] * HOUR, service, longest) == math.ceil(served * service)


def test_no_number_of_servers_shortens_the_work() -> None:
    assert servers_needed([1.0], service_seconds=30, longest_seconds=29) is None


def test_reserved_concurrency_is_rate_times_duration_plus_a_margin() -> None:
    assert concurrency_to_reserve(per_second=1000, run_seconds=0.1) == 100 + 40
    assert concurrency_to_reserve(per_second=0.01, run_seconds=0.01) == 1


def test_mapping_begins_with_five_and_adds_300_a_minute_up_to_its_maximum() -> None:
    rates = mapping_rates(maximum_concurrency=305, run_seconds=0.5)

    assert len(rates) == HOUR
    assert (rates[0], rates[30], rates[60]) == (10, 310, 610)
    assert rates[-1] == 610


def test_queue_that_is_served_faster_later_empties_at_the_last_rate() -> None:
    course = queue_course([10, 10, 40], [5, 5, 20])

    # Ten wait after the second second, for which the rate of that second is the slowest.
    assert course.longest_wait_seconds == 2
    assert (course.most_waiting, course.empty_after_seconds) == (30, 1.5)


@pytest.mark.parametrize("longest", [60, 900])
def test_needed_concurrency_is_the_least_that_keeps_waits_short(longest: float) -> None:
    arriving, seconds = arrivals(100_000), 3.0
    needed = concurrency_needed(arriving, seconds, longest)
    assert needed

    def wait(concurrency: int) -> float:
        course = queue_course(arriving, mapping_rates(concurrency, seconds))
        return course.longest_wait_seconds + seconds

    assert wait(needed) <= longest < wait(needed - 1)


def test_no_mapping_is_large_enough_for_everything() -> None:
    assert concurrency_needed(arrivals(10_000_000), 3.0, 60) is None
    assert concurrency_needed([0.0] * HOUR, 1.0, 60) == 2
