"""Fits `FunctionProcess` to what LocalStack's Lambda asks of a runtime executor."""

from __future__ import annotations

import functools
import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from localstack import config
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import (
    LambdaRuntimeException,
    RuntimeExecutor,
)

from localstack_process_executor.function_process import (
    EnvironmentStoppedError,
    FunctionConfiguration,
    FunctionProcess,
)
from localstack_process_executor.platform_log import LogFormat
from localstack_process_executor.runtime_api import Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localstack.services.lambda_.invocation.lambda_models import FunctionVersion

LOG = logging.getLogger(__name__)

PYTHON_VARIABLE = "PROCESS_EXECUTOR_PYTHON"
SUPPORTED_RUNTIME = "python3.13"

_LOOPBACK = "127.0.0.1"
_ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - compared with, not listened on


class ProcessRuntimeExecutor(RuntimeExecutor):  # type: ignore[misc]  # the base class is untyped
    """Runs one execution environment as a local process."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - LocalStack names it
        super().__init__(id=id, function_version=function_version)
        self._lock = threading.Lock()
        self._stopped = False
        self._function: FunctionProcess | None = None

    def start(self, env_vars: dict[str, object]) -> None:
        """Run the init phase; the first invocation returns the error of one that fails.

        Args:
            env_vars: The variables from LocalStack, some of them not strings.
        """
        environment = {name: str(value) for name, value in env_vars.items() if value is not None}
        with self._lock:
            if self._stopped:
                raise EnvironmentStoppedError(
                    f"The execution environment {self.id} was stopped before it started."
                )
            function = FunctionProcess(self._configuration(environment))
            self._function = function
        function.start()

    def stop(self) -> None:
        """End the process, and an invocation that runs in it."""
        with self._lock:
            self._stopped = True
            function = self._function
        if function is not None:
            function.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Run one invocation.

        Raises:
            LambdaRuntimeException: The environment was not started.
            EnvironmentStoppedError: The environment was stopped meanwhile; LocalStack answers with
                a server error.
        """
        if self._function is None:
            raise LambdaRuntimeException(
                f"The execution environment {self.id} was invoked before it was started."
            )
        outcome = self._function.invoke(
            Invocation(
                request_id=payload["invoke-id"],
                payload=payload["payload"].encode(),
                invoked_function_arn=payload["invoked-function-arn"],
                trace_id=payload.get("trace-id", ""),
            )
        )
        return InvocationResult(*outcome)

    def get_logs(self) -> str:
        """Return the lines that no invocation has carried yet."""
        return self._function.pending_logs if self._function is not None else ""

    def get_address(self) -> str:
        """Return the function's address, as LocalStack sees it."""
        return _LOOPBACK

    def get_endpoint_from_executor(self) -> str:
        """Return LocalStack's address, as the function sees it."""
        host = str(config.GATEWAY_LISTEN[0].host)
        return _LOOPBACK if host == _ANY_ADDRESS else host

    def get_runtime_endpoint(self) -> str:
        """Return the URL for a container's init process; nothing here calls it."""
        return f"http://{self.get_endpoint_from_executor()}:{config.GATEWAY_LISTEN[0].port}"

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unzip the code of a version, before it becomes active.

        Raises:
            LambdaRuntimeException: The executor cannot run the version. LocalStack shows the
                message as the reason of the version's state `Failed`.
        """
        reason = _unsupported(function_version)
        if reason is not None:
            raise LambdaRuntimeException(
                f"{function_version.qualified_arn} cannot run as a local process: {reason}"
            )
        function_python()
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Do nothing: LocalStack removes the code."""

    @classmethod
    def validate_environment(cls) -> bool:
        """Return whether functions can run; log why not."""
        try:
            function_python()
        except LambdaRuntimeException as error:
            LOG.error("%s", error)  # noqa: TRY400 - the message says it all, a traceback nothing
            return False
        return True

    def _configuration(self, environment: Mapping[str, str]) -> FunctionConfiguration:
        version = self.function_version
        is_json = environment.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == LogFormat.JSON.upper()
        return FunctionConfiguration(
            python=function_python(),
            code_folder=Path(version.config.code.get_unzipped_code_location()),
            handler=version.config.handler,
            environment=environment,
            timeout_seconds=float(version.config.timeout),
            memory_megabytes=int(version.config.memory_size),
            log_format=LogFormat.JSON if is_json else LogFormat.TEXT,
            function_name=version.id.function_name,
            function_version=version.id.qualifier,
            initialization_type=environment.get("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        )


@functools.cache
def function_python() -> Path:
    """Return the Python that runs the functions, from PROCESS_EXECUTOR_PYTHON.

    Raises:
        LambdaRuntimeException: The variable is unset, or names no executable file.
    """
    value = os.environ.get(PYTHON_VARIABLE)
    wanted = f"set it to the path of a {SUPPORTED_RUNTIME} that has awslambdaric installed"
    if not value:
        raise LambdaRuntimeException(f"{PYTHON_VARIABLE} is not set; {wanted}.")
    if not (os.path.isfile(value) and os.access(value, os.X_OK)):  # noqa: PTH113 - with os.access
        raise LambdaRuntimeException(
            f"{PYTHON_VARIABLE} names {value}, which is not an executable file; {wanted}."
        )
    return Path(value).absolute()


def _unsupported(function_version: FunctionVersion) -> str | None:
    settings = function_version.config
    if settings.package_type != "Zip" or settings.code is None:
        return f"its package type is {settings.package_type}; only Zip is supported."
    if settings.runtime != SUPPORTED_RUNTIME:
        return f"its runtime is {settings.runtime}; only {SUPPORTED_RUNTIME} is supported."
    if settings.layers:
        return "it has layers; put their content into the zip."
    if settings.capacity_provider_config:
        return "it has a capacity provider; only on-demand and provisioned concurrency are known."
    return None
