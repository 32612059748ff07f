"""One execution environment of a Lambda function: successive runtime processes and their logs.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html

Like Lambda, it runs an init phase and then one invocation at a time in the same process, and
replaces the process after a failed init phase, a timeout or a crash. Unlike Lambda, it does not
repeat a failed init phase for the first invocation, which gets the first one's error, and does not
freeze the process between invocations.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from localstack_process_executor.loader import loader_environment
from localstack_process_executor.platform_log import (
    Failure,
    LogFormat,
    PlatformLog,
    Status,
    exit_failure,
    timeout_failure,
)
from localstack_process_executor.runtime_process import RuntimeProcess

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localstack_process_executor.runtime_api import Invocation, Outcome

INIT_TIMEOUT_SECONDS = 10.0
"""AWS's limit of the init phase; a longer one starts again within the first invocation."""

_EXIT_GRACE_SECONDS = 2.0
"""The time for a runtime that posted an init error to exit, with its last output."""


class EnvironmentStoppedError(Exception):
    """The execution environment was stopped before or during the invocation."""


class FunctionProcessError(Exception):
    """The function's process cannot be started on this machine."""


@dataclass(frozen=True, slots=True)
class FunctionConfiguration:
    """What one environment runs, and how."""

    python: Path  # has awslambdaric
    code_folder: Path
    handler: str  # module.function
    environment: Mapping[str, str]  # from the service, and the function's own
    timeout_seconds: float
    memory_megabytes: int  # for the report; not enforced
    log_format: LogFormat = LogFormat.TEXT
    function_name: str = "function"
    function_version: str = "$LATEST"
    initialization_type: str = "on-demand"


class InvocationOutcome(NamedTuple):
    """The outcome of an invocation."""

    request_id: str
    payload: bytes  # the response, or the error as AWS reports it: JSON in UTF-8
    is_error: bool
    logs: str  # with the platform's lines


