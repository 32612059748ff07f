"""One benchmark of pyperf: the processor's time that a warm function takes for a record.

Run as ``python -m performance.function_runs.warm_path_worker CASE``, with pyperf's own options.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import sys
import time
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

import pyperf

from embedded_aws.project import ROOT
from submission_intake.submitter_queue import SubmitterQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORDS = 10
"""Of one event: as many as one call to SQS takes."""

_EVENT = ROOT / "tests" / "events" / "put.json"
_RUNTIME = ROOT / ".venv-lambda" / "lib" / "python3.13" / "site-packages"
_LOGGER = logging.getLogger("submission_intake.intake")
_FIELDS = {
    "outcome": "announced",
    "subid": "fc55c0190dde2bc413d8d1e79fb8cca2",
    "key": (
        "submissions/m.soltys/aws_labs/lab5_containers/fc55c0190dde2bc413d8d1e79fb8cca2/"
        "fc55c0190dde2bc413d8d1e79fb8cca2.json"
    ),
    "versionId": "Xq2b7vLr0mGyT5cE_sNw1aJdHk8uZf4P",
    "messageId": "00000000-0000-0000-0000-000000000000",
}
_URL = "https://sqs.us-east-1.amazonaws.com/000000000000/queue"


class Case(StrEnum):
    """What is measured: a side, a kind of key, and whether the side tells what it did."""

    INTAKE_VALID = "intake_valid"
    INTAKE_IGNORED = "intake_ignored"
    INTAKE_VALID_SILENT = "intake_valid_silent"
    INTAKE_IGNORED_SILENT = "intake_ignored_silent"
    TUTORIAL_VALID = "tutorial_valid"
    TUTORIAL_IGNORED = "tutorial_ignored"
    LOG_LINE = "log_line"
    """One plain line of the standard library's for a record, as long as an announcement's."""


class _Sqs:
    """Takes everything at once: what is measured is all but the SDK and the network."""

    def send_message(self, **_request: object) -> dict[str, object]:
        return {"MessageId": "00000000-0000-0000-0000-000000000000"}

    def send_message_batch(self, **request: Any) -> dict[str, object]:  # noqa: ANN401 - as the SDK's
        return {
            "Successful": [
                {"Id": entry["Id"], "MessageId": "00000000-0000-0000-0000-000000000000"}
                for entry in request["Entries"]
            ]
        }


def event_of(case: Case) -> dict[str, Any]:
    """Return the event that a case is measured with: ten records of one kind of key."""
    [record] = json.loads(_EVENT.read_text(encoding="utf-8"))["Records"]
    stored = record["s3"]["object"]
    if "ignored" in case:
        stored["key"] = f"{stored['key'].rpartition('/')[0]}/roster.json"
    return {"Records": [record] * RECORDS}


def handler_of(case: Case) -> Callable[[object], object]:
    """Return what handles a case's event."""
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    if case.startswith("tutorial"):
        os.environ["QUEUE_URL"] = _URL
        tutorial = importlib.import_module("performance.function_runs.tutorial.lambda_function")
        vars(tutorial)["sqs"] = _Sqs()
        return lambda event: tutorial.lambda_handler(event, None)
    if case is Case.LOG_LINE:
        return lambda _event: _log_lines()
    os.environ["SUBMITTER_QUEUE_URL"] = _URL
    intake = importlib.import_module("submission_intake.handler")
    vars(intake)["_QUEUE"] = SubmitterQueue(cast("Any", _Sqs()), _URL)
    vars(intake)["_STACK"] = None if case.endswith("silent") else "submitter"
    return lambda event: intake.lambda_handler(event, None)


def _log_lines() -> None:
    for _ in range(RECORDS):
        _LOGGER.info("announced", extra=_FIELDS)


@contextmanager
def logging_as_lambda(*, silent: bool) -> Iterator[None]:
    """Log as AWS's runtime client does for the log format JSON, but into nothing.

    Its handler, formatter, filter and frames, with one write for a line; the same for what is
    written to standard output.
    """
    sys.path.append(str(_RUNTIME))
    bootstrap = importlib.import_module("awslambdaric.bootstrap")
    log_utils = importlib.import_module("awslambdaric.lambda_runtime_log_utils")
    stdout, root = sys.stdout, logging.getLogger()
    with (
        open(os.devnull, "w", encoding="utf-8") as nothing,  # noqa: PTH123 - no path, a device
        bootstrap.FramedTelemetryLogSink(os.open(os.devnull, os.O_WRONLY)) as sink,
    ):
        level = "CRITICAL" if silent else "INFO"
        bootstrap._setup_logging(log_utils.LogFormat.JSON, level, sink)  # noqa: SLF001 - no other way
        sys.stdout = bootstrap.Unbuffered(nothing)
        try:
            yield
        finally:
            sys.stdout = stdout
            sys.path.remove(str(_RUNTIME))
            # One handler for each line, when this is called again.
            root.handlers.clear()


def _time(loops: int, case: Case) -> float:
    """Return the processor's time, in seconds, of this many events."""
    event, handle = event_of(case), handler_of(case)
    with logging_as_lambda(silent=case.endswith("silent")):
        began = time.process_time()
        for _ in range(loops):
            handle(event)
        return time.process_time() - began


def _forward(command: list[str], arguments: argparse.Namespace) -> None:
    command.append(arguments.case)


def main() -> None:
    """Run the benchmark that the command line names."""
    runner = pyperf.Runner(
        program_args=("-m", "performance.function_runs.warm_path_worker"), add_cmdline_args=_forward
    )
    runner.argparser.add_argument("case", type=Case, choices=list(Case))
    case = runner.parse_args().case
    runner.bench_time_func(str(case), _time, case, inner_loops=RECORDS)


if __name__ == "__main__":
    main()
