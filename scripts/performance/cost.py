"""Models what a month of submissions costs on AWS, and chooses the function's memory by it."""

import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from embedded_aws.project import EXAMPLE, TERRAFORM
from performance.cost_model.bill import (
    Line,
    LogWritten,
    Part,
    Watching,
    Workload,
    by_part,
    common_lines,
    direct_lines,
    dollars,
    key_lines,
    polling,
    polling_lines,
    stack_lines,
)
from performance.cost_model.function import (
    Timing,
    cold_share,
    function_dollars,
    smallest_within,
    timing,
)
from performance.cost_model.measured_function import measure_function
from performance.cost_model.prices import PriceList, load_prices
from performance.record import Record, load
from performance.terraform_defaults import terraform_default
from submission_intake.s3_event import NotAnUpload
from submission_intake.submission_key import IgnoredKey
from terraform_configuration import Block, read_resources

VOLUMES = (10_000, 100_000, 1_000_000, 10_000_000)
"""Submissions a month."""
MEMORY_SETTINGS_MB = (128, 192, 256, 384, 512, 768, 1024, 1769)
POLLING_INTERVALS_SECONDS = (10, 60, 300)
MILLION = 1_000_000

_CODE_BYTES = 4_000
"""Assumed: a student's program of about a hundred lines."""
_REPEATED_SHARE = 0.002
"""Assumed: one event in a thousand comes twice, one run in a thousand fails and is repeated."""
_IDLE_MINUTES = 10
"""Assumed: AWS does not say how long it keeps an idle environment; minutes are what users see."""
_BURST_COLD_SHARE = 0.002
"""Assumed."""
_PAGE_SECONDS = 0.1
"""Assumed, of a ListObjectsV2 request for 1,000 keys."""
_REQUEST_METRICS = 10
"""AllRequests, PutRequests, GetRequests, HeadRequests, 4xxErrors, 5xxErrors, BytesUploaded,
BytesDownloaded, FirstByteLatency, TotalRequestLatency: what uploads and the back end's reading
make S3 tell of. https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
"""
_LONGEST_COLD_MS = 1000
"""A cold run shall not take longer than S3 itself, which tells of an upload "in seconds"."""
_SPARE_MEMORY = 1.5
"""Memory beside what the process needs."""
_PEAK_MEMORY_MB = 80
"""Assumed, if the footprint was not measured."""


def measure() -> Mapping[str, Any]:
    """Model the costs; the function's CPU time and its log's bytes are measured.

    Returns:
        Dollars by design, volume and part; timing and dollars by memory setting; every input.
    """
    prices = load_prices()
    function = measure_function()
    work, log = function.work, function.log
    watching = watched()
    workload = assumed_workload()
    default_mb = int(terraform_default("function_memory_mb"))
    peak = peak_memory_mb(load("footprint"))
    settings = [timing(work, memory) for memory in sorted({*MEMORY_SETTINGS_MB, default_mb})]
    chosen = smallest_within(settings, _LONGEST_COLD_MS, peak["mb"] * _SPARE_MEMORY)
    return {
        "prices": _listed(prices),
        "workload": asdict(workload),
        "function": {
            **asdict(work),
            "peak_memory": peak,
            "runs": function.runs,
            "init_source": function.init_source,
        },
        "log": {
            **asdict(log),
            "billed_bytes_per_run": round(log.billed_bytes(0), 1),
            "billed_bytes_per_run_without_platform_lines": round(
                LogWritten(log.application_bytes, (), ()).billed_bytes(0), 1
            ),
        },
        "watching": asdict(watching),
        "designs": list(_designs(prices, workload, timing(work, default_mb), log, watching)),
        "memory": [_memory_row(prices, workload, setting) for setting in settings],
        "memory_default_mb": default_mb,
        "memory_chosen_mb": None if chosen is None else chosen.memory_mb,
        "memory_longest_cold_ms": _LONGEST_COLD_MS,
        "memory_spare": _SPARE_MEMORY,
        "page_seconds": _PAGE_SECONDS,
    }


