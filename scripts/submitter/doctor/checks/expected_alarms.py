"""The settings of each alarm, as terraform/modules/observability makes them."""

from typing import Any

from submission.log import ANNOUNCED_METRIC, GRADING_FAILED_METRIC, NAMESPACE, STACK_DIMENSION
from submitter.aws.alarms import AlarmKind, alarm_settings
from submitter.stack.deployment import Deployment

REQUEST_METRICS = "submissions"
"""The bucket's metrics configuration, by which S3 counts uploads."""

GROWTH_BYTES = (10**6, 10**12)
"""The range of bucket_growth_alarm_mb, in bytes."""

SHORTEST_AGE_SECONDS = 60
"""The minimum of oldest_message_age_alarm_seconds."""


def expected_settings(deployment: Deployment) -> dict[AlarmKind, dict[str, str]]:
    """Return each alarm's settings as `alarm_settings` does, without its threshold."""
    function = {"FunctionName": deployment.function_name}
    grader = {"FunctionName": deployment.grader_function_name or ""}
    queue, failures, dead_letters = (
        {"QueueName": arn.rpartition(":")[2]}
        for arn in (
            deployment.queue_arn,
            deployment.intake_failures_queue_arn,
            deployment.dead_letter_queue_arn,
        )
    )
    requests = {"BucketName": deployment.bucket_name, "FilterId": REQUEST_METRICS}
    stack = {STACK_DIMENSION: deployment.name}
    alarms: dict[AlarmKind, dict[str, Any]] = {
        AlarmKind.UPLOADS_WITHOUT_ANNOUNCEMENTS: _calculation(
            "notBreaching",
            unannounced="IF(uploads >= 2 AND FILL(announced, 0) == 0, uploads, 0)",
            uploads="FILL(puts, 0) + FILL(posts, 0)",
            puts=_part("AWS/S3", "PutRequests", requests, "Sum", 900),
            posts=_part("AWS/S3", "PostRequests", requests, "Sum", 900),
            announced=_part(NAMESPACE, ANNOUNCED_METRIC, stack, "Sum", 900),
        ),
        AlarmKind.BUCKET_GROWTH: _one("AWS/S3", "BytesUploaded", requests, "Sum", 3600),
        AlarmKind.FUNCTION_ERRORS: _one("AWS/Lambda", "Errors", function, "Sum", 300),
        AlarmKind.FUNCTION_THROTTLES: _one("AWS/Lambda", "Throttles", function, "Sum", 300),
        AlarmKind.DESTINATION_DELIVERY_FAILURES: _one(
            "AWS/Lambda", "DestinationDeliveryFailures", function, "Sum", 300
        ),
        AlarmKind.OLDEST_MESSAGE_AGE: _one(
            "AWS/SQS", "ApproximateAgeOfOldestMessage", queue, "Maximum", 60
        ),
        AlarmKind.INTAKE_FAILURES_WAITING: _waiting(failures),
        AlarmKind.DEAD_LETTERS_WAITING: _waiting(dead_letters),
        AlarmKind.GRADER_ERRORS: _one("AWS/Lambda", "Errors", grader, "Sum", 300),
        AlarmKind.GRADING_FAILURES: _one(NAMESPACE, GRADING_FAILED_METRIC, stack, "Sum", 300),
    }
    always = {
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "ActionsEnabled": True,
    }
    return {kind: alarm_settings(always | alarm) for kind, alarm in alarms.items()}


def _one(
    namespace: str, metric: str, dimensions: dict[str, str], statistic: str, period: int
) -> dict[str, Any]:
    return {
        **_metric(namespace, metric, dimensions),
        "Statistic": statistic,
        "Period": period,
        "TreatMissingData": "notBreaching",
    }


def _waiting(queue: dict[str, str]) -> dict[str, Any]:
    """Describe an alarm on all messages of a failure queue, in flight or not."""
    return _calculation(
        "ignore",
        waiting="visible + FILL(in_flight, 0)",
        visible=_part("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue, "Maximum", 60),
        in_flight=_part("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", queue, "Maximum", 60),
    )


def _calculation(missing: str, **parts: str | dict[str, Any]) -> dict[str, Any]:
    """Describe an alarm on the first of several metrics, calculated from the others."""
    first = next(iter(parts))
    return {
        "TreatMissingData": missing,
        "Metrics": [
            {
                "Id": name,
                "ReturnData": name == first,
                **({"Expression": part} if isinstance(part, str) else {"MetricStat": part}),
            }
            for name, part in parts.items()
        ],
    }


def _part(
    namespace: str, metric: str, dimensions: dict[str, str], statistic: str, period: int
) -> dict[str, Any]:
    return {
        "Metric": _metric(namespace, metric, dimensions),
        "Stat": statistic,
        "Period": period,
    }


def _metric(namespace: str, metric: str, dimensions: dict[str, str]) -> dict[str, Any]:
    pairs = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    return {"Namespace": namespace, "MetricName": metric, "Dimensions": pairs}
