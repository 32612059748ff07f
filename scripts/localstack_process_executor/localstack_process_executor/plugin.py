"""LocalStack finds the executor by this plug-in, as LAMBDA_RUNTIME_EXECUTOR=process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin

if TYPE_CHECKING:
    from localstack_process_executor.executor import ProcessRuntimeExecutor


class ProcessRuntimeExecutorPlugin(RuntimeExecutorPlugin):  # type: ignore[misc]  # base is untyped
    """Names the executor; LocalStack loads it with the first function."""

    name = "process"

    def load(self, *_args: object, **_kwargs: object) -> type[ProcessRuntimeExecutor]:
        """Import and return the class of an execution environment."""
        # plux reads every plugin's module at start; the import waits until it is needed.
        from localstack_process_executor.executor import (  # noqa: PLC0415 - see above
            ProcessRuntimeExecutor,
        )

        return ProcessRuntimeExecutor
