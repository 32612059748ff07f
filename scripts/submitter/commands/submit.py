"""``submitter submit``: what the front end does, for one submission or a class."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from submitter.class_list import Candidate, read_candidate, read_class
from submitter.errors import ExitCode, SubmitterError
from submitter.options import JsonOption, YesOption, surroundings
from submitter.submit import carry_out, follow, plan, render_report


def submit(  # noqa: PLR0913 - the command line's options
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="A .py; or a .csv with the columns file, admin, event, problem and tokens "
            "(separated by spaces), a line for each submission; or a folder with such a "
            "submissions.csv in it.",
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
        bool, typer.Option("--wait", help="Follow it until the function has announced it.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to --wait at the most.")
    ] = 60,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Submit as the front end does: the .py first, the .json last.

    Everything is checked before the first upload. What is already there with the same content
    is left alone, so that a command that was interrupted can be run again. A class is shown
    first, and submitted with --yes; one submission needs no --yes.

    Ends with 0 if all is in the bucket (with --wait: and announced), 1 if something is not, also
    because --yes is missing, 2 if something is wrong with the list, a name or a file, 3 if the
    stack can't be reached, and 130 if interrupted.
    """
    surrounding = surroundings(context, as_json=as_json)
    candidates = _candidates(path, admin, event, problem, token)
    report = plan(surrounding, candidates)
    if yes or not _is_class(path):
        report = carry_out(surrounding, candidates, report)
        if wait:
            report = follow(surrounding, report, timeout)
    surrounding.output.show(report, render_report)
    if report.needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)


def _candidates(
    path: Path,
    admin: str | None,
    event: str | None,
    problem: str | None,
    tokens: list[str] | None,
) -> list[Candidate]:
    names = {"--admin": admin, "--event": event, "--problem": problem, "--token": tokens}
    if _is_class(path):
        given = [name for name, value in names.items() if value]
        if given:
            raise SubmitterError(
                f"A class's list says itself whose each file is: leave out {', '.join(given)}.",
                ExitCode.USAGE,
            )
        return read_class(path)
    missing = [name for name, value in names.items() if value is None or value == []]
    if admin is None or event is None or problem is None or not tokens:
        raise SubmitterError(
            f"Say whose submission it is: {', '.join(missing)} missing.", ExitCode.USAGE
        )
    return [read_candidate(path, admin, event, problem, tokens)]


def _is_class(path: Path) -> bool:
    return path.is_dir() or path.suffix == ".csv"
