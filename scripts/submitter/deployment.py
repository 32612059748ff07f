"""Finds a deployed stack: what its bucket, function and queues are called."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from submitter.errors import SubmitterError

if TYPE_CHECKING:
    import boto3

PARAMETER = "/submitter/{name}/stack"
"""Where Terraform writes a stack's names, in Systems Manager's parameter store."""
DEFAULT_NAME = "submitter"


@dataclass(frozen=True, slots=True)
class Deployment:
    """The names of one deployed stack's resources, as Terraform's outputs have them."""

    name: str
    region: str
    bucket_name: str
    queue_url: str
    queue_arn: str
    dead_letter_queue_url: str
    dead_letter_queue_arn: str
    intake_failures_queue_url: str
    intake_failures_queue_arn: str
    function_name: str
    function_log_group_name: str

    @property
    def account(self) -> str:
        """The AWS account that the stack is in, as every ARN of it says."""
        return self.queue_arn.split(":")[4]

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        return f"arn:{self._partition}:s3:::{self.bucket_name}"

    @property
    def function_arn(self) -> str:
        """The intake function's ARN."""
        return (
            f"arn:{self._partition}:lambda:{self.region}:{self.account}:"
            f"function:{self.function_name}"
        )

    @property
    def _partition(self) -> str:
        return self.queue_arn.split(":")[1]


def find_deployment(session: boto3.Session, name: str | None, terraform: Path) -> Deployment:
    """Find the stack that a command is about.

    Args:
        session: for the account and region to look in.
        name: the stack's name; None for the one that Terraform's outputs tell of, in a project
            that has been applied from here, and else the default name.
        terraform: the project's Terraform folder.

    Returns:
        The stack's names.

    Raises:
        SubmitterError: there is no such stack in that account and region.
        botocore.exceptions.ClientError: AWS refused the question.
    """
    if name is None:
        outputs = _terraform_outputs(terraform)
        if outputs is not None:
            return _deployment(outputs, "Terraform's outputs")
        name = DEFAULT_NAME
    parameter = PARAMETER.format(name=name)
    ssm = session.client("ssm")
    try:
        value = ssm.get_parameter(Name=parameter)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        raise SubmitterError(
            f"There is no stack {name!r} in this account and region ({session.region_name}): no "
            f"parameter {parameter}. Name the stack, the region or the profile: submitter --stack "
            "NAME --region REGION --profile NAME ..."
        ) from None
    return _deployment(json.loads(value), f"the parameter {parameter}")


def _terraform_outputs(terraform: Path) -> dict[str, Any] | None:
    """Ask Terraform for the root module's outputs; None unless it was applied from here."""
    if not (terraform / ".terraform").is_dir():
        return None
    try:
        answer = subprocess.run(
            ["terraform", "output", "-json"],  # nosec B607 # noqa: S607 - as the user's shell finds it
            cwd=terraform,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    outputs = {name: output["value"] for name, output in json.loads(answer.stdout).items()}
    return outputs or None


def _deployment(values: dict[str, Any], source: str) -> Deployment:
    names = [field.name for field in fields(Deployment)]
    missing = [name for name in names if name not in values]
    if missing:
        raise SubmitterError(
            f"{source} lack {', '.join(missing)}: the stack is older than this tool. Run "
            "`terraform apply` with this version first."
        )
    return Deployment(**{name: values[name] for name in names})
