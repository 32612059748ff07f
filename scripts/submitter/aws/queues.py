"""Reads a queue's counts and settings; receives no message."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from submitter.errors import ForeignAnswerError
from submitter.stack.context import Context

_METRIC_WINDOW = timedelta(minutes=15)
_METRIC_PERIOD_SECONDS = 60


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many messages a queue has; SQS counts them approximately.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
    """

    name: str
    visible: int
    """Waiting to be received."""
    in_flight: int
    """Received, and neither deleted nor visible again."""
    delayed: int
    oldest_seconds: float | None
    """Age of the oldest message, as SQS last reported it to CloudWatch; None if unknown."""

    @property
    def total(self) -> int:
        """All messages in the queue."""
        return self.visible + self.in_flight + self.delayed


def queue_attributes(context: Context, url: str) -> dict[str, str]:
    """Return all attributes of a queue.

    Raises:
        ForeignAnswerError: there are none, which SQS never answers.
        botocore.exceptions.ClientError: SQS refused.
    """
    answer = context.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    attributes = {str(name): value for name, value in answer.get("Attributes", {}).items()}
    if not attributes:
        raise ForeignAnswerError(status=answer["ResponseMetadata"]["HTTPStatusCode"])
    return attributes


def queue_depth(context: Context, url: str, oldest_seconds: float | None = None) -> QueueDepth:
    """Return how many messages a queue has, with the age of its oldest one if that is given."""
    counts = queue_attributes(context, url)
    return QueueDepth(
        name=url.rpartition("/")[2],
        visible=int(counts["ApproximateNumberOfMessages"]),
        in_flight=int(counts["ApproximateNumberOfMessagesNotVisible"]),
        delayed=int(counts["ApproximateNumberOfMessagesDelayed"]),
        oldest_seconds=oldest_seconds,
    )


def oldest_message_seconds(context: Context, url: str) -> float | None:
    """Return the age of a queue's oldest message in seconds; None if unknown for 15 minutes.

    This is the newest ApproximateAgeOfOldestMessage, which SQS reports once a minute:
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
    ).get("Datapoints", [])
    newest = max(points, key=lambda point: point["Timestamp"], default=None)
    return None if newest is None else newest["Maximum"]
