"""What a stack is made of: the types of resources, what each is for, and which modules make it."""

import re
from dataclasses import dataclass

PROVIDERS = (
    "registry.terraform.io/hashicorp/aws",
    "registry.opentofu.org/hashicorp/aws",
)
DOCUMENT = "aws_iam_policy_document"
"""The type of data source that renders a policy."""

DATA_SOURCES = {DOCUMENT, "aws_caller_identity", "aws_partition", "aws_region"}
"""The types that a stack reads; others may run programs or functions, or ask anybody."""

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
_QUEUES = ("module.submitter_queue", "module.intake_function.module.failures_queue")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource."""

    role: str
    """What it is for, as a sentence without its full stop."""
    modules: tuple[str, ...]
    """The addresses of those that make one."""
    costs: bool = False
    """Whether one costs something by being there."""


def _in(module: str, role: str, *, costs: bool = False) -> Kind:
    return Kind(role, (f"module.{module}",), costs)


KINDS = {
    "aws_s3_bucket": _in("submitter_bucket", "holds the submissions and results"),
    "aws_s3_bucket_lifecycle_configuration": _in(
        "submitter_bucket", "decides how long replaced versions are kept"
    ),
    "aws_s3_bucket_ownership_controls": _in("submitter_bucket", "turns access control lists off"),
    "aws_s3_bucket_policy": _in("submitter_bucket", "refuses what no policy may allow about it"),
    "aws_s3_bucket_public_access_block": _in("submitter_bucket", "keeps the bucket private"),
    "aws_s3_bucket_server_side_encryption_configuration": _in(
        "submitter_bucket", "encrypts the submissions"
    ),
    "aws_s3_bucket_versioning": _in("submitter_bucket", "keeps what is overwritten or deleted"),
    "aws_s3_bucket_metric": _in("observability", "counts uploads, for an alarm", costs=True),
    "aws_s3_bucket_notification": _in("intake_notification", "tells the function of each upload"),
    "aws_lambda_permission": _in("intake_notification", "lets S3 run the function"),
    "aws_sqs_queue": Kind("holds messages, or failures, until somebody takes them", _QUEUES),
    "aws_sqs_queue_policy": Kind("refuses what no policy may allow about the queue", _QUEUES),
    "aws_sqs_queue_redrive_policy": Kind("sets aside what fails again and again", _QUEUES),
    "aws_sqs_queue_redrive_allow_policy": Kind("says whose dead letters the queue takes", _QUEUES),
    "aws_lambda_function": _in("intake_function", "decides what is a submission, and announces it"),
    "aws_lambda_function_event_invoke_config": _in(
        "intake_function", "retries, and keeps what fails"
    ),
    "aws_lambda_function_recursion_config": _in("intake_function", "stops a loop that costs money"),
    "aws_cloudwatch_log_group": _in("intake_function", "keeps what became of each upload"),
    "aws_iam_role": _in("intake_function", "says who may act as it"),
    "aws_iam_role_policy": _in("intake_function", "says what the role may do"),
    "aws_cloudwatch_metric_alarm": _in(
        "observability", "tells people when something is wrong", costs=True
    ),
    "aws_cloudwatch_dashboard": _in("observability", "shows the flow", costs=True),
    "aws_iam_policy": _in("access_policies", "says what people and programs may do"),
    "aws_iam_role_policy_attachment": _in("access_policies", "gives a role a policy"),
    "aws_iam_user_policy_attachment": _in("access_policies", "gives a user a policy"),
    "aws_kms_key": _in("encryption_key", "encrypts what the stack stores", costs=True),
    "aws_kms_alias": _in("encryption_key", "names the key"),
    "aws_ssm_parameter": _in("stack_parameter", "tells tools where the stack is"),
}


def without_indexes(address: str) -> str:
    """Return an address without the keys and numbers of instances."""
    return _INDEX.sub("", address)
