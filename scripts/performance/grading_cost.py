"""Models what gradings cost: this stack's grader, and workers that run all month.

A worker runs each case as others do, with bubblewrap and Python. Its waits for S3 overlap, so it is
never idle while submissions wait.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from performance import cost
from performance.case import Way
from performance.cost import Assumed, Function, Timing, dollars
from performance.deadline import arrivals, mapping_rates, queue_course, servers_needed
from performance.summary import load_summaries
from performance.terraform_defaults import grading_default, terraform_default

BUSIEST_HOUR_SHARE = 0.05
"""Assumed: the share of a month's submissions in the hour before its largest deadline."""
LONGEST_WAIT_SECONDS = 60
"""In that hour, with workers for the peak."""
S3_MS, SLOW_S3_MS = 30, 100
"""Assumed time of an S3 request, and AWS's figure for its latency, roughly 100 to 200 ms.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
"""
_S3_GETS, _S3_PUTS = 5, 2
"""Of a grading: .json, .py (HEAD and GET), event and problem; the staff's and student's result."""
_POLLERS = 5
"""Of a mapping with a maximum concurrency, however little there is to do.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""
_HOURS_PER_MONTH = cost.SECONDS_PER_MONTH / 3600


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured."""

    grader: Function
    """The grader; a run is a grading."""
    worker_cpu_ms: float
    """Processor time of a grading by a worker."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What a worker runs on."""

    vcpus: float
    dollars_a_month: float

    def count(self, vcpus: float) -> int:
        """Return how many are needed for so many processors."""
        return max(1, math.ceil(vcpus / self.vcpus))


FARGATE = Machine(
    0.25,
    _HOURS_PER_MONTH * (dollars("fargate_vcpu", 0.25) + dollars("fargate_memory", 0.5)),
)
"""The smallest task; larger ones of as much memory for a vCPU cost as much for a vCPU."""
EC2 = Machine(2, _HOURS_PER_MONTH * dollars("c7i.large", 1))


def measured(summaries: Mapping[str, Any]) -> Measured:
    """Return what the other measurements say of a grading.

    Raises:
        LookupError: cases were measured where bubblewrap is not installed.
    """
    grading, start = summaries["grading"], summaries["grader_start"]["grader"]
    case = summaries["case"]["example"]
    if Way.BUBBLEWRAP_PRIVATE not in case:
        raise LookupError(
            "A worker's cost is that of bubblewrap, which was not measured. Install bubblewrap, "
            'and run: make bench MEASUREMENTS="case grading_cost"'
        )
    others, ours = (case[way]["cpu_ms"]["median"] for way in (Way.BUBBLEWRAP_PRIVATE, Way.SANDBOX))
    return Measured(
        Function(
            cold_cpu_ms=start["cold_cpu_ms"],
            run_cpu_ms=start["warm_cpu_ms"],
            peak_mib=start["peak_mib"],
            log_bytes=tuple(grading["log_bytes"]),
        ),
        worker_cpu_ms=start["warm_cpu_ms"] + grading["cases"] * (others - ours),
    )


def assumptions(s3_ms: float = S3_MS) -> Assumed:
    """Return the inputs that only AWS knows, with the grader's waits for S3."""
    kept_days = terraform_default("log_retention_days")
    return Assumed(kept_days=kept_days, wait_ms=(_S3_GETS + _S3_PUTS) * s3_ms)


def request_costs(gradings: float, waiting: int, assumed: Assumed) -> dict[str, float]:
    """Return the cost of a month's requests to S3, and to the queue with `waiting` long polls."""
    waits = waiting * cost.SECONDS_PER_MONTH / assumed.receive_seconds
    return {
        "S3 requests": dollars("s3_get", _S3_GETS * gradings)
        + dollars("s3_put", _S3_PUTS * gradings),
        # Receiving and deleting; the intake sends.
        "queue": dollars("sqs_request", 2 * gradings + waits),
    }


def stack_costs(
    gradings: float, function: Function, at: Timing, assumed: Assumed
) -> dict[str, float]:
    """Return the cost of a month's gradings by this stack, by parts."""
    return {
        **cost.function_costs(gradings, at, assumed, "lambda_x86_duration"),
        **request_costs(gradings, _POLLERS, assumed),
        **cost.log_costs(gradings, function, assumed),
    }


