"""Checks a deployed stack end to end: `submitter doctor`.

Each check asks AWS what is really set and compares it with what the flow needs. A check without
the rights for its question ends as unknown, and the others go on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from submitter.bucket import SUBMISSIONS
from submitter.console import plain
from submitter.errors import ExitCode, explain

if TYPE_CHECKING:
    from submitter.context import Context

_RUNTIME = "python3.13"
_QUEUE_VARIABLE = "SUBMITTER_QUEUE_URL"
_EVENTS = ["s3:ObjectCreated:*"]
_SUFFIX = ".json"
_APPLY = "Run `terraform apply`: it puts back what the stack needs."
_PUBLIC_ACCESS = (
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
)
_DAY_SECONDS = 24 * 60 * 60


class Verdict(StrEnum):
    """What a check came to."""

    OK = "ok"
    ATTENTION = "attention"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    verdict: Verdict
    found: str
    """What was looked at, and what it is."""
    advice: str = ""
    """What to do; empty if all is well."""


@dataclass(frozen=True, slots=True)
class Report:
    """What all checks found."""

    stack: str
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> ExitCode:
        """What the command ends with."""
        verdicts = {finding.verdict for finding in self.findings}
        if Verdict.ATTENTION in verdicts:
            return ExitCode.ATTENTION
        return ExitCode.OK if Verdict.OK in verdicts else ExitCode.UNAVAILABLE


type Check = Callable[[], Iterator[Finding]]


def examine(
    context: Context, *, on_progress: Callable[[str], None] = lambda _check: None
) -> Iterator[Finding]:
    """Check a stack, all but the round trip; changes nothing.

    Args:
        context: the command's surroundings.
        on_progress: told which check comes next.

    Yields:
        The findings, in the order in which a submission travels.

    Raises:
        SubmitterError: there is no such stack.
    """
    stack = _Stack(context)
    for name, check in stack.checks():
        on_progress(name)
        yield from _guarded(name, check)


def _guarded(name: str, check: Check) -> Iterator[Finding]:
    """Run a check; what AWS refuses to tell is unknown, what does not exist wants attention."""
    try:
        yield from check()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _MISSING:
            yield _attention(name, f"{error.operation_name} says that it does not exist.", _APPLY)
        else:
            yield Finding(name, Verdict.UNKNOWN, str(explain(error)))


_MISSING = frozenset(
    {
        "404",
        "NoSuchBucket",
        "ResourceNotFoundException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
    }
)


def _ok(check: str, found: str) -> Finding:
    return Finding(check, Verdict.OK, found)


def _attention(check: str, found: str, advice: str = _APPLY) -> Finding:
    return Finding(check, Verdict.ATTENTION, found, advice)


def _judge(check: str, *, good: bool, found: str, advice: str = _APPLY) -> Finding:
    return _ok(check, found) if good else _attention(check, found, advice)


class _Stack:
    """A stack's checks, and what they ask for more than once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._names = context.deployment
        self._account = self._names.queue_arn.split(":")[4]
        partition = self._names.queue_arn.split(":")[1]
        self._bucket_arn = f"arn:{partition}:s3:::{self._names.bucket_name}"
        self._function_arn = (
            f"arn:{partition}:lambda:{self._names.region}:{self._account}:"
            f"function:{self._names.function_name}"
        )

    def checks(self) -> Iterator[tuple[str, Check]]:
        """The checks by name, in the order in which a submission travels."""
        names = self._names
        yield "bucket", self._bucket
        yield "bucket versions", self._versioning
        yield "bucket encryption", self._bucket_encryption
        yield "bucket public access", self._public_access
        yield "bucket TLS", self._bucket_tls
        yield "notification", self._notification
        yield "permission", self._permission
        yield "function", self._function_state
        yield "function runtime", self._function_runtime
        yield "function queue", self._function_queue
        yield "function concurrency", self._concurrency
        yield "function failures", self._failure_destination
        yield "function log", self._log_group
        queues = (
            ("queue", names.queue_url, names.queue_arn),
            ("dead-letter queue", names.dead_letter_queue_url, names.dead_letter_queue_arn),
            (
                "intake-failures queue",
                names.intake_failures_queue_url,
                names.intake_failures_queue_arn,
            ),
        )
        for title, url, arn in queues:
            yield f"{title} encryption", partial(self._queue_encryption, title, url)
            yield f"{title} TLS", partial(self._queue_tls, title, url, arn)
        yield "queue redrive", self._redrive
        yield "dead-letter queue retention", self._retention
        for title, url, _ in queues[1:]:
            yield f"{title} keeps", partial(self._keeps, title, url)
        yield "alarms", self._alarms

    # The bucket

    def _bucket(self) -> Iterator[Finding]:
        self._context.s3.head_bucket(Bucket=self._names.bucket_name)
        yield _ok("bucket", f"{self._names.bucket_name} exists.")

    def _versioning(self) -> Iterator[Finding]:
        answer = self._context.s3.get_bucket_versioning(Bucket=self._names.bucket_name)
        status = answer.get("Status", "never enabled")
        yield _judge(
            "bucket versions",
            good=status == "Enabled",
            found=f"Versioning is {status}.",
            advice=f"A resubmission would overwrite what it replaces. {_APPLY}",
        )

    def _bucket_encryption(self) -> Iterator[Finding]:
        rules: list[Any] = []
        try:
            answer = self._context.s3.get_bucket_encryption(Bucket=self._names.bucket_name)
            rules = list(answer["ServerSideEncryptionConfiguration"]["Rules"])
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code != "ServerSideEncryptionConfigurationNotFoundError":
                raise
        methods = [
            rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
            for rule in rules
            if "ApplyServerSideEncryptionByDefault" in rule
        ]
        yield _judge(
            "bucket encryption",
            good=bool(methods),
            found=f"Encrypted by default with {', '.join(methods) or 'nothing'}.",
        )

    def _public_access(self) -> Iterator[Finding]:
        settings: dict[str, object] = {}
        try:
            answer = self._context.s3.get_public_access_block(Bucket=self._names.bucket_name)
            settings = dict(answer["PublicAccessBlockConfiguration"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
                raise
        off = [name for name in _PUBLIC_ACCESS if settings.get(name) is not True]
        yield _judge(
            "bucket public access",
            good=not off,
            found=f"Not blocked: {', '.join(off)}." if off else "All four blocks are on.",
            advice=f"Submissions could be opened to the world. {_APPLY}",
        )

    def _bucket_tls(self) -> Iterator[Finding]:
        policy = None
        try:
            policy = self._context.s3.get_bucket_policy(Bucket=self._names.bucket_name)["Policy"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
                raise
        arns = (self._bucket_arn, f"{self._bucket_arn}/*")
        yield _tls_finding("bucket TLS", policy, "s3:*", arns)

    # From the bucket to the function

    def _notification(self) -> Iterator[Finding]:
        check = "notification"
        answer = self._context.s3.get_bucket_notification_configuration(
            Bucket=self._names.bucket_name
        )
        functions = list(answer.get("LambdaFunctionConfigurations", []))
        ours = [each for each in functions if each["LambdaFunctionArn"] == self._function_arn]
        others = [each["LambdaFunctionArn"] for each in functions if each not in ours]
        others += [
            each["QueueArn"]
            for each in answer.get("QueueConfigurations", [])
            if _may_match(_filters(each))
        ]
        others += [
            each["TopicArn"]
            for each in answer.get("TopicConfigurations", [])
            if _may_match(_filters(each))
        ]
        if not ours:
            yield _attention(
                check,
                "The bucket does not notify the intake function: no upload is announced.",
                f"{_APPLY} Then `submitter reconcile` finds what was missed meanwhile.",
            )
        if len(ours) > 1:
            yield _attention(
                check,
                f"The bucket notifies the intake function {len(ours)} times for one upload.",
            )
        for each in ours[:1]:
            filters, events = _filters(each), list(each["Events"])
            wanted = {"prefix": SUBMISSIONS, "suffix": _SUFFIX}
            yield _judge(
                check,
                good=filters == wanted and events == _EVENTS,
                found=f"The bucket notifies the intake function of {', '.join(events)} for "
                f"prefix {filters.get('prefix', '')!r} and suffix {filters.get('suffix', '')!r}.",
                advice=f"It should be {_EVENTS[0]}, {SUBMISSIONS!r} and {_SUFFIX!r}. {_APPLY}",
            )
        if others:
            yield _attention(
                "other notifications",
                f"The bucket also notifies {', '.join(others)}.",
                "A bucket has one notification configuration: find out who added to it, and move "
                "it into the stack's Terraform, or remove it with `terraform apply`.",
            )

    def _permission(self) -> Iterator[Finding]:
        check = "permission"
        try:
            policy = self._context.functions.get_policy(FunctionName=self._names.function_name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            statements = []
        else:
            statements = _statements(policy["Policy"])
        allowed = [each for each in statements if self._lets_s3_invoke(each)]
        complete = [
            each for each in allowed if _condition(each, "aws:sourceaccount") == {self._account}
        ]
        if complete:
            yield _ok(check, "The bucket, of this account alone, may invoke the function.")
        elif allowed:
            yield _attention(
                check,
                "The bucket may invoke the function, whatever account it belongs to.",
                f"Another account could register its name once it is gone. {_APPLY}",
            )
        else:
            yield _attention(
                check,
                "The bucket may not invoke the function: no upload is announced.",
                f"{_APPLY} Then `submitter reconcile` finds what was missed meanwhile.",
            )

    def _lets_s3_invoke(self, statement: dict[str, Any]) -> bool:
        principal = statement.get("Principal")
        service = principal.get("Service") if isinstance(principal, dict) else None
        return (
            statement.get("Effect") == "Allow"
            and "s3.amazonaws.com" in _texts(service)
            and not _texts(statement.get("Action")).isdisjoint(
                {"lambda:InvokeFunction", "lambda:*"}
            )
            and _condition(statement, "aws:sourcearn") == {self._bucket_arn}
        )

    # The function

    @cached_property
    def _function(self) -> dict[str, Any]:
        return dict(
            self._context.functions.get_function_configuration(
                FunctionName=self._names.function_name
            )
        )

    def _function_state(self) -> Iterator[Finding]:
        state = self._function.get("State", "unknown")
        update = self._function.get("LastUpdateStatus", "unknown")
        yield _judge(
            "function",
            # An idle function is woken by its next event.
            good=state in {"Active", "Inactive"} and update == "Successful",
            found=f"{self._names.function_name} is {state}, its last update {update}.",
            advice="Wait a minute and look again; if it stays so, run `terraform apply`.",
        )

    def _function_runtime(self) -> Iterator[Finding]:
        runtime = self._function.get("Runtime", "none")
        yield _judge(
            "function runtime", good=runtime == _RUNTIME, found=f"The runtime is {runtime}."
        )

    def _function_queue(self) -> Iterator[Finding]:
        variables = self._function.get("Environment", {}).get("Variables", {})
        url = variables.get(_QUEUE_VARIABLE)
        yield _judge(
            "function queue",
            good=url == self._names.queue_url,
            found=f"It announces on {url or 'no queue'} ({_QUEUE_VARIABLE}).",
            advice=f"It should be {self._names.queue_url}. {_APPLY}",
        )

    def _concurrency(self) -> Iterator[Finding]:
        answer = self._context.functions.get_function_concurrency(
            FunctionName=self._names.function_name
        )
        reserved = answer.get("ReservedConcurrentExecutions")
        yield _judge(
            "function concurrency",
            good=reserved != 0,
            found="No concurrency is reserved; it shares the account's."
            if reserved is None
            else f"The reserved concurrency is {reserved}.",
            advice="The function is stopped: events wait up to six hours for it. Set "
            "reserved_concurrency to null or more than 0, and run `terraform apply`.",
        )

    def _failure_destination(self) -> Iterator[Finding]:
        try:
            answer: dict[str, Any] = dict(
                self._context.functions.get_function_event_invoke_config(
                    FunctionName=self._names.function_name
                )
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            answer = {}
        destination = answer.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        wanted = self._names.intake_failures_queue_arn
        retries = answer.get("MaximumRetryAttempts", 2)
        yield _judge(
            "function failures",
            good=destination == wanted,
            found=f"After {retries} retries a failed event goes to {destination or 'nowhere'}.",
            advice=f"It should go to {wanted}, or it is lost. {_APPLY}",
        )
        yield _judge(
            "function retries",
            good=retries > 0,
            found=f"A failed event is tried {retries} times again.",
            advice="One hiccup makes a failure to redrive: set retry_attempts to 2, and run "
            "`terraform apply`.",
        )

    def _log_group(self) -> Iterator[Finding]:
        name = self._names.function_log_group_name
        pages = self._context.logs.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix=name
        )
        groups = [
            group for page in pages for group in page["logGroups"] if group["logGroupName"] == name
        ]
        if not groups:
            yield _attention("function log", f"The log group {name} does not exist.")
        for group in groups:
            days = group.get("retentionInDays")
            yield _judge(
                "function log",
                good=days is not None,
                found=f"{name} keeps its lines for {f'{days} days' if days else 'ever'}.",
            )

    # The queues

    def _queue(self, url: str) -> dict[str, str]:
        answer = self._context.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return {str(name): value for name, value in answer["Attributes"].items()}

    def _queue_encryption(self, title: str, url: str) -> Iterator[Finding]:
        attributes = self._queue(url)
        managed = attributes.get("SqsManagedSseEnabled") == "true"
        key = attributes.get("KmsMasterKeyId")
        yield _judge(
            f"{title} encryption",
            good=managed or bool(key),
            found="Encrypted by SQS." if managed else f"Encrypted with {key or 'nothing'}.",
        )

    def _queue_tls(self, title: str, url: str, arn: str) -> Iterator[Finding]:
        yield _tls_finding(f"{title} TLS", self._queue(url).get("Policy"), "sqs:*", (arn,))

    def _redrive(self) -> Iterator[Finding]:
        policy = _object(self._queue(self._names.queue_url).get("RedrivePolicy"))
        target, count = policy.get("deadLetterTargetArn"), policy.get("maxReceiveCount")
        wanted = self._names.dead_letter_queue_arn
        yield _judge(
            "queue redrive",
            good=target == wanted,
            found=f"After {count} receives a message goes to {target}."
            if target
            else "A message that no receiver deletes stays until it expires.",
            advice=f"It should go to {wanted}. {_APPLY}",
        )

    def _retention(self) -> Iterator[Finding]:
        days = {
            url: int(self._queue(url)["MessageRetentionPeriod"]) / _DAY_SECONDS
            for url in (self._names.queue_url, self._names.dead_letter_queue_url)
        }
        own, dead = days[self._names.queue_url], days[self._names.dead_letter_queue_url]
        yield _judge(
            "dead-letter queue retention",
            good=dead > own,
            found=f"Dead letters are kept for {dead:g} days, messages for {own:g}.",
            advice=f"A message keeps its age when it moves: it would soon expire. {_APPLY}",
        )

    def _keeps(self, title: str, url: str) -> Iterator[Finding]:
        target = _object(self._queue(url).get("RedrivePolicy")).get("deadLetterTargetArn")
        yield _judge(
            f"{title} keeps",
            good=target is None,
            found=f"Its messages move on to {target}."
            if target
            else "Its messages stay until somebody redrives them.",
            advice=f"Looking into it would move them away. {_APPLY}",
        )

    # The alarms

    def _alarms(self) -> Iterator[Finding]:
        prefix = f"{self._names.name}-"
        pages = self._context.cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=prefix
        )
        alarms = [alarm for page in pages for alarm in page.get("MetricAlarms", [])]
        silent = [
            alarm.get("AlarmName", "")
            for alarm in alarms
            if not (alarm.get("ActionsEnabled") and alarm.get("AlarmActions"))
        ]
        if not alarms:
            yield Finding(
                "alarms",
                Verdict.UNKNOWN,
                f"There are no alarms whose names start with {prefix}.",
                "If the stack should have alarms, run `terraform apply` with its newest version.",
            )
        elif len(silent) == len(alarms):
            yield Finding(
                "alarms",
                Verdict.UNKNOWN,
                f"There are {len(alarms)} alarms, and none of them tells anybody.",
                "If nobody watches them in the console, give the stack a topic for its alarms.",
            )
        else:
            yield _judge(
                "alarms",
                good=not silent,
                found=f"These tell nobody: {', '.join(silent)}."
                if silent
                else f"There are {len(alarms)} alarms, and each tells somebody.",
            )


def _filters(configuration: Any) -> dict[str, str]:  # noqa: ANN401 - one of three like types
    rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return {rule["Name"].lower(): rule["Value"] for rule in rules if rule.get("Value")}


def _may_match(filters: dict[str, str]) -> bool:
    """Tell whether a notification with these filters may be about a submission."""
    prefix = filters.get("prefix", "")
    return prefix.startswith(SUBMISSIONS) or SUBMISSIONS.startswith(prefix)


def _tls_finding(check: str, policy: str | None, action: str, arns: tuple[str, ...]) -> Finding:
    """Tell whether a policy denies whatever does not come over TLS."""
    denies = any(
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and not {action, action.upper(), "*"}.isdisjoint(_texts(statement.get("Action")))
        and _texts(statement.get("Resource")) >= set(arns)
        and _condition(statement, "aws:securetransport") == {"false"}
        for statement in _statements(policy)
    )
    return _judge(
        check,
        good=denies,
        found="The policy denies what does not come over TLS."
        if denies
        else "No policy denies what does not come over TLS.",
    )


def _statements(policy: str | None) -> list[dict[str, Any]]:
    statements = _object(policy).get("Statement", [])
    found = statements if isinstance(statements, list) else [statements]
    return [each for each in found if isinstance(each, dict)]


def _object(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> set[str]:
    """Return a policy's value, which may be one text or a list of them, as a set."""
    return {str(each) for each in value} if isinstance(value, list) else {str(value)}


def _condition(statement: dict[str, Any], name: str) -> set[str]:
    """Return the values that a condition of a statement wants of a key, whatever its operator."""
    return {
        text.lower() if text in {"True", "False"} else text
        for keys in statement.get("Condition", {}).values()
        for key, value in keys.items()
        if key.lower() == name
        for text in _texts(value)
    }


def render_report(report: Report) -> RenderableType:
    """Make what a person sees of a report.

    Args:
        report: the report.

    Returns:
        A table of the findings, and how many of each kind there are.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in report.findings:
        text = plain(finding.found)
        if finding.advice:
            text = Text.assemble(text, "\n", ("To do: ", "bold"), plain(finding.advice))
        table.add_row(
            plain(finding.verdict.name, style=_STYLES[finding.verdict]), plain(finding.check), text
        )
    counts = ", ".join(
        f"{sum(finding.verdict is verdict for finding in report.findings)} {verdict.name}"
        for verdict in Verdict
    )
    return Group(table, plain(f"\nThe stack {report.stack}: {counts}".strip()))


_STYLES = {
    Verdict.OK: "green",
    Verdict.ATTENTION: "bold red",
    Verdict.UNKNOWN: "yellow",
}
