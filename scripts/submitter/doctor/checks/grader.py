"""Checks the grader, if the stack has one: the function, its mapping, and how messages come back.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

from collections.abc import Iterator
from functools import partial

from submission.json_object import read_object
from submitter.aws.queues import queue_attributes
from submitter.doctor.checks.function import Ask, Function, checks_of, read_once
from submitter.doctor.findings import APPLY, Check, Finding, judge
from submitter.stack.context import Context
from submitter.stack.deployment import Grader

_TIMEOUTS = 6
"""Timeouts of the function for which AWS wants a message to stay invisible."""
_RECEIVES = 5
"""A throttled message comes back and counts as received, so AWS wants as many receives."""


def grader_checks(context: Context) -> Iterator[tuple[str, Check]]:
    """Yield the checks of the grader, by name; none without one."""
    grader = context.deployment.grader
    if grader is None:
        return
    function = Function(
        title="grader",
        name=grader.function_name,
        log_group_name=grader.log_group_name,
        when_stopped=f"messages wait for it, or become dead letters. {APPLY}",
    )
    configuration = read_once(context, function)
    yield from checks_of(context, function, configuration)
    yield "grader mapping", partial(_mapping, context, grader)
    yield "queue visibility", partial(_visibility, context, configuration)
    yield "queue receives", partial(_receives, context)


def _mapping(context: Context, grader: Grader) -> Iterator[Finding]:
    stack = context.deployment
    found = dict(context.functions.get_event_source_mapping(UUID=grader.mapping_uuid))
    wanted = {
        "State": "Enabled",
        "EventSourceArn": stack.queue_arn,
        "FunctionArn": stack.arn_of_function(grader.function_name),
        "BatchSize": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    differing = [
        f"{name} is {found.get(name, 'none')}, not {value}"
        for name, value in wanted.items()
        if found.get(name) != value
    ]
    yield judge(
        "grader mapping",
        good=not differing,
        found=f"The event source mapping differs: {'; '.join(differing)}."
        if differing
        else f"{grader.function_name} gets the queue's messages, one at a time.",
        advice="Submissions may not be graded. Wait a minute and look again; if it stays so: "
        + APPLY,
    )


def _visibility(context: Context, configuration: Ask) -> Iterator[Finding]:
    timeout = int(configuration()["Timeout"])
    seconds = int(queue_attributes(context, context.deployment.queue_url)["VisibilityTimeout"])
    yield judge(
        "queue visibility",
        good=seconds >= _TIMEOUTS * timeout,
        found=f"A received message comes back after {seconds} seconds, and the grader may take "
        f"{timeout}.",
        advice=f"It should be {_TIMEOUTS} times as long, or a message can come back while it is "
        f"graded. {APPLY}",
    )


def _receives(context: Context) -> Iterator[Finding]:
    attributes = queue_attributes(context, context.deployment.queue_url)
    # Without a redrive policy, another check says so.
    count = int(read_object(attributes.get("RedrivePolicy")).get("maxReceiveCount", _RECEIVES))
    yield judge(
        "queue receives",
        good=count >= _RECEIVES,
        found=f"A message becomes a dead letter after {count} receives.",
        advice="While the grader is throttled, it soon would: set max_receive_count to "
        f"{_RECEIVES} or more, and run `make plan` and `make apply`.",
    )
