"""Reads what `submit` is to upload: one .py with its names, or a class listed in a CSV file."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from submitter.errors import ExitCode, SubmitterError
from submitter.submission import InvalidSubmissionError, Submission, checked_submission

LIST_NAME = "submissions.csv"
"""The list that makes a folder a class."""
COLUMNS = ("file", "admin", "event", "problem", "tokens")
_SHOWN_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A checked submission and the file it is about."""

    file: Path
    digest: str
    """The file's MD5, which S3 gives as the ETag of an object that was uploaded in one piece."""
    submission: Submission

    def read_code(self) -> bytes:
        """Return the file's bytes.

        Raises:
            SubmitterError: it can't be read any more, or isn't what was checked.
        """
        code = _read_code(self.file)
        if _digest(code) != self.digest:
            raise SubmitterError(f"{self.file} changed while it was submitted. Run it again.")
        return code


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
    submission = checked_submission(admin, event, problem, tokens)
    return Candidate(file, _digest(_read_code(file)), submission)


def read_class(path: Path) -> list[Candidate]:
    """Check a whole class, without asking AWS anything.

    Args:
        path: a CSV file in UTF-8 with the columns file, admin, event, problem and tokens, in any
            order, tokens separated by spaces and files in the CSV's folder or below it; or a
            folder with such a file called ``submissions.csv`` in it.

    Returns:
        The submissions, in the list's order.

    Raises:
        SubmitterError: anything in the list is not fit to be submitted; all that is wrong is
            named at once.
    """
    if path.is_dir():
        path = path / LIST_NAME
        if not path.is_file():
            raise _unfit(
                f"The folder {path.parent} has no {LIST_NAME}, which has to say whose each file "
                f"is: a CSV with the columns {', '.join(COLUMNS)}, tokens separated by spaces."
            )
    candidates: list[Candidate] = []
    faults: list[str] = []
    lines_by_subid: dict[str, int] = {}
    for line, row in _read_rows(path):
        try:
            candidate = _read_row(path.parent, row)
        except SubmitterError as error:
            faults.append(f"line {line}: {error}")
            continue
        first = lines_by_subid.setdefault(candidate.submission.subid, line)
        if first != line:
            faults.append(
                f"line {line}: the same students, admin, event and problem as line {first}; a "
                "submission has one file."
            )
        candidates.append(candidate)
    if faults:
        shown = "\n  ".join(faults[:_SHOWN_FAULTS])
        more = f"\n  and {len(faults) - _SHOWN_FAULTS} more" if len(faults) > _SHOWN_FAULTS else ""
        raise _unfit(f"Nothing was uploaded: {path} has to be corrected first.\n  {shown}{more}")
    if not candidates:
        raise _unfit(f"{path} lists no submission.")
    return candidates


def _read_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Read a list's rows, each with the number of the line that it ends on."""
    reader = csv.DictReader(io.StringIO(_read_text(path), newline=""), strict=True)
    try:
        if sorted(reader.fieldnames or ()) != sorted(COLUMNS):
            raise _unfit(
                f"The first line of {path} has to name the columns {', '.join(COLUMNS)}, separated "
                "by commas, and no others."
            )
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        # The DictReader's own number is still that of the row before.
        line = reader.reader.line_num
        raise _unfit(f"{path} is no CSV: {error}, on line {line}.") from None


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unfit(f"{path} can't be read: {error.strerror}.") from None
    try:
        # Spreadsheets put a byte order mark before UTF-8.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _unfit(f"{path} is not in UTF-8, on line {line}. Save it as CSV in UTF-8.") from None


def _read_row(folder: Path, row: dict[str, str]) -> Candidate:
    # DictReader puts what a row has too much under None, and None where it has too little.
    if set(row) != set(COLUMNS) or None in row.values():
        raise InvalidSubmissionError(f"The row has not {len(COLUMNS)} fields.")
    file = folder / row["file"]
    if not _lies_in(folder, file):
        # By a link or by `..`: another file of the person who runs this would be submitted.
        raise _unfit(f"{row['file']} does not lie in the list's folder.")
    return read_candidate(file, row["admin"], row["event"], row["problem"], row["tokens"].split())


def _lies_in(folder: Path, file: Path) -> bool:
    try:
        return file.resolve().is_relative_to(folder.resolve())
    except ValueError:
        raise _unfit("The file's name has a null character in it.") from None
    except OSError as error:
        raise _unfit(f"{file} can't be read: {error.strerror}.") from None


def _read_code(file: Path) -> bytes:
    if file.suffix != ".py":
        raise _unfit(f"{file} is no .py file.")
    try:
        code = file.read_bytes()
    except OSError as error:
        raise _unfit(f"{file} can't be read: {error.strerror}.") from None
    except ValueError:
        raise _unfit("The file's name has a null character in it.") from None
    if not code:
        raise _unfit(f"{file} is empty.")
    return code


def _digest(code: bytes) -> str:
    return hashlib.md5(code, usedforsecurity=False).hexdigest()


def _unfit(text: str) -> SubmitterError:
    return SubmitterError(text, ExitCode.USAGE)
