"""One execution environment of a Lambda function: successive runtime processes and their logs.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html

Like Lambda, it runs an init phase and then one invocation at a time in the same process, and
replaces the process after a failed init phase, a timeout or a crash. Unlike Lambda, it does not run
a failed init phase a second time for the first invocation, which gets the first one's error, and
does not freeze the process between invocations.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localstack_process_executor.loader import loader_environment
from localstack_process_executor.platform_log import (
    Failure,
    LogFormat,
    PlatformLog,
    Report,
    Status,
    exit_failure,
    timeout_failure,
)
from localstack_process_executor.runtime_api import Invocation, Outcome, OutcomeKind
from localstack_process_executor.runtime_process import MAX_LOG_BYTES, RuntimeProcess, Wait

if TYPE_CHECKING:
    from collections.abc import Mapping

INIT_TIMEOUT_SECONDS = 10.0
"""AWS's limit of the init phase; a longer one starts over within the first invocation."""

_EXIT_GRACE_SECONDS = 2.0
"""How long a runtime that posted an init error may take to exit, for its last output."""


class EnvironmentStoppedError(Exception):
    """The execution environment was stopped before or during the invocation."""


class FunctionProcessError(Exception):
    """The function's process cannot be run on this machine as it was set up."""


@dataclass(frozen=True, slots=True)
class FunctionConfiguration:
    """What one environment runs, and how.

    Attributes:
        python: The Python that has awslambdaric.
        code_folder: The unzipped code.
        handler: The function's handler, `module.function`.
        environment: The variables the service gives, and the function's own.
        timeout_seconds: The function's timeout.
        memory_megabytes: The function's memory size, for the report; it is not enforced.
        log_format: How the platform's lines are written.
        function_name: For the platform's lines.
        function_version: `$LATEST` or a number.
        initialization_type: `on-demand` or `provisioned-concurrency`.
        init_timeout_seconds: The limit of the init phase.
        max_log_bytes: How much output is kept in memory until an invocation ends, in bytes.
    """

    python: Path
    code_folder: Path
    handler: str
    environment: Mapping[str, str]
    timeout_seconds: float
    memory_megabytes: int
    log_format: LogFormat = LogFormat.TEXT
    function_name: str = "function"
    function_version: str = "$LATEST"
    initialization_type: str = "on-demand"
    init_timeout_seconds: float = INIT_TIMEOUT_SECONDS
    max_log_bytes: int = MAX_LOG_BYTES


@dataclass(frozen=True, slots=True)
class InvocationOutcome:
    """What an invocation came to.

    Attributes:
        request_id: The invocation's id.
        payload: The response, or the error as AWS reports it; JSON in UTF-8.
        is_error: Whether the payload is an error.
        logs: The log lines of the invocation, the platform's included.
    """

    request_id: str
    payload: bytes
    is_error: bool
    logs: str


