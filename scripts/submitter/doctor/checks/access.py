"""Checks the policies that keep others away from the bucket, its versions and the queues.

Terraform's modules `submitter_bucket` and `queue` have each statement, with its reason.
"""

import json
from collections.abc import Iterator
from functools import partial

from submitter.aws.bucket import bucket_policy, default_encryptions
from submitter.aws.queues import queue_attributes
from submitter.aws.unset import unless_unset
from submitter.doctor.checks.policies import Conditions, denials, statements_of, texts_of
from submitter.doctor.findings import APPLY, Check, Finding, judge
from submitter.stack.context import Context

_PRINCIPAL = ("arnnotlike", "aws:principalarn")
_ENCRYPTION = "s3:x-amz-server-side-encryption"
_STORAGE_CLASS = "s3:x-amz-storage-class"
_BY_KEY = ("aws:kms", "aws:kms:dsse")


def access_checks(context: Context) -> Iterator[tuple[str, Check]]:
    """Yield the checks of access, by name."""
    stack = context.deployment
    yield "bucket accounts", partial(_accounts, context)
    yield "bucket version deletion", partial(_version_deletion, context)
    yield "bucket key", partial(_key, context)
    yield "bucket storage class", partial(_storage_class, context)
    queues = (
        ("queue", stack.queue_url, stack.queue_arn),
        ("intake-failures queue", stack.intake_failures_queue_url, stack.intake_failures_queue_arn),
    )
    for title, url, arn in queues:
        yield f"{title} senders", partial(_senders, context, title, url, arn)
    yield "other grants", partial(_grants, context)


def _bucket_denials(context: Context, action: str, *arns: str) -> list[Conditions]:
    return list(denials(bucket_policy(context), action, arns))


def _accounts(context: Context) -> Iterator[Finding]:
    arn = context.deployment.bucket_arn
    wanted = {
        ("stringnotequals", "aws:principalaccount"): {context.deployment.account},
        ("boolifexists", "aws:principalisawsservice"): {"false"},
    }
    denied = wanted in _bucket_denials(context, "s3:*", arn, f"{arn}/*")
    yield judge(
        "bucket accounts",
        good=denied,
        found=f"The policy denies all accounts but {context.deployment.account}."
        if denied
        else "The policy does not deny other accounts.",
    )


def _version_deletion(context: Context) -> Iterator[Finding]:
    found = _bucket_denials(context, "s3:DeleteObjectVersion", f"{context.deployment.bucket_arn}/*")
    deleters = set() if {} in found else _exempt(found)
    named = ", ".join(sorted(deleters or ())) or "nobody"
    yield judge(
        "bucket version deletion",
        good=deleters is not None,
        found="Any principal of the account with s3:DeleteObjectVersion can delete a version."
        if deleters is None
        else f"The policy lets {named} delete a version for good.",
    )


def _exempt(denied: list[Conditions]) -> set[str] | None:
    """Return the principals that denials do not apply to; None if nobody is denied."""
    exempt = [conditions[_PRINCIPAL] for conditions in denied if set(conditions) == {_PRINCIPAL}]
    return set.intersection(*exempt) if exempt else None


def _key(context: Context) -> Iterator[Finding]:
    keys = [
        default.get("KMSMasterKeyID", "")
        for default in default_encryptions(context)
        if default["SSEAlgorithm"] in _BY_KEY
    ]
    found = _bucket_denials(context, "s3:PutObject", f"{context.deployment.bucket_arn}/*")
    other = {
        ("null", _ENCRYPTION): {"false"},
        ("stringnotequals", f"{_ENCRYPTION}-aws-kms-key-id" if keys else _ENCRYPTION): set(keys)
        or {"AES256"},
    }
    provided = {("null", f"{_ENCRYPTION}-customer-algorithm"): {"false"}}
    missing = [
        what
        for what, denial in (("another key", other), ("the uploader's own key", provided))
        if denial not in found
    ]
    yield judge(
        "bucket key",
        good=not missing,
        found=f"Uploads can ask for {' and '.join(missing)}."
        if missing
        else f"Every upload is encrypted with {keys[0] if keys else "S3's own key"}.",
        advice=f"The back end may not be able to read such an upload. {APPLY}",
    )


def _storage_class(context: Context) -> Iterator[Finding]:
    found = _bucket_denials(context, "s3:PutObject", f"{context.deployment.bucket_arn}/*")
    denied = {
        ("null", _STORAGE_CLASS): {"false"},
        ("stringnotequals", _STORAGE_CLASS): {"STANDARD"},
    } in found
    yield judge(
        "bucket storage class",
        good=denied,
        found="Uploads are stored as STANDARD." if denied else "Uploads can ask to be archived.",
        advice=f"An archived submission takes hours to read. {APPLY}",
    )


def _senders(context: Context, title: str, url: str, arn: str) -> Iterator[Finding]:
    function = context.functions.get_function_configuration(
        FunctionName=context.deployment.function_name
    )
    policy = queue_attributes(context, url).get("Policy")
    senders = _exempt(list(denials(policy, "sqs:SendMessage", (arn,))))
    role = function["Role"]
    if senders is None:
        found = "Any principal of the account with sqs:SendMessage can post here."
    elif role not in senders:
        found = f"The policy denies sending to the function's own role, {role}."
    elif others := senders - {role}:
        found = f"The policy lets {', '.join(sorted(others))} send, not only the function's role."
    else:
        found = f"The policy denies sending to all but {role}."
    yield judge(f"{title} senders", good=senders == {role}, found=found)


def _grants(context: Context) -> Iterator[Finding]:
    stack = context.deployment
    policies = {"bucket": bucket_policy(context)}
    for title, url in (
        ("queue", stack.queue_url),
        ("dead-letter queue", stack.dead_letter_queue_url),
        ("intake-failures queue", stack.intake_failures_queue_url),
    ):
        policies[title] = queue_attributes(context, url).get("Policy")
    if (name := stack.grader_function_name) is not None:
        found = unless_unset(
            "ResourceNotFoundException", lambda: context.functions.get_policy(FunctionName=name)
        )
        policies["grader"] = found["Policy"] if found else None
    granted = [
        f"{', '.join(sorted(texts_of(statement.get('Action'))))} on the {title} to "
        f"{json.dumps(statement.get('Principal'))}"
        for title, policy in policies.items()
        for statement in statements_of(policy)
        if statement.get("Effect") == "Allow"
    ]
    yield judge(
        "other grants",
        good=not granted,
        found=f"Policies allow {'; '.join(granted)}."
        if granted
        else f"No policy of the {', '.join(policies)} grants anything.",
        advice=f"The stack's own policies grant nothing: find out who added it. {APPLY}",
    )
