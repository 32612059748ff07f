"""A stack's resources on moto, as far as the tool reads them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config
from moto import mock_aws

from submitter.aws.alarms import AlarmKind
from submitter.stack.context import Context
from submitter.stack.deployment import Deployment
from unit.submitter.contexts import DEPLOYMENT

REGION = "us-east-1"
SETTINGS: dict[str, Any] = {
    "MetricName": "m",
    "Namespace": "n",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanThreshold",
}
TOPIC = "arn:aws:sns:us-east-1:123456789012:staff"

SMALL_PAGES = "MOTO_S3_DEFAULT_MAX_KEYS", "10"
"""Has moto list ten objects a page, so that a few objects prove what 1,001 would on AWS."""


_SESSION = boto3.Session("test", "test", region_name=REGION)


@cache
def client(service: str, config: Config | None = None) -> Any:  # noqa: ANN401 - boto3 has a type for each service
    """Return a client, always the same: making one takes longer than most calls."""
    return _SESSION.client(service, config=config)  # type: ignore[call-overload]


@contextmanager
def mocked_bucket(
    monkeypatch: pytest.MonkeyPatch, names: Deployment = DEPLOYMENT
) -> Iterator[Deployment]:
    """Have only the bucket of a stack called ``submitter`` on moto, for the length of a block."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("SUBMITTER_STACK", DEPLOYMENT.name)
    monkeypatch.setenv(*SMALL_PAGES)
    monkeypatch.setattr(Context, "session", SimpleNamespace(client=client))
    with mock_aws():
        s3 = client("s3")
        s3.create_bucket(Bucket=names.bucket_name)
        s3.put_bucket_versioning(
            Bucket=names.bucket_name, VersioningConfiguration={"Status": "Enabled"}
        )
        _describe(names)
        yield names


def _describe(names: Deployment) -> None:
    client("ssm").put_parameter(
        Name=f"/submitter/{names.name}/stack",
        Value=json.dumps(asdict(names)),
        Type="String",
        Overwrite=True,
    )


@contextmanager
def mocked_stack(
    monkeypatch: pytest.MonkeyPatch, names: Deployment = DEPLOYMENT
) -> Iterator[Deployment]:
    """Have a stack called ``submitter`` on moto, for the length of a block."""
    with mocked_bucket(monkeypatch, names):
        urls = {
            f"{field}queue_url": client("sqs").create_queue(
                QueueName=getattr(names, f"{field}queue_url").rpartition("/")[2]
            )["QueueUrl"]
            for field in ("", "dead_letter_", "intake_failures_")
        }
        deployment = replace(names, **urls)
        for group in (deployment.function_log_group_name, deployment.grader_log_group_name):
            if group is not None:
                client("logs").create_log_group(logGroupName=group)
        _describe(deployment)
        put_alarms(deployment.name, AlarmActions=[TOPIC])
        yield deployment


def write_log(group: str, *lines: tuple[datetime, dict[str, Any]]) -> None:
    """Write a function's lines in JSON, each with its time, into a log stream of their own."""
    logs, stream = client("logs"), uuid4().hex
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    events = [
        {"timestamp": int(time.timestamp() * 1000), "message": json.dumps(line)}
        for time, line in lines
    ]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def intercept(
    patch: pytest.MonkeyPatch, handle: Callable[[str, Any, Callable[[], Any]], object]
) -> None:
    """Handle calls to AWS by operation and arguments; the third argument makes the call."""
    make = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001
    patch.setattr(
        BaseClient,
        "_make_api_call",
        lambda client, name, given: handle(name, given, lambda: make(client, name, given)),
    )


def set_times(patch: pytest.MonkeyPatch, time_of: Callable[[str], datetime | None]) -> None:
    """Have objects be of other times in listings, where a function of their keys gives one."""

    def handle(name: str, _arguments: object, call: Callable[[], Any]) -> object:
        answer = call()
        if name in {"ListObjectsV2", "ListObjectVersions"}:
            for each in (*answer.get("Contents", ()), *answer.get("Versions", ())):
                each["LastModified"] = time_of(each["Key"]) or each["LastModified"]
        return answer

    intercept(patch, handle)


def put_alarms(stack: str, **settings: Any) -> None:  # noqa: ANN401 - whatever an alarm takes
    """Make a stack's alarms."""
    cloudwatch = client("cloudwatch")
    for kind in AlarmKind:
        cloudwatch.put_metric_alarm(AlarmName=f"{stack}-{kind}", **SETTINGS, **settings)


def put_alarm(name: str, **settings: Any) -> None:  # noqa: ANN401 - whatever an alarm takes
    """Make an alarm, or make it anew."""
    client("cloudwatch").put_metric_alarm(AlarmName=name, **SETTINGS | settings)


def fire_alarm(name: str) -> None:
    """Set an alarm to firing."""
    client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
