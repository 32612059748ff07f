"""Counts what waits in a queue; receives nothing, so that no reader misses anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from submitter.stack.context import Context

_METRIC_WINDOW = timedelta(minutes=15)
_METRIC_PERIOD_SECONDS = 60


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many messages a queue has, as SQS counts them: approximately.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
    """

    name: str
    visible: int
    """Waiting to be received."""
    in_flight: int
    """Received, and neither deleted nor visible again."""
    delayed: int
    oldest_seconds: float | None
    """Age of the oldest message as CloudWatch last heard of it; None if it has not lately."""

    @property
    def total(self) -> int:
        """All messages in the queue."""
        return self.visible + self.in_flight + self.delayed


def queue_attributes(context: Context, url: str) -> dict[str, str]:
    """Ask SQS for all attributes of a queue."""
    answer = context.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return {str(name): value for name, value in answer.get("Attributes", {}).items()}


def queue_depth(context: Context, url: str, oldest_seconds: float | None = None) -> QueueDepth:
    """Ask SQS how many messages a queue has.

    Args:
        context: the command's context.
        url: the queue's.
        oldest_seconds: the age of its oldest message, if it is known.

    Returns:
        The counts.
    """
    counts = queue_attributes(context, url)
    return QueueDepth(
        name=url.rpartition("/")[2],
        visible=int(counts["ApproximateNumberOfMessages"]),
        in_flight=int(counts["ApproximateNumberOfMessagesNotVisible"]),
        delayed=int(counts["ApproximateNumberOfMessagesDelayed"]),
        oldest_seconds=oldest_seconds,
    )


def oldest_message_seconds(context: Context, url: str) -> float | None:
    """Ask CloudWatch for the age of a queue's oldest message.

    Args:
        context: the command's context.
        url: the queue's.

    Returns:
        The newest value of ApproximateAgeOfOldestMessage, in seconds; None if there is none of
        the last quarter of an hour. SQS reports it once a minute.
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    now = datetime.now(UTC)
    points = context.cloudwatch.get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
        StartTime=now - _METRIC_WINDOW,
        EndTime=now,
        Period=_METRIC_PERIOD_SECONDS,
        Statistics=["Maximum"],
    )["Datapoints"]
    newest = max(points, key=lambda point: point["Timestamp"], default=None)
    return None if newest is None else newest["Maximum"]
