"""Invokes the intake function and waits for its answer.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

from submission.json_object import read_object
from submission.log import Outcome
from submitter.stack.context import Context

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

_THROTTLED = frozenset({"TooManyRequestsException", "EC2ThrottledException"})
"""Lambda has no capacity for another run now."""
_NOT_NOW = _THROTTLED | {
    "CodeArtifactUserPendingException",
    "ResourceConflictException",
    "ResourceNotReadyException",
    "ServiceException",
    "SnapStartNotReadyException",
}
"""Lambda does not run the function at present, whatever the event: it is being made, changed or
started, or Lambda is unavailable."""
_NOT_THIS_EVENT = frozenset(
    {
        "InvalidRequestContentException",
        "RequestTooLargeException",
        "SerializedRequestEntityTooLargeException",
    }
)
"""Lambda does not take this event, but may take others."""

_RETRY_DELAYS_SECONDS = (1.0, 2.0, 4.0)
"""Before retries of a throttled call, which has not run."""
_CONNECT_SECONDS = 5
_STARTING_SECONDS = 30
"""Added to the function's time-out, for the start of an execution environment."""


@dataclass(frozen=True, slots=True)
class Handled:
    """The function announced or ignored the whole event."""

    announced: int
    ignored: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The function failed or did not run; something of the event was not announced."""

    cause: str
    """The error's type."""
    detail: str
    is_unavailable: bool = False
    """Whether Lambda would not run the function for any other event either."""


class IntakeFunction:
    """The deployed intake function."""

    def __init__(
        self,
        client: LambdaClient,
        name: str,
        longest_call_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Use a client that makes no retries; ``sleep`` takes seconds."""
        self._client = client
        self._name = name
        self._sleep = sleep
        self.longest_call_seconds = longest_call_seconds
        """How long a call may take, with its retries."""

    @classmethod
    def deployed(cls, context: Context) -> IntakeFunction:
        """Return the function of a command's stack.

        Raises:
            botocore.exceptions.ClientError: AWS refused to say the function's time-out.
        """
        name = context.deployment.function_name
        configuration = context.functions.get_function_configuration(FunctionName=name)
        read_seconds = configuration["Timeout"] + _STARTING_SECONDS
        config = Config(
            # After a lost answer, the SDK would call again and announce twice.
            # https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=read_seconds,
            # A firewall may close a connection that is silent while the function runs.
            tcp_keepalive=True,
        )
        waits = sum(_RETRY_DELAYS_SECONDS) + _CONNECT_SECONDS * (1 + len(_RETRY_DELAYS_SECONDS))
        return cls(context.client("lambda", config), name, read_seconds + waits)

    def call(self, event: dict[str, Any]) -> Handled | Refused:
        """Hand an S3 event to the function and wait for its answer.

        Raises:
            botocore.exceptions.ClientError: AWS refuses every call: missing rights, a wrong name.
            botocore.exceptions.BotoCoreError: Lambda was not reached, so nothing was announced.
        """
        payload = json.dumps(event)
        for delay in (*_RETRY_DELAYS_SECONDS, None):
            answer = self._invoke(payload)
            may_retry = (
                isinstance(answer, Refused) and answer.is_unavailable and answer.cause in _THROTTLED
            )
            if delay is None or not may_retry:
                break
            self._sleep(delay)
        return answer

    def _invoke(self, payload: str) -> Handled | Refused:
        try:
            answer = self._client.invoke(
                FunctionName=self._name, InvocationType="RequestResponse", Payload=payload
            )
            returned = answer["Payload"].read()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in _NOT_NOW | _NOT_THIS_EVENT:
                raise
            detail = error.response["Error"].get("Message", "")
            return Refused(code, detail, is_unavailable=code in _NOT_NOW)
        except (HTTPClientError, IncompleteReadError) as error:
            return Refused(
                type(error).__name__,
                "There was no answer, so it may have been announced; nothing is lost.",
            )
        return _read_answer(returned, failed="FunctionError" in answer)


def _read_answer(payload: bytes, *, failed: bool) -> Handled | Refused:
    fields = read_object(payload)
    if failed:
        return Refused(str(fields.get("errorType", "unknown")), str(fields.get("errorMessage", "")))
    announced, ignored = fields.get(Outcome.ANNOUNCED), fields.get(Outcome.IGNORED)
    if (
        not isinstance(announced, int)
        or not isinstance(ignored, dict)
        or not all(isinstance(count, int) for count in ignored.values())
    ):
        return Refused("UnknownAnswer", "The function returned no count: is it the intake?")
    return Handled(announced, sum(ignored.values()))