def worker_costs(
    gradings: float, machine: Machine, count: int, function: Function, assumed: Assumed
) -> dict[str, float]:
    """Return the cost of a month's gradings by workers that write as much log, by parts."""
    return {
        "machines": count * machine.dollars_a_month,
        **request_costs(gradings, 1, assumed),
        **cost.log_costs(gradings, function, assumed),
    }


def vcpus_for_mean(gradings: float, cpu_ms: float) -> float:
    """Return the processors that a month's gradings keep busy."""
    return gradings * cpu_ms / 1000 / cost.SECONDS_PER_MONTH


def vcpus_for_peak(gradings: float, cpu_ms: float) -> int:
    """Return the processors that keep waits short in the busiest hour."""
    arriving = arrivals(round(BUSIEST_HOUR_SHARE * gradings))
    needed = servers_needed(arriving, cpu_ms / 1000, LONGEST_WAIT_SECONDS)
    assert needed  # noqa: S101 - a grading is shorter than the wait
    return needed


def measure(*, quick: bool) -> dict[str, Any]:  # noqa: ARG001 - nothing here takes long
    """Model the costs, with figures from the saved summaries of other measurements."""
    return model(measured(load_summaries()))


def model(found: Measured) -> dict[str, Any]:
    """Return dollars a million gradings by design and volume, and the longest waits.

    Args:
        found: what was measured.
    """
    function, worker_ms, shown = found.grader, found.worker_cpu_ms, cost.SHOWN_VOLUME
    memory_mb, most = grading_default("memory_mb"), grading_default("maximum_concurrency")
    assumed, slow = assumptions(), assumptions(SLOW_S3_MS)
    at, at_slow = (cost.timing(function, each, memory_mb) for each in (assumed, slow))
    busiest = arrivals(round(BUSIEST_HOUR_SHARE * shown))

    def wait(rate: float | list[float]) -> int:
        return round(queue_course(busiest, rate).longest_wait_seconds)

    rows = []
    for name, timing, waits in (
        ("this stack", at, assumed),
        (f"this stack, if S3 takes {SLOW_S3_MS} ms a request", at_slow, slow),
    ):
        costs = {v: stack_costs(v, function, timing, waits) for v in cost.VOLUMES}
        rows.append(
            {
                "design": name,
                "by_volume": [_a_million(volume, costs[volume]) for volume in cost.VOLUMES],
                "machines": None,
                "wait_s": wait(mapping_rates(most, timing.warm_ms / 1000)),
            }
        )
    for name, machine in (("Fargate", FARGATE), ("EC2", EC2)):
        for size, vcpus in (("the mean", vcpus_for_mean), ("the peak", vcpus_for_peak)):
            counts = {v: machine.count(vcpus(v, worker_ms)) for v in cost.VOLUMES}
            rows.append(
                {
                    "design": f"{name} worker for {size}",
                    "by_volume": [
                        _a_million(v, worker_costs(v, machine, counts[v], function, assumed))
                        for v in cost.VOLUMES
                    ],
                    "machines": counts[shown],
                    "wait_s": wait(counts[shown] * machine.vcpus * 1000 / worker_ms),
                }
            )
    parts = stack_costs(shown, function, at, assumed)
    return {
        "grader_cpu_ms": round(function.run_cpu_ms, 1),
        "cold_cpu_ms": function.cold_cpu_ms,
        "worker_cpu_ms": round(worker_ms, 1),
        "memory_mb": memory_mb,
        "warm_ms": at.warm_ms,
        "slow_warm_ms": at_slow.warm_ms,
        "s3_ms": S3_MS,
        "slow_s3_ms": SLOW_S3_MS,
        "s3_requests": _S3_GETS + _S3_PUTS,
        "busiest_hour_share": BUSIEST_HOUR_SHARE,
        "longest_wait_s": LONGEST_WAIT_SECONDS,
        "volumes": cost.VOLUMES,
        "shown_volume": shown,
        "dollars_a_million": rows,
        "parts": {part: round(value, 2) for part, value in parts.items()},
    }


def _a_million(volume: int, costs: Mapping[str, float]) -> float:
    return round(math.fsum(costs.values()) * 1_000_000 / volume, 2)
