"""Checks the intake function: its state, its settings, and where failed events go."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

from submission_intake.s3_event import BUCKET_VARIABLE
from submission_intake.submitter_queue import QUEUE_URL_VARIABLE
from submitter.aws.intake_log import find_log_group
from submitter.aws.unset import unless_unset
from submitter.doctor.findings import APPLY, Check, Finding, attention, judge
from submitter.stack.context import Context

_RUNTIME = "python3.13"

type _Ask = Callable[[], dict[str, Any]]


def function_checks(context: Context) -> Iterator[tuple[str, Check]]:
    """Yield the checks of the function, by name."""
    # Four checks share one answer. An error is not cached, so each meets it.
    configuration = cache(partial(_configuration, context))
    yield "function", partial(_function_state, context, configuration)
    yield "function runtime", partial(_function_runtime, configuration)
    for check, variable, wanted in (
        ("function queue", QUEUE_URL_VARIABLE, context.deployment.queue_url),
        ("function bucket", BUCKET_VARIABLE, context.deployment.bucket_name),
    ):
        yield check, partial(_variable, configuration, check, variable, wanted)
    yield "function concurrency", partial(_concurrency, context)
    yield "function failures", partial(_failure_destination, context)
    yield "function log", partial(_log_group, context)


def _configuration(context: Context) -> dict[str, Any]:
    return dict(
        context.functions.get_function_configuration(FunctionName=context.deployment.function_name)
    )


def _function_state(context: Context, configuration: _Ask) -> Iterator[Finding]:
    state = configuration().get("State", "unknown")
    update = configuration().get("LastUpdateStatus", "unknown")
    yield judge(
        "function",
        # Inactive: Lambda starts it for its next event.
        good=state in {"Active", "Inactive"} and update == "Successful",
        found=f"{context.deployment.function_name} is {state}, its last update {update}.",
        advice=f"Wait a minute and look again; if it stays so: {APPLY}",
    )


def _function_runtime(configuration: _Ask) -> Iterator[Finding]:
    runtime = configuration().get("Runtime", "none")
    yield judge("function runtime", good=runtime == _RUNTIME, found=f"The runtime is {runtime}.")


def _variable(configuration: _Ask, check: str, variable: str, wanted: str) -> Iterator[Finding]:
    value = configuration().get("Environment", {}).get("Variables", {}).get(variable)
    yield judge(
        check,
        good=value == wanted,
        found=f"Its variable {variable} is {value or 'not set'}.",
        advice=f"It should be {wanted}. {APPLY}",
    )


def _concurrency(context: Context) -> Iterator[Finding]:
    answer = context.functions.get_function_concurrency(
        FunctionName=context.deployment.function_name
    )
    reserved = answer.get("ReservedConcurrentExecutions")
    yield judge(
        "function concurrency",
        good=reserved != 0,
        found="No concurrency is reserved: it uses the account's."
        if reserved is None
        else f"The reserved concurrency is {reserved}.",
        advice="The function is stopped: events wait up to six hours for it. Set "
        "reserved_concurrency to null or more than 0, and run `make plan` and `make apply`.",
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


def _log_group(context: Context) -> Iterator[Finding]:
    name = context.deployment.function_log_group_name
    group = find_log_group(context)
    if group is None:
        yield attention("function log", f"The log group {name} does not exist.")
    else:
        days = group.get("retentionInDays")
        yield judge(
            "function log",
            good=days is not None,
            found=f"{name} keeps log lines {f'for {days} days' if days else 'forever'}.",
        )
