"""Reads a CSV table with any separator, encoding mark or blank rows that spreadsheets write."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from submitter.errors import SubmitterError, UsageError
from submitter.submit.spelling import stripped

SPREADSHEET_ENDINGS = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".fods", ".numbers"})
HOW_TO_SAVE = "Save it as CSV in UTF-8 (in Excel: CSV UTF-8)"

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_SEPARATOR_LINE = re.compile(r'"?sep=([^"\s]|\t)"?\r?\n?', re.IGNORECASE)
"""A line before the first row, which Excel reads but does not show."""
_BINARY_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""Of a ZIP archive, such as .xlsx, .ods and .numbers, and of an old .xls."""
_UTF_32_STARTS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, b"\0\0\0")


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not blank."""

    line: int
    """Where it begins."""
    cells: dict[str, str]
    """By the columns' names."""
    surplus: bool
    """Whether there is a value in a column without a name."""


def read_table(path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()) -> list[Row]:
    """Read a table whose first row names its columns.

    Args:
        path: a file in UTF-8, or in UTF-16 with a byte order mark; its cells are separated by
            commas, semicolons or tabs.
        columns: the names, which may be in any order and any case.
        optional: names that the first row may leave out; their cells are empty then.

    Returns:
        The other rows, without blank ones.

    Raises:
        UsageError: the file can't be read, is no such table, or has other columns.
    """
    text = _read_text(path)
    declared = _SEPARATOR_LINE.match(text)
    separators = (declared[1],) if declared else tuple(_SEPARATORS)
    headers = {each: _header(path, text, each) for each in separators}
    separator = max(separators, key=lambda each: len({*headers[each]} & {*columns, *optional}))
    _check_header(path, headers[separator], columns, optional)
    (_, header), *rows = _rows(path, text, separator)
    names = [_name(cell) for cell in header]
    for line, cells in rows:
        _check_separator(path, line, cells, separator, len(columns))
    return [_row(line, names, (*columns, *optional), cells) for line, cells in rows]


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        if path.is_symlink() and not path.exists():
            raise UsageError(f"{path} is a link to {path.readlink()}, which is gone.") from None
        raise UsageError(f"{path} can't be read: {error.strerror}.") from None
    if path.suffix.lower() in SPREADSHEET_ENDINGS or content.startswith(_BINARY_STARTS):
        raise UsageError(f"{path} is a spreadsheet, not a CSV. {HOW_TO_SAVE}, and use that file.")
    if content.startswith(_UTF_32_STARTS) or content[1:4] == b"\0\0\0":
        raise UsageError(f"{path} is in UTF-32. {HOW_TO_SAVE}.")
    encoding = _encoding(content)
    try:
        return content.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = "not in UTF-8" if encoding == "utf-8" else "cut off or damaged UTF-16"
        raise UsageError(f"{path} is {problem}, on line {line}. {HOW_TO_SAVE}.") from None


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Without a mark: the columns' names are ASCII, so in UTF-16 every other byte is 0.
    if content[:1] == b"\0":
        return "utf-16-be"
    return "utf-16-le" if content[1:2] == b"\0" else "utf-8"


def _header(path: Path, text: str, separator: str) -> list[str]:
    try:
        _, header = next(_rows(path, text, separator))
    except (StopIteration, SubmitterError):
        return []
    return [_name(cell) for cell in header]


def _name(cell: str) -> str:
    return unicodedata.normalize("NFKC", stripped(cell)).casefold().replace(" ", "_")


def _check_header(
    path: Path, header: list[str], columns: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    needed = f"The first line of {path} must name the columns {', '.join(columns)}"
    if optional:
        needed += f" (and may name {', '.join(optional)})"
    missing = [each for each in columns if each not in header]
    if len(missing) == len(columns):
        raise UsageError(f"{needed}, separated by commas (or by semicolons, or tabs).")
    if missing:
        named = ", ".join(filter(None, header))
        raise UsageError(f"{needed}. It lacks {', '.join(missing)}; it names {named}.")
    if others := sorted({*filter(None, header)} - {*columns, *optional}):
        raise UsageError(f"{needed}, and no others: remove {', '.join(others)}.")
    if twice := [each for each in (*columns, *optional) if header.count(each) > 1]:
        raise UsageError(
            f"The first line of {path} names {', '.join(twice)} more than once: keep one of them."
        )


def _check_separator(path: Path, line: int, cells: list[str], separator: str, columns: int) -> None:
    if len([*filter(stripped, cells)]) >= columns:
        return
    for other, name in _SEPARATORS.items():
        if other != separator and cells[0].count(other) >= columns - 1:
            first = _SEPARATORS.get(separator, separator)
            raise UsageError(
                f"The first line of {path} is separated by {first}, but line {line} by {name}: "
                "use the same in all lines."
            )


def _rows(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, with their first lines' numbers."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            is_declaration = line == 1 and _SEPARATOR_LINE.match(text)
            if any(map(stripped, cells)) and not is_declaration:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{path} is not a CSV: {error}, in the row on line {line}.") from None


def _row(line: int, names: list[str], columns: tuple[str, ...], cells: list[str]) -> Row:
    # Spreadsheets omit empty cells at a row's end.
    padded = cells + [""] * (len(names) - len(cells))
    found = dict(zip(names, padded, strict=False))
    nameless = [cell for name, cell in zip(names, padded, strict=False) if not name]
    surplus = [*nameless, *padded[len(names) :]]
    return Row(line, {each: found.get(each, "") for each in columns}, any(map(stripped, surplus)))
