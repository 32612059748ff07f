"""How long `submitter reconcile` takes to find and to announce what was missed.

Which requests it makes is counted, by running it on moto; how long AWS takes to answer is assumed.
"""

import json
import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import boto3
from botocore.client import BaseClient
from moto import mock_aws
from typer.testing import CliRunner

from submitter.cli import app
from submitter.deployment import DEFAULT_NAME, PARAMETER, Deployment
from submitter.upload_event import MAX_RECORDS

_REGION = "us-east-1"
_KEYS_PER_PAGE = 1000
"""Keys, or versions, of one answer of S3's."""
_LOG_PAGE_EVENTS = 10_000
_LOG_PAGE_BYTES = 1_000_000
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html"""
_MOTO_LOG_BATCH = 1000
_ENVIRONMENT = {
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "testing"),
    "AWS_REGION": _REGION,
    "AWS_DEFAULT_REGION": _REGION,
    "SUBMITTER_STACK": DEFAULT_NAME,
}
_DEPLOYMENT = Deployment(
    name=DEFAULT_NAME,
    region=_REGION,
    bucket_name="submissions",
    queue_url="https://sqs/1/queue",
    queue_arn="arn:aws:sqs:us-east-1:1:queue",
    dead_letter_queue_url="https://sqs/1/dead-letter",
    dead_letter_queue_arn="arn:aws:sqs:us-east-1:1:dead-letter",
    intake_failures_queue_url="https://sqs/1/failures",
    intake_failures_queue_arn="arn:aws:sqs:us-east-1:1:failures",
    function_name="submitter-intake",
    function_log_group_name="/aws/lambda/submitter-intake",
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """What there is to be looked through."""

    submissions: int
    """Of two objects each."""
    results: int
    missed: int
    """Submissions of which nobody was told."""
    log_events_per_submission: int
    """Lines that a run leaves in the log, Lambda's own among them."""
    log_bytes_per_submission: float


def requests(bucket: Bucket) -> dict[str, int]:
    """Return how many requests of each kind announcing what was missed takes, on AWS."""
    announced = bucket.submissions - bucket.missed
    log_pages = max(
        _pages(announced * bucket.log_events_per_submission, _LOG_PAGE_EVENTS),
        _pages(announced * bucket.log_bytes_per_submission, _LOG_PAGE_BYTES),
    )
    return {
        "GetParameter": 1,
        "DescribeLogGroups": 1,
        "FilterLogEvents": log_pages,
        # One for the top level's prefixes, the others for the results.
        "ListObjectsV2": 1 + _pages(bucket.results, _KEYS_PER_PAGE),
        "ListObjectVersions": _pages(bucket.submissions * 2, _KEYS_PER_PAGE),
        "Invoke": math.ceil(bucket.missed / MAX_RECORDS),
    }


def _pages(entries: float, per_page: int) -> int:
    return max(1, math.ceil(entries / per_page))


@dataclass(frozen=True, slots=True)
class Latencies:
    """How long AWS takes to answer, and the SDK to read it; seconds."""

    list_page: float
    log_page: float
    invoke: float
    """Of an event with as many records as reconcile puts into one."""


@dataclass(frozen=True, slots=True)
class Duration:
    """How long it takes; seconds."""

    finding: float
    announcing: float


def duration(bucket: Bucket, latencies: Latencies, rate: float) -> Duration:
    """Return how long finding and announcing take, one request after the other.

    Args:
        bucket: what there is to be looked through.
        latencies: of AWS.
        rate: submissions a second to be announced at the most, as `--rate` says.
    """
    made = requests(bucket)
    listing = (made["ListObjectsV2"] + made["ListObjectVersions"]) * latencies.list_page
    reading = made["FilterLogEvents"] * latencies.log_page
    by_rate = bucket.missed / rate
    return Duration(listing + reading, max(by_rate, made["Invoke"] * latencies.invoke))


def counted_requests(submissions: int) -> dict[str, int]:
    """Count what `submitter reconcile` asks AWS, without --yes, where all is announced.

    Args:
        submissions: how many there are, each with a result and one line in the log.

    Raises:
        RuntimeError: it did not find that all is well.
    """
    counted: Counter[str] = Counter()
    others = {name: it for name, it in os.environ.items() if not name.startswith("AWS_")}
    with patch.dict("os.environ", others | _ENVIRONMENT, clear=True), mock_aws():
        _fill(submissions)
        with _counting(counted):
            finished = CliRunner().invoke(app, ["reconcile", "--older-than", "0s", "--json"])
    if finished.exit_code or json.loads(finished.stdout)["submissions"] != submissions:
        raise RuntimeError(f"reconcile did not find all in order: {finished.output}")
    return dict(counted)


def _fill(submissions: int) -> None:
    s3 = boto3.client("s3")
    bucket, group = _DEPLOYMENT.bucket_name, _DEPLOYMENT.function_log_group_name
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    boto3.client("ssm").put_parameter(
        Name=PARAMETER.format(name=DEFAULT_NAME),
        Value=json.dumps(asdict(_DEPLOYMENT)),
        Type="String",
    )
    lines: list[Mapping[str, str]] = []
    for number in range(submissions):
        subid = f"{number:032x}"
        folder = f"m.soltys/aws_labs/lab5_containers/{subid}/{subid}"
        key = f"submissions/{folder}.json"
        s3.put_object(Bucket=bucket, Key=f"submissions/{folder}.py", Body=b"")
        version = s3.put_object(Bucket=bucket, Key=key, Body=b"{}")["VersionId"]
        s3.put_object(Bucket=bucket, Key=f"output/{folder}.json", Body=b"{}")
        lines.append({"outcome": "announced", "key": key, "versionId": version})
    logs: Any = boto3.client("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="run")
    now = int(datetime.now(UTC).timestamp() * 1000)
    for begin in range(0, len(lines), _MOTO_LOG_BATCH):
        batch = lines[begin : begin + _MOTO_LOG_BATCH]
        logs.put_log_events(
            logGroupName=group,
            logStreamName="run",
            logEvents=[{"timestamp": now, "message": json.dumps(line)} for line in batch],
        )


@contextmanager
def _counting(counted: Counter[str]) -> Iterator[None]:
    original: Any = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001

    def count(client: BaseClient, operation: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401
        counted[operation] += 1
        return original(client, operation, arguments)

    with patch.object(BaseClient, "_make_api_call", count):
        yield
