"""`submitter check`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from submission_grader.ends import RejectedError
from submission_grader.inputs import MAX_CODE_BYTES, check_program
from submitter.check.checking import (
    CheckedProgram,
    TimeLimit,
    Trial,
    check_programs,
    check_time_limits,
    trials_of,
)
from submitter.check.sandboxes import Sandboxes
from submitter.check.view import render_check
from submitter.errors import ExitCode, UsageError
from submitter.interruption import terminated_as_interrupted
from submitter.options import JsonOption, context_of
from submitter.output import Output
from submitter.problems.event_folder import EventFolder, is_event_folder
from submitter.problems.opening import note_lines, open_folder
from submitter.problems.problem_folder import ProblemFolder
from submitter.problems.submissions import ACCEPTED, DEFAULTS, Example
from submitter.progress import bar, steps
from submitter.submit.class_list import check_file, find_path


def check(
    call: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="A problem's folder, with a problem.yaml; or an event's."
        ),
    ],
    programs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PROGRAM", help="Grade these instead of the programs in submissions."
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Check a problem's folder, or all of an event's, without AWS.

    Reads the folder as `submitter publish` does, and runs the programs in submissions/ in the
    sandbox, as the grader does: those in submissions/accepted must be accepted in all cases, those
    in submissions/wrong_answer wrong in one, and so on. Programs named on the command line must be
    accepted. Proposes a time limit from those in submissions/. Warnings, and what is ignored, are
    on standard error.

    Ends with 0 if all programs got what they must, 1 if one did not, 2 if something is wrong with
    the folder or the command line, 3 if the sandbox is not built, and 130 if interrupted.
    """
    output = context_of(call, as_json=as_json).output
    folders = _read(output, find_path(folder), named=bool(programs))
    trials = [_named(folders[0], path) for path in programs] if programs else trials_of(folders)
    checked, limits = _run(output, trials, propose=not programs)
    if as_json:
        note_lines(
            output,
            [f"warning: {each.folder}: {each.text}" for each in limits if each.to_change],
        )
    output.show(checked, partial(render_check, time_limits=limits))
    if not all(each.as_promised for each in checked):
        raise typer.Exit(ExitCode.ATTENTION)


def _read(output: Output, folder: Path, *, named: bool) -> list[ProblemFolder]:
    """Read the folder, and say what was found; errors end the command."""
    if named and is_event_folder(folder):
        raise UsageError("Programs are of one problem: name its folder, not the event's.")
    opened = open_folder(output, folder)
    return [*opened.problems] if isinstance(opened, EventFolder) else [opened]


def _named(folder: ProblemFolder, path: Path) -> Trial:
    """Return a program of the command line; one of the folder's own keeps its requirements."""
    path = find_path(path)
    assert folder.problem  # noqa: S101 - it has no errors
    for example in folder.examples:
        if example.path.resolve() == path.resolve():
            return Trial(folder, folder.problem, example)
    check_file(path)
    program = path.read_bytes()
    if len(program) > MAX_CODE_BYTES:
        raise UsageError(f"{path} has {len(program):,} bytes; the grader takes {MAX_CODE_BYTES:,}.")
    try:
        check_program(program)
    except RejectedError as error:
        raise UsageError(f"{path} would be rejected: {error}") from None
    example = Example(str(path), path, program, {}, (DEFAULTS[ACCEPTED],))
    return Trial(folder, folder.problem, example)


def _run(
    output: Output, trials: list[Trial], *, propose: bool
) -> tuple[list[CheckedProgram], list[TimeLimit]]:
    if not trials:
        return [], []
    with terminated_as_interrupted(), Sandboxes.of_this_machine(len(trials)) as sandboxes:
        with bar(output, "Running programs", len(trials)) as show:
            checked, grades = check_programs(trials, sandboxes, show)
        if not propose:
            return checked, []
        with steps(output, "Measuring times"):
            return checked, check_time_limits(trials, grades, sandboxes)
