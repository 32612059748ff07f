"""What the intake function needs for a run: measured where it can be, and else assumed."""

import json
import os
import statistics
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embedded_aws.project import LAMBDA_PYTHON, ROOT, SCRIPTS
from performance.cost_model.bill import LogWritten
from performance.cost_model.function import FunctionWork
from performance.record import Record, load

_WAIT_MS = 10
"""Assumed, of SendMessageBatch from within the region, on a connection that is there."""
_FIRST_RUN_WAIT_MS = 15
"""Assumed: name, TCP and TLS, before the first request."""
_TRANSPORT_CPU_MS = 1.0
"""Assumed, of one request's way through TLS and the socket, which the measurement leaves out."""
_FIRST_RUN_CPU_MS = 20.0
"""Assumed: reading the certificates, and the TLS handshake."""
_FUNCTION_STARTS = 7
_FUNCTION_RUNS = 300
_REQUEST_ID = "79b4f56e-95b1-4643-9700-2807f4e68189"


@dataclass(frozen=True, slots=True)
class MeasuredFunction:
    """The function, as far as the models need to know it."""

    work: FunctionWork
    log: LogWritten
    runs: int
    """How many runs the CPU time of a run is the median of."""
    init_source: str
    """Where the CPU time of the init phase is from."""


def measure_function() -> MeasuredFunction:
    """Run the function's code, and add what can't be measured without AWS."""
    run = run_function()
    recorded = recorded_cold_start_ms(load("cold_start"))
    work = FunctionWork(
        init_cpu_ms=run["init_cpu_ms"] if recorded is None else recorded,
        # The record is of all up to the first message, which has the first run in it.
        first_run_cpu_ms=_FIRST_RUN_CPU_MS if recorded is None else 0,
        run_cpu_ms=run["run_cpu_ms"] + _TRANSPORT_CPU_MS,
        wait_ms=_WAIT_MS,
        first_run_wait_ms=_FIRST_RUN_WAIT_MS,
    )
    return MeasuredFunction(
        work,
        LogWritten(tuple(run["line_bytes"]), *_platform_lines()),
        _FUNCTION_RUNS,
        "measured here" if recorded is None else "the median of what is under Cold start",
    )


def recorded_cold_start_ms(record: Record | None) -> float | None:
    """Return the median CPU time of a cold start, as it was measured for the record of them.

    Args:
        record: of the measurement `cold_start`; None if there is none.

    Returns:
        Milliseconds up to the first message, which are somewhat more than the init phase's; None
        if the record does not tell.
    """
    intake = {} if record is None else record.data.get("starts", {}).get("intake", {})
    samples = intake.get("cpu_ms")
    return statistics.median(samples) if samples else None


def run_function() -> dict[str, Any]:
    """Run the function in its own environment, some times, and return what it used and wrote."""
    started = [_start_function() for _ in range(_FUNCTION_STARTS)]
    medians = {
        name: statistics.median(each[name] for each in started)
        for name in ("init_cpu_ms", "run_cpu_ms")
    }
    return started[0] | medians


def _start_function() -> dict[str, Any]:
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
