"""What a change means to people: why it matters, and whether it costs more or less."""

from dataclasses import dataclass
from enum import StrEnum

from plan_guard.plan import Action, Change


class Cost(StrEnum):
    """Where the bill goes; how far, docs and prices say."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    NONE = "-"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource."""

    role: str
    """What it is for, as a sentence without its full stop."""
    costs: bool = False
    """Whether one costs something by being there."""


_KINDS = {
    "aws_s3_bucket": Kind("holds the submissions and results"),
    "aws_s3_bucket_lifecycle_configuration": Kind("decides how long replaced versions are kept"),
    "aws_s3_bucket_metric": Kind("counts uploads, for an alarm", costs=True),
    "aws_s3_bucket_notification": Kind("tells the function of each upload"),
    "aws_s3_bucket_ownership_controls": Kind("turns access control lists off"),
    "aws_s3_bucket_policy": Kind("refuses what no policy may allow about the bucket"),
    "aws_s3_bucket_public_access_block": Kind("keeps the bucket private"),
    "aws_s3_bucket_server_side_encryption_configuration": Kind("encrypts the submissions"),
    "aws_s3_bucket_versioning": Kind("keeps what is overwritten or deleted"),
    "aws_sqs_queue": Kind("holds messages, or failures, until somebody takes them"),
    "aws_sqs_queue_policy": Kind("refuses what no policy may allow about the queue"),
    "aws_sqs_queue_redrive_policy": Kind("sets aside what fails again and again"),
    "aws_sqs_queue_redrive_allow_policy": Kind("says whose dead letters the queue takes"),
    "aws_lambda_function": Kind("decides what is a submission, and announces it"),
    "aws_lambda_function_event_invoke_config": Kind("retries, and keeps what fails"),
    "aws_lambda_function_recursion_config": Kind("stops a loop that costs money"),
    "aws_lambda_permission": Kind("lets S3 run the function"),
    "aws_cloudwatch_log_group": Kind("keeps what became of each upload"),
    "aws_cloudwatch_metric_alarm": Kind("tells people when something is wrong", costs=True),
    "aws_cloudwatch_dashboard": Kind("shows the flow", costs=True),
    "aws_iam_policy": Kind("says what people and programs may do"),
    "aws_iam_role": Kind("says who may act as it"),
    "aws_iam_role_policy": Kind("says what the role may do"),
    "aws_iam_role_policy_attachment": Kind("gives a role a policy"),
    "aws_iam_user_policy_attachment": Kind("gives a user a policy"),
    "aws_iam_openid_connect_provider": Kind("lets GitHub's workflows take roles"),
    "aws_kms_key": Kind("encrypts what the stack stores", costs=True),
    "aws_kms_alias": Kind("names the key"),
    "aws_ssm_parameter": Kind("tells tools where the stack is"),
}

_ATTRIBUTES = {
    ("aws_lambda_function", "source_code_hash"): "other code runs for every upload from then on",
    ("aws_lambda_function", "reserved_concurrent_executions"): (
        "changes how many uploads are looked at at once"
    ),
    ("aws_lambda_function", "architectures"): "runs on another processor",
    ("aws_lambda_function", "timeout"): "changes when a run is given up and tried again",
    ("aws_sqs_queue", "visibility_timeout_seconds"): (
        "changes when a message that is worked on is given to somebody else too"
    ),
    ("aws_sqs_queue", "message_retention_seconds"): "changes how long a message waits",
    ("aws_cloudwatch_log_group", "retention_in_days"): "changes how far back `why` can tell",
}

_COSTS_WITH_ITS_VALUE = {
    ("aws_lambda_function", "memory_size"),
    ("aws_cloudwatch_log_group", "retention_in_days"),
}
"""The bill goes where the number goes."""

_ARM = ["arm64"]


def why_it_matters(change: Change) -> str:
    """Return one sentence on what the changed resource is for, and what will be different."""
    kind = _KINDS.get(change.type)
    role = kind.role if kind else "is not of a type that this stack is known to have"
    told = [
        text
        for (type_, attribute), text in _ATTRIBUTES.items()
        if change.action is Action.UPDATE and type_ == change.type and attribute in change.changed()
    ]
    return "; ".join((role, *told))


def cost_direction(change: Change) -> Cost:
    """Return where the bill goes by this change alone, with the same number of submissions."""
    kind = _KINDS.get(change.type)
    match change.action:
        case Action.CREATE if kind and kind.costs:
            return Cost.UP
        case Action.DELETE if kind and kind.costs:
            return Cost.DOWN
        case Action.UPDATE:
            return _of_an_update(change)
        case Action.REPLACE:
            return Cost.SAME
        case _:
            return Cost.NONE


def _of_an_update(change: Change) -> Cost:
    for type_, attribute in _COSTS_WITH_ITS_VALUE:
        before, after = change.before.get(attribute), change.after.get(attribute)
        if change.type == type_ and before != after and before is not None and after is not None:
            # CloudWatch's 0 days are for ever.
            longer = (after or float("inf")) > (before or float("inf"))
            return Cost.UP if longer else Cost.DOWN
    if change.type == "aws_lambda_function" and "architectures" in change.changed():
        return Cost.DOWN if change.after.get("architectures") == _ARM else Cost.UP
    if change.type == "aws_s3_bucket_lifecycle_configuration" and "rule" in change.changed():
        return Cost.UP if _kept_days(change.after) > _kept_days(change.before) else Cost.DOWN
    return Cost.SAME


def _kept_days(attributes: object) -> float:
    """Return how long replaced versions are kept, in days."""
    rules = attributes.get("rule") if isinstance(attributes, dict) else None
    return max(
        (
            limit.get("noncurrent_days") or float("inf")
            for rule in rules or ()
            for limit in rule.get("noncurrent_version_expiration") or ()
        ),
        default=float("inf"),
    )
