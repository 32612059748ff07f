"""Reads the roster: which student has which token."""

from dataclasses import dataclass
from pathlib import Path

from submitter.errors import UsageError
from submitter.grades.spreadsheet_text import is_formula
from submitter.output import first_lines
from submitter.submit.spelling import find_token_fault, stripped
from submitter.submit.spreadsheet import Row, read_table

IDS = ("id", "sis_user_id", "sis_login_id")
_OPTIONAL = ("student", "name", *IDS, "section")


@dataclass(frozen=True, slots=True)
class Student:
    """A student; what the roster does not say is empty. The names are Canvas's."""

    student: str
    id: str = ""
    sis_user_id: str = ""
    sis_login_id: str = ""
    section: str = ""


type Roster = dict[str, Student]
"""The students by token, in the roster's order."""


def read_roster(path: Path, *, for_canvas: bool = False) -> Roster:
    """Read a roster: a CSV with the columns token, and student or name.

    Args:
        path: the file. It may have the columns id, sis_user_id, sis_login_id and section too.
        for_canvas: whether Canvas must be able to find each student.

    Raises:
        UsageError: the roster has faults; it names all of them, and shows no token.
    """
    roster: Roster = {}
    faults: list[str] = []
    lines: dict[tuple[str, str], int] = {}
    for row in read_table(path, ("token",), _OPTIONAL):
        cells = {name: stripped(cell) for name, cell in row.cells.items()}
        found = [*_faults(row, cells, for_canvas=for_canvas)]
        for column in ("token", *IDS):
            value = cells[column]
            first = lines.setdefault((column, value), row.line)
            if value and first != row.line:
                found.append(f"The {column} is that of line {first} again.")
        faults += [f"line {row.line}: {fault}" for fault in found]
        name = cells.pop("name")
        token = cells.pop("token")
        roster[token] = Student(**{**cells, "student": cells["student"] or name})
    if faults:
        raise UsageError(f"The roster {path} has faults: correct them first.", first_lines(faults))
    if not roster:
        raise UsageError(f"The roster {path} has no student: nothing follows its first line.")
    return roster


def _faults(row: Row, cells: dict[str, str], *, for_canvas: bool) -> list[str]:
    faults = []
    if fault := find_token_fault(cells["token"]):
        faults.append(f"The token {fault}.")
    if cells["student"] and cells["name"]:
        faults.append("It has both a student and a name: keep one of the columns.")
    elif not cells["student"] and not cells["name"]:
        faults.append("The student's name is missing: add it in the column student.")
    # An apostrophe before it would make it another id.
    faults += [
        f"The {column} begins like a formula, so a spreadsheet would run it."
        for column in IDS
        if is_formula(cells[column])
    ]
    if for_canvas and not any(cells[column] for column in IDS):
        faults.append(f"Canvas needs one of {', '.join(IDS)} to find the student.")
    if row.surplus:
        faults.append(
            "There is a value in a column without a name. Put a value with a comma in quotation "
            "marks."
        )
    return faults
