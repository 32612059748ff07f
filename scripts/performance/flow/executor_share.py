"""What the emulator's executor itself takes for an invocation, by a function that does nothing."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import psutil

from embedded_aws.project import LAMBDA_PYTHON
from localstack_process_executor.function_process import FunctionConfiguration, FunctionProcess
from localstack_process_executor.platform_log import LogFormat
from localstack_process_executor.runtime_api import Invocation
from performance.samples import median

_INVOCATIONS = 1000
_WARM_UP = 100
_HANDLER = "def handler(event, context):\n    pass\n"
_PAYLOAD = b'{"Records": [{"eventSource": "aws:s3", "padding": "%s"}]}' % (b"x" * 800)
"""As long as S3's own event."""
_ARN = "arn:aws:lambda:us-east-1:000000000000:function:empty"


def measure_executor(folder: Path) -> Mapping[str, Any]:
    """Run an empty function many times; return the medians of what an invocation takes.

    Args:
        folder: an empty one, where the function is put.
    """
    (folder / "empty.py").write_text(_HANDLER, encoding="utf-8")
    function = FunctionProcess(
        FunctionConfiguration(
            python=LAMBDA_PYTHON,
            code_folder=folder,
            handler="empty.handler",
            environment={"AWS_LAMBDA_LOG_FORMAT": "JSON"},
            timeout_seconds=30,
            memory_megabytes=128,
            log_format=LogFormat.JSON,
        )
    )
    numbers = count()
    with ExitStack() as stack:
        stack.callback(function.stop)
        began = time.monotonic()
        function.start()
        start_seconds = time.monotonic() - began
        for _ in range(_WARM_UP):
            _invoke(function, next(numbers))
        process = psutil.Process(function.pid)
        used = sum(process.cpu_times()[:2])
        samples = [_invoke(function, next(numbers)) for _ in range(_INVOCATIONS)]
        used = sum(process.cpu_times()[:2]) - used
    return {
        "invocations": _INVOCATIONS,
        "start_ms": round(1000 * start_seconds, 1),
        "elapsed_ms": round(1000 * median([elapsed for elapsed, _ in samples]), 3),
        "executor_processor_ms": round(1000 * sum(own for _, own in samples) / _INVOCATIONS, 3),
        "runtime_processor_ms": round(1000 * used / _INVOCATIONS, 3),
    }


def _invoke(function: FunctionProcess, number: int) -> tuple[float, float]:
    """Return an invocation's elapsed time, and the executor's processor time in it, in seconds."""
    invocation = Invocation(f"00000000-0000-4000-8000-{number:012}", _PAYLOAD, _ARN)
    began, own = time.perf_counter(), time.thread_time()
    function.invoke(invocation)
    return time.perf_counter() - began, time.thread_time() - own
