"""Models the hour before a deadline: how many environments and workers keep waits short.

Servers work at a constant rate: the function's environments on submissions, the grader's or a back
end's workers on messages. Work that comes faster waits in a queue, first in, first out.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from performance.summary import load_summaries
from performance.terraform_defaults import grading_default, terraform_default

VOLUMES = (10_000, 100_000, 1_000_000)
"""Submissions in the last hour before the deadline."""
WORK_SECONDS = (5, 30)
"""A back end's time for one submission."""
GRADING_SECONDS = 3
"""A longer grading than the measured one, as in docs/operating.md."""
CONCURRENCIES = range(2, 1001)
"""What a mapping's maximum concurrency can be."""
WAIT_SECONDS = 60
"""A wait for a result that no student notices much."""
_FIRST_CONCURRENCY = 5
_ADDED_PER_SECOND = 5
"""300 a minute: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"""
NEW_ACCOUNT_CONCURRENCY = 10
"""Seen in new accounts; AWS documents no figure, and raises it with use or on request."""
VISIBILITY_TIMEOUT_SECONDS = 300
"""The queue's with a back end of one's own, as terraform/locals.tf has it."""
_SLOWER = 3
"""The slower SQS takes this many times as long as assumed."""
_WINDOW_SECONDS = 3600
_EVEN_SHARE = 0.3
"""Assumed: the share of submissions that come evenly over the hour."""
_RISE_SECONDS = 600
"""Assumed: the rate of the others grows by the factor e in this time."""
_SECONDS_PER_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Course:
    """What a queue and its waits grew to."""

    most_waiting: float
    longest_wait_seconds: float
    empty_after_seconds: float
    """From the last arrival until the queue is empty."""


def share_before(seconds: float) -> float:
    """Return the share of submissions that came in the hour's first ``seconds``."""
    first = math.exp(-_WINDOW_SECONDS / _RISE_SECONDS)
    grown = math.exp((seconds - _WINDOW_SECONDS) / _RISE_SECONDS)
    rising = (grown - first) / (1 - first)
    return _EVEN_SHARE * seconds / _WINDOW_SECONDS + (1 - _EVEN_SHARE) * rising


def arrivals(submissions: int) -> list[float]:
    """Return the number of submissions in each second of the hour."""
    shares = [share_before(second) for second in range(_WINDOW_SECONDS + 1)]
    return [submissions * (shares[s + 1] - shares[s]) for s in range(_WINDOW_SECONDS)]


def queue_course(arriving: Sequence[float], served_per_second: float | Sequence[float]) -> Course:
    """Follow a queue that is served at a rate which is constant, or never falls.

    Args:
        arriving: arrivals in each second.
        served_per_second: most departures in a second; above 0. If there is one for each second,
            the longest wait is at most what is returned, because later seconds are faster.
    """
    if isinstance(served_per_second, Sequence):
        rates = served_per_second
    else:
        rates = [served_per_second] * len(arriving)
    waiting = most = longest = 0.0
    for count, rate in zip(arriving, rates, strict=True):
        waiting = max(0.0, waiting + count - rate)
        most = max(most, waiting)
        longest = max(longest, waiting / rate)
    return Course(most, longest, waiting / rates[-1])


def mapping_rates(maximum_concurrency: int, run_seconds: float) -> list[float]:
    """Return how many gradings the grader's mapping allows in each second of the hour."""
    return [
        min(maximum_concurrency, _FIRST_CONCURRENCY + _ADDED_PER_SECOND * second) / run_seconds
        for second in range(_WINDOW_SECONDS)
    ]


def concurrency_needed(
    arriving: Sequence[float], run_seconds: float, longest_seconds: float
) -> int | None:
    """Return the least maximum concurrency that keeps each wait and grading within a time.

    Args:
        arriving: arrivals in each second of the hour.
        run_seconds: a grading's duration.
        longest_seconds: the longest wait and grading together.

    Returns:
        The number; None if the largest that AWS allows is too small.
    """

    def is_enough(concurrency: int) -> bool:
        course = queue_course(arriving, mapping_rates(concurrency, run_seconds))
        return course.longest_wait_seconds + run_seconds <= longest_seconds

    found = bisect_left(CONCURRENCIES, True, key=is_enough)  # noqa: FBT003 - the first True
    return CONCURRENCIES[found] if found < len(CONCURRENCIES) else None


