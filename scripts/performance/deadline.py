"""Simulates a deadline, up to a million submissions in its last hour, and what it asks of AWS."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from performance.cost_model.bill import LogWritten
from performance.cost_model.function import timing
from performance.cost_model.measured_function import measure_function
from performance.storm_model.arrivals import Deadline, Delivery, per_second
from performance.storm_model.back_end import Service, queue_course, workers_needed
from performance.storm_model.flow import Flow, flow
from performance.storm_model.intake import (
    ACCOUNT_CONCURRENCY,
    NEW_ACCOUNT_CONCURRENCY,
    NEW_ENVIRONMENTS_PER_SECOND,
    UNRESERVED_AT_LEAST,
    Intake,
)
from performance.storm_model.reconciling import (
    Bucket,
    Latencies,
    counted_requests,
    duration,
    requests,
)
from performance.storm_model.simulation import Outage, Outcome, simulate
from performance.terraform_defaults import terraform_default

VOLUMES = (10_000, 100_000, 1_000_000)
"""Submissions in the last hour before the deadline."""
CONCURRENCY = (1, 5, 10, 20, 50, 100, ACCOUNT_CONCURRENCY)
WAIT_FACTORS = (1, 2, 3)
"""How many times as long as assumed a run may wait for SQS, because nothing measures that here."""
SERVICE_SECONDS = (5, 30)
SEED = 7

_PLOTTED_CONCURRENCY = (1, 5, 10, 20, 50)
_VALIDATED = (
    # Slow runs, so that few submissions are a storm too; then the real ones.
    (10_000, 1, 0.5),
    (10_000, 2, 0.5),
    (10_000, 5, 0.5),
    (100_000, 5, None),
    (100_000, 10, None),
)
"""Submissions, concurrency, and the seconds of a warm run; None for the modelled ones."""
_MAX_AGES = (60, 900, 3600, 21_600)
_OUTAGE_MINUTES = (1, 2, 3, 5, 15)
_OUTAGE_SUBMISSIONS = 10_000
_RETRIES = (0, 1, 2)
_VISIBILITY_TIMEOUTS = (30, 60, 120, 300, 600)
_MESSAGES_AT_ONCE = (1, 10)
_SERVICE_SPREAD = 0.5
"""Assumed: with it, one submission in a hundred takes almost three times the mean."""
_BATCHES = 20_000
_COUNTED_SUBMISSIONS = (100, 501)
_LATENCIES = Latencies(list_page=0.25, log_page=0.5, invoke=0.06)
"""Assumed."""
_EMULATOR = {"announced": 5_000, "seconds": 23.0}
"""Measured on the embedded stack of one machine, by the local tests of `submitter reconcile`."""
_MISSED_SHARES = (0.001, 0.01, 0.1, 1.0)
_SERIES_SECONDS = 60
_SECONDS_PER_DAY = 24 * 60 * 60
_SETTINGS = (
    "function_memory_mb",
    "reserved_concurrency",
    "event_max_age_seconds",
    "retry_attempts",
    "visibility_timeout_seconds",
    "queue_retention_days",
    "oldest_message_age_alarm_seconds",
)


def measure() -> Mapping[str, Any]:
    """Simulate; the same seeds give the same storms.

    Returns:
        Ages and ends of events by concurrency, workers needed, and `reconcile`'s time.
    """
    settings = {name: terraform_default(name) for name in _SETTINGS}
    function = measure_function()
    at = timing(function.work, int(settings["function_memory_mb"]))
    intake = Intake(
        concurrency=ACCOUNT_CONCURRENCY,
        warm_seconds=at.warm_ms / 1000,
        cold_seconds=at.cold_ms / 1000,
        max_age_seconds=int(settings["event_max_age_seconds"]),
        retry_attempts=int(settings["retry_attempts"]),
    )
    alarm_age = int(settings["oldest_message_age_alarm_seconds"])
    storms = {volume: _delivered(volume) for volume in VOLUMES}
    flows = {
        (volume, limit): flow(per_second(storms[volume]), _with(intake, limit), seed=SEED)
        for volume in VOLUMES
        for limit in CONCURRENCY
    }
    announced = {volume: flows[volume, ACCOUNT_CONCURRENCY].announced for volume in VOLUMES}
    return {
        "settings": settings,
        "deadline": {**asdict(Deadline(VOLUMES[-1])), "volumes": VOLUMES},
        "peak_per_second": {
            str(volume): round(Deadline(volume).peak_per_second, 1) for volume in VOLUMES
        },
        "delivery": asdict(Delivery()),
        "intake": asdict(intake),
        "account": {
            "concurrency": ACCOUNT_CONCURRENCY,
            "new_concurrency": NEW_ACCOUNT_CONCURRENCY,
            "unreserved_at_least": UNRESERVED_AT_LEAST,
            "new_environments_per_second": NEW_ENVIRONMENTS_PER_SECOND,
        },
        "validation": list(_validation(storms, intake)),
        "concurrency": [
            _concurrency_row(volume, limit, found) for (volume, limit), found in flows.items()
        ],
        "slower_runs": list(
            _slower_runs(storms[VOLUMES[-1]], intake, function.work.wait_ms / 1000)
        ),
        "series": _series(storms[VOLUMES[-1]], flows),
        "max_age": list(_max_age_rows(storms[VOLUMES[-1]], intake)),
        "outages": list(_outage_rows(intake)),
        "workers": list(_worker_rows(announced, alarm_age)),
        "queue_series": _queue_series(announced[VOLUMES[-1]], alarm_age),
        "retention": list(_retention_rows(announced[VOLUMES[-1]], settings)),
        "visibility": list(_visibility_rows()),
        "service_spread": _SERVICE_SPREAD,
        "reconcile": _reconcile(function.log),
    }


def _delivered(volume: int) -> list[float]:
    return Delivery().delivered(Deadline(volume).times(SEED), SEED + 1)


def _with(intake: Intake, concurrency: int, **changes: float) -> Intake:
    return Intake(**{**asdict(intake), "concurrency": concurrency, **changes})


def _slower_runs(
    delivered: Sequence[float], intake: Intake, wait_seconds: float
) -> Iterator[dict[str, Any]]:
    arriving = per_second(delivered)
    for factor in WAIT_FACTORS:
        more = (factor - 1) * wait_seconds
        for limit in CONCURRENCY:
            slower = _with(
                intake,
                limit,
                warm_seconds=intake.warm_seconds + more,
                cold_seconds=intake.cold_seconds + more,
            )
            found = flow(arriving, slower, seed=SEED)
            yield {
                "wait_factor": factor,
                "warm_seconds": slower.warm_seconds,
                "concurrency": limit,
                "announced": sum(found.announced),
                "age_highest_seconds": max(found.oldest_age),
            }


def _concurrency_row(volume: int, limit: int, found: Flow) -> dict[str, Any]:
    window = Deadline(volume).window_seconds
    last = max((second for second, count in enumerate(found.announced) if count), default=0)
    return {
        "submissions": volume,
        "concurrency": limit,
        "announced": sum(found.announced),
        "failed": sum(found.failed),
        "age_p50_seconds": found.age_percentile(0.5),
        "age_p95_seconds": found.age_percentile(0.95),
        "age_highest_seconds": max(found.oldest_age),
        "most_waiting": max(found.waiting),
        "throttles": found.throttles,
        "environments": found.environments,
        "announced_after_deadline_seconds": max(0, last - window),
    }


def _validation(storms: Mapping[int, Sequence[float]], intake: Intake) -> Iterator[dict[str, Any]]:
    for volume, limit, warm in _VALIDATED:
        changes = {} if warm is None else {"warm_seconds": warm}
        one = _with(intake, limit, **changes)
        by_event = simulate(storms[volume], one, seed=SEED)
        by_second = flow(per_second(storms[volume]), one, seed=SEED)
        yield {
            "submissions": volume,
            "concurrency": limit,
            "warm_seconds": one.warm_seconds,
            "simulation": _ends(by_event),
            "flow": {
                "announced": sum(by_second.announced),
                "throttles": by_second.throttles,
                "age_p50_seconds": by_second.age_percentile(0.5),
                "age_p95_seconds": by_second.age_percentile(0.95),
            },
        }


def _ends(outcome: Outcome) -> dict[str, Any]:
    ages = sorted(age for _, age in outcome.announced)
    return {
        "announced": len(ages),
        "throttles": outcome.throttles,
        "age_p50_seconds": round(ages[len(ages) // 2], 1),
        "age_p95_seconds": round(ages[int(len(ages) * 0.95)], 1),
    }


def _series(delivered: Sequence[float], flows: Mapping[tuple[int, int], Flow]) -> dict[str, Any]:
    volume = VOLUMES[-1]
    return {
        "every_seconds": _SERIES_SECONDS,
        "submissions": volume,
        "delivered_per_second": _mean_by_minute(per_second(delivered)),
        "by_concurrency": {
            str(limit): {
                "announced_per_second": _mean_by_minute(flows[volume, limit].announced),
                "waiting": flows[volume, limit].waiting[::_SERIES_SECONDS],
                "oldest_age_seconds": flows[volume, limit].oldest_age[::_SERIES_SECONDS],
            }
            for limit in _PLOTTED_CONCURRENCY
        },
    }


def _mean_by_minute(counts: Sequence[int]) -> list[float]:
    return [
        round(sum(counts[begin : begin + _SERIES_SECONDS]) / _SERIES_SECONDS, 2)
        for begin in range(0, len(counts), _SERIES_SECONDS)
    ]


def _max_age_rows(delivered: Sequence[float], intake: Intake) -> Iterator[dict[str, Any]]:
    arriving = per_second(delivered)
    for limit in (1, 5, 10):
        for max_age in _MAX_AGES:
            found = flow(arriving, _with(intake, limit, max_age_seconds=max_age), seed=SEED)
            yield {
                "concurrency": limit,
                "max_age_seconds": max_age,
                "failed": sum(found.failed),
                "announced": sum(found.announced),
            }


def _outage_rows(intake: Intake) -> Iterator[dict[str, Any]]:
    delivered = _delivered(_OUTAGE_SUBMISSIONS)
    deadline = Deadline(_OUTAGE_SUBMISSIONS).window_seconds
    for minutes in _OUTAGE_MINUTES:
        outage = Outage(deadline - minutes * 60, deadline)
        for retries in _RETRIES:
            one = _with(intake, ACCOUNT_CONCURRENCY, retry_attempts=retries)
            found = simulate(delivered, one, outage=outage, seed=SEED)
            yield {
                "minutes": minutes,
                "retry_attempts": retries,
                "submissions": _OUTAGE_SUBMISSIONS,
                "in_outage": sum(map(outage.fails, delivered)),
                "failed": len(found.failed),
                "announced": len(found.announced),
            }


def _worker_rows(
    announced: Mapping[int, Sequence[int]], alarm_age: int
) -> Iterator[dict[str, Any]]:
    for volume, counts in announced.items():
        for service in SERVICE_SECONDS:
            workers = workers_needed(counts, service, alarm_age)
            if workers is None:
                continue
            course = queue_course(counts, workers, service)
            yield {
                "submissions": volume,
                "service_seconds": service,
                "workers": workers,
                "longest_age_seconds": course.highest_age,
                "most_messages": max(course.depth),
                "empty_after_deadline_seconds": len(course.depth) - Deadline(volume).window_seconds,
            }


def _queue_series(announced: Sequence[int], alarm_age: int) -> dict[str, Any]:
    service = SERVICE_SECONDS[0]
    needed = workers_needed(announced, service, alarm_age) or 1
    by_workers = {}
    for workers in sorted({max(1, needed // share) for share in (1, 2, 4)}, reverse=True):
        course = queue_course(announced, workers, service)
        by_workers[str(workers)] = {
            "oldest_age_seconds": course.oldest_age[::_SERIES_SECONDS],
            "messages": course.depth[::_SERIES_SECONDS],
        }
    return {
        "every_seconds": _SERIES_SECONDS,
        "service_seconds": service,
        "alarm_seconds": alarm_age,
        "by_workers": by_workers,
    }


def _retention_rows(
    announced: Sequence[int], settings: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    days = int(settings["queue_retention_days"])
    for service in SERVICE_SECONDS:
        yield {
            "submissions": sum(announced),
            "service_seconds": service,
            "retention_days": days,
            # Fewer would let messages expire. What is worked on is safe; what waits is not.
            "fewest_workers": workers_needed(announced, service, days * _SECONDS_PER_DAY),
        }


def _visibility_rows() -> Iterator[dict[str, Any]]:
    for mean in SERVICE_SECONDS:
        for at_once in _MESSAGES_AT_ONCE:
            service = Service(mean, _SERVICE_SPREAD, at_once)
            yield {
                "service_seconds": mean,
                "messages_at_once": at_once,
                "worked_on_twice_share": {
                    str(timeout): service.worked_on_twice(timeout, _BATCHES // at_once, SEED)
                    for timeout in _VISIBILITY_TIMEOUTS
                },
            }


def _reconcile(log: LogWritten) -> dict[str, Any]:
    events = len(log.application_bytes) + len(log.platform_bytes)
    written = sum(log.application_bytes) + sum(log.platform_bytes)
    rates = {"default": 50.0, "unlimited": 1e9}
    rows = []
    for volume in VOLUMES:
        for share in _MISSED_SHARES:
            bucket = Bucket(volume, 0, round(volume * share), events, written)
            took = {
                name: asdict(duration(bucket, _LATENCIES, rate)) for name, rate in rates.items()
            }
            rows.append(
                {
                    "submissions": volume,
                    "missed": bucket.missed,
                    "requests": requests(bucket),
                    "seconds_by_rate": took,
                }
            )
    counted = [
        {
            "submissions": count,
            "counted": counted_requests(count),
            "modelled": requests(Bucket(count, count, 0, 1, 250.0)),
        }
        for count in _COUNTED_SUBMISSIONS
    ]
    return {
        "latencies": asdict(_LATENCIES),
        "emulator": _EMULATOR,
        "default_rate": rates["default"],
        "counted": counted,
        "rows": rows,
    }
