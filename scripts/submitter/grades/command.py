"""`submitter grades`."""

import io
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from submitter.errors import ExitCode, UsageError
from submitter.grades.export import canvas_rows, plain_rows
from submitter.grades.gradebook import Gradebook, make_gradebook, report_of
from submitter.grades.reading import find_event, read_submissions
from submitter.grades.roster import read_roster
from submitter.grades.spreadsheet_text import csv_text
from submitter.grades.view import findings_in_words, render_gradebook
from submitter.options import AdminArgument, EventArgument, JsonOption, context_of
from submitter.output import unbroken
from submitter.progress import counted


class Format(StrEnum):
    """A kind of CSV."""

    PLAIN = "plain"
    CANVAS = "canvas"


def grades(  # noqa: PLR0913 - the command line's options
    call: typer.Context,
    admin: AdminArgument,
    event: EventArgument,
    *,
    roster: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Who has which token: a CSV with the columns token and student (or name), and as "
            "needed id, sis_user_id, sis_login_id and section.",
        ),
    ] = None,
    csv: Annotated[
        Format | None,
        typer.Option(help="Write a CSV: plain, or what Canvas's gradebook imports."),
    ] = None,
    assignment: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PROBLEM=ID",
            help="Canvas's id of a problem's assignment; once for each. Without it, Canvas looks "
            "for an assignment with the problem's name.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show an event's gradebook: a row for each team, a column for each problem.

    The event's rule says which of a team's submissions counts: the last, or the best. Late ones
    count, with their late days, each one begun counted as whole; early and closed ones do not. The
    event's dates are those of now. If the last one is not graded yet, an older result does not
    count in its place. The rule best needs older results, which the bucket keeps for
    noncurrent_version_retention_days.

    --csv plain has a row for each student: token, or with a roster student, id, sis_user_id,
    sis_login_id and section; for each problem its name (the score), late_days and state; total,
    max_total and total_late_days. With a roster it has the roster's students only. A score that may
    still get better makes no total, and is not in --csv canvas. A blank cell is no zero: where
    Canvas has a grade already, its import lists the blank as a change.

    In a CSV, what a spreadsheet would run as a formula has an apostrophe before it. Tokens are
    secrets: the JSON has none.

    Ends with 0 if every submission that counts has its score, and with 1 if a person has to look at
    something; standard error says at what. Students without a submission, and closed and early
    submissions, are listed there too, but do not count as such.
    """
    context = context_of(call, as_json=as_json)
    output = context.output
    if csv is not None and as_json:
        raise UsageError("--csv and --json exclude each other: leave one of them out.")
    if csv is Format.CANVAS and roster is None:
        raise UsageError("--csv canvas needs the students' names and ids: give them by --roster.")
    if assignment and csv is not Format.CANVAS:
        raise UsageError("--assignment is for --csv canvas only.")
    students = read_roster(roster, for_canvas=csv is Format.CANVAS) if roster is not None else None
    settings, published = find_event(context, admin, event)
    submitted = read_submissions(context, admin, event, settings)
    book = make_gradebook(
        settings, published, counted(output, "Reading submissions", submitted), students
    )
    if csv is not None:
        is_canvas = csv is Format.CANVAS
        ids = _assignment_ids(assignment or (), book)
        _write_as_it_is()
        output.write(csv_text(canvas_rows(book, ids) if is_canvas else plain_rows(book)))
    else:
        report = report_of(book, context.deployment.name, admin, event)
        output.show(report, lambda _: render_gradebook(book))
    for sentence in findings_in_words(book):
        output.note(unbroken(sentence))
    raise typer.Exit(ExitCode.ATTENTION if book.needs_attention else ExitCode.OK)


def _assignment_ids(assignments: Iterable[str], book: Gradebook) -> dict[str, str]:
    known = {each.name for each in book.problems}
    ids = {}
    for each in assignments:
        problem, _, number = each.rpartition("=")
        if problem not in known:
            raise UsageError(
                f"--assignment {each}: the event has no problem {problem!r}. It has "
                f"{', '.join(sorted(known)) or 'none'}."
            )
        if not (number.isascii() and number.isdecimal()):
            raise UsageError(f"--assignment {each}: Canvas's id is a number, as in lab5=1234.")
        ids[problem] = number
    return ids


def _write_as_it_is() -> None:
    """Have standard output be UTF-8, and leave the ends of lines to the CSV."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
