"""`submitter status`."""

import typer

from submitter.errors import ExitCode
from submitter.options import JsonOption, context_of
from submitter.status.counts import look_at_stack
from submitter.status.view import render_status


def status(call: typer.Context, *, as_json: JsonOption = False) -> None:
    """Show what needs attention, and what the bucket and the queues hold.

    It lists the whole bucket, a thousand objects a request, and receives no message. With grading,
    it also counts submissions without a result, and results by status: it reads those that the
    grader's log calls rejected or failed.

    Ends with 0 if nothing needs attention, 1 if something does, and 3 if the stack is
    unavailable.
    """
    context = context_of(call, as_json=as_json)
    report = look_at_stack(context)
    context.output.show(report, render_status)
    if report.attention:
        raise typer.Exit(ExitCode.ATTENTION)
