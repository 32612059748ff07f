"""Reads a stack's alarms by their exact names.

A prefix would also match another stack's: alarms of `submitter` and of `submitter-test` both begin
with `submitter-`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from submitter.stack.context import Context
from submitter.stack.deployment import Deployment


class AlarmKind(StrEnum):
    """The alarms that terraform/modules/observability makes, in the dashboard's order.

    Each is called `<stack>-<kind>`. Of alarms that start together, the first most often shows the
    cause.
    """

    UPLOADS_WITHOUT_ANNOUNCEMENTS = "uploads-without-announcements"
    BUCKET_GROWTH = "bucket-growth"
    FUNCTION_ERRORS = "function-errors"
    FUNCTION_THROTTLES = "function-throttles"
    DESTINATION_DELIVERY_FAILURES = "destination-delivery-failures"
    OLDEST_MESSAGE_AGE = "oldest-message-age"
    INTAKE_FAILURES_WAITING = "intake-failures-waiting"
    DEAD_LETTERS_WAITING = "dead-letters-waiting"
    GRADER_ERRORS = "grader-errors"
    GRADING_FAILURES = "grading-failures"


_OF_GRADING = {AlarmKind.GRADER_ERRORS, AlarmKind.GRADING_FAILURES}


def kinds_of(deployment: Deployment) -> list[AlarmKind]:
    """Return the kinds of alarms that a stack has."""
    return [kind for kind in AlarmKind if deployment.grader or kind not in _OF_GRADING]


@dataclass(frozen=True, slots=True)
class StackAlarm:
    """One of the stack's alarms."""

    name: str
    kind: AlarmKind
    is_firing: bool
    since: datetime | None
    """When its state last changed."""
    description: str
    notifies: bool
    settings: Mapping[str, str]
    """What it watches and when it fires; see `alarm_settings`."""
    threshold: float | None


@dataclass(frozen=True, slots=True)
class StackAlarms:
    """A stack's alarms, and the names of those that do not exist."""

    existing: tuple[StackAlarm, ...]
    missing: tuple[str, ...]


def read_alarms(context: Context) -> StackAlarms:
    """Return the stack's alarms, in the order of their kinds; others' alarms are left out.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html

    Raises:
        botocore.exceptions.ClientError: AWS refused.
    """
    wanted = {f"{context.deployment.name}-{kind}": kind for kind in kinds_of(context.deployment)}
    # One answer has up to a hundred alarms.
    answer = context.cloudwatch.describe_alarms(AlarmNames=list(wanted), AlarmTypes=["MetricAlarm"])
    found = {
        alarm["AlarmName"]: StackAlarm(
            name=alarm["AlarmName"],
            kind=wanted[alarm["AlarmName"]],
            is_firing=alarm.get("StateValue") == "ALARM",
            since=alarm.get("StateUpdatedTimestamp"),
            description=alarm.get("AlarmDescription", ""),
            notifies=bool(alarm.get("ActionsEnabled") and alarm.get("AlarmActions")),
            settings=alarm_settings(alarm),
            threshold=alarm.get("Threshold"),
        )
        for alarm in answer.get("MetricAlarms", [])
    }
    return StackAlarms(
        existing=tuple(found[name] for name in wanted if name in found),
        missing=tuple(name for name in wanted if name not in found),
    )


def alarm_settings(alarm: Mapping[str, Any]) -> dict[str, str]:
    """Return in words what an alarm watches and when it fires, all but its threshold.

    Args:
        alarm: an alarm as CloudWatch describes it.

    Returns:
        The settings by name: `metric`, or `metric <id>` for each part of a calculation.
    """
    periods = alarm.get("EvaluationPeriods")
    settings = {
        "comparison": str(alarm.get("ComparisonOperator")),
        "periods": f"{alarm.get('DatapointsToAlarm') or periods} of {periods}",
        "missing data": alarm.get("TreatMissingData") or "missing",
        "actions": "on" if alarm.get("ActionsEnabled") else "off",
    }
    if alarm.get("MetricName"):
        settings["metric"] = _metric(alarm, alarm)
    for query in alarm.get("Metrics") or ():
        part = query.get("MetricStat")
        words = _metric(part["Metric"], part) if part else str(query.get("Expression"))
        account = f" in account {query['AccountId']}" if query.get("AccountId") else ""
        returned = ", which is compared" if query.get("ReturnData", True) else ""
        settings[f"metric {query['Id']}"] = f"{words}{account}{returned}"
    if alarm.get("ThresholdMetricId"):
        settings["threshold metric"] = str(alarm["ThresholdMetricId"])
    return settings


def _metric(metric: Mapping[str, Any], query: Mapping[str, Any]) -> str:
    dimensions = sorted(f"{each['Name']}={each['Value']}" for each in metric.get("Dimensions", []))
    statistic = query.get("Stat") or query.get("Statistic") or query.get("ExtendedStatistic")
    unit = f" in {query['Unit']}" if query.get("Unit") else ""
    return (
        f"{metric.get('Namespace')} {metric.get('MetricName')} of {', '.join(dimensions)}, "
        f"{statistic} in {query.get('Period')} s{unit}"
    )
