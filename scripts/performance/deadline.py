"""A model of the hour before a deadline: how much has to be there, so that nothing waits long.

Work flows through servers at a constant rate: submissions through the function's environments, and
messages through a back end's workers. What comes faster waits in a queue, first in, first out.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from performance.summary import load_summaries
from performance.terraform_defaults import terraform_default

VOLUMES = (10_000, 100_000, 1_000_000)
"""Submissions in the last hour before the deadline."""
WORK_SECONDS = (5, 30)
"""What a back end takes for one submission."""
NEW_ACCOUNT_CONCURRENCY = 10
"""Seen in new accounts; AWS names no figure, and raises it by use or on request."""
_SLOWER = 3
"""How many times as long as assumed SQS may take to answer."""
_WINDOW_SECONDS = 3600
_EVEN_SHARE = 0.3
"""Assumed: the share of submissions that comes evenly over the hour."""
_RISE_SECONDS = 600
"""Assumed: in this time the rate of the others grows by the factor e."""
_SECONDS_PER_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Course:
    """How a queue fared."""

    most_waiting: float
    longest_wait_seconds: float
    empty_after_seconds: float
    """From the last arrival until the queue is empty."""


def share_before(seconds: float) -> float:
    """Return the share of submissions that has come so many seconds after the hour began."""
    first = math.exp(-_WINDOW_SECONDS / _RISE_SECONDS)
    grown = math.exp((seconds - _WINDOW_SECONDS) / _RISE_SECONDS)
    rising = (grown - first) / (1 - first)
    return _EVEN_SHARE * seconds / _WINDOW_SECONDS + (1 - _EVEN_SHARE) * rising


def arrivals(submissions: int) -> list[float]:
    """Return how many submissions come in each second of the hour."""
    shares = [share_before(second) for second in range(_WINDOW_SECONDS + 1)]
    return [submissions * (shares[s + 1] - shares[s]) for s in range(_WINDOW_SECONDS)]


def queue_course(arriving: Sequence[float], served_per_second: float) -> Course:
    """Follow a queue that is served at a constant rate.

    Args:
        arriving: how many come in each second.
        served_per_second: how many can leave in a second; above 0.
    """
    waiting = most = 0.0
    for count in arriving:
        waiting = max(0.0, waiting + count - served_per_second)
        most = max(most, waiting)
    return Course(most, most / served_per_second, waiting / served_per_second)


def servers_needed(
    arriving: Sequence[float], service_seconds: float, longest_seconds: float
) -> int | None:
    """Return the fewest servers with which nothing takes longer than it may, service included.

    Args:
        arriving: how many come in each second.
        service_seconds: what each takes.
        longest_seconds: how long one may take.

    Returns:
        The number; None if the service alone takes longer.
    """
    if service_seconds > longest_seconds:
        return None

    def is_enough(servers: int) -> bool:
        course = queue_course(arriving, servers / service_seconds)
        return course.longest_wait_seconds + service_seconds <= longest_seconds

    # With as many, even the fullest second is served within itself.
    enough = math.ceil(max(arriving) * service_seconds) + 1
    return 1 + bisect_left(range(1, enough), True, key=is_enough)  # noqa: FBT003 - what is sought


def concurrency_to_reserve(per_second: float, run_seconds: float) -> int:
    """Return how many environments seldom leave an event without one.

    On average a rate keeps rate times duration of them busy (Little's law); at random times about
    as many more as four standard deviations of a Poisson distribution.
    """
    busy = per_second * run_seconds
    return math.ceil(busy + 4 * math.sqrt(busy))


def measure(*, quick: bool) -> dict[str, Any]:  # noqa: ARG001 - nothing here takes long
    """Model the deadlines, with the run's duration from the costs' summary."""
    cost = load_summaries()["cost"]
    return model(cost["default_memory"]["warm_ms"] / 1000, cost["assumed"]["wait_ms"] / 1000)


def model(run_seconds: float, wait_seconds: float) -> dict[str, Any]:
    """Return what each volume asks of the function and of a back end.

    Args:
        run_seconds: what a warm run takes.
        wait_seconds: the part of it in which the run waits for SQS.
    """
    alarm_seconds = terraform_default("oldest_message_age_alarm_seconds")
    retention_days = terraform_default("queue_retention_days")
    slower_seconds = run_seconds + (_SLOWER - 1) * wait_seconds
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
            }
        )
    return {
        "even_share": _EVEN_SHARE,
        "rise_minutes": _RISE_SECONDS // 60,
        "run_ms": round(1000 * run_seconds),
        "slower_run_ms": round(1000 * slower_seconds),
        "new_account_concurrency": NEW_ACCOUNT_CONCURRENCY,
        "alarm_seconds": alarm_seconds,
        "retention_days": retention_days,
        "visibility_timeout_seconds": terraform_default("visibility_timeout_seconds"),
        "max_age_hours": terraform_default("event_max_age_seconds") // 3600,
        "rows": rows,
    }
