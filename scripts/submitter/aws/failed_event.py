"""Parses a message of the intake-failures queue: Lambda's record of an event it gave up on.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from dataclasses import dataclass

from submission.json_object import read_object, text_of
from submission.message import UploadedObject
from submission_intake.s3_event import UnreadableUpload, read_event

UNKNOWN_CAUSE = "unknown cause"


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """An event that the function failed on, or was never run for."""

    uploads: tuple[UploadedObject, ...]
    """The event's uploads, with their keys decoded."""
    is_readable: bool
    """False if a record does not say which object was uploaded."""
    condition: str
    """Why Lambda gave up: RetriesExhausted, EventAgeExceeded, ZeroReservedConcurrency."""
    error_type: str
    """The class of the function's last error; empty if it was never run."""
    error_message: str

    @property
    def error(self) -> str:
        """The function's last error in one line; empty if it was never run."""
        return ": ".join(filter(None, (self.error_type, self.error_message)))


def parse_failed_event(body: str) -> FailedEvent | None:
    """Parse a message's body, which anybody may have written.

    Returns:
        The failed event; None if the body is no record of an event with an upload.
    """
    record = read_object(body)
    payload = record.get("requestPayload")
    if not isinstance(payload, dict):
        return None
    findings = tuple(read_event(payload))
    if not any(isinstance(each, UploadedObject | UnreadableUpload) for each in findings):
        return None
    request, answer = record.get("requestContext"), record.get("responsePayload")
    return FailedEvent(
        uploads=tuple(each for each in findings if isinstance(each, UploadedObject)),
        is_readable=not any(isinstance(each, UnreadableUpload) for each in findings),
        condition=text_of(request, "condition") or UNKNOWN_CAUSE,
        error_type=text_of(answer, "errorType") or "",
        error_message=text_of(answer, "errorMessage") or "",
    )
