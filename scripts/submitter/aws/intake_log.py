"""Reads the functions' logs, whose fields are in ``submission.log``.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from submission import log
from submission.json_object import read_object
from submitter.errors import SubmitterError
from submitter.stack.context import Context

if TYPE_CHECKING:
    from types_boto3_logs.type_defs import LogGroupTypeDef


@dataclass(frozen=True, slots=True)
class LogLine:
    """The outcome of one record of an event."""

    time: datetime
    outcome: str
    """An `Outcome`, a `GradingOutcome`, or another function's word."""
    request_id: str | None
    key: str | None
    version_id: str | None
    subid: str | None
    message_id: str | None
    reason: str | None
    cause: str | None
    detail: str | None


def read_intake_log(
    context: Context, *, since: datetime | None = None, containing: str | None = None
) -> Iterator[LogLine]:
    """Yield the intake function's lines about single records, as `read_log` does."""
    group = context.deployment.function_log_group_name
    return read_log(context, group, since=since, containing=containing)


def read_log(
    context: Context, group: str, *, since: datetime | None = None, containing: str | None = None
) -> Iterator[LogLine]:
    """Yield a function's lines about single records, oldest first within each page.

    Args:
        context: the command's context.
        group: the log group's name.
        since: only lines from then on.
        containing: only lines with this text, of letters, digits and hyphens.

    Yields:
        The lines.

    Raises:
        botocore.exceptions.ClientError: there is no such log group, or AWS refused.
    """
    options: dict[str, object] = {}
    if since is not None:
        options["startTime"] = int(since.timestamp() * 1000)
    if containing is not None:
        options["filterPattern"] = f'"{containing}"'
    pages = context.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        **options,  # type: ignore[arg-type]  # a dict of options has no precise type
    )
    for page in pages:
        for event in page["events"]:
            line = _parse(event["message"], event["timestamp"])
            # An emulator may ignore the pattern.
            if line is not None and (containing is None or containing in event["message"]):
                yield line


def find_log_group(context: Context, name: str) -> LogGroupTypeDef | None:
    """Return a log group as CloudWatch describes it; None if it does not exist.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
    """
    # The prefix also matches other groups.
    pages = context.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    groups = (group for page in pages for group in page["logGroups"])
    return next((each for each in groups if each.get("logGroupName") == name), None)


def log_start(context: Context, now: datetime) -> datetime | None:
    """Return the time at which the function's log begins; None if it is kept forever.

    Raises:
        SubmitterError: there is no log.
    """
    name = context.deployment.function_log_group_name
    group = find_log_group(context, name)
    if group is None:
        raise SubmitterError(
            f"There is no log group {name} in "
            f"{context.deployment.region}, so it is not known what was announced. Run `make plan` "
            "and `make apply`, which make it again."
        )
    days = group.get("retentionInDays")
    return None if days is None else now - timedelta(days=days)


def _parse(message: str, timestamp_ms: int) -> LogLine | None:
    fields = read_object(message)
    if not isinstance(fields.get(log.OUTCOME), str):
        return None
    return LogLine(
        time=datetime.fromtimestamp(timestamp_ms / 1000, UTC),
        outcome=fields[log.OUTCOME],
        request_id=fields.get(log.REQUEST_ID),
        key=fields.get(log.KEY),
        version_id=fields.get(log.VERSION_ID),
        subid=fields.get(log.SUBID),
        message_id=fields.get(log.MESSAGE_ID),
        reason=fields.get(log.REASON),
        cause=fields.get(log.CAUSE),
        detail=fields.get(log.DETAIL),
    )
