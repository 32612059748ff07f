"""The function's entry point, ``submission_grader.handler.lambda_handler``."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any, Protocol

from sandbox import Sandbox
from submission.message import announced_upload
from submission_grader.bucket import Bucket
from submission_grader.grader import Grader

BUCKET_VARIABLE = "SUBMITTER_BUCKET"
STACK_VARIABLE = "SUBMITTER_STACK"
SANDBOX_VARIABLE = "SUBMITTER_SANDBOX"
"""The folder of the sandbox's component, in the function's package or absolute."""

_RESERVED_SECONDS = 10
"""For writing the results after the last run, and for the sandbox's own grace before that."""

# The SDK logs its credentials' source and endpoint at every start, which is noise.
logging.getLogger("botocore").setLevel(logging.WARNING)


class Context(Protocol):
    """Lambda's context object.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    def get_remaining_time_in_millis(self) -> int:
        """Return the time until the function's timeout."""


def _required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(
            f"The environment variable {name} is not set; Terraform sets it on the function."
        )
    return value


# Built once for each execution environment, in its init phase. The sandbox's child starts with the
# first run, where a failure to start ends as a result that says so.
_GRADER = Grader(
    Bucket.called(_required(BUCKET_VARIABLE)),
    Sandbox(Path(_required(SANDBOX_VARIABLE))),
    os.environ.get(STACK_VARIABLE),
)


def lambda_handler(event: dict[str, Any], context: Context) -> dict[str, object]:
    """Grade the submissions that a batch of messages announces.

    Args:
        event: the queue's messages, from an event source mapping with ReportBatchItemFailures.
        context: Lambda's context object.

    Returns:
        The messages that must come back:
        https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """

    def remaining() -> float:
        return context.get_remaining_time_in_millis() / 1000 - _RESERVED_SECONDS

    return {
        "batchItemFailures": [
            {"itemIdentifier": record["messageId"]}
            for record in event["Records"]
            if not _GRADER.take(announced_upload(_attributes(record)), remaining)
        ]
    }


def _attributes(record: dict[str, Any]) -> dict[str, str]:
    return {
        name: attribute["stringValue"]
        for name, attribute in record.get("messageAttributes", {}).items()
        if isinstance(attribute.get("stringValue"), str)
    }