def servers_needed(
    arriving: Sequence[float], service_seconds: float, longest_seconds: float
) -> int | None:
    """Return the fewest servers that keep each wait and service within a time.

    Args:
        arriving: arrivals in each second.
        service_seconds: the service's time for one arrival.
        longest_seconds: the longest wait and service together.

    Returns:
        The number; None if the service alone takes longer.
    """
    if service_seconds > longest_seconds:
        return None

    def is_enough(servers: int) -> bool:
        course = queue_course(arriving, servers / service_seconds)
        return course.longest_wait_seconds + service_seconds <= longest_seconds

    # With this many servers, even the busiest second's arrivals are served within a second.
    enough = math.ceil(max(arriving) * service_seconds) + 1
    return 1 + bisect_left(range(1, enough), True, key=is_enough)  # noqa: FBT003 - the first True


def concurrency_to_reserve(per_second: float, run_seconds: float) -> int:
    """Return how many environments are seldom all busy.

    On average, rate times duration of them are busy (Little's law); four standard deviations of
    a Poisson distribution are added.
    """
    busy = per_second * run_seconds
    return math.ceil(busy + 4 * math.sqrt(busy))


def measure(*, quick: bool) -> dict[str, Any]:  # noqa: ARG001 - nothing here takes long
    """Model the deadlines, with a run's duration from the saved summary of `cost`."""
    summaries = load_summaries()
    cost, grading = summaries["cost"], summaries["grading_cost"]
    return model(
        cost["default_memory"]["warm_ms"] / 1000,
        cost["assumed"]["wait_ms"] / 1000,
        grading["warm_ms"] / 1000,
    )


def model(run_seconds: float, wait_seconds: float, grading_seconds: float) -> dict[str, Any]:
    """Return the environments, graders and workers that each volume needs.

    Args:
        run_seconds: a warm run's duration.
        wait_seconds: the part of it that waits for SQS.
        grading_seconds: a grading's duration.
    """
    alarm_seconds = terraform_default("oldest_message_age_alarm_seconds")
    retention_days = terraform_default("queue_retention_days")
    slower_seconds = run_seconds + (_SLOWER - 1) * wait_seconds
    default_concurrency = grading_default("maximum_concurrency")
    rows = []
    for volume in VOLUMES:
        arriving = arrivals(volume)
        new_account = queue_course(arriving, NEW_ACCOUNT_CONCURRENCY / run_seconds)
        rows.append(
            {
                "submissions": volume,
                "peak_per_second": round(arriving[-1], 1),
                "busy_at_peak": round(arriving[-1] * run_seconds, 1),
                "reserve": concurrency_to_reserve(arriving[-1], run_seconds),
                "reserve_if_slower": concurrency_to_reserve(arriving[-1], slower_seconds),
                "new_account_wait_s": round(new_account.longest_wait_seconds),
                "workers": {
                    str(work): servers_needed(arriving, work, alarm_seconds)
                    for work in WORK_SECONDS
                },
                "workers_to_keep_all": {
                    str(work): servers_needed(arriving, work, retention_days * _SECONDS_PER_DAY)
                    for work in WORK_SECONDS
                },
                "grading": [
                    {
                        "seconds": round(seconds, 2),
                        "busy_at_peak": round(arriving[-1] * seconds),
                        "default_wait_s": round(
                            queue_course(
                                arriving, mapping_rates(default_concurrency, seconds)
                            ).longest_wait_seconds
                        ),
                        "for_alarm": concurrency_needed(arriving, seconds, alarm_seconds),
                        "for_short_wait": concurrency_needed(arriving, seconds, WAIT_SECONDS),
                    }
                    for seconds in (grading_seconds, GRADING_SECONDS)
                ],
            }
        )
    return {
        "default_concurrency": default_concurrency,
        "most_concurrency": CONCURRENCIES[-1],
        "short_wait_seconds": WAIT_SECONDS,
        "even_share": _EVEN_SHARE,
        "rise_minutes": _RISE_SECONDS // 60,
        "run_ms": round(1000 * run_seconds),
        "slower_run_ms": round(1000 * slower_seconds),
        "new_account_concurrency": NEW_ACCOUNT_CONCURRENCY,
        "alarm_seconds": alarm_seconds,
        "retention_days": retention_days,
        "visibility_timeout_seconds": VISIBILITY_TIMEOUT_SECONDS,
        "max_age_hours": terraform_default("event_max_age_seconds") // 3600,
        "rows": rows,
    }
