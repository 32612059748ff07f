"""Checks the bucket: versioning, encryption, public access and TLS."""

from collections.abc import Iterator
from functools import partial

from submitter.aws.bucket import bucket_policy, default_encryptions
from submitter.aws.unset import unless_unset
from submitter.doctor.checks.policies import tls_finding
from submitter.doctor.findings import APPLY, Check, Finding, judge, ok
from submitter.stack.context import Context

_PUBLIC_ACCESS = (
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
)


def bucket_checks(context: Context) -> Iterator[tuple[str, Check]]:
    """Yield the checks of the bucket itself, by name."""
    yield "bucket", partial(_bucket, context)
    yield "bucket versions", partial(_versioning, context)
    yield "bucket encryption", partial(_bucket_encryption, context)
    yield "bucket public access", partial(_public_access, context)
    yield "bucket TLS", partial(_bucket_tls, context)


def _bucket(context: Context) -> Iterator[Finding]:
    context.s3.head_bucket(Bucket=context.deployment.bucket_name)
    yield ok("bucket", f"{context.deployment.bucket_name} exists.")


def _versioning(context: Context) -> Iterator[Finding]:
    answer = context.s3.get_bucket_versioning(Bucket=context.deployment.bucket_name)
    status = answer.get("Status", "never enabled")
    yield judge(
        "bucket versions",
        good=status == "Enabled",
        found=f"Versioning is {status}.",
        advice=f"A resubmission would overwrite the earlier one. {APPLY}",
    )


def _bucket_encryption(context: Context) -> Iterator[Finding]:
    methods = [default["SSEAlgorithm"] for default in default_encryptions(context)]
    yield judge(
        "bucket encryption",
        good=bool(methods),
        found=f"Encrypted by default with {', '.join(methods) or 'nothing'}.",
    )


def _public_access(context: Context) -> Iterator[Finding]:
    answer = unless_unset(
        "NoSuchPublicAccessBlockConfiguration",
        lambda: context.s3.get_public_access_block(Bucket=context.deployment.bucket_name),
    )
    settings = dict(answer["PublicAccessBlockConfiguration"]) if answer else {}
    off = [name for name in _PUBLIC_ACCESS if settings.get(name) is not True]
    yield judge(
        "bucket public access",
        good=not off,
        found=f"Not blocked: {', '.join(off)}." if off else "All four blocks are on.",
        advice=f"Submissions could be made public. {APPLY}",
    )


def _bucket_tls(context: Context) -> Iterator[Finding]:
    arns = (context.deployment.bucket_arn, f"{context.deployment.bucket_arn}/*")
    yield tls_finding("bucket TLS", bucket_policy(context), "s3:*", arns)
