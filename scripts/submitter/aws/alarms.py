"""Reads a stack's alarms by their exact names: a prefix would take in those of another stack.

With the stacks `submitter` and `submitter-test` in one account, the alarms of both begin with
`submitter-`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from submitter.stack.context import Context


class AlarmKind(StrEnum):
    """The alarms that terraform/modules/observability makes, as the dashboard has them.

    Each is called `<stack>-<kind>`. Alarms that start together have one cause, which is most
    often the first one's.
    """

    UPLOADS_WITHOUT_ANNOUNCEMENTS = "uploads-without-announcements"
    BUCKET_GROWTH = "bucket-growth"
    FUNCTION_ERRORS = "function-errors"
    FUNCTION_THROTTLES = "function-throttles"
    DESTINATION_DELIVERY_FAILURES = "destination-delivery-failures"
    OLDEST_MESSAGE_AGE = "oldest-message-age"
    INTAKE_FAILURES_WAITING = "intake-failures-waiting"
    DEAD_LETTERS_WAITING = "dead-letters-waiting"


@dataclass(frozen=True, slots=True)
class StackAlarm:
    """One of the stack's alarms, as CloudWatch has it."""

    name: str
    kind: AlarmKind
    is_firing: bool
    since: datetime | None
    """When its state last changed."""
    description: str
    notifies: bool
    """Whether it notifies anybody when it starts."""
    settings: Mapping[str, str]
    """What it watches and when it fires, in words; see `alarm_settings`."""
    threshold: float | None


@dataclass(frozen=True, slots=True)
class StackAlarms:
    """A stack's alarms: those that are there, and the names of those that should be."""

    there: tuple[StackAlarm, ...]
    missing: tuple[str, ...]


def read_alarms(context: Context) -> StackAlarms:
    """Ask CloudWatch for the stack's alarms.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html

    Args:
        context: the command's context.

    Returns:
        The alarms, in the order of their kinds; alarms that others made are none of them.

    Raises:
        botocore.exceptions.ClientError: AWS refused the question.
    """
    wanted = {f"{context.deployment.name}-{kind}": kind for kind in AlarmKind}
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
        there=tuple(found[name] for name in wanted if name in found),
        missing=tuple(name for name in wanted if name not in found),
    )


def alarm_settings(alarm: Mapping[str, Any]) -> dict[str, str]:
    """Say in words what an alarm watches and when it fires, all but its threshold.

    Args:
        alarm: an alarm as CloudWatch describes it.

    Returns:
        The settings by name: `metric`, or `metric <id>` for each part of a calculation.
    """
    settings = {
        "comparison": str(alarm.get("ComparisonOperator")),
        "periods": _periods(alarm),
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


def _periods(alarm: Mapping[str, Any]) -> str:
    periods = alarm.get("EvaluationPeriods")
    return f"{alarm.get('DatapointsToAlarm') or periods} of {periods}"


def _metric(metric: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """Say what a metric counts, where, and how it is summed up."""
    dimensions = sorted(f"{each['Name']}={each['Value']}" for each in metric.get("Dimensions", []))
    statistic = asked.get("Stat") or asked.get("Statistic") or asked.get("ExtendedStatistic")
    unit = f" in {asked['Unit']}" if asked.get("Unit") else ""
    return (
        f"{metric.get('Namespace')} {metric.get('MetricName')} of {', '.join(dimensions)}, "
        f"{statistic} in {asked.get('Period')} s{unit}"
    )
