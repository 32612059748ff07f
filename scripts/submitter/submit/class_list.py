"""Reads and checks what `submit` uploads: one .py, or a class listed in a CSV file."""

import hashlib
import os
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from submitter.errors import SubmitterError, UsageError
from submitter.invocation import command
from submitter.output import first_lines
from submitter.submit.spelling import find_name_fault, likely_same, same_on_screen, stripped
from submitter.submit.spreadsheet import HOW_TO_SAVE, SPREADSHEET_ENDINGS, Row, read_table
from submitter.submit.submission import Submission, checked_submission, find_faults
from submitter.submit.warnings import NAMES, find_spellings, find_warnings

LIST_NAME = "submissions.csv"
"""The list in a class's folder."""
LIST_ENDINGS = frozenset({".csv", ".tsv", ".tab", ".txt"})
COLUMNS = ("file", "admin", "event", "problem", "tokens")
_SHOWN_LISTS = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A checked submission and its file."""

    file: Path
    digest: str
    """The file's SHA-256."""
    submission: Submission

    def read_code(self) -> bytes:
        """Return the file's bytes.

        Raises:
            SubmitterError: it can't be read, or changed since it was checked.
        """
        code = _read_code(self.file)
        if hashlib.sha256(code).hexdigest() != self.digest:
            raise SubmitterError(f"{self.file} changed while it was submitted. Run it again.")
        return code


@dataclass(frozen=True, slots=True)
class Checked:
    """Valid submissions, and warnings about them."""

    candidates: list[Candidate]
    warnings: list[str]
    """None shows a token."""


def read_candidate(
    file: Path, admin: str, event: str, problem: str, tokens: list[str]
) -> Candidate:
    """Check one submission, without any call to AWS.

    Raises:
        UsageError: the file, a name or a token can't be submitted.
    """
    digest = check_file(file)
    return Candidate(file, digest, checked_submission(admin, event, problem, tokens))


def check_file(file: Path) -> str:
    """Check that a file may be a student's, and return its SHA-256.

    Raises:
        UsageError: it is no .py, is empty, or can't be read.
    """
    return hashlib.sha256(_read_code(file)).hexdigest()


def check_one(candidate: Candidate) -> Checked:
    """Find warnings about a single submission."""
    return Checked([candidate], find_warnings([(0, candidate)]))


def is_class(path: Path) -> bool:
    """Return whether a path is a class's list, or a spreadsheet in place of one, or its folder."""
    if path.is_dir():
        return path.suffix.lower() != ".py"
    return path.suffix.lower() in LIST_ENDINGS | SPREADSHEET_ENDINGS


def find_path(path: Path) -> Path:
    """Find the file or folder that the command line names, as this machine spells it.

    Raises:
        UsageError: there is none.
    """
    found = _find(path.parent, path.name)
    try:
        found.lstat()
    except FileNotFoundError:
        raise UsageError(f"There is no file or folder {path}.{_similar(path)}") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} can't be read: {error}.") from None
    return found


def read_class(path: Path) -> Checked:
    """Check a whole class, without any call to AWS.

    Args:
        path: a CSV file with the columns file, admin, event, problem and tokens, in any order,
            with tokens separated by spaces and files in the CSV's folder or below it; or a folder
            with such a ``submissions.csv``.

    Returns:
        The submissions, in the list's order, and warnings.

    Raises:
        UsageError: the list has faults; it names all of them.
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
        faults.sort(key=lambda each: each[0])
        shown = first_lines([f"line {line}: {fault}" for line, fault in faults])
        raise UsageError(f"Nothing was uploaded: correct {path} first.", shown)
    if not rows:
        raise UsageError(f"{path} lists no submission: nothing follows its first line.")
    return Checked([candidate for _, candidate in rows], find_warnings(rows))


def _find_list(path: Path) -> Path:
    if not path.is_dir():
        return path
    try:
        names = sorted(each.name for each in path.iterdir() if not each.name.startswith("."))
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from None
    called = [name for name in names if name.lower() == LIST_NAME]
    if called:
        return path / (LIST_NAME if LIST_NAME in called else called[0])
    needed = (
        f"A class's folder needs a {LIST_NAME}, which lists the files: a CSV with the columns "
        f"{', '.join(COLUMNS)}, tokens separated by spaces."
    )
    if not names:
        raise UsageError(f"The folder {path} is empty. {needed}")
    lists = [name for name in names if Path(name).suffix.lower() in LIST_ENDINGS]
    spreadsheets = [name for name in names if Path(name).suffix.lower() in SPREADSHEET_ENDINGS]
    advice = [
        f"If {name} is the list: {command(f'submit {shlex.quote(str(path / name))}')}"
        for name in lists[:_SHOWN_LISTS]
    ] or [f"{name} is a spreadsheet. {HOW_TO_SAVE}, as {LIST_NAME}." for name in spreadsheets[:1]]
    raise UsageError(f"The folder {path} has no {LIST_NAME}. {needed}", advice)


def _check_row(folder: Path, row: Row) -> tuple[Candidate | None, list[str]]:
    admin, event, problem = (row.cells[name] for name in NAMES)
    tokens = row.cells["tokens"].split()
    faults = find_faults(admin, event, problem, tokens)
    if row.surplus:
        faults.append(
            "There is a value in a column without a name. Separate tokens by spaces, and put a "
            "value with a comma in quotation marks."
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
        raise UsageError("The file's name is missing.")
    file = _find(folder, name)
    if not os.path.lexists(file) and (fault := find_name_fault(stripped(name))):
        raise UsageError(f"The file's name {fault}.")
    if not _lies_in(folder, file):
        # A link or `..` could submit any file of the person who runs this.
        raise UsageError(f"{name} is not in the list's folder.")
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
                # Some systems write accents as separate characters, and put unusual spaces in the
                # names of screenshots.
                seen = same_on_screen(part)
                same = [each for each in found.iterdir() if same_on_screen(each.name) == seen]
                step = same[0] if len(same) == 1 else step
            found = step
    except OSError:
        # Reading the file will show the error.
        return folder / name
    return found


def _lies_in(folder: Path, file: Path) -> bool:
    try:
        return file.resolve().is_relative_to(folder.resolve())
    except ValueError:
        raise UsageError("The file's name has a null character in it.") from None
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}.") from None


def _read_code(file: Path) -> bytes:
    if file.suffix.lower() == ".ipynb":
        raise UsageError(
            f"{file} is a notebook. Export it as .py (jupyter nbconvert --to script "
            f"{shlex.quote(str(file))}), and submit that."
        )
    if file.suffix.lower() != ".py":
        raise UsageError(f"{file} is not a .py file.")
    try:
        code = file.read_bytes()
    except IsADirectoryError:
        raise UsageError(f"{file} is a folder, not a file.") from None
    except FileNotFoundError:
        if file.is_symlink():
            raise UsageError(f"{file} is a link to {file.readlink()}, which is gone.") from None
        raise UsageError(f"There is no file {file}.{_similar(file)}") from None
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}.") from None
    except ValueError:
        raise UsageError("The file's name has a null character in it.") from None
    if not code:
        raise UsageError(f"{file} is empty.")
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
    lines: dict[str, int] = {}
    for line, candidate in rows:
        first = lines.setdefault(candidate.submission.subid, line)
        if first != line:
            same = f"The same students, admin, event and problem as line {first}"
            yield line, f"{same}; a submission has one file."
