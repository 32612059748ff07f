"""Models what a month of submissions costs on AWS, and chooses the function's memory by it."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from embedded_aws.project import EXAMPLE, LAMBDA_PYTHON, ROOT, SCRIPTS, TERRAFORM
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
    FunctionWork,
    Timing,
    cold_share,
    function_dollars,
    smallest_within,
    timing,
)
from performance.cost_model.prices import PriceList, load_prices
from performance.record import load
from submission_intake.s3_event import NotAnUpload
from submission_intake.submission_key import IgnoredKey
from terraform_configuration import Block, read_modules, read_resources

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
_WAIT_MS = 10
"""Assumed, of SendMessageBatch from within the region, on a connection that is there."""
_FIRST_RUN_WAIT_MS = 15
"""Assumed: name, TCP and TLS, before the first request."""
_TRANSPORT_CPU_MS = 1.0
"""Assumed, of one request's way through TLS and the socket, which the measurement leaves out."""
_FIRST_RUN_CPU_MS = 20.0
"""Assumed: reading the certificates, and the TLS handshake."""
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
_FUNCTION_RUNS = 500
_REQUEST_ID = "79b4f56e-95b1-4643-9700-2807f4e68189"


def measure() -> Mapping[str, Any]:
    """Model the costs; the function's CPU time and its log's bytes are measured.

    Returns:
        Dollars by design, volume and part; timing and dollars by memory setting; every input.
    """
    prices = load_prices()
    run = _run_function()
    work = FunctionWork(
        init_cpu_ms=run["init_cpu_ms"],
        first_run_cpu_ms=_FIRST_RUN_CPU_MS,
        run_cpu_ms=run["run_cpu_ms"] + _TRANSPORT_CPU_MS,
        wait_ms=_WAIT_MS,
        first_run_wait_ms=_FIRST_RUN_WAIT_MS,
    )
    log = LogWritten(tuple(run["line_bytes"]), *_platform_lines())
    watching = watched()
    workload = assumed_workload()
    default_mb = int(terraform_default("function_memory_mb"))
    peak = peak_memory_mb()
    settings = [timing(work, memory) for memory in sorted({*MEMORY_SETTINGS_MB, default_mb})]
    chosen = smallest_within(settings, _LONGEST_COLD_MS, peak["mb"] * _SPARE_MEMORY)
    return {
        "prices": _listed(prices),
        "workload": asdict(workload),
        "function": {**asdict(work), "peak_memory": peak, "runs": _FUNCTION_RUNS},
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


def terraform_default(variable: str) -> str:
    """Return a variable's default, as the root module's configuration has it."""
    root = next(each for each in read_modules(TERRAFORM) if each.folder == TERRAFORM)
    return next(each.default for each in root.variables if each.name == variable)


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


def peak_memory_mb() -> dict[str, Any]:
    """Return the function's peak memory, as measured for the footprint, or else assumed."""
    record = load("footprint")
    measured = None if record is None else record.data.get("peak_memory_mb")
    is_measured = isinstance(measured, int | float)
    return {"mb": measured if is_measured else _PEAK_MEMORY_MB, "is_measured": is_measured}


def _run_function() -> dict[str, Any]:
    """Run the function in its own environment."""
    command = (
        str(LAMBDA_PYTHON),
        "-m",
        "performance.cost_model.function_run",
        str(_FUNCTION_RUNS),
    )
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join((str(SCRIPTS), str(ROOT / "lambda"))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    finished = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    result: dict[str, Any] = json.loads(finished.stdout)
    return result


def _platform_lines() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the bytes of Lambda's own lines, of each run and of each new environment.

    With the configuration's level, INFO, they are one for the start, one for the end, and one for
    a new environment.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
    """
    start = {"requestId": _REQUEST_ID, "version": "$LATEST"}
    metrics = {
        "durationMs": 12.345,
        "billedDurationMs": 13,
        "memorySizeMB": 256,
        "maxMemoryUsedMB": 80,
    }
    report = {"requestId": _REQUEST_ID, "metrics": metrics, "status": "success"}
    environment = {
        "initializationType": "on-demand",
        "phase": "init",
        "runtimeVersion": "python:3.13.v41",
        "runtimeVersionArn": f"arn:aws:lambda:us-east-1::runtime:{'0' * 64}",
        "functionName": "submitter-intake",
        "functionVersion": "$LATEST",
    }
    return (
        (_platform_line("platform.start", start), _platform_line("platform.report", report)),
        (_platform_line("platform.initStart", environment),),
    )


def _platform_line(kind: str, record: Mapping[str, object]) -> int:
    line = {"time": "2026-11-24T02:13:41.137Z", "type": kind, "record": record}
    return len(json.dumps(line, separators=(",", ":")).encode())


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
