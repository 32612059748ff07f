"""What the Lambda platform itself writes to a function's log, and the errors it reports.

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
    """How an init phase or an invocation ended, as platform events name it."""

    SUCCESS = "success"
    ERROR = "error"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an init phase or an invocation failed.

    Attributes:
        status: Whether it failed or ran out of time.
        error_type: AWS's name of a fault of the platform; empty when the handler raised.
        message: What happened, without the request id; unused when the runtime posted an error.
        posted: The error the runtime posted, which is passed on unchanged.
    """

    status: Status
    error_type: str
    message: str = ""
    posted: bytes | None = None

    def payload(self, request_id: str) -> bytes:
        """Words the failure as the result of an invocation, as AWS does.

        Args:
            request_id: The invocation's id.

        Returns:
            The error as JSON, in UTF-8.
        """
        if self.posted is not None:
            return self.posted
        message = f"RequestId: {request_id} Error: {self.message}"
        return json.dumps({"errorType": self.error_type, "errorMessage": message}).encode()


def exit_failure(return_code: int) -> Failure:
    """Words the unexpected end of a runtime process as AWS does.

    Args:
        return_code: The exit status, or the negative number of the signal that ended it.

    Returns:
        A `Runtime.ExitError`.
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
    """Words an invocation's timeout as AWS does.

    Args:
        timeout_seconds: The function's timeout in seconds.

    Returns:
        A `Sandbox.Timedout`.
    """
    return Failure(
        Status.TIMEOUT, "Sandbox.Timedout", f"Task timed out after {timeout_seconds:.2f} seconds"
    )


@dataclass(frozen=True, slots=True)
class Report:
    """The measurements of one invocation.

    Attributes:
        request_id: The invocation's id.
        duration_seconds: From the hand-over to the runtime until its answer, or its end.
        init_seconds: The init phase's duration, in the first invocation after one that went well.
        memory_megabytes: The function's memory size.
        used_megabytes: The most memory the runtime process has used so far.
        failure: Why the invocation failed, if it did.
    """

    request_id: str
    duration_seconds: float
    init_seconds: float | None
    memory_megabytes: int
    used_megabytes: int
    failure: Failure | None

    @property
    def billed_milliseconds(self) -> int:
        """Duration and init duration, rounded up to a whole millisecond."""
        return math.ceil((self.duration_seconds + (self.init_seconds or 0)) * 1000)


@dataclass(frozen=True, slots=True)
class PlatformLog:
    """Writes the platform's lines for one function version; each ends with a newline.

    Attributes:
        log_format: Text lines or JSON records.
        function_name: For the init record.
        function_version: `$LATEST` or a number.
        initialization_type: `on-demand` or `provisioned-concurrency`.
    """

    log_format: LogFormat
    function_name: str
    function_version: str
    initialization_type: str

    def init_start(self) -> str:
        """Says that the init phase starts."""
        if self.log_format is LogFormat.TEXT:
            return f"INIT_START Runtime Version: {RUNTIME_VERSION}\n"
        return _record(
            "platform.initStart",
            {
                "initializationType": self.initialization_type,
                "phase": "init",
                "runtimeVersion": RUNTIME_VERSION,
                "functionName": self.function_name,
                "functionVersion": self.function_version,
            },
        )

    def init_failed(self, seconds: float, failure: Failure) -> str:
        """Says that the init phase failed.

        Args:
            seconds: How long it took.
            failure: Why it failed.
        """
        if self.log_format is LogFormat.TEXT:
            line = f"INIT_REPORT Init Duration: {seconds * 1000:.2f} ms\tPhase: init"
            return f"{line}{_text_status(failure)}\n"
        return _record(
            "platform.initReport",
            {
                "initializationType": self.initialization_type,
                "phase": "init",
                "metrics": {"durationMs": round(seconds * 1000, 3)},
                **_json_status(failure),
            },
        )

    def start(self, request_id: str) -> str:
        """Says that an invocation starts."""
        if self.log_format is LogFormat.TEXT:
            return f"START RequestId: {request_id} Version: {self.function_version}\n"
        return _record(
            "platform.start", {"requestId": request_id, "version": self.function_version}
        )

    def report(self, report: Report) -> str:
        """Says that an invocation ended, and what it took."""
        if self.log_format is LogFormat.TEXT:
            return _text_report(report)
        metrics: dict[str, float] = {
            "durationMs": round(report.duration_seconds * 1000, 3),
            "billedDurationMs": report.billed_milliseconds,
            "memorySizeMB": report.memory_megabytes,
            "maxMemoryUsedMB": report.used_megabytes,
        }
        if report.init_seconds is not None:
            metrics["initDurationMs"] = round(report.init_seconds * 1000, 3)
        return _record(
            "platform.report",
            {
                "requestId": report.request_id,
                "metrics": metrics,
                **_json_status(report.failure),
            },
        )


def _text_report(report: Report) -> str:
    fields = [
        f"REPORT RequestId: {report.request_id}",
        f"Duration: {report.duration_seconds * 1000:.2f} ms",
        f"Billed Duration: {report.billed_milliseconds} ms",
        f"Memory Size: {report.memory_megabytes} MB",
        f"Max Memory Used: {report.used_megabytes} MB",
    ]
    if report.init_seconds is not None:
        fields.append(f"Init Duration: {report.init_seconds * 1000:.2f} ms")
    # The text format names a status only for the platform's own faults, not for a handler's error.
    status = _text_status(report.failure) if report.failure and report.failure.error_type else ""
    end = f"END RequestId: {report.request_id}\n"
    return _text_fault(report) + end + "\t".join(fields) + status + "\n"


def _text_fault(report: Report) -> str:
    """The platform's own word on a fault that the runtime could not report itself."""
    failure = report.failure
    if failure is None or failure.posted is not None:
        return ""
    if failure.status is Status.TIMEOUT:
        return f"{_now()} {report.request_id} {failure.message}\n"
    return f"RequestId: {report.request_id} Error: {failure.message}\n{failure.error_type}\n"


def _text_status(failure: Failure) -> str:
    if failure.status is Status.TIMEOUT:
        return f"\tStatus: {failure.status}"
    return f"\tStatus: {failure.status}\tError Type: {failure.error_type}"


def _json_status(failure: Failure | None) -> dict[str, str]:
    if failure is None:
        return {"status": Status.SUCCESS}
    if not failure.error_type:
        return {"status": failure.status}
    return {"status": failure.status, "errorType": failure.error_type}


def _record(kind: str, record: dict[str, object]) -> str:
    return json.dumps({"time": _now(), "type": kind, "record": record}) + "\n"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
