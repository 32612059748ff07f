"""Invokes the intake function and waits for what it says.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError

if TYPE_CHECKING:
    from submitter.context import Context

_NOT_NOW = frozenset(
    {"TooManyRequestsException", "ServiceException", "EC2ThrottledException", "ResourceConflict"}
)


@dataclass(frozen=True, slots=True)
class Handled:
    """The function returned: all of the event was announced or ignored."""

    announced: int
    ignored: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The function failed or could not be run; something of the event was not announced."""

    cause: str
    """The error's type."""
    detail: str
    is_throttled: bool = False
    """Whether the function was not even started."""


def call_function(context: Context, event: dict[str, Any]) -> Handled | Refused:
    """Hand an event to the intake function and wait for its answer.

    Args:
        context: the command's surroundings.
        event: the S3 event.

    Returns:
        What the function said of it, or why there is no answer.

    Raises:
        botocore.exceptions.ClientError: AWS refuses the call as such: rights, a wrong name.
    """
    try:
        answer = context.functions.invoke(
            FunctionName=context.deployment.function_name,
            InvocationType="RequestResponse",
            Payload=json.dumps(event),
        )
        payload = answer["Payload"].read()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in _NOT_NOW:
            raise
        return Refused(code, error.response["Error"].get("Message", ""), is_throttled=True)
    except HTTPClientError as error:
        # It may have run all the same; announcing twice is allowed, losing is not.
        return Refused(type(error).__name__, str(error))
    return _read_answer(payload, failed="FunctionError" in answer)


def _read_answer(payload: bytes, *, failed: bool) -> Handled | Refused:
    try:
        answer = json.loads(payload)
    except ValueError:
        answer = None
    fields = answer if isinstance(answer, dict) else {}
    if failed:
        return Refused(str(fields.get("errorType", "unknown")), str(fields.get("errorMessage", "")))
    announced, ignored = fields.get("announced"), fields.get("ignored")
    if not isinstance(announced, int) or not isinstance(ignored, dict):
        return Refused("UnknownAnswer", "The function returned no count: is it the intake?")
    return Handled(announced, sum(ignored.values()))