class FunctionProcess:
    """One execution environment.

    One thread at a time calls `start` and `invoke`; any thread may call `stop`, again and again.
    """

    def __init__(self, configuration: FunctionConfiguration) -> None:
        self._configuration = configuration
        self._platform = PlatformLog(
            configuration.log_format,
            configuration.function_name,
            configuration.function_version,
            configuration.initialization_type,
            configuration.memory_megabytes,
        )
        self._running = threading.Lock()  # held while the process is used
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
        return self._process.pid if self._process else None

    @property
    def pending_logs(self) -> str:
        """The lines that wait for an invocation to carry them."""
        return "".join(self._log)

    def start(self) -> None:
        """Run the init phase. The next invocation returns its error and its output.

        Raises:
            FunctionProcessError: The process cannot be started.
            EnvironmentStoppedError: The environment was stopped meanwhile.
        """
        with self._running:
            began = time.monotonic()
            failure = self._initialize(began + INIT_TIMEOUT_SECONDS)
            if failure is None:
                self._init_seconds = time.monotonic() - began
            elif failure.status is Status.ERROR:
                self._init_failure = failure

    def invoke(self, invocation: Invocation) -> InvocationOutcome:
        """Run one invocation, in a fresh process if there is none that can run it.

        Raises:
            FunctionProcessError: A fresh process cannot be started.
            EnvironmentStoppedError: The environment was stopped before or during the invocation.
        """
        with self._running:
            self._raise_if_stopping()
            began = time.monotonic()
            outcome = self._run(invocation, began + self._configuration.timeout_seconds)
            seconds = time.monotonic() - began
            failure = outcome if isinstance(outcome, Failure) else None
            init_seconds, self._init_seconds = self._init_seconds, None
            self._log.append(
                self._platform.report(
                    invocation.request_id, seconds, init_seconds, self._used_megabytes, failure
                )
            )
            logs = self.pending_logs
            self._log.clear()
        payload = (
            outcome.payload(invocation.request_id) if isinstance(outcome, Failure) else outcome
        )
        return InvocationOutcome(invocation.request_id, payload, failure is not None, logs)

    def stop(self) -> None:
        """End the process and an invocation that runs in it, and free all resources."""
        self._stopping.set()
        process = self._process
        if process is not None:
            process.interrupt()
        with self._running:
            self._end_process()
            if self._temporary_folder is not None:
                shutil.rmtree(self._temporary_folder, ignore_errors=True)
                self._temporary_folder = None

    def _run(self, invocation: Invocation, deadline: float) -> Outcome:
        epoch_deadline = int((time.time() + deadline - time.monotonic()) * 1000)
        failure, self._init_failure = self._init_failure, None
        while failure is None:
            if self._process is None or self._process.exited:
                failure = self._initialize(deadline)
            else:
                outcome = self._run_in(self._process, invocation, epoch_deadline, deadline)
                if outcome is not None:
                    return outcome
        self._log.append(self._platform.start(invocation.request_id))
        return failure

    def _run_in(
        self, process: RuntimeProcess, invocation: Invocation, epoch_deadline: int, deadline: float
    ) -> Outcome | None:
        """Run the invocation in this process; return None if the process ended before it."""
        # Output since the invocation before belongs to neither.
        self._log.append(process.take_output())
        start_line = len(self._log)
        self._log.append(self._platform.start(invocation.request_id))
        api = process.api
        api.offer(invocation, epoch_deadline)
        is_in_time = process.wait(
            lambda: api.outcome is not None or self._stopping.is_set(), deadline
        )
        if api.outcome is not None:
            self._log.append(process.take_output())
            self._used_megabytes = process.used_megabytes()
            return api.outcome
        return_code = self._end_process()
        self._raise_if_stopping()
        if not is_in_time:
            return timeout_failure(self._configuration.timeout_seconds)
        if api.delivered:
            return exit_failure(return_code)
        del self._log[start_line]
        return None

    def _initialize(self, deadline: float) -> Failure | None:
        """Replace the process and run the init phase; return why it failed, if it did."""
        self._raise_if_stopping()
        self._end_process()
        began = time.monotonic()
        self._log.append(self._platform.init_start())
        process = self._process = self._spawn()
        api = process.api
        is_in_time = process.wait(
            lambda: api.runtime_ready or api.init_error is not None or self._stopping.is_set(),
            deadline,
        )
        if api.runtime_ready:
            self._log.append(process.take_output())
            return None
        posted = api.init_error
        if posted is not None:
            # The runtime exits after it posted, and writes until then.
            process.wait(self._stopping.is_set, time.monotonic() + _EXIT_GRACE_SECONDS)
        return_code = self._end_process()
        self._raise_if_stopping()
        if posted is not None:
            failure = Failure(Status.ERROR, _posted_error_type(posted), posted=posted)
        elif is_in_time:
            failure = exit_failure(return_code)
        else:
            failure = timeout_failure(self._configuration.timeout_seconds)
        self._log.append(self._platform.init_failed(time.monotonic() - began, failure))
        return failure

    def _spawn(self) -> RuntimeProcess:
        configuration = self._configuration
        if self._temporary_folder is None:
            self._temporary_folder = Path(tempfile.mkdtemp(prefix="lambda-environment-"))
        try:
            return RuntimeProcess(
                configuration.python,
                configuration.handler,
                configuration.code_folder,
                process_environment(configuration, self._temporary_folder),
            )
        except OSError as error:
            raise FunctionProcessError(
                f"The process of {configuration.function_name} could not be started with "
                f"{configuration.python} in {configuration.code_folder}: {error}. Check that both "
                "exist, and the limits on processes and open files."
            ) from error

    def _end_process(self) -> int:
        """End the process, if any, keep its last output, and return its exit status."""
        process, self._process = self._process, None
        if process is None:
            return 0
        return_code, output = process.end()
        self._log.append(output)
        self._used_megabytes = process.used_megabytes()
        return return_code

    def _raise_if_stopping(self) -> None:
        if self._stopping.is_set():
            raise EnvironmentStoppedError(
                f"The execution environment of {self._configuration.function_name} was stopped "
                "before the invocation ended; invoke the function again."
            )


def process_environment(
    configuration: FunctionConfiguration, temporary_folder: Path
) -> dict[str, str]:
    """Return the environment of the function's process, as Lambda's is.

    It has nothing of this process's environment but the settings of the dynamic loader.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html

    Args:
        configuration: With the variables of the service and the function.
        temporary_folder: Stands for Lambda's /tmp.
    """
    code_folder = str(configuration.code_folder)
    given = configuration.environment
    return {
        "PATH": f"{configuration.python.parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(temporary_folder),
        "TMPDIR": str(temporary_folder),
        "LANG": "en_US.UTF-8",
        **loader_environment(),
        **given,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "LAMBDA_TASK_ROOT": code_folder,
        "PYTHONPATH": os.pathsep.join(filter(None, [code_folder, given.get("PYTHONPATH")])),
        "_HANDLER": configuration.handler,
    }


def _posted_error_type(posted: bytes) -> str:
    with suppress(ValueError, LookupError, TypeError):
        return str(json.loads(posted)["errorType"])
    return "Runtime.Unknown"
