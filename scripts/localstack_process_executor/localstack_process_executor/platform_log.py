"""The lines that the Lambda platform writes to a function's log, and the errors it reports.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html (text) and
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html (JSON).
"""

from __future__ import annotations

import json
import math
import signal
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

RUNTIME_VERSION = "python:3.13"


class LogFormat(StrEnum):
    """The log formats of Lambda's advanced logging controls."""

    TEXT = "Text"
    JSON = "JSON"


class Status(StrEnum):
    """The end of an init phase or an invocation, as platform events name it."""

    SUCCESS = "success"
    ERROR = "error"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an init phase or an invocation failed."""

    status: Status
    error_type: str  # AWS's name of a fault of the platform; empty when the handler raised
    message: str = ""  # without the request id
    posted: bytes | None = None  # the error that the runtime posted, passed on unchanged

    def payload(self, request_id: str) -> bytes:
        """Return the failure as the result of an invocation: JSON, in UTF-8."""
        if self.posted is not None:
            return self.posted
        message = f"RequestId: {request_id} Error: {self.message}"
        return json.dumps({"errorType": self.error_type, "errorMessage": message}).encode()


def exit_failure(return_code: int) -> Failure:
    """Return the failure of a runtime process that ended unexpectedly, in AWS's words.

    Args:
        return_code: The exit status, or the negative number of the signal that ended it.
    """
    if return_code == 0:
        message = "Runtime exited without providing a reason"
    elif return_code > 0:
        message = f"Runtime exited with error: exit status {return_code}"
    else:
        description = signal.strsignal(-return_code) or str(-return_code)
        message = f"Runtime exited with error: signal: {description.lower()}"
    return Failure(Status.ERROR, "Runtime.ExitError", message)


def timeout_failure(timeout_seconds: float) -> Failure:
    """Return the failure of an invocation that timed out, in AWS's words."""
    message = f"Task timed out after {timeout_seconds:.2f} seconds"
    return Failure(Status.TIMEOUT, "Sandbox.Timedout", message)


@dataclass(frozen=True, slots=True)
class PlatformLog:
    """Writes the platform's lines for one function version; each ends with a newline."""

    log_format: LogFormat
    function_name: str
    function_version: str  # `$LATEST` or a number
    initialization_type: str  # `on-demand` or `provisioned-concurrency`
    memory_megabytes: int

    def init_start(self) -> str:
        """Return the line at the start of an init phase."""
        if self.log_format is LogFormat.TEXT:
            return f"INIT_START Runtime Version: {RUNTIME_VERSION}\n"
        return _record(
            "initStart",
            initializationType=self.initialization_type,
            phase="init",
            runtimeVersion=RUNTIME_VERSION,
            functionName=self.function_name,
            functionVersion=self.function_version,
        )

    def init_failed(self, seconds: float, failure: Failure) -> str:
        """Return the line after a failed init phase."""
        if self.log_format is LogFormat.TEXT:
            status = _text_status(failure)
            return f"INIT_REPORT Init Duration: {seconds * 1000:.2f} ms\tPhase: init{status}\n"
        return _record(
            "initReport",
            initializationType=self.initialization_type,
            phase="init",
            metrics={"durationMs": round(seconds * 1000, 3)},
            **_json_status(failure),
        )

    def start(self, request_id: str) -> str:
        """Return the line at the start of an invocation."""
        if self.log_format is LogFormat.TEXT:
            return f"START RequestId: {request_id} Version: {self.function_version}\n"
        return _record("start", requestId=request_id, version=self.function_version)

    def report(
        self,
        request_id: str,
        seconds: float,
        init_seconds: float | None,
        used_megabytes: int,
        failure: Failure | None,
    ) -> str:
        """Return the lines at the end of an invocation.

        Args:
            request_id: The invocation's id.
            seconds: From the start of the invocation to its end.
            init_seconds: The duration of the init phase, in the first invocation after it.
            used_megabytes: The most memory that the runtime process has used so far.
            failure: Why the invocation failed, if it did.
        """
        billed = math.ceil((seconds + (init_seconds or 0)) * 1000)
        if self.log_format is LogFormat.JSON:
            init = {} if init_seconds is None else {"initDurationMs": round(init_seconds * 1000, 3)}
            metrics = {
                "durationMs": round(seconds * 1000, 3),
                "billedDurationMs": billed,
                "memorySizeMB": self.memory_megabytes,
                "maxMemoryUsedMB": used_megabytes,
                **init,
            }
            return _record("report", requestId=request_id, metrics=metrics, **_json_status(failure))
        fields = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {seconds * 1000:.2f} ms",
            f"Billed Duration: {billed} ms",
            f"Memory Size: {self.memory_megabytes} MB",
            f"Max Memory Used: {used_megabytes} MB",
        ]
        if init_seconds is not None:
            fields.append(f"Init Duration: {init_seconds * 1000:.2f} ms")
        # The text format names a status only for the platform's own faults.
        status = _text_status(failure) if failure and failure.error_type else ""
        end = f"END RequestId: {request_id}\n"
        return _text_fault(request_id, failure) + end + "\t".join(fields) + status + "\n"


def _text_fault(request_id: str, failure: Failure | None) -> str:
    """Return the platform's lines about a fault that the runtime could not report."""
    if failure is None or failure.posted is not None:
        return ""
    if failure.status is Status.TIMEOUT:
        return f"{_now()} {request_id} {failure.message}\n"
    return f"RequestId: {request_id} Error: {failure.message}\n{failure.error_type}\n"


def _text_status(failure: Failure) -> str:
    error_type = f"\tError Type: {failure.error_type}" if failure.status is Status.ERROR else ""
    return f"\tStatus: {failure.status}{error_type}"


def _json_status(failure: Failure | None) -> dict[str, str]:
    if failure is None:
        return {"status": Status.SUCCESS}
    error_type = {"errorType": failure.error_type} if failure.error_type else {}
    return {"status": failure.status, **error_type}


def _record(kind: str, **record: object) -> str:
    return json.dumps({"time": _now(), "type": f"platform.{kind}", "record": record}) + "\n"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
