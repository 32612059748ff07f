"""What the first plan of a stack may create: what this configuration's modules make, and no more.

There is nothing yet that could be lost, but rights in the account can be given all the same.
"""

import re
from collections.abc import Iterator, Mapping

from plan_guard.plan import Change
from plan_guard.policy import Statement, is_policy, parse_document, parse_policy
from plan_guard.stack import DOCUMENT, KINDS, without_indexes

_SERVICES = {"cloudwatch", "kms", "lambda", "logs", "s3", "sqs", "ssm", "xray"}
"""Those whose actions a stack's policies allow."""

_MUST_BE: Mapping[str, Mapping[str, object]] = {
    "aws_s3_bucket_public_access_block": {
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    },
    "aws_s3_bucket_ownership_controls": {"rule[].object_ownership": "BucketOwnerEnforced"},
    "aws_s3_bucket_versioning": {"versioning_configuration[].status": "Enabled"},
    "aws_lambda_permission": {"principal": "s3.amazonaws.com"},
    # Its code is the zip that was tested.
    "aws_lambda_function": {"s3_bucket": None, "image_uri": None},
}
_MADE_BY_THE_PLAN = {
    "aws_lambda_function": "role",
    "aws_iam_role": "managed_policy_arns",
    "aws_iam_role_policy_attachment": "policy_arn",
    "aws_iam_user_policy_attachment": "policy_arn",
}
"""What is known only after the apply, because the plan makes it: one that is known is another's."""

_PRINCIPAL = re.compile(r"AWS arn:[a-z-]+:iam::\d{12}:(root|role/.+|user/.+)")
_SERVICE = re.compile(r"Service [a-z0-9.-]+\.amazonaws\.com(\.cn)?")


def misfits(change: Change) -> Iterator[str]:
    """Tell what a stack's first plan must not create or render.

    Args:
        change: one of the plan's.

    Yields:
        One sentence for each, without its full stop.
    """
    if change.type == DOCUMENT:
        for statement in parse_document(change.after):
            yield from _too_much(statement, _SERVICES)
        return
    if without_indexes(change.module) not in KINDS[change.type].modules:
        yield "is not made by one of this configuration's own modules"
    values = dict(_values("", change.after))
    for path, value in _MUST_BE.get(change.type, {}).items():
        if values.get(path) != value:
            yield f"{path} is not {value}"
    if change.type == "aws_lambda_permission" and not values.get("source_account"):
        yield "lets a bucket of any account run the function: it has no source_account"
    given = _MADE_BY_THE_PLAN.get(change.type, "")
    if values.get(given):
        yield f"{given} is {values[given]}, which is not this plan's"
    for path, policy in _values("", change.after):
        services = {"sts"} if path == "assume_role_policy" else _SERVICES
        for statement in parse_policy(policy) if is_policy(path) else ():
            yield from _too_much(statement, services)


def _values(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for name, it in value.items():
            yield from _values(f"{path}.{name}" if path else name, it)
    elif isinstance(value, list) and any(isinstance(it, Mapping) for it in value):
        for it in value:
            yield from _values(f"{path}[]", it)
    else:
        yield path, value


def _too_much(statement: Statement, services: set[str]) -> Iterator[str]:
    """Tell what a statement allows that none of a stack's policies does."""
    if statement.get("Effect") != ["Allow"]:
        return
    sid = " ".join(statement.get("Sid", ["a statement"]))
    principals = statement.get("Principal", [])
    for name in ("NotAction", "NotPrincipal", "NotResource"):
        if name in statement:
            yield f"{sid} has a {name}, and so allows all but what it names"
    for action in statement.get("Action", ()):
        service = action.partition(":")[0].lower()
        # A key's policy leaves the key to its account, and families of actions to services.
        is_wild = set("*?$") & set(action) and not (service == "kms" and principals)
        if is_wild or service not in services:
            yield f"{sid} allows {action}"
    is_trust = "sts" in services
    for principal in principals:
        # Other accounts are told elsewhere.
        is_named = _PRINCIPAL.fullmatch(principal) and not is_trust
        is_service = _SERVICE.fullmatch(principal) and (is_trust or "Condition" in statement)
        if not is_named and not is_service:
            yield f"{sid} allows something to {principal}"
