"""`submitter publish`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from submitter.check.checking import check_programs, trials_of
from submitter.check.sandboxes import Sandboxes
from submitter.errors import ExitCode, SubmitterError
from submitter.interruption import terminated_as_interrupted
from submitter.options import JsonOption, YesOption, context_of
from submitter.output import Output, first_lines
from submitter.problems.event_folder import EventFolder
from submitter.problems.opening import open_folder
from submitter.problems.problem_folder import ProblemFolder
from submitter.progress import bar
from submitter.publish.folder import find_candidates
from submitter.publish.upload import PublishReport, carry_out, compare
from submitter.publish.view import render_publish
from submitter.submit.class_list import find_path


def publish(  # noqa: PLR0913 - the command line's options
    call: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="An event's folder, with an event.yaml; or one problem's in it."
        ),
    ],
    *,
    admin: Annotated[str, typer.Option(metavar="NAME", help="The admin's identifier.")],
    event: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The event's identifier [default: the name of its folder]."
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="First run the programs in submissions/, as `submitter check` does; stop if one "
            "does not get what it must.",
        ),
    ] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what differs from what is published; with --yes publish it for the grader.

    Reads the folder as `submitter check` does, and stops at its errors; no program is run without
    --check. An event's folder publishes its problems, then the event's dates; a problem's folder
    only that problem. A problem's identifier is its folder's name. What is published and not in
    the folder stays.

    Shows limits, points and flags that change, and which cases, by name and without their content;
    and how many results are then outdated, because they were graded with another version of the
    problem. They stay as they are until `submitter regrade`. New submissions are graded with the
    new version at once.

    If somebody else publishes at the same time, nothing is changed, or nothing more, and the
    command says so. It can be interrupted and run again.

    Ends with 0 if the folder is what is published, 1 if something differs, also because --yes is
    missing, 2 if something is wrong with the folder or the command line, 3 if the stack can't be
    reached or refuses access, and 130 if interrupted; the report shows what was published.
    """
    context = context_of(call, as_json=as_json)
    opened = open_folder(context.output, find_path(folder))
    candidates = find_candidates(opened, admin, event)
    if check:
        problems = opened.problems if isinstance(opened, EventFolder) else (opened,)
        _check(context.output, folder, problems)
    report, compared = compare(context, candidates)
    try:
        if yes:
            carry_out(context, report, compared)
    finally:
        # However it ends, the report shows what was published.
        _show(context.output, report)
    if report.needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)


def _show(output: Output, report: PublishReport) -> None:
    if not output.show(report, render_publish):
        output.note(render_publish(report))
        raise SubmitterError("Standard output was closed: the report is above.")


def _check(output: Output, folder: Path, problems: Sequence[ProblemFolder]) -> None:
    """Run the programs that test the tests.

    Raises:
        SubmitterError: one does not get what it must. It does not say why: that has hidden cases.
    """
    trials = trials_of(problems)
    if not trials:
        return
    with (
        terminated_as_interrupted(),
        Sandboxes.of_this_machine(len(trials)) as sandboxes,
        bar(output, "Running programs", len(trials)) as show,
    ):
        checked, _ = check_programs(trials, sandboxes, show)
    failed = [f"{each.program}: {each.verdict}" for each in checked if not each.as_promised]
    if failed:
        raise SubmitterError(
            f"Nothing was published: {len(failed)} of {len(checked)} programs did not get what "
            f"they must. To see why: submitter check {folder}",
            ExitCode.ATTENTION,
            first_lines(failed),
        )
