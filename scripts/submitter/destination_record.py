"""Reads the record that Lambda writes to a failure destination.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from submission_intake.s3_event import UploadedObject, read_event


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """An event that the function failed on, or was never run for."""

    event: dict[str, Any]
    """What the function was to handle, whole."""
    condition: str
    """Why Lambda gave up: RetriesExhausted, EventAgeExceeded, ZeroReservedConcurrency."""
    error_type: str | None
    """The class of the function's last error; None if it was never run."""
    error_message: str | None
    request_id: str | None

    @property
    def uploads(self) -> tuple[UploadedObject, ...]:
        """The uploads that the event tells of."""
        return tuple(each for each in read_event(self.event) if isinstance(each, UploadedObject))


def parse_destination_record(body: str) -> FailedEvent | None:
    """Parse a message of the intake-failures queue.

    Args:
        body: the message's body.

    Returns:
        The failed event; None if the message is no destination record with an event in it.
    """
    try:
        record = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    request, event = record.get("requestContext"), record.get("requestPayload")
    if not isinstance(request, dict) or not isinstance(event, dict) or not event:
        return None
    condition = request.get("condition")
    if not isinstance(condition, str):
        return None
    answer = record.get("responsePayload")
    error = answer if isinstance(answer, dict) else {}
    return FailedEvent(
        event=event,
        condition=condition,
        error_type=_text(error.get("errorType")),
        error_message=_text(error.get("errorMessage")),
        request_id=_text(request.get("requestId")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
