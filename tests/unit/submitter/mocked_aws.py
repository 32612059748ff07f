"""A stack's resources on moto, as far as the tool reads them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from submitter.aws.alarms import AlarmKind
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


@contextmanager
def mocked_stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Have a stack called ``submitter`` on moto, for the length of a block."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("SUBMITTER_STACK", DEPLOYMENT.name)
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=DEPLOYMENT.bucket_name)
        s3.put_bucket_versioning(
            Bucket=DEPLOYMENT.bucket_name, VersioningConfiguration={"Status": "Enabled"}
        )
        sqs = boto3.client("sqs")
        urls = {
            f"{field}queue_url": sqs.create_queue(
                QueueName=getattr(DEPLOYMENT, f"{field}queue_url").rpartition("/")[2]
            )["QueueUrl"]
            for field in ("", "dead_letter_", "intake_failures_")
        }
        deployment = replace(DEPLOYMENT, **urls)
        boto3.client("logs").create_log_group(logGroupName=deployment.function_log_group_name)
        boto3.client("ssm").put_parameter(
            Name=f"/submitter/{deployment.name}/stack",
            Value=json.dumps(asdict(deployment)),
            Type="String",
        )
        put_alarms(deployment.name, AlarmActions=[TOPIC])
        yield deployment


def put_alarms(stack: str, **settings: Any) -> None:  # noqa: ANN401 - whatever an alarm takes
    """Make a stack's alarms."""
    cloudwatch = boto3.client("cloudwatch")
    for kind in AlarmKind:
        cloudwatch.put_metric_alarm(AlarmName=f"{stack}-{kind}", **SETTINGS, **settings)


def put_alarm(name: str, **settings: Any) -> None:  # noqa: ANN401 - whatever an alarm takes
    """Make an alarm, or make it anew."""
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=name, **SETTINGS, **settings)


def fire_alarm(name: str) -> None:
    """Set an alarm to firing."""
    boto3.client("cloudwatch").set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="a test"
    )
