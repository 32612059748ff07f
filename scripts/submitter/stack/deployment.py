"""Finds a deployed stack, and the names of its resources."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from submission.json_object import read_object, text_of
from submitter.errors import ForeignAnswerError, SubmitterError

if TYPE_CHECKING:
    from types_boto3_ssm import SSMClient

    from submitter.stack.applied import Choice

PARAMETER = "/submitter/{name}/stack"
"""The SSM parameter that Terraform writes a stack's names to."""
DEFAULT_NAME = "submitter"


@dataclass(frozen=True, slots=True)
class Grader:
    """The names of the resources that a stack has with grading on."""

    function_name: str
    log_group_name: str
    mapping_uuid: str
    """Of the event source mapping, by which Lambda gives it the queue's messages."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The names of a deployed stack's resources, as in Terraform's outputs."""

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
    grader_function_name: str | None = field(default=None, kw_only=True)
    grader_log_group_name: str | None = field(default=None, kw_only=True)
    grader_mapping_uuid: str | None = field(default=None, kw_only=True)

    @property
    def grader(self) -> Grader | None:
        """The grader; None if the queue is left to another back end."""
        function, log_group = self.grader_function_name, self.grader_log_group_name
        mapping = self.grader_mapping_uuid
        if function is None or log_group is None or mapping is None:
            return None
        return Grader(function, log_group, mapping)

    @property
    def account(self) -> str:
        """The stack's AWS account."""
        return self.queue_arn.split(":")[4]

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        return f"arn:{self._partition}:s3:::{self.bucket_name}"

    @property
    def function_arn(self) -> str:
        """The intake function's ARN."""
        return self.arn_of_function(self.function_name)

    def arn_of_function(self, name: str) -> str:
        """Return the ARN of a function of the stack."""
        return f"arn:{self._partition}:lambda:{self.region}:{self.account}:function:{name}"

    @property
    def _partition(self) -> str:
        return self.queue_arn.split(":")[1]


_OPTIONAL = {each.name for each in fields(Deployment) if each.default is None}
"""The fields that a stack without grading lacks."""


def find_deployment(ssm: SSMClient, choice: Choice) -> Deployment:
    """Find a stack in the account and region of an SSM client.

    Raises:
        SubmitterError: there is no such stack, or it is not the one that was applied from this
            checkout.
        ForeignAnswerError: something other than AWS answered.
        botocore.exceptions.ClientError: AWS refused.
    """
    parameter = PARAMETER.format(name=choice.name)
    try:
        answer = ssm.get_parameter(Name=parameter)
    except ssm.exceptions.ParameterNotFound:
        raise SubmitterError(
            f"There is no stack {choice.name!r} in this account and region "
            f"({ssm.meta.region_name}, asked at {ssm.meta.endpoint_url}): no parameter "
            f"{parameter}. {_advice(choice)}"
        ) from None
    value = text_of(answer.get("Parameter"), "Value")
    if value is None:
        raise ForeignAnswerError(status=answer["ResponseMetadata"]["HTTPStatusCode"])
    values = read_object(value)
    has_grader = any(values.get(name) is not None for name in _OPTIONAL)
    names = [each.name for each in fields(Deployment) if has_grader or each.name not in _OPTIONAL]
    missing = [name for name in names if not isinstance(values.get(name), str)]
    if missing:
        raise SubmitterError(
            f"The parameter {parameter} lacks {', '.join(missing)}: the stack is older than this "
            "tool. Apply this version's Terraform configuration first."
        )
    deployment = Deployment(**{name: values[name] for name in names})
    applied = choice.applied
    if applied is not None and not choice.is_named and applied.account != deployment.account:
        raise SubmitterError(
            f"The stack {choice.name!r} was applied from this checkout to account "
            f"{applied.account} ({applied.source}), but these credentials are for account "
            f"{deployment.account}, which has a stack of the same name. Use a profile of account "
            f"{applied.account} (--profile NAME). If you mean the other stack, name it: "
            f"--stack {choice.name}"
        )
    return deployment


def _advice(choice: Choice) -> str:
    applied = choice.applied
    if applied is None:
        return (
            "Name the stack, the region or the profile: --stack NAME --region REGION --profile NAME"
        )
    return (
        f"It was applied from this checkout to {applied.region} in account {applied.account} "
        f"({applied.source}). Use a profile of that account (--profile NAME) and that region. If "
        "you mean another stack, such as that of `make up`, name it: --stack submitter. If it was "
        f"removed, delete {applied.source}."
    )
