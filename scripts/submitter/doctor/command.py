"""`submitter doctor`."""

from functools import partial
from typing import Annotated

import typer

from submitter.doctor.examine import examine
from submitter.doctor.findings import DoctorReport
from submitter.doctor.round_trip import round_trip
from submitter.doctor.view import render_doctor
from submitter.options import JsonOption, context_of
from submitter.progress import steps


def doctor(
    call: typer.Context,
    with_round_trip: Annotated[  # noqa: FBT002 - a flag, named on the command line
        bool,
        typer.Option(
            "--round-trip",
            help="Also send a test submission through, and remove it with all its versions.",
        ),
    ] = False,
    patience_seconds: Annotated[
        float,
        typer.Option("--patience", min=0, metavar="SECONDS", help="How long to wait for it."),
    ] = 120,
    show_all: Annotated[  # noqa: FBT002 - as above
        bool, typer.Option("--all", help="List also the checks that passed; --json has all.")
    ] = False,
    as_json: JsonOption = False,  # noqa: FBT002 - as above
) -> None:
    """Check a deployed stack end to end, and say what to do about each finding.

    Changes nothing, except with --round-trip: it uploads a test submission (admin
    submitter-doctor), waits for its announcement, and removes it. The back end receives a message
    for it, but finds no object. With grading, the grader ignores that message, and says so in its
    log, for which this waits too.

    Lists what needs attention; with --all, every check. A check that AWS refuses or does not answer
    is UNKNOWN, and the others go on.

    Ends with 0 if nothing needs attention, 1 if something does, 3 if nothing could be checked or
    there is no such stack, and 130 if interrupted; the test submission is removed then too.
    """
    context = context_of(call, as_json=as_json)
    stack = context.deployment.name
    with steps(context.output, "Checking") as show:

        def on_progress(step: str) -> None:
            show(f"Checking: {step}")

        findings = list(examine(context, on_progress=on_progress))
        if with_round_trip:
            findings += round_trip(
                context, patience_seconds=patience_seconds, on_progress=on_progress
            )
    report = DoctorReport(stack, tuple(findings))
    context.output.show(report, partial(render_doctor, show_all=show_all))
    raise typer.Exit(report.exit_code)
