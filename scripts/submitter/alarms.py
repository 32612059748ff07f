"""Reads a stack's alarms by their exact names: a prefix would take in those of another stack.

With the stacks `submitter` and `submitter-test` in one account, the alarms of both begin with
`submitter-`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from submitter.context import Context


class AlarmKind(StrEnum):
    """The alarms that terraform/modules/observability makes, as the dashboard has them.

    Each is called `<stack>-<kind>`. Alarms that start together have one cause, which is most
    often the first one's.
    """

    UPLOADS_WITHOUT_ANNOUNCEMENTS = "uploads-without-announcements"
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
    goes_off: bool
    since: datetime | None
    """When its state last changed."""
    description: str
    notifies: bool
    """Whether it tells anybody when it starts."""


@dataclass(frozen=True, slots=True)
class StackAlarms:
    """A stack's alarms: those that are there, and the names of those that should be."""

    there: tuple[StackAlarm, ...]
    missing: tuple[str, ...]


def read_alarms(context: Context) -> StackAlarms:
    """Ask CloudWatch for the stack's alarms.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html

    Args:
        context: the command's surroundings.

    Returns:
        The alarms, in the order of their kinds; alarms that others made are none of them.

    Raises:
        botocore.exceptions.ClientError: AWS refused the question.
    """
    wanted = [f"{context.deployment.name}-{kind}" for kind in AlarmKind]
    # One answer has up to a hundred alarms.
    answer = context.cloudwatch.describe_alarms(AlarmNames=wanted, AlarmTypes=["MetricAlarm"])
    found = {
        alarm["AlarmName"]: StackAlarm(
            name=alarm["AlarmName"],
            goes_off=alarm.get("StateValue") == "ALARM",
            since=alarm.get("StateUpdatedTimestamp"),
            description=alarm.get("AlarmDescription", ""),
            notifies=bool(alarm.get("ActionsEnabled") and alarm.get("AlarmActions")),
        )
        for alarm in answer.get("MetricAlarms", [])
    }
    return StackAlarms(
        there=tuple(found[name] for name in wanted if name in found),
        missing=tuple(name for name in wanted if name not in found),
    )
