"""Checks who is kept out: of the bucket, of its versions, and from announcing.

What is asked of each statement is in Terraform's modules `submitter_bucket` and `queue`, with the
reasons.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from submitter.doctor.bucket import bucket_policy, default_encryptions
from submitter.doctor.findings import APPLY, judge, ok
from submitter.doctor.policies import Conditions, denials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from submitter.context import Context
    from submitter.doctor.findings import Check, Finding

_PRINCIPAL = ("arnnotlike", "aws:principalarn")
_ENCRYPTION = "s3:x-amz-server-side-encryption"
_BY_KEY = ("aws:kms", "aws:kms:dsse")


def access_checks(context: Context) -> Iterator[tuple[str, Check]]:
    """Yield the checks of who is kept out, by name."""
    names = context.deployment
    yield "bucket accounts", partial(_accounts, context)
    yield "bucket version deletion", partial(_version_deletion, context)
    yield "bucket key", partial(_key, context)
    queues = (
        ("queue", names.queue_url, names.queue_arn),
        ("intake-failures queue", names.intake_failures_queue_url, names.intake_failures_queue_arn),
    )
    for title, url, arn in queues:
        yield f"{title} senders", partial(_senders, context, title, url, arn)


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
    found = _bucket_denials(context, "s3:DeleteObjectVersion", f"{context.deployment.bucket_arn}/*")
    nobody = {} in found
    spared = [conditions[_PRINCIPAL] for conditions in found if set(conditions) == {_PRINCIPAL}]
    named = "nobody" if nobody else ", ".join(sorted(set.intersection(*spared))) if spared else ""
    yield judge(
        "bucket version deletion",
        good=nobody or bool(spared),
        found=f"The policy lets {named or 'none of those named'} delete a version for good."
        if nobody or spared
        else "Whoever may delete in the account can delete a version for good.",
    )


def _key(context: Context) -> Iterator[Finding]:
    keys = [
        default.get("KMSMasterKeyID", "")
        for default in default_encryptions(context)
        if default["SSEAlgorithm"] in _BY_KEY
    ]
    if not keys:
        yield ok("bucket key", "No key of the account's own is asked for.")
        return
    found = _bucket_denials(context, "s3:PutObject", f"{context.deployment.bucket_arn}/*")
    other = {
        ("null", _ENCRYPTION): {"false"},
        ("stringnotequals", f"{_ENCRYPTION}-aws-kms-key-id"): set(keys),
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
        else f"Every upload is encrypted with {keys[0]}.",
        advice=f"What they encrypt, others may not be able to read. {APPLY}",
    )


def _senders(context: Context, title: str, url: str, arn: str) -> Iterator[Finding]:
    function = context.functions.get_function_configuration(
        FunctionName=context.deployment.function_name
    )
    answer = context.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    policy = answer.get("Attributes", {}).get("Policy")
    spared = [
        conditions[_PRINCIPAL]
        for conditions in denials(policy, "sqs:SendMessage", (arn,))
        if set(conditions) == {_PRINCIPAL}
    ]
    senders = set.intersection(*spared) if spared else set()
    if spared and function["Role"] not in senders:
        problem = f"The policy denies sending to the function's own role, {function['Role']}."
    else:
        problem = "" if spared else "Whoever may send in the account can announce on it."
    yield judge(
        f"{title} senders",
        good=not problem,
        found=problem or f"The policy denies sending to all but {', '.join(sorted(senders))}.",
    )