class FunctionProcess:
    """One execution environment.

    `start` and `invoke` are called one after the other; `stop` may be called at any time, from any
    thread, and any number of times.
    """

    def __init__(self, configuration: FunctionConfiguration) -> None:
        self._configuration = configuration
        self._platform = PlatformLog(
            configuration.log_format,
            configuration.function_name,
            configuration.function_version,
            configuration.initialization_type,
        )
        self._running = threading.Lock()  # held by what uses the process
        self._owning = threading.Lock()  # held while `_process` changes, or is woken up
        self._stopping = threading.Event()
        self._process: RuntimeProcess | None = None
        self._temporary_folder: Path | None = None
        self._log: list[str] = []
        self._init_failure: Failure | None = None
        self._init_seconds: float | None = None
        self._used_megabytes = 0

    @property
    def pid(self) -> int | None:
        """The runtime process's id, if there is one."""
        process = self._process
        return process.pid if process else None

    @property
    def pending_logs(self) -> str:
        """What was logged and waits for an invocation to carry it."""
        return "".join(self._log)

    def start(self) -> None:
        """Runs the init phase.

        A function that fails in it does not make this raise: its error and its output come with
        the next invocation.

        Raises:
            FunctionProcessError: The process cannot be started; the message says what to check.
            EnvironmentStoppedError: The environment was stopped meanwhile.
        """
        with self._running:
            began = time.monotonic()
            failure = self._initialize(began + self._configuration.init_timeout_seconds)
            if failure is None:
                self._init_seconds = time.monotonic() - began
            elif failure.status is Status.ERROR:
                self._init_failure = failure

    def invoke(self, invocation: Invocation) -> InvocationOutcome:
        """Runs one invocation, in a fresh process if the last one is spent.

        Args:
            invocation: What to run.

        Returns:
            Its response or error, and its log.

        Raises:
            FunctionProcessError: A fresh process cannot be started.
            EnvironmentStoppedError: The environment was stopped before or during the invocation.
        """
        with self._running:
            self._raise_if_stopping()
            began = time.monotonic()
            result = self._run(invocation, began + self._configuration.timeout_seconds)
            return self._conclude(invocation.request_id, result, time.monotonic() - began)

    def stop(self) -> None:
        """Ends the process, and an invocation that runs in it, and gives back all resources."""
        self._stopping.set()
        with self._owning:
            if self._process is not None:
                self._process.interrupt()
        with self._running:
            self._end_process()
            if self._temporary_folder is not None:
                shutil.rmtree(self._temporary_folder, ignore_errors=True)
                self._temporary_folder = None

    def _run(self, invocation: Invocation, deadline: float) -> Outcome | Failure:
        epoch_deadline = int((time.time() + deadline - time.monotonic()) * 1000)
        failure, self._init_failure = self._init_failure, None
        while failure is None:
            process, failure = self._ready_process(deadline)
            if process is not None:
                result = self._run_in(process, invocation, epoch_deadline, deadline)
                if result is not None:
                    return result
        self._log.append(self._platform.start(invocation.request_id))
        return failure

    def _run_in(
        self,
        process: RuntimeProcess,
        invocation: Invocation,
        epoch_deadline: int,
        deadline: float,
    ) -> Outcome | Failure | None:
        """Runs the invocation in this process; returns None if it never got there."""
        # What was written since the invocation before is not this one's.
        self._log.append(process.take_output())
        start_line = len(self._log)
        self._log.append(self._platform.start(invocation.request_id))
        process.poll()  # a runtime that died while it waited must not be given the invocation
        process.api.offer(invocation, epoch_deadline)
        reason = process.wait(
            lambda: process.api.outcome is not None, deadline, self._stopping.is_set
        )
        if process.api.outcome is not None:
            self._log.append(process.take_output())
            self._used_megabytes = process.used_megabytes()
            return process.api.outcome
        delivered = process.api.delivered
        return_code = self._end_process()
        self._raise_if_stopping()
        if reason is Wait.TIMED_OUT:
            return timeout_failure(self._configuration.timeout_seconds)
        if delivered:
            return exit_failure(return_code)
        del self._log[start_line]  # it fell over after the invocation before, not in this one
        return None

    def _ready_process(self, deadline: float) -> tuple[RuntimeProcess | None, Failure | None]:
        if self._process is None or self._process.exited:
            failure = self._initialize(deadline)
            if failure is not None:
                return None, failure
        return self._process, None

    def _initialize(self, deadline: float) -> Failure | None:
        """Replaces the process and runs the init phase; returns why it failed, if it did."""
        self._raise_if_stopping()
        self._end_process()
        began = time.monotonic()
        self._log.append(self._platform.init_start())
        process = self._spawn()
        api = process.api
        reason = process.wait(
            lambda: api.runtime_ready or api.init_error is not None,
            deadline,
            self._stopping.is_set,
        )
        if api.runtime_ready:
            self._log.append(process.take_output())
            return None
        failure = self._end_failed_init(process, reason)
        self._raise_if_stopping()
        self._log.append(self._platform.init_failed(time.monotonic() - began, failure))
        return failure

    def _end_failed_init(self, process: RuntimeProcess, reason: Wait) -> Failure:
        posted = process.api.init_error
        if posted is not None:
            # The runtime exits by itself after it posted; its last output comes with that.
            grace_ends = time.monotonic() + _EXIT_GRACE_SECONDS
            process.wait(lambda: process.exited, grace_ends, self._stopping.is_set)
        return_code = self._end_process()
        if posted is not None:
            return Failure(Status.ERROR, _posted_error_type(posted), posted=posted)
        if reason is Wait.TIMED_OUT:
            return timeout_failure(self._configuration.timeout_seconds)
        return exit_failure(return_code)

    def _spawn(self) -> RuntimeProcess:
        configuration = self._configuration
        if self._temporary_folder is None:
            self._temporary_folder = Path(tempfile.mkdtemp(prefix="lambda-environment-"))
        try:
            process = RuntimeProcess(
                configuration.python,
                configuration.handler,
                configuration.code_folder,
                process_environment(configuration, self._temporary_folder),
                configuration.max_log_bytes,
            )
        except OSError as error:
            raise FunctionProcessError(
                f"The process of {configuration.function_name} could not be started with "
                f"{configuration.python} in {configuration.code_folder}: {error}. Check that both "
                "exist, and the limits on processes and open files."
            ) from error
        with self._owning:
            self._process = process
        return process

    def _end_process(self) -> int:
        """Ends the process, if any, keeps its last output, and returns how it ended."""
        with self._owning:
            process, self._process = self._process, None
            if process is None:
                return 0
            return_code = process.end()
        self._log.append(process.take_output())
        self._used_megabytes = process.used_megabytes()
        return return_code

    def _raise_if_stopping(self) -> None:
        if self._stopping.is_set():
            raise EnvironmentStoppedError(
                f"The execution environment of {self._configuration.function_name} was stopped "
                "before the invocation ended; invoke the function again."
            )

    def _conclude(
        self, request_id: str, result: Outcome | Failure, duration_seconds: float
    ) -> InvocationOutcome:
        failure = _failure(result)
        init_seconds, self._init_seconds = self._init_seconds, None
        self._log.append(
            self._platform.report(
                Report(
                    request_id=request_id,
                    duration_seconds=duration_seconds,
                    init_seconds=init_seconds,
                    memory_megabytes=self._configuration.memory_megabytes,
                    used_megabytes=self._used_megabytes,
                    failure=failure,
                )
            )
        )
        logs = "".join(self._log)
        self._log.clear()
        payload = result.payload if isinstance(result, Outcome) else result.payload(request_id)
        return InvocationOutcome(request_id, payload, failure is not None, logs)


