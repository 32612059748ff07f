"""Work is spread evenly, and never faster than its rate."""

import pytest

from submitter.reconcile.rate_limit import RateLimit
from unit.submitter.contexts import Clock


def test_first_work_does_not_wait_and_the_next_does() -> None:
    clock = Clock()
    limit = RateLimit(5, clock.now, clock.sleep)

    limit.wait(10)
    assert clock.slept == []
    limit.wait(1)
    limit.wait(1)

    assert clock.slept == pytest.approx([2.0, 0.2])


@pytest.mark.parametrize("rate", [0.01, 1, 50, 1000])
def test_rate_is_kept_in_the_long_run(rate: float) -> None:
    clock = Clock()
    limit = RateLimit(rate, clock.now, clock.sleep)

    for _ in range(100):
        limit.wait(10)

    assert clock.seconds == pytest.approx(99 * 10 / rate)


def test_time_of_the_work_counts() -> None:
    clock = Clock()
    limit = RateLimit(10, clock.now, clock.sleep)
    limit.wait(10)
    clock.seconds += 0.75

    limit.wait(10)

    assert clock.slept == pytest.approx([0.25])


def test_slow_work_earns_no_burst() -> None:
    clock = Clock()
    limit = RateLimit(10, clock.now, clock.sleep)
    limit.wait(10)
    clock.seconds += 3600

    limit.wait(10)
    limit.wait(10)

    assert clock.slept == pytest.approx([1.0])
