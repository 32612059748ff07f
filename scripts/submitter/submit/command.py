"""`submitter submit`."""

from pathlib import Path
from typing import Annotated

import typer

from submitter.errors import ExitCode, SubmitterError, UsageError
from submitter.options import JsonOption, YesOption, context_of
from submitter.output import Output, unbroken
from submitter.submit.class_list import (
    Checked,
    check_file,
    check_one,
    find_path,
    is_class,
    read_candidate,
    read_class,
)
from submitter.submit.upload import SubmitReport, carry_out, follow, plan
from submitter.submit.view import render_plan, render_submit

_SHOWN_WARNINGS = 20


def submit(  # noqa: PLR0913 - the command line's options
    call: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="A .py; or a class's list: a .csv (or .tsv) with the columns file, admin, event, "
            "problem and tokens (separated by spaces), a line for each submission; or a folder "
            "with such a submissions.csv.",
        ),
    ],
    *,
    admin: Annotated[
        str | None, typer.Option(metavar="NAME", help="The admin's identifier.")
    ] = None,
    event: Annotated[
        str | None, typer.Option(metavar="NAME", help="The event's identifier.")
    ] = None,
    problem: Annotated[
        str | None, typer.Option(metavar="NAME", help="The problem's identifier.")
    ] = None,
    token: Annotated[
        list[str] | None,
        typer.Option(metavar="TOKEN", help="A student's token; once for each student."),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until the function has announced it.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long --wait waits at most.")
    ] = 60,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Submit as the front end does: the .py first, the .json last.

    Everything is checked before the first upload. Faults stop it; warnings, which are on standard
    error and in the JSON, do not. What is already there with the same content is skipped, so an
    interrupted command can be run again. A class is shown first, with names and tokens, and
    submitted with --yes; one submission needs no --yes.

    Ends with 0 if all is in the bucket (with --wait: and announced), 1 if something is not, also
    because --yes is missing, 2 if something is wrong with the list, a name or a file, 3 if the
    stack can't be reached or refuses access, and 130 if interrupted; the report shows what was
    uploaded.
    """
    context = context_of(call, as_json=as_json)
    output = context.output
    checked = _check(path, admin, event, problem, token)
    _warn(output, checked.warnings)
    report = plan(context, checked.candidates)
    report.warnings = checked.warnings
    if is_class(path) and not yes:
        output.show(report, lambda shown: render_plan(shown, checked.candidates))
    else:
        try:
            carry_out(context, checked.candidates, report)
            if wait:
                follow(context, report, timeout)
        finally:
            # However it ends, the report shows what was uploaded.
            _show(output, report)
    if report.needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)


def _warn(output: Output, warnings: list[str]) -> None:
    more = len(warnings) - _SHOWN_WARNINGS
    rest = [f"and {more:,} more; --json has all"] if more > 0 else []
    for warning in warnings[:_SHOWN_WARNINGS] + rest:
        output.note(unbroken(f"warning: {warning}"))


def _show(output: Output, report: SubmitReport) -> None:
    if not output.show(report, render_submit):
        output.note(render_submit(report))
        raise SubmitterError("Standard output was closed: the report is above.")


def _check(
    path: Path,
    admin: str | None,
    event: str | None,
    problem: str | None,
    tokens: list[str] | None,
) -> Checked:
    names = {"--admin": admin, "--event": event, "--problem": problem, "--token": tokens}
    path = find_path(path)
    if is_class(path):
        given = [name for name, value in names.items() if value]
        if given:
            raise UsageError(
                f"A class's list has these itself: leave out {', '.join(given)}. A student's file "
                "ends in .py."
            )
        return read_class(path)
    check_file(path)
    missing = [name for name, value in names.items() if value is None or value == []]
    if admin is None or event is None or problem is None or not tokens:
        raise UsageError(f"Missing for a single submission: {', '.join(missing)}.")
    return check_one(read_candidate(path, admin, event, problem, tokens))
