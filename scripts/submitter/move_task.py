"""Moves dead letters back to their queue, which SQS does by itself once it is asked.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from submitter.errors import SubmitterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef

_POLL_SECONDS = 1
_UNDER_WAY = frozenset({"RUNNING", "CANCELLING"})
_LACKING = frozenset({"InvalidAction", "NotImplemented"})
_NOT_IMPLEMENTED = 501
"""The HTTP status with which an emulator answers what it lacks."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How far a task is, or has come."""

    status: str
    moved: int
    failure: str | None


def move_back(
    client: SQSClient,
    dead_letter_queue_arn: str,
    queue_arn: str,
    on_progress: Callable[[int], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Moved:
    """Move every dead letter back, and wait until it is done.

    Interrupted, the task goes on in SQS; called again, this follows the one that is under way.

    Args:
        client: the client.
        dead_letter_queue_arn: the queue to empty.
        queue_arn: the queue to move to.
        on_progress: told how many messages are moved.
        sleep: waits, in seconds.

    Returns:
        How the task ended.

    Raises:
        SubmitterError: this account's SQS, or the emulator, has no such tasks.
        botocore.exceptions.ClientError: SQS refused.
    """
    try:
        task = _latest(client, dead_letter_queue_arn)
        if task is None or task["Status"] not in _UNDER_WAY:
            client.start_message_move_task(
                SourceArn=dead_letter_queue_arn, DestinationArn=queue_arn
            )
            task = _latest(client, dead_letter_queue_arn)
    except ClientError as error:
        if _is_lacking(error):
            raise SubmitterError(
                "This SQS cannot move dead letters back by itself (StartMessageMoveTask): "
                f"{error.response['Error'].get('Message', '')} Nothing was moved. Announce the "
                "submissions again instead: submitter reconcile --no-result --yes"
            ) from None
        raise
    while task is not None and task["Status"] in _UNDER_WAY:
        on_progress(task.get("ApproximateNumberOfMessagesMoved", 0))
        sleep(_POLL_SECONDS)
        task = _latest(client, dead_letter_queue_arn)
    if task is None:
        return Moved("UNKNOWN", 0, "SQS no longer tells of the task")
    return Moved(
        task["Status"], task.get("ApproximateNumberOfMessagesMoved", 0), task.get("FailureReason")
    )


def _is_lacking(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    code = error.response["Error"]["Code"].rpartition(".")[2]
    return status == _NOT_IMPLEMENTED or code in _LACKING


def _latest(client: SQSClient, arn: str) -> ListMessageMoveTasksResultEntryTypeDef | None:
    tasks = client.list_message_move_tasks(SourceArn=arn, MaxResults=1).get("Results", [])
    return tasks[0] if tasks else None
