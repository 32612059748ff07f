"""Checks the intake function and, for every function, its state, settings and log."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from submission_intake.s3_event import BUCKET_VARIABLE
from submission_intake.submitter_queue import QUEUE_URL_VARIABLE
from submitter.aws.intake_log import find_log_group
from submitter.aws.unset import unless_unset
from submitter.doctor.findings import APPLY, Check, Finding, attention, judge
from submitter.stack.context import Context

_RUNTIME = "python3.13"

type Ask = Callable[[], dict[str, Any]]
"""Asks AWS."""


def function_checks(context: Context) -> Iterator[tuple[str, Check]]:
    """Yield the checks of the intake function, by name."""
    stack = context.deployment
    function = Function(
        title="function",
        name=stack.function_name,
        log_group_name=stack.function_log_group_name,
        when_stopped="events wait up to six hours for it. Set reserved_concurrency to null or more "
        "than 0, and run `make plan` and `make apply`.",
    )
    configuration = read_once(context, function)
    yield from checks_of(context, function, configuration)
    yield _variable_check(configuration, "function queue", QUEUE_URL_VARIABLE, stack.queue_url)
    yield "function failures", partial(_failure_destination, context)


@dataclass(frozen=True, slots=True)
class Function:
    """One of the stack's functions."""

    title: str
    """The first word of its checks' names."""
    name: str
    log_group_name: str
    when_stopped: str
    """What its reserved concurrency of 0 does, and how to repair that."""


def read_once(context: Context, function: Function) -> Ask:
    """Return what asks for a function's configuration, for several checks to share."""
    # An error is not cached, so each check meets it.
    return cache(
        lambda: dict(context.functions.get_function_configuration(FunctionName=function.name))
    )


def checks_of(
    context: Context, function: Function, configuration: Ask
) -> Iterator[tuple[str, Check]]:
    """Yield the checks that every function has, by name."""
    title, bucket = function.title, context.deployment.bucket_name
    yield title, partial(_state, function, configuration)
    yield f"{title} runtime", partial(_runtime, title, configuration)
    yield _variable_check(configuration, f"{title} bucket", BUCKET_VARIABLE, bucket)
    yield f"{title} concurrency", partial(_concurrency, context, function)
    yield f"{title} log", partial(_log_group, context, function)


def _state(function: Function, configuration: Ask) -> Iterator[Finding]:
    state = configuration().get("State", "unknown")
    update = configuration().get("LastUpdateStatus", "unknown")
    yield judge(
        function.title,
        # Inactive: Lambda starts it for its next event.
        good=state in {"Active", "Inactive"} and update == "Successful",
        found=f"{function.name} is {state}, its last update {update}.",
        advice=f"Wait a minute and look again; if it stays so: {APPLY}",
    )


def _runtime(title: str, configuration: Ask) -> Iterator[Finding]:
    runtime = configuration().get("Runtime", "none")
    yield judge(f"{title} runtime", good=runtime == _RUNTIME, found=f"The runtime is {runtime}.")


def _variable_check(
    configuration: Ask, check: str, variable: str, wanted: str
) -> tuple[str, Check]:
    return check, partial(_variable, configuration, check, variable, wanted)


def _variable(configuration: Ask, check: str, variable: str, wanted: str) -> Iterator[Finding]:
    value = configuration().get("Environment", {}).get("Variables", {}).get(variable)
    yield judge(
        check,
        good=value == wanted,
        found=f"Its variable {variable} is {value or 'not set'}.",
        advice=f"It should be {wanted}. {APPLY}",
    )


def _concurrency(context: Context, function: Function) -> Iterator[Finding]:
    answer = context.functions.get_function_concurrency(FunctionName=function.name)
    reserved = answer.get("ReservedConcurrentExecutions")
    yield judge(
        f"{function.title} concurrency",
        good=reserved != 0,
        found="No concurrency is reserved: it uses the account's."
        if reserved is None
        else f"The reserved concurrency is {reserved}.",
        advice=f"The function is stopped: {function.when_stopped}",
    )


def _failure_destination(context: Context) -> Iterator[Finding]:
    found = unless_unset(
        "ResourceNotFoundException",
        lambda: context.functions.get_function_event_invoke_config(
            FunctionName=context.deployment.function_name
        ),
    )
    answer: dict[str, Any] = dict(found or {})
    destination = answer.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    wanted = context.deployment.intake_failures_queue_arn
    retries = answer.get("MaximumRetryAttempts", 2)
    yield judge(
        "function failures",
        good=destination == wanted,
        found=f"After {retries} retries a failed event goes to {destination or 'nowhere'}.",
        advice=f"It should go to {wanted}, or it is lost. {APPLY}",
    )
    yield judge(
        "function retries",
        good=retries > 0,
        found=f"A failed event is retried {retries} times.",
        advice="One passing error makes a failure to redrive: set retry_attempts to 2, and run "
        "`make plan` and `make apply`.",
    )


def _log_group(context: Context, function: Function) -> Iterator[Finding]:
    check, name = f"{function.title} log", function.log_group_name
    group = find_log_group(context, name)
    if group is None:
        yield attention(check, f"The log group {name} does not exist.")
    else:
        days = group.get("retentionInDays")
        yield judge(
            check,
            good=days is not None,
            found=f"{name} keeps log lines {f'for {days} days' if days else 'forever'}.",
        )
