"""Reads what `submit` is to upload: one .py with its names, or a class listed in a CSV file."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from submitter.errors import ExitCode, SubmitterError
from submitter.invocation import command
from submitter.submit.doubts import NAMES, find_doubts, find_spellings
from submitter.submit.spelling import find_name_fault, likely_same, same_on_screen, stripped
from submitter.submit.spreadsheet import HOW_TO_SAVE, SPREADSHEET_ENDINGS, Row, read_table
from submitter.submit.submission import Submission, checked_submission, find_faults

LIST_NAME = "submissions.csv"
"""The list that makes a folder a class."""
LIST_ENDINGS = frozenset({".csv", ".tsv", ".tab", ".txt"})
COLUMNS = ("file", "admin", "event", "problem", "tokens")
_SHOWN_FAULTS = 20
_SHOWN_LISTS = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A checked submission and the file it is about."""

    file: Path
    digest: str
    """The file's SHA-256."""
    submission: Submission

    def read_code(self) -> bytes:
        """Return the file's bytes.

        Raises:
            SubmitterError: it can't be read any more, or isn't what was checked.
        """
        code = _read_code(self.file)
        if hashlib.sha256(code).hexdigest() != self.digest:
            raise SubmitterError(f"{self.file} changed while it was submitted. Run it again.")
        return code


@dataclass(frozen=True, slots=True)
class Checked:
    """What may be submitted, and what a person should look at before."""

    candidates: list[Candidate]
    warnings: list[str]
    """None shows a token."""


def read_candidate(
    file: Path, admin: str, event: str, problem: str, tokens: list[str]
) -> Candidate:
    """Check one submission, without asking AWS anything.

    Args:
        file: the students' .py.
        admin: the admin's identifier.
        event: the event's.
        problem: the problem's.
        tokens: the students'.

    Returns:
        The submission and its file.

    Raises:
        SubmitterError: the file, a name or a token is not fit to be submitted.
    """
    digest = check_file(file)
    return Candidate(file, digest, checked_submission(admin, event, problem, tokens))


def check_file(file: Path) -> str:
    """Check that a file may be a student's.

    Args:
        file: where it lies.

    Returns:
        Its SHA-256.

    Raises:
        SubmitterError: it is no .py, is empty, or can't be read.
    """
    return hashlib.sha256(_read_code(file)).hexdigest()


def check_one(candidate: Candidate) -> Checked:
    """Look a single submission over for what is likely wrong.

    Args:
        candidate: the submission.

    Returns:
        It, and the warnings.
    """
    return Checked([candidate], find_doubts([(0, candidate)]))


def is_class(path: Path) -> bool:
    """Return whether a path names a class, and not a student's file.

    Args:
        path: what the command line names.

    Returns:
        Whether it is to be read as a list; a spreadsheet is one too, of the wrong kind.
    """
    if path.is_dir():
        return path.suffix.lower() != ".py"
    return path.suffix.lower() in LIST_ENDINGS | SPREADSHEET_ENDINGS


def find_path(path: Path) -> Path:
    """Find what the command line names.

    Args:
        path: a file or a folder.

    Returns:
        It, as it is called on this machine.

    Raises:
        SubmitterError: there is none.
    """
    found = _find(path.parent, path.name)
    try:
        found.lstat()
    except FileNotFoundError:
        raise _unfit(f"There is no file or folder {path}.{_similar(path)}") from None
    except (OSError, ValueError) as error:
        raise _unfit(f"{path} can't be read: {error}.") from None
    return found


def read_class(path: Path) -> Checked:
    """Check a whole class, without asking AWS anything.

    Args:
        path: a CSV file with the columns file, admin, event, problem and tokens, in any order,
            tokens separated by spaces and files in the CSV's folder or below it; or a folder with
            such a file called ``submissions.csv`` in it.

    Returns:
        The submissions, in the list's order, and the warnings.

    Raises:
        SubmitterError: anything in the list is not fit to be submitted; all that is wrong is
            named at once.
    """
    path = _find_list(path)
    rows: list[tuple[int, Candidate]] = []
    faults: list[tuple[int, str]] = []
    for row in read_table(path, COLUMNS):
        candidate, found = _check_row(path.parent, row)
        faults += [(row.line, fault) for fault in found]
        if candidate is not None:
            rows.append((row.line, candidate))
    faults += _find_repetitions(rows)
    faults += [
        (line, f"The {label} looks the same as in line {first}, but is spelled differently.")
        for label, line, first in find_spellings(rows, same_on_screen)
    ]
    if faults:
        told = [f"line {line}: {fault}" for line, fault in sorted(faults, key=lambda each: each[0])]
        more = len(told) - _SHOWN_FAULTS
        shown = told[:_SHOWN_FAULTS] + ([f"and {more:,} more"] if more > 0 else [])
        raise _unfit(f"Nothing was uploaded: {path} has to be corrected first.", shown)
    if not rows:
        raise _unfit(f"{path} lists no submission: there is nothing below its first line.")
    return Checked([candidate for _, candidate in rows], find_doubts(rows))


