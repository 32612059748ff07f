"""`submitter redrive`."""

from datetime import UTC, datetime
from functools import partial
from math import ceil
from typing import Annotated

import typer

from submitter.aws.bucket import find_version
from submitter.aws.failure_queue import DEFAULT_LIMIT, LOOK_HOLD_SECONDS, FailureQueue
from submitter.aws.function_call import IntakeFunction
from submitter.aws.queues import queue_depth
from submitter.aws.upload_event import upload_event
from submitter.errors import ExitCode, as_submitter_error
from submitter.options import JsonOption, YesOption, context_of
from submitter.progress import bar
from submitter.redrive.messages import (
    FailureQueueName,
    QueueReport,
    UploadAnnouncer,
    announce_messages,
    list_messages,
)
from submitter.redrive.view import render_redrive
from submitter.stack.context import Context

_SHORTEST_HOLD_SECONDS = 300
_SPARE_SECONDS = 30


def redrive(
    call: typer.Context,
    queue: Annotated[
        FailureQueueName | None, typer.Argument(help="Which failure queue; both if none is named.")
    ] = None,
    *,
    limit: Annotated[
        int, typer.Option(min=1, help="Handle at most this many messages of each queue.")
    ] = DEFAULT_LIMIT,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the messages in the failure queues, by cause; with --yes have them announced again.

    intake: events that the function failed on. dead-letter: announcements that the back end
    received and never finished. With --yes, the function announces each message's submissions,
    and then the message is deleted. A message is left and listed if it names another bucket, no
    submission, or a version that the bucket does not have.

    It can be interrupted and run again; an announcement may come twice, and none is lost.

    Ends with 0 if nothing waits, or all of it was announced, and with 1 if messages are left,
    also because --yes was not given.
    """
    context = context_of(call, as_json=as_json)
    names = [queue] if queue else list(FailureQueueName)
    reports = [QueueReport(name, carried_out=yes) for name in names]
    exit_code = None
    for number, report in enumerate(reports, 1):
        try:
            _run(context, report, limit)
        except KeyboardInterrupt:
            report.interrupted, exit_code = True, ExitCode.INTERRUPTED
        except Exception as error:
            if not any(each.messages for each in reports):
                raise
            # The reports show what was announced before the error.
            reason = as_submitter_error(error)
            report.problem, exit_code = str(reason), reason.exit_code
        if exit_code is not None:
            # Nothing is known about the queues that follow.
            reports = reports[:number]
            break
    context.output.show(reports, partial(render_redrive, now=datetime.now(UTC)))
    if exit_code is None:
        is_left = any(report.left or report.problem for report in reports)
        exit_code = ExitCode.ATTENTION if is_left else ExitCode.OK
    raise typer.Exit(exit_code)


def _run(context: Context, report: QueueReport, limit: int) -> None:
    deployment = context.deployment
    is_intake = report.queue is FailureQueueName.INTAKE
    url = deployment.intake_failures_queue_url if is_intake else deployment.dead_letter_queue_url
    depth = queue_depth(context, url)
    report.waiting = depth.visible + depth.in_flight
    with bar(context.output, report.queue.value, report.waiting) as show:

        def on_progress() -> None:
            show(len(report.messages))

        if not report.carried_out:
            with FailureQueue.opened(context.sqs, url, LOOK_HOLD_SECONDS) as queue:
                list_messages(queue, report, deployment.bucket_name, limit, on_progress)
            return
        function = IntakeFunction.deployed(context)
        announcer = UploadAnnouncer(
            lambda upload: find_version(context, upload.key, upload.version_id),
            lambda versions: function.call(upload_event(deployment, versions)),
        )
        with FailureQueue.opened(context.sqs, url, _hold_seconds(function)) as queue:
            announce_messages(queue, report, deployment.bucket_name, announcer, limit, on_progress)


def _hold_seconds(function: IntakeFunction) -> int:
    """Return how long to hold messages: handling begins in the first half, and takes the other."""
    return max(_SHORTEST_HOLD_SECONDS, ceil(2 * (function.longest_call_seconds + _SPARE_SECONDS)))
