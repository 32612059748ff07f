"""The resource types of a stack: the use of each, and the modules that make it."""

import re
from typing import NamedTuple

PROVIDERS = ("registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws")
DOCUMENT = "aws_iam_policy_document"
"""The type of data source that renders a policy."""
DATA_SOURCES = {DOCUMENT, "aws_caller_identity", "aws_partition", "aws_region"}
"""The types that a stack reads; others may run programs or functions, or send data anywhere."""

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')


class Kind(NamedTuple):
    """A type of resource."""

    modules: tuple[str, ...]  # the addresses of the modules that make it
    role: str  # its use, as a sentence without subject and full stop


GRADERS = ("module.grader_function", "module.grader_mapping")
"""The modules of a stack with `grading`."""

_BUCKET = ("module.submitter_bucket",)
_QUEUES = ("module.submitter_queue", "module.intake_failures")
_FUNCTIONS = ("module.intake_function", GRADERS[0])
_NOTIFICATION = ("module.intake_notification",)
_OBSERVABILITY = ("module.observability",)
_ACCESS = ("module.access_policies",)
_KEY = ("module.encryption_key",)

KINDS = {
    "aws_s3_bucket": Kind(_BUCKET, "holds the submissions and results"),
    "aws_s3_bucket_lifecycle_configuration": Kind(_BUCKET, "keeps replaced versions for a time"),
    "aws_s3_bucket_ownership_controls": Kind(_BUCKET, "turns access control lists off"),
    "aws_s3_bucket_policy": Kind(_BUCKET, "denies what no policy may allow on the bucket"),
    "aws_s3_bucket_public_access_block": Kind(_BUCKET, "keeps the bucket private"),
    "aws_s3_bucket_server_side_encryption_configuration": Kind(_BUCKET, "encrypts submissions"),
    "aws_s3_bucket_versioning": Kind(_BUCKET, "keeps overwritten and deleted objects"),
    "aws_s3_bucket_metric": Kind(_OBSERVABILITY, "counts uploads, for an alarm"),
    "aws_s3_bucket_notification": Kind(_NOTIFICATION, "notifies the function of each upload"),
    "aws_lambda_permission": Kind(_NOTIFICATION, "lets S3 run the function"),
    "aws_sqs_queue": Kind(_QUEUES, "holds messages, or failures, until somebody receives them"),
    "aws_sqs_queue_policy": Kind(_QUEUES, "denies what no policy may allow on the queue"),
    "aws_sqs_queue_redrive_policy": Kind(_QUEUES, "sets aside what fails again and again"),
    "aws_sqs_queue_redrive_allow_policy": Kind(_QUEUES, "says whose dead letters the queue takes"),
    "aws_lambda_function": Kind(_FUNCTIONS, "announces submissions, or grades them"),
    "aws_lambda_function_event_invoke_config": Kind(_FUNCTIONS, "retries, keeps failed events"),
    "aws_lambda_function_recursion_config": Kind(_FUNCTIONS, "stops a loop that costs money"),
    "aws_lambda_event_source_mapping": Kind(GRADERS[1:], "hands each message to the grader"),
    "aws_cloudwatch_log_group": Kind(_FUNCTIONS, "keeps the outcome of each submission"),
    "aws_iam_role": Kind(_FUNCTIONS, "says who may assume it"),
    "aws_iam_role_policy": Kind((*_FUNCTIONS, GRADERS[1]), "says what the role may do"),
    "aws_cloudwatch_metric_alarm": Kind(_OBSERVABILITY, "tells people that something is wrong"),
    "aws_cloudwatch_dashboard": Kind(_OBSERVABILITY, "shows the flow"),
    "aws_iam_policy": Kind(_ACCESS, "says what people and programs may do"),
    "aws_iam_role_policy_attachment": Kind(_ACCESS, "gives a role a policy"),
    "aws_iam_user_policy_attachment": Kind(_ACCESS, "gives a user a policy"),
    "aws_kms_key": Kind(_KEY, "encrypts what the stack stores"),
    "aws_kms_alias": Kind(_KEY, "names the key"),
    "aws_ssm_parameter": Kind(("module.stack_parameter",), "tells tools where the stack is"),
}


def without_indexes(address: str) -> str:
    """Return an address without the keys and numbers of instances."""
    return _INDEX.sub("", address)
