"""A gradebook as rows of a CSV."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, fields

from submitter.grades.gradebook import Gradebook
from submitter.grades.roster import Student
from submitter.grades.spreadsheet_text import Cell

type Rows = Iterator[Sequence[Cell]]

_CANVAS_HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_CANVAS_POINTS = ("    Points Possible", None, None, None, None)
"""As Canvas exports it."""


def plain_rows(book: Gradebook) -> Rows:
    """Yield a header and a row for each student; of those not in the roster, none."""
    roster = book.roster
    named = ["token"] if roster is None else [each.name for each in fields(Student)]
    parts = ("", " late_days", " state")
    columns = [f"{each.name}{part}" for each in book.problems for part in parts]
    yield [*named, *columns, "total", "max_total", "total_late_days"]
    for token, line in book.students.items():
        cells: list[Cell] = [token] if roster is None else [*astuple(roster[token])]
        for each in book.problems:
            grade = line.grades[each.name]
            cells += [grade.score, grade.late_days, grade.state.value]
        yield [*cells, line.score, book.max_score, line.late_days]


def canvas_rows(book: Gradebook, assignments: Mapping[str, str]) -> Rows:
    """Yield what Canvas's gradebook imports.

    https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb

    Args:
        book: with a roster.
        assignments: Canvas's ids of assignments, by problem. Without one, Canvas looks for an
            assignment with the problem's name, or offers to create it.
    """
    names = [each.name for each in book.problems]
    yield [
        *_CANVAS_HEADER,
        *(f"{name} ({assignments[name]})" if name in assignments else name for name in names),
    ]
    yield [*_CANVAS_POINTS, *(each.max_score for each in book.problems)]
    for token, student in (book.roster or {}).items():
        grades = book.students[token].grades
        # A score that may still get better is not handed in.
        scores = [grades[name].score if grades[name].is_final else None for name in names]
        yield [*astuple(student), *scores]