def process_environment(
    configuration: FunctionConfiguration, temporary_folder: Path
) -> dict[str, str]:
    """Makes the environment of the function's process, as Lambda's is.

    Of this process's own there is only what the dynamic loader needs, if Python can't do without.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html

    Args:
        configuration: Whose `environment` holds the service's variables and the function's own.
        temporary_folder: The environment's stand-in for Lambda's own /tmp.

    Returns:
        The variables and their values, all strings.
    """
    code_folder = str(configuration.code_folder)
    given = {name: str(value) for name, value in configuration.environment.items()}
    python_path = os.pathsep.join(filter(None, [code_folder, given.get("PYTHONPATH")]))
    return {
        "PATH": f"{configuration.python.parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(temporary_folder),
        "TMPDIR": str(temporary_folder),
        "LANG": "en_US.UTF-8",
        **loader_environment(),
        **given,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "LAMBDA_TASK_ROOT": code_folder,
        "PYTHONPATH": python_path,
        "_HANDLER": configuration.handler,
    }


def _failure(result: Outcome | Failure) -> Failure | None:
    if isinstance(result, Failure):
        return result
    match result.kind:
        case OutcomeKind.RESPONSE:
            return None
        case OutcomeKind.ERROR:
            return Failure(Status.ERROR, "", posted=result.payload)
        case OutcomeKind.RESPONSE_TOO_LARGE:
            return Failure(Status.ERROR, _posted_error_type(result.payload), posted=result.payload)


def _posted_error_type(posted: bytes) -> str:
    with contextlib.suppress(ValueError):
        error = json.loads(posted)
        if isinstance(error, dict) and isinstance(error.get("errorType"), str):
            return str(error["errorType"])
    return "Runtime.Unknown"
