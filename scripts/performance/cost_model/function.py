"""How long a run of the intake function takes, and what it costs, at each memory setting."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from performance.cost_model.prices import Item, PriceList

FULL_CPU_MB = 1769
"""The memory with which a function has one CPU; with less it has that share of one.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""
SECONDS_PER_MONTH = 730 * 60 * 60
"""AWS's month, of 730 hours."""
_MB_PER_GB = 1024


@dataclass(frozen=True, slots=True)
class FunctionWork:
    """What one run has to do, whatever the memory."""

    init_cpu_ms: float
    """CPU time from the process's start until the handler can be called."""
    first_run_cpu_ms: float
    """CPU time that an environment's first run needs beside a run's own, as for TLS."""
    run_cpu_ms: float
    """CPU time of one run with one record."""
    wait_ms: float
    """Time in which one run waits for SQS."""
    first_run_wait_ms: float
    """Time in which an environment's first run waits beside that, to be connected."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long it takes at one memory setting; milliseconds, as Lambda bills them."""

    memory_mb: int
    warm_ms: int
    cold_ms: int
    """The init phase and the first run."""


def timing(work: FunctionWork, memory_mb: int) -> Timing:
    """Return how long a warm and a cold run take, at a memory setting.

    The function has one thread, so more than one CPU is no use to it.
    """
    share = min(1.0, memory_mb / FULL_CPU_MB)
    warm = work.wait_ms + work.run_cpu_ms / share
    init = work.init_cpu_ms / share
    first = warm + work.first_run_wait_ms + work.first_run_cpu_ms / share
    return Timing(memory_mb, math.ceil(warm), math.ceil(init) + math.ceil(first))


def cold_share(runs_per_month: float, idle_minutes: float, burst_share: float) -> float:
    """Return the share of runs that find no environment waiting.

    Runs come at times that know nothing of each other, so the chance that none came for as long as
    an environment is kept is that of a Poisson process.

    Args:
        runs_per_month: how many runs, spread over the month.
        idle_minutes: how long Lambda keeps an environment that has nothing to do.
        burst_share: the share that is cold in any case, since several come at once.
    """
    per_idle = runs_per_month / SECONDS_PER_MONTH * idle_minutes * 60
    return max(burst_share, math.exp(-per_idle))


def gb_seconds(timing_: Timing, cold: float) -> float:
    """Return the billed GB-seconds of an average run.

    Args:
        timing_: at a memory setting.
        cold: the share of runs that are cold.
    """
    milliseconds = (1 - cold) * timing_.warm_ms + cold * timing_.cold_ms
    return milliseconds / 1000 * timing_.memory_mb / _MB_PER_GB


def function_dollars(prices: PriceList, timing_: Timing, cold: float, runs: float) -> float:
    """Return what runs cost, requests and duration, in dollars."""
    duration = prices.prices[Item.LAMBDA_DURATION_ARM64]
    requests = prices.prices[Item.LAMBDA_REQUEST]
    return requests.of(runs) + duration.of(runs * gb_seconds(timing_, cold))


def smallest_within(
    timings: Iterable[Timing], longest_cold_ms: float, at_least_mb: float
) -> Timing | None:
    """Return the smallest memory setting that holds the function and starts it in time.

    Args:
        timings: at the settings to choose from.
        longest_cold_ms: how long a cold run may take.
        at_least_mb: what the process needs, with what is to be spare.

    Returns:
        The setting; None if none is enough.
    """
    enough = (
        each
        for each in timings
        if each.cold_ms <= longest_cold_ms and each.memory_mb >= at_least_mb
    )
    return min(enough, key=lambda each: each.memory_mb, default=None)