def _find_list(path: Path) -> Path:
    if not path.is_dir():
        return path
    try:
        names = sorted(each.name for each in path.iterdir() if not each.name.startswith("."))
    except OSError as error:
        raise _unfit(f"{path} can't be read: {error.strerror}.") from None
    called = [name for name in names if name.lower() == LIST_NAME]
    if called:
        return path / (LIST_NAME if LIST_NAME in called else called[0])
    needed = (
        f"A class's folder needs a {LIST_NAME}, which says whose each file is: a CSV with the "
        f"columns {', '.join(COLUMNS)}, tokens separated by spaces."
    )
    if not names:
        raise _unfit(f"The folder {path} is empty. {needed}")
    lists = [name for name in names if Path(name).suffix.lower() in LIST_ENDINGS]
    spreadsheets = [name for name in names if Path(name).suffix.lower() in SPREADSHEET_ENDINGS]
    advice = [
        f"If {name} is the list: {command(f'submit {shlex.quote(str(path / name))}')}"
        for name in lists[:_SHOWN_LISTS]
    ] or [f"{name} is a spreadsheet. {HOW_TO_SAVE}, as {LIST_NAME}." for name in spreadsheets[:1]]
    raise _unfit(f"The folder {path} has no {LIST_NAME}. {needed}", advice)


def _check_row(folder: Path, row: Row) -> tuple[Candidate | None, list[str]]:
    admin, event, problem = (row.cells[name] for name in NAMES)
    tokens = row.cells["tokens"].split()
    faults = find_faults(admin, event, problem, tokens)
    if row.surplus:
        faults.append(
            "There is a value in a column without a name. Separate tokens by spaces, and put a "
            "value with a comma into quotation marks."
        )
    try:
        file, digest = _check_file(folder, row.cells["file"])
    except SubmitterError as error:
        return None, [str(error), *faults]
    if faults:
        return None, faults
    return Candidate(file, digest, checked_submission(admin, event, problem, tokens)), []


def _check_file(folder: Path, name: str) -> tuple[Path, str]:
    if not stripped(name):
        raise _unfit("There is no file's name.")
    file = _find(folder, name)
    if not os.path.lexists(file) and (fault := find_name_fault(stripped(name))):
        raise _unfit(f"The file's name {fault}.")
    if not _lies_in(folder, file):
        # By a link or by `..`: another file of the person who runs this would be submitted.
        raise _unfit(f"{name} does not lie in the list's folder.")
    return file, check_file(file)


def _find(folder: Path, name: str) -> Path:
    """Find a file whose name may have another system's separators, accents or spaces."""
    windows = PureWindowsPath(stripped(name))
    found = folder
    try:
        if (folder / name).exists() or windows.anchor:
            return folder / name
        for part in windows.parts:
            step = found / part
            if not step.exists() and found.is_dir():
                # Some systems keep a name's accents as characters of their own, and put spaces
                # into the names of screenshots that no one types.
                seen = same_on_screen(part)
                same = [each for each in found.iterdir() if same_on_screen(each.name) == seen]
                step = same[0] if len(same) == 1 else step
            found = step
    except OSError:
        # Reading it says why.
        return folder / name
    return found


def _lies_in(folder: Path, file: Path) -> bool:
    try:
        return file.resolve().is_relative_to(folder.resolve())
    except ValueError:
        raise _unfit("The file's name has a null character in it.") from None
    except OSError as error:
        raise _unfit(f"{file} can't be read: {error.strerror}.") from None


def _read_code(file: Path) -> bytes:
    if file.suffix.lower() == ".ipynb":
        raise _unfit(
            f"{file} is a notebook. Export it as .py (jupyter nbconvert --to script "
            f"{shlex.quote(str(file))}), and give that."
        )
    if file.suffix.lower() != ".py":
        raise _unfit(f"{file} is not a .py file.")
    try:
        code = file.read_bytes()
    except IsADirectoryError:
        raise _unfit(f"{file} is a folder, not a file.") from None
    except FileNotFoundError:
        if file.is_symlink():
            raise _unfit(f"{file} is a link to {file.readlink()}, which is gone.") from None
        raise _unfit(f"There is no file {file}.{_similar(file)}") from None
    except OSError as error:
        raise _unfit(f"{file} can't be read: {error.strerror}.") from None
    except ValueError:
        raise _unfit("The file's name has a null character in it.") from None
    if not code:
        raise _unfit(f"{file} is empty.")
    return code


def _similar(file: Path) -> str:
    with suppress(OSError):
        names = sorted(each.name for each in file.parent.iterdir() if each.name != file.name)
        similar = [name for name in names if likely_same(name) == likely_same(file.name)]
        if similar:
            looks_same = same_on_screen(similar[0]) == same_on_screen(file.name)
            return f" There is {similar[0]}{', spelled differently' if looks_same else ''}."
    return ""


def _find_repetitions(rows: list[tuple[int, Candidate]]) -> Iterator[tuple[int, str]]:
    first_lines: dict[str, int] = {}
    for line, candidate in rows:
        first = first_lines.setdefault(candidate.submission.subid, line)
        if first != line:
            same = f"The same students, admin, event and problem as line {first}"
            yield line, f"{same}; a submission has one file."


def _unfit(text: str, details: Sequence[str] = ()) -> SubmitterError:
    return SubmitterError(text, ExitCode.USAGE, details)
