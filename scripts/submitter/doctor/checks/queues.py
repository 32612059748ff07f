"""Checks the three queues: encryption, TLS, retention and redrive."""

from collections.abc import Iterator
from functools import partial

from submission.json_object import read_object
from submitter.aws.queues import queue_attributes
from submitter.doctor.checks.policies import tls_finding
from submitter.doctor.findings import APPLY, Check, Finding, judge
from submitter.stack.context import Context

_DAY_SECONDS = 24 * 60 * 60


def queue_checks(context: Context) -> Iterator[tuple[str, Check]]:
    """Yield the checks of the queues, by name."""
    stack = context.deployment
    queues = (
        ("queue", stack.queue_url, stack.queue_arn),
        ("dead-letter queue", stack.dead_letter_queue_url, stack.dead_letter_queue_arn),
        ("intake-failures queue", stack.intake_failures_queue_url, stack.intake_failures_queue_arn),
    )
    for title, url, arn in queues:
        yield f"{title} encryption", partial(_queue_encryption, context, title, url)
        yield f"{title} TLS", partial(_queue_tls, context, title, url, arn)
    yield "queue redrive", partial(_redrive, context)
    yield "dead-letter queue retention", partial(_retention, context)
    for title, url, _ in queues[1:]:
        yield f"{title} keeps", partial(_keeps, context, title, url)


def _queue_encryption(context: Context, title: str, url: str) -> Iterator[Finding]:
    attributes = queue_attributes(context, url)
    managed = attributes.get("SqsManagedSseEnabled") == "true"
    key = attributes.get("KmsMasterKeyId")
    yield judge(
        f"{title} encryption",
        good=managed or bool(key),
        found="Encrypted by SQS." if managed else f"Encrypted with {key or 'nothing'}.",
    )


def _queue_tls(context: Context, title: str, url: str, arn: str) -> Iterator[Finding]:
    yield tls_finding(f"{title} TLS", queue_attributes(context, url).get("Policy"), "sqs:*", (arn,))


def _redrive(context: Context) -> Iterator[Finding]:
    policy = read_object(
        queue_attributes(context, context.deployment.queue_url).get("RedrivePolicy")
    )
    target, count = policy.get("deadLetterTargetArn"), policy.get("maxReceiveCount")
    wanted = context.deployment.dead_letter_queue_arn
    yield judge(
        "queue redrive",
        good=target == wanted,
        found=f"After {count} receives a message goes to {target}."
        if target
        else "A message that no receiver deletes stays until it expires.",
        advice=f"It should go to {wanted}. {APPLY}",
    )


def _retention(context: Context) -> Iterator[Finding]:
    own, dead = (
        int(queue_attributes(context, url)["MessageRetentionPeriod"]) / _DAY_SECONDS
        for url in (context.deployment.queue_url, context.deployment.dead_letter_queue_url)
    )
    yield judge(
        "dead-letter queue retention",
        good=dead > own,
        found=f"Dead letters are kept for {dead:g} days, messages for {own:g}.",
        advice=f"A message keeps its age when it moves: it would soon expire. {APPLY}",
    )


def _keeps(context: Context, title: str, url: str) -> Iterator[Finding]:
    target = read_object(queue_attributes(context, url).get("RedrivePolicy")).get(
        "deadLetterTargetArn"
    )
    yield judge(
        f"{title} keeps",
        good=target is None,
        found=f"Its messages move on to {target}."
        if target
        else "Its messages stay until somebody redrives them.",
        advice=f"Looking at them would move them away. {APPLY}",
    )
