"""`submitter doctor`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from submitter.doctor.examine import examine
from submitter.doctor.findings import Report, render_report
from submitter.doctor.round_trip import round_trip
from submitter.options import JsonOption, surroundings

_PATIENCE_SECONDS = 120


def doctor(
    context: typer.Context,
    with_round_trip: Annotated[  # noqa: FBT002 - a flag, named on the command line
        bool,
        typer.Option(
            "--round-trip",
            help="Also send a test submission through, and remove it with all its versions.",
        ),
    ] = False,
    patience_seconds: Annotated[
        float,
        typer.Option(
            "--patience", min=0, metavar="SECONDS", help="How long to wait for its announcement."
        ),
    ] = _PATIENCE_SECONDS,
    as_json: JsonOption = False,  # noqa: FBT002 - as above
) -> None:
    """Check a deployed stack end to end, and say what to do about each finding.

    Changes nothing, unless --round-trip asks for a test submission (admin submitter-doctor). The
    back end sees a message for it, for an object that is gone by then, and has to stand that.

    What these credentials may not look at is UNKNOWN, and the rest is checked. Ends with 0 if
    nothing wants attention, 1 if something does, 3 if nothing could be checked or there is no
    such stack, and 130 if interrupted; the test submission is removed then too.
    """
    tool = surroundings(context, as_json=as_json)
    stack = tool.deployment.name
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        console=tool.output.progress,
        transient=True,
        disable=not tool.output.progress.is_terminal,
    ) as progress:
        task = progress.add_task("Checking")

        def on_progress(step: str) -> None:
            progress.update(task, description=f"Checking: {step}")

        findings = list(examine(tool, on_progress=on_progress))
        if with_round_trip:
            findings += round_trip(tool, patience_seconds=patience_seconds, on_progress=on_progress)
    report = Report(stack, tuple(findings))
    tool.output.show(report, render_report)
    raise typer.Exit(report.exit_code)
