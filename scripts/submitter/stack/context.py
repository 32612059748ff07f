"""A command's context: the stack, AWS clients, and the output."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.model import OperationModel, StructureShape

from submitter.errors import ForeignAnswerError, unusable_settings
from submitter.output import Output
from submitter.stack.applied import Choice, choose_stack
from submitter.stack.deployment import Deployment, find_deployment

if TYPE_CHECKING:
    import boto3
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

_PROJECT = Path(__file__).resolve().parents[3]
_TIMEOUTS = Config(connect_timeout=5, read_timeout=60)
_CLIENT_CONFIG = _TIMEOUTS.merge(Config(retries={"mode": "standard", "total_max_attempts": 5}))
_MALFORMED = (ValueError, OSError, AttributeError, TypeError)
"""Python raises these on settings and credentials that the SDK does not check."""
_JSON_TYPES = {"structure": dict, "map": dict, "list": list, "string": str}
_REDIRECTED, _SERVER_ERROR = 300, 500
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def normalize_environment() -> None:
    """Make the SDK treat environment variables as the AWS CLI and Terraform do."""
    for name, value in list(os.environ.items()):
        if name.startswith("AWS_") and not value.strip():
            del os.environ[name]
    if "AWS_PROFILE" in os.environ:
        # The SDK would prefer AWS_DEFAULT_PROFILE.
        os.environ.pop("AWS_DEFAULT_PROFILE", None)
    # An emulator is on this machine, which a proxy can't reach.
    direct = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    if direct == "*":
        return
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, (direct, *_LOOPBACK)))


@dataclass(frozen=True)
class Context:
    """A command's context; the stack and the clients are made on first use."""

    output: Output
    stack_name: str | None = None
    profile: str | None = None
    region: str | None = None
    project: Path = _PROJECT

    @cached_property
    def choice(self) -> Choice:
        """The stack that the command uses."""
        return choose_stack(self.stack_name, self.region, self.project)

    @cached_property
    def session(self) -> boto3.Session:
        """The SDK's session for the profile and the stack's region."""
        import boto3  # noqa: PLC0415 - takes long, and help, completion, new and check need none

        # The SDK reads AWS_DEFAULT_REGION and the profile's region, but not AWS_REGION.
        region = self.choice.region or os.environ.get("AWS_REGION")
        session = boto3.Session(profile_name=self.profile, region_name=region)
        session.events.register("before-parse", _refuse_foreign_answer)
        return session

    @cached_property
    def deployment(self) -> Deployment:
        """The names of the stack's resources."""
        # Without our own retries, AWS_MAX_ATTEMPTS=1 makes the tool fail fast without a network.
        ssm = self.client("ssm", _TIMEOUTS)
        try:
            return find_deployment(ssm, self.choice)
        except BotoCoreError:
            raise
        except _MALFORMED as error:
            # The first request is the first to read credentials.
            raise unusable_settings(error) from error

    def client(self, service: str, config: Config = _CLIENT_CONFIG) -> Any:  # noqa: ANN401 - boto3 has a type for each service
        """Return boto3's client for a service.

        Raises:
            SubmitterError: the settings can't be used.
            botocore.exceptions.BotoCoreError: likewise, or there are no credentials.
        """
        try:
            return self.session.client(service, config=config)  # type: ignore[call-overload]
        except BotoCoreError:
            raise
        except _MALFORMED as error:
            raise unusable_settings(error) from error

    @cached_property
    def s3(self) -> S3Client:
        """The client for S3."""
        return cast("S3Client", self.client("s3"))

    @cached_property
    def sqs(self) -> SQSClient:
        """The client for SQS."""
        return cast("SQSClient", self.client("sqs"))

    @cached_property
    def functions(self) -> LambdaClient:
        """The client for Lambda."""
        return cast("LambdaClient", self.client("lambda"))

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """The client for CloudWatch Logs."""
        return cast("CloudWatchLogsClient", self.client("logs"))

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        """The client for CloudWatch."""
        return cast("CloudWatchClient", self.client("cloudwatch"))


def _refuse_foreign_answer(
    operation_model: OperationModel, response_dict: dict[str, Any], **_: object
) -> None:
    """Raise ForeignAnswerError for an answer that is not AWS's, such as a login page."""
    status = response_dict["status_code"]
    headers = {name.lower(): value for name, value in response_dict["headers"].items()}
    is_page = headers.get("content-type", "").startswith("text/html")
    is_foreign = is_page and not any(name.startswith("x-amz") for name in headers)
    if status < _REDIRECTED and not operation_model.has_streaming_output:
        body = response_dict["body"].strip()
        protocol = operation_model.service_model.resolved_protocol
        if "json" in protocol:
            is_foreign |= not _is_json_answer(operation_model.output_shape, body)
        elif body and protocol in {"rest-xml", "query"}:
            # A bucket's policy is JSON.
            is_foreign |= body[:1] + body[-1:] not in {b"<>", b"{}"}
    # The SDK retries a gateway's errors.
    if is_foreign and status < _SERVER_ERROR:
        raise ForeignAnswerError(status=status)


def _is_json_answer(shape: StructureShape | None, body: bytes) -> bool:
    """Return whether a body is JSON of an operation's shape."""
    members = {
        member.serialization.get("name", name): member
        for name, member in (shape.members if shape else {}).items()
        if "location" not in member.serialization
    }
    if not body:
        return not members
    try:
        answer = json.loads(body.decode())
    except (ValueError, RecursionError):
        return False
    return isinstance(answer, dict) and all(
        answer.get(name) is None
        or isinstance(answer[name], _JSON_TYPES.get(member.type_name, object))
        for name, member in members.items()
    )
