"""Warm path: processor time for a record, without the SDK's call and the network.

Uses pyperf, and is pyperf's worker too: ``python -m performance.warm_path CASE`` measures one case
in a separate process.
"""

import argparse
import importlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import pyperf

from emulation.project import LAMBDA_PYTHON
from performance.function_process import EVENT, sqs_answer
from performance.summary import ratio, summarize

RECORDS = 10
"""Records of one event: as many as one call to SQS takes."""
_ROUNDS = 6
"""Processes for each case."""
_VALUES = 5
_LOOPS = 500
_QUICK_LOOPS = 10
_RUNTIME = LAMBDA_PYTHON.parent.parent / "lib" / "python3.13" / "site-packages"
_QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/000000000000/queue"


class Case(StrEnum):
    """A function and a kind of key."""

    INTAKE = "intake"
    INTAKE_SILENT = "intake_silent"
    """Without log lines and metrics."""
    INTAKE_IGNORED = "intake_ignored"
    TUTORIAL = "tutorial"


def measure(*, quick: bool) -> dict[str, Any]:
    """Measure the cases in turns; return microseconds for a record, by case."""
    cases = list(Case)
    samples: dict[str, list[float]] = {case: [] for case in cases}
    for number in range(1 if quick else _ROUNDS):
        for case in cases if number % 2 else cases[::-1]:
            samples[case] += _take(case, _QUICK_LOOPS if quick else _LOOPS)
    return {
        "perf_version": pyperf.__version__,
        "records_per_event": RECORDS,
        "record_us": {case: summarize(values) for case, values in samples.items()},
        "to_tutorial": ratio(samples[Case.INTAKE], samples[Case.TUTORIAL]),
    }


def event_of(case: Case) -> dict[str, Any]:
    """Return a case's event: ten records of one kind of key."""
    [record] = json.loads(EVENT.read_text(encoding="utf-8"))["Records"]
    stored = record["s3"]["object"]
    if case is Case.INTAKE_IGNORED:
        stored["key"] = f"{stored['key'].rpartition('/')[0]}/roster.json"
    return {"Records": [record] * RECORDS}


def handler_of(case: Case) -> Callable[[object], object]:
    """Return a case's handler, with a client for SQS that answers at once."""
    os.environ |= {"AWS_DEFAULT_REGION": "us-east-1", "QUEUE_URL": _QUEUE_URL}
    os.environ["SUBMITTER_QUEUE_URL"] = _QUEUE_URL
    if case is not Case.INTAKE_SILENT:
        os.environ["SUBMITTER_STACK"] = "submitter"
    if case is Case.TUTORIAL:
        tutorial = importlib.import_module("performance.tutorial.lambda_function")
        vars(tutorial)["sqs"] = _Sqs()
        return lambda event: tutorial.lambda_handler(event, None)
    client = importlib.import_module("submission_intake.submitter_queue")
    vars(client)["sqs_client"] = _Sqs
    intake = importlib.import_module("submission_intake.handler")
    return lambda event: intake.lambda_handler(event, None)


class _Sqs:
    """Accepts all messages at once."""

    def send_message(self, **request: object) -> dict[str, object]:
        return sqs_answer(request)

    def send_message_batch(self, **request: object) -> dict[str, object]:
        return sqs_answer(request)


def _take(case: Case, loops: int) -> list[float]:
    """Run one process of pyperf; return its values, in microseconds for a record."""
    with tempfile.TemporaryDirectory(prefix="performance-") as folder:
        file = Path(folder) / "benchmark.json"
        subprocess.run(
            [
                *(sys.executable, "-m", "performance.warm_path", case, "--quiet"),
                # A fixed number of loops, because pyperf would need another process to find one.
                *("--processes", "1", "--values", str(_VALUES), "--loops", str(loops)),
                *("--inherit-environ", "PYTHONPATH,PYTHONDONTWRITEBYTECODE", "--output", file),
            ],
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return [value * 1e6 for value in pyperf.Benchmark.load(str(file)).get_values()]


@contextmanager
def _logging_as_lambda(*, silent: bool) -> Iterator[None]:
    """Log to /dev/null with the handler, formatter and frames of AWS's runtime client."""
    sys.path.append(str(_RUNTIME))
    bootstrap = importlib.import_module("awslambdaric.bootstrap")
    log_utils = importlib.import_module("awslambdaric.lambda_runtime_log_utils")
    stdout = sys.stdout
    with (
        open(os.devnull, "w", encoding="utf-8") as nothing,  # noqa: PTH123 - a device
        bootstrap.FramedTelemetryLogSink(os.open(os.devnull, os.O_WRONLY)) as sink,
    ):
        level = "CRITICAL" if silent else "INFO"
        bootstrap._setup_logging(log_utils.LogFormat.JSON, level, sink)  # noqa: SLF001 - no other way
        sys.stdout = bootstrap.Unbuffered(nothing)
        try:
            yield
        finally:
            sys.stdout = stdout
            # Else the next call would log each line twice.
            logging.getLogger().handlers.clear()


def _time(loops: int, case: Case) -> float:
    """Return the processor time of ``loops`` events, in seconds."""
    event, handle = event_of(case), handler_of(case)
    with _logging_as_lambda(silent=case is Case.INTAKE_SILENT):
        began = time.process_time()
        for _ in range(loops):
            handle(event)
        return time.process_time() - began


def _forward(command: list[str], arguments: argparse.Namespace) -> None:
    command.append(arguments.case)


def main() -> None:
    """Measure the case that the command line names."""
    runner = pyperf.Runner(
        program_args=("-m", "performance.warm_path"), add_cmdline_args=cast("Any", _forward)
    )
    runner.argparser.add_argument("case", type=Case, choices=list(Case))
    case = runner.parse_args().case
    runner.bench_time_func(str(case), _time, case, inner_loops=RECORDS)


if __name__ == "__main__":
    main()