def assumed_workload() -> Workload:
    """Return what is submitted: the specification's example, kept as Terraform has it kept."""
    data = next(EXAMPLE.glob("*.json"))
    return Workload(
        code_bytes=_CODE_BYTES,
        data_bytes=data.stat().st_size,
        kept_days=int(terraform_default("log_retention_days")),
        repeated_share=_REPEATED_SHARE,
        idle_minutes=_IDLE_MINUTES,
        burst_cold_share=_BURST_COLD_SHARE,
        polling_receivers=1,
        receive_wait_seconds=20,
    )


def watched() -> Watching:
    """Count what the configuration and the function have CloudWatch keep."""
    observability = TERRAFORM / "modules" / "observability"
    resources = list(read_resources(observability))
    alarms = (each.body for each in resources if each.type == "aws_cloudwatch_metric_alarm")
    # Announced, Failed, Ignored, and Ignored by each reason.
    own = 3 + len(IgnoredKey) + len(NotAnUpload)
    return Watching(
        own_metrics=own,
        request_metrics=_REQUEST_METRICS,
        alarm_metrics=sum(_metrics_of(alarm) for alarm in alarms),
        dashboards=sum(each.type == "aws_cloudwatch_dashboard" for each in resources),
    )


def _metrics_of(alarm: Block) -> int:
    """Count an alarm's metrics: its own, or those that its expression is made of."""
    if "metric_name" in alarm.arguments:
        return 1
    queries = (block for name, block in alarm.blocks if name == "metric_query")
    return sum(name == "metric" for query in queries for name, _ in query.blocks)


def peak_memory_mb(record: Record | None) -> dict[str, Any]:
    """Return the function's peak memory, as measured for the footprint, or else assumed.

    Args:
        record: of the measurement `footprint`; None if there is none.
    """
    samples = [] if record is None else record.data.get("peak_kib", {}).get("intake", [])
    if not samples:
        return {"mb": _PEAK_MEMORY_MB, "is_measured": False}
    return {"mb": round(statistics.median(samples) / 1024, 1), "is_measured": True}


def _listed(prices: PriceList) -> dict[str, Any]:
    return {
        "region": prices.region,
        "as_of": prices.as_of,
        "prices": [{"item": item, **asdict(price)} for item, price in prices.prices.items()],
    }


def _designs(
    prices: PriceList, workload: Workload, at: Timing, log: LogWritten, watching: Watching
) -> Iterator[dict[str, Any]]:
    quiet = LogWritten(log.application_bytes, (), ())
    for volume in VOLUMES:
        stack = list(stack_lines(workload, volume, at, log, watching))
        silent = list(stack_lines(workload, volume, at, quiet, watching))
        common = list(common_lines(workload, volume))
        yield _design(prices, "this stack", volume, [*common, *stack])
        with_key = [*common, *stack, *key_lines(volume)]
        yield _design(prices, "this stack, with a key of its own", volume, with_key)
        yield _design(
            prices, "this stack, without Lambda's own log lines", volume, [*common, *silent]
        )
        direct = [*common, *direct_lines(workload, volume)]
        yield _design(prices, "direct notification", volume, direct)
        for interval in POLLING_INTERVALS_SECONDS:
            found = polling(workload, volume, interval, _PAGE_SECONDS)
            lines = [*common, *polling_lines(found)]
            extra = {"polling": {"interval_seconds": interval, **asdict(found)}}
            yield _design(prices, f"polling every {interval} s", volume, lines) | extra


def _design(prices: PriceList, name: str, volume: int, lines: Iterable[Line]) -> dict[str, Any]:
    found = list(lines)
    varying = [line for line in found if not line.is_fixed]
    fixed = [line for line in found if line.is_fixed]
    return {
        "design": name,
        "submissions_per_month": volume,
        "dollars_per_million": _rounded(by_part(prices, varying), MILLION / volume),
        "fixed_dollars_per_month": _rounded(by_part(prices, fixed)),
        "dollars_per_month": round(dollars(prices, found), 4),
    }


def _rounded(parts: Mapping[Part, float], factor: float = 1) -> dict[str, float]:
    return {part: round(amount * factor, 4) for part, amount in parts.items()}


def _memory_row(prices: PriceList, workload: Workload, at: Timing) -> dict[str, Any]:
    costs = {}
    for volume in VOLUMES:
        cold = cold_share(volume, workload.idle_minutes, workload.burst_cold_share)
        costs[str(volume)] = round(function_dollars(prices, at, cold, MILLION), 4)
    return {**asdict(at), "function_dollars_per_million_by_volume": costs}
