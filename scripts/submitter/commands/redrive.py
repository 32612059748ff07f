"""`submitter redrive`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from submitter.errors import ExitCode
from submitter.failure_queue import FailureQueue
from submitter.function_call import call_function
from submitter.move_task import move_back
from submitter.options import JsonOption, YesOption, surroundings
from submitter.queues import queue_depth
from submitter.redrive import (
    FailureQueueName,
    Fate,
    QueueReport,
    look_at,
    redrive_intake,
    render_redrive,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from submitter.context import Context

_LOOK_SECONDS = 60
"""How long a look may hide messages, should it be killed."""
_HANDLE_SECONDS = 300
"""How long handling may: longer than the function takes for a batch of events."""


def redrive_command(
    typer_context: typer.Context,
    queue: Annotated[
        FailureQueueName | None, typer.Argument(help="Which failure queue; both if none is named.")
    ] = None,
    *,
    limit: Annotated[
        int, typer.Option(min=1, help="Look at so many messages of a queue at the most.")
    ] = 1000,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what waits in the failure queues, by cause; with --yes move it back.

    intake: events that the function failed on. Each goes to the function again, and is
    deleted once all of it is announced. dead-letter: announcements that the back end received
    and never finished. SQS moves them back to the queue, whatever the limit.

    It can be interrupted and run again; an announcement may come twice, and none is lost.

    Ends with 1 if messages are left, 0 if none.
    """
    context = surroundings(typer_context, as_json=as_json)
    names = [queue] if queue else list(FailureQueueName)
    reports = [QueueReport(name, carried_out=yes) for name in names]
    for report in reports:
        try:
            _run(context, report, limit)
        except KeyboardInterrupt:
            report.interrupted = True
            break
    context.output.show(reports, partial(render_redrive, now=datetime.now(UTC)))
    if any(report.interrupted for report in reports):
        raise typer.Exit(ExitCode.INTERRUPTED)
    raise typer.Exit(ExitCode.ATTENTION if any(report.left for report in reports) else ExitCode.OK)


def _run(context: Context, report: QueueReport, limit: int) -> None:
    deployment = context.deployment
    is_intake = report.queue is FailureQueueName.INTAKE
    url = deployment.intake_failures_queue_url if is_intake else deployment.dead_letter_queue_url
    depth = queue_depth(context, url)
    report.waiting = depth.visible + depth.in_flight
    with _progress(context, report) as show:

        def tell() -> None:
            show(len(report.messages))

        if report.carried_out and is_intake:
            with FailureQueue.opened(context.sqs, url, _HANDLE_SECONDS) as queue:
                redrive_intake(
                    queue,
                    lambda failed: call_function(context, failed.event),
                    report,
                    limit,
                    tell,
                )
            return
        with FailureQueue.opened(context.sqs, url, _LOOK_SECONDS) as queue:
            look_at(queue.messages(limit), report, tell)
        if report.carried_out and (report.waiting or report.messages):
            _move_dead_letters(context, report, show)


def _move_dead_letters(context: Context, report: QueueReport, show: Callable[[int], None]) -> None:
    deployment = context.deployment
    moved = move_back(context.sqs, deployment.dead_letter_queue_arn, deployment.queue_arn, show)
    report.moved = moved.moved
    if moved.status != "COMPLETED":
        report.problem = f"SQS's move ended as {moved.status}: {moved.failure or 'no reason given'}"
    elif not report.left:
        report.messages = [replace(each, fate=Fate.HANDED_OVER) for each in report.messages]


@contextmanager
def _progress(context: Context, report: QueueReport) -> Iterator[Callable[[int], None]]:
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        console=context.output.progress,
        disable=not context.output.progress.is_terminal,
        transient=True,
    ) as progress:
        task = progress.add_task(report.queue.value, total=report.waiting)
        yield lambda count: progress.update(task, completed=count)
