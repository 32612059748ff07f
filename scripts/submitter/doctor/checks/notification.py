"""Checks the bucket's notification and the function's permission."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from submission.keys import DATA_SUFFIX, SUBMISSIONS
from submitter.aws.unset import unless_unset
from submitter.doctor.checks.policies import condition_of, statements_of, texts_of
from submitter.doctor.findings import APPLY, Check, Finding, attention, judge, ok
from submitter.invocation import command
from submitter.stack.context import Context
from submitter.stack.deployment import Deployment

_EVENTS = ["s3:ObjectCreated:*"]


def notification_checks(context: Context) -> Iterator[tuple[str, Check]]:
    """Yield the checks of the notification and the permission, by name."""
    yield "notification", partial(_notification, context)
    yield "permission", partial(_permission, context)


def _notification(context: Context) -> Iterator[Finding]:
    check = "notification"
    answer = context.s3.get_bucket_notification_configuration(Bucket=context.deployment.bucket_name)
    functions = list(answer.get("LambdaFunctionConfigurations", []))
    ours = [
        each for each in functions if each["LambdaFunctionArn"] == context.deployment.function_arn
    ]
    others = [each["LambdaFunctionArn"] for each in functions if each not in ours]
    others += [
        each["QueueArn"] for each in answer.get("QueueConfigurations", []) if _may_match(each)
    ]
    others += [
        each["TopicArn"] for each in answer.get("TopicConfigurations", []) if _may_match(each)
    ]
    if not ours:
        yield attention(
            check,
            "The bucket does not notify the intake function: no upload is announced.",
            f"{APPLY} Then `{command('reconcile')}` finds what was missed.",
        )
    if len(ours) > 1:
        yield attention(
            check,
            f"The bucket notifies the intake function {len(ours)} times for one upload.",
        )
    for each in ours[:1]:
        filters, events = _filters(each), list(each["Events"])
        wanted = {"prefix": SUBMISSIONS, "suffix": DATA_SUFFIX}
        yield judge(
            check,
            good=filters == wanted and events == _EVENTS,
            found=f"The bucket notifies the intake function of {', '.join(events)} for "
            f"prefix {filters.get('prefix', '')!r} and suffix {filters.get('suffix', '')!r}.",
            advice=f"It should be {_EVENTS[0]}, {SUBMISSIONS!r} and {DATA_SUFFIX!r}. {APPLY}",
        )
    yield judge(
        "other notifications",
        good=not others,
        found=f"Other receivers of the bucket's notifications: {', '.join(others) or 'none'}.",
        advice="A bucket has one notification configuration: find out who added to it, and move "
        "it into the stack's Terraform, or remove it with `make plan` and `make apply`.",
    )


def _permission(context: Context) -> Iterator[Finding]:
    check = "permission"
    answer = unless_unset(
        "ResourceNotFoundException",
        lambda: context.functions.get_policy(FunctionName=context.deployment.function_name),
    )
    statements = statements_of(answer["Policy"] if answer else None)
    allowed = [each for each in statements if _lets_s3_invoke(context.deployment, each)]
    complete = [
        each
        for each in allowed
        if condition_of(each, "aws:sourceaccount") == {context.deployment.account}
    ]
    others = [
        json.dumps(each.get("Principal"))
        for each in statements
        if each.get("Effect") == "Allow" and each not in complete
    ]
    if complete and others:
        yield attention(
            check,
            f"The function's policy also gives rights to {', '.join(others)}.",
            "They could make the function announce forged uploads: find out who added this, and "
            f"remove it with RemovePermission. {APPLY}",
        )
    elif complete:
        yield ok(check, "Only the bucket of this account may invoke the function.")
    elif allowed:
        yield attention(
            check,
            "The bucket may invoke the function, in any account.",
            f"If it is deleted, another account could create a bucket of its name. {APPLY}",
        )
    else:
        yield attention(
            check,
            "The bucket may not invoke the function: no upload is announced.",
            f"{APPLY} Then `{command('reconcile')}` finds what was missed.",
        )


def _lets_s3_invoke(deployment: Deployment, statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal")
    service = principal.get("Service") if isinstance(principal, dict) else None
    return (
        statement.get("Effect") == "Allow"
        and "s3.amazonaws.com" in texts_of(service)
        and not texts_of(statement.get("Action")).isdisjoint({"lambda:InvokeFunction", "lambda:*"})
        and condition_of(statement, "aws:sourcearn") == {deployment.bucket_arn}
    )


def _filters(configuration: Any) -> dict[str, str]:  # noqa: ANN401 - one of three like types
    rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return {rule["Name"].lower(): rule["Value"] for rule in rules if rule.get("Value")}


def _may_match(configuration: Any) -> bool:  # noqa: ANN401 - as above
    """Return whether a notification may be for a submission."""
    prefix = _filters(configuration).get("prefix", "")
    return prefix.startswith(SUBMISSIONS) or SUBMISSIONS.startswith(prefix)
