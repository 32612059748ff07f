"""What every command needs: the stack, clients for its account, and somewhere to show things."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from submitter.deployment import Deployment, find_deployment

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

    from submitter.console import Output

_TERRAFORM = Path(__file__).resolve().parents[2] / "terraform"
_CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=60
)


@dataclass(frozen=True)
class Context:
    """A command's surroundings; the stack and the clients are made when they are first used."""

    output: Output
    stack_name: str | None = None
    profile: str | None = None
    region: str | None = None
    terraform: Path = field(default=_TERRAFORM)

    @cached_property
    def session(self) -> boto3.Session:
        """The SDK's session for the profile and region."""
        return boto3.Session(profile_name=self.profile, region_name=self.region)

    @cached_property
    def deployment(self) -> Deployment:
        """The stack the command is about."""
        return find_deployment(self.session, self.stack_name, self.terraform)

    @cached_property
    def s3(self) -> S3Client:
        """The client for the submitter bucket."""
        return self.session.client("s3", config=_CLIENT_CONFIG)

    @cached_property
    def sqs(self) -> SQSClient:
        """The client for the queues."""
        return self.session.client("sqs", config=_CLIENT_CONFIG)

    @cached_property
    def functions(self) -> LambdaClient:
        """The client for the intake function."""
        return self.session.client("lambda", config=_CLIENT_CONFIG)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """The client for the function's log group."""
        return self.session.client("logs", config=_CLIENT_CONFIG)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        """The client for the alarms."""
        return self.session.client("cloudwatch", config=_CLIENT_CONFIG)
