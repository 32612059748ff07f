"""Makes execution environments out of a few lines of handler code."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localstack_process_executor.function_process import (
    FunctionConfiguration,
    FunctionProcess,
    InvocationOutcome,
)
from localstack_process_executor.platform_log import LogFormat
from localstack_process_executor.runtime_api import Invocation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[3]
LAMBDA_PYTHON = ROOT / ".venv-lambda" / "bin" / "python"
DEADLINE_SECONDS = 30.0
ARN = "arn:aws:lambda:us-east-1:000000000000:function:tried"

_ids = itertools.count(1)


def configuration(  # noqa: PLR0913 - each one is a setting some test needs, all are keywords
    folder: Path,
    code: str,
    *,
    handler: str = "code_under_test.handler",
    timeout_seconds: float = DEADLINE_SECONDS,
    init_timeout_seconds: float = DEADLINE_SECONDS,
    environment: Mapping[str, str] | None = None,
    log_format: LogFormat = LogFormat.TEXT,
    max_log_bytes: int = 8 * 1024 * 1024,
) -> FunctionConfiguration:
    """Writes the code into the folder and describes the environment that runs it."""
    (folder / "code_under_test.py").write_text(code, encoding="utf-8")
    given = dict(environment or {})
    if log_format is LogFormat.JSON:
        given["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
    return FunctionConfiguration(
        python=LAMBDA_PYTHON,
        code_folder=folder,
        handler=handler,
        environment=given,
        timeout_seconds=timeout_seconds,
        memory_megabytes=128,
        log_format=log_format,
        init_timeout_seconds=init_timeout_seconds,
        max_log_bytes=max_log_bytes,
    )


@contextlib.contextmanager
def started(settings: FunctionConfiguration) -> Iterator[FunctionProcess]:
    """Starts an environment and stops it in the end."""
    function = FunctionProcess(settings)
    try:
        function.start()
        yield function
    finally:
        function.stop()


def invoke(function: FunctionProcess, event: object = None) -> InvocationOutcome:
    """Invokes the function with an event and an id of its own."""
    return function.invoke(Invocation(f"id-{next(_ids)}", json.dumps(event).encode(), ARN))


def value(outcome: InvocationOutcome) -> Any:  # noqa: ANN401 - whatever the handler returned
    """Gives what the handler returned."""
    assert not outcome.is_error, outcome
    return json.loads(outcome.payload)


def error(outcome: InvocationOutcome) -> dict[str, Any]:
    """Gives the error the invocation came to."""
    assert outcome.is_error, outcome
    parsed = json.loads(outcome.payload)
    assert isinstance(parsed, dict)
    return parsed


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def until(holds: Callable[[], bool], what: str) -> None:
    """Waits for something that shows itself in no other way than by looking."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"still waiting after {DEADLINE_SECONDS} s: {what}"
        time.sleep(0.01)
