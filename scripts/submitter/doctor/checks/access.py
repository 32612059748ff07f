"""Checks who is kept out: of the bucket, of its versions, and from announcing.

What is asked of each statement is in Terraform's modules `submitter_bucket` and `queue`, with the
reasons.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from submitter.aws.bucket import bucket_policy, default_encryptions
from submitter.aws.queues import queue_attributes
from submitter.doctor.checks.policies import Conditions, denials, statements_of, texts_of
from submitter.doctor.findings import APPLY, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from submitter.doctor.findings import Check, Finding
    from submitter.stack.context import Context

_PRINCIPAL = ("arnnotlike", "aws:principalarn")
_ENCRYPTION = "s3:x-amz-server-side-encryption"
_STORAGE_CLASS = "s3:x-amz-storage-class"
_BY_KEY = ("aws:kms", "aws:kms:dsse")


def access_checks(context: Context) -> Iterator[tuple[str, Check]]:
    """Yield the checks of who is kept out, by name."""
    names = context.deployment
    yield "bucket accounts", partial(_accounts, context)
    yield "bucket version deletion", partial(_version_deletion, context)
    yield "bucket key", partial(_key, context)
    yield "bucket storage class", partial(_storage_class, context)
    queues = (
        ("queue", names.queue_url, names.queue_arn),
        ("intake-failures queue", names.intake_failures_queue_url, names.intake_failures_queue_arn),
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
        found=f"The policy denies whatever is not of account {context.deployment.account}."
        if denied
        else "The policy does not deny other accounts.",
    )


def _version_deletion(context: Context) -> Iterator[Finding]:
    deleters = _version_deleters(context)
    named = ", ".join(sorted(deleters or ())) or "nobody"
    yield judge(
        "bucket version deletion",
        good=deleters is not None,
        found="Any principal of the account with s3:DeleteObjectVersion can delete a version."
        if deleters is None
        else f"The policy lets {named} delete a version for good.",
    )


def _version_deleters(context: Context) -> set[str] | None:
    """Return who may delete a version for good; None if everyone may."""
    found = _bucket_denials(context, "s3:DeleteObjectVersion", f"{context.deployment.bucket_arn}/*")
    if {} in found:
        return set()
    spared = [conditions[_PRINCIPAL] for conditions in found if set(conditions) == {_PRINCIPAL}]
    return set.intersection(*spared) if spared else None


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
        for what, denial in (("another key", other), ("a key of the uploader's", provided))
        if denial not in found
    ]
    yield judge(
        "bucket key",
        good=not missing,
        found=f"Uploads can ask for {' and '.join(missing)}."
        if missing
        else f"Every upload is encrypted with {keys[0] if keys else "S3's own key"}.",
        advice=f"What they encrypt, others may not be able to read. {APPLY}",
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
        found="Uploads are kept as STANDARD." if denied else "Uploads can ask to be archived.",
        advice=f"An archived submission takes hours to be readable. {APPLY}",
    )


def _senders(context: Context, title: str, url: str, arn: str) -> Iterator[Finding]:
    function = context.functions.get_function_configuration(
        FunctionName=context.deployment.function_name
    )
    policy = queue_attributes(context, url).get("Policy")
    spared = [
        conditions[_PRINCIPAL]
        for conditions in denials(policy, "sqs:SendMessage", (arn,))
        if set(conditions) == {_PRINCIPAL}
    ]
    senders = set.intersection(*spared) if spared else set()
    strangers = senders - {function["Role"]}
    if not spared:
        problem = "Any principal of the account with sqs:SendMessage can post here."
    elif function["Role"] not in senders:
        problem = f"The policy denies sending to the function's own role, {function['Role']}."
    elif strangers:
        problem = (
            f"The policy lets {', '.join(sorted(strangers))} send, beside the function's role."
        )
    else:
        problem = ""
    yield judge(
        f"{title} senders",
        good=not problem,
        found=problem or f"The policy denies sending to all but {', '.join(sorted(senders))}.",
    )


def _grants(context: Context) -> Iterator[Finding]:
    names = context.deployment
    policies = {"bucket": bucket_policy(context)}
    for title, url in (
        ("queue", names.queue_url),
        ("dead-letter queue", names.dead_letter_queue_url),
        ("intake-failures queue", names.intake_failures_queue_url),
    ):
        policies[title] = queue_attributes(context, url).get("Policy")
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
        else "No policy of the bucket or a queue grants anything.",
        advice=f"The stack gives no rights by them: find out who added it. {APPLY}",
    )
