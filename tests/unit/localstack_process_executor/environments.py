"""Makes execution environments, with real processes and with scripted ones."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import threading
import time
from pathlib import Path
from types import SimpleNamespace
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


def configuration(
    folder: Path,
    code: str = "",
    *,
    timeout_seconds: float = DEADLINE_SECONDS,
    environment: Mapping[str, str] | None = None,
    log_format: LogFormat = LogFormat.TEXT,
) -> FunctionConfiguration:
    """Writes the code into the folder and describes the environment that runs it."""
    (folder / "code_under_test.py").write_text(code, encoding="utf-8")
    given = dict(environment or {})
    if log_format is LogFormat.JSON:
        given["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
    return FunctionConfiguration(
        python=LAMBDA_PYTHON,
        code_folder=folder,
        handler="code_under_test.handler",
        environment=given,
        timeout_seconds=timeout_seconds,
        memory_megabytes=128,
        log_format=log_format,
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
    """Invokes the function with an event and a new id."""
    return function.invoke(Invocation(f"id-{next(_ids)}", json.dumps(event).encode(), ARN))


def value(outcome: InvocationOutcome) -> Any:  # noqa: ANN401 - whatever the handler returned
    """Gives what the handler returned."""
    assert not outcome.is_error, outcome
    return json.loads(outcome.payload)


def error(outcome: InvocationOutcome) -> dict[str, Any]:
    """Gives the error of an invocation."""
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
    """Waits for something that can only be polled."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"still waiting after {DEADLINE_SECONDS} s: {what}"
        time.sleep(0.01)


class ScriptedProcess:
    """Stands for a runtime process: each wait does the next step, and nothing takes time.

    A step sets attributes of the Runtime API; `output` writes to the log, `exit` ends the process
    with a return code, `hang` lets the deadline pass, and `stop` waits for an interruption.
    """

    def __init__(self, *steps: dict[str, Any]) -> None:
        self.api = SimpleNamespace(
            runtime_ready=False, init_error=None, outcome=None, delivered=False, offer=self._offer
        )
        self.pid = 1
        self.exited = False
        self.is_ended = False
        self.interrupted = threading.Event()
        self.offered: list[tuple[Invocation, int]] = []
        self.deadlines: list[float] = []
        self.output = ""
        self._steps = list(steps)
        self._return_code = -9

    def wait(self, _until: object, deadline: float) -> bool:
        self.deadlines.append(deadline)
        step = self._steps.pop(0)
        self.output += step.pop("output", "")
        self.exited = "exit" in step
        self._return_code = step.pop("exit", self._return_code)
        hangs = step.pop("hang", False)
        if step.pop("stop", False):
            assert self.interrupted.wait(5)
        vars(self.api).update(step)
        return not hangs

    def take_output(self) -> str:
        taken, self.output = self.output, ""
        return taken

    def used_megabytes(self) -> int:
        return 42

    def interrupt(self) -> None:
        self.interrupted.set()

    def end(self) -> tuple[int, str]:
        assert not self.is_ended
        self.is_ended = True
        return self._return_code, self.take_output()

    def _offer(self, invocation: Invocation, deadline: int) -> None:
        self.api.outcome, self.api.delivered = None, False
        self.offered.append((invocation, deadline))
