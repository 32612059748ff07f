"""Writes CSV that spreadsheets show, and do not run.

OWASP's advice (https://owasp.org/www-community/attacks/CSV_Injection): no cell may begin with what
makes a formula, also not after a separator or a quotation mark within it, where a spreadsheet with
other settings would begin a cell. Every text is in quotation marks, and where one would be a
formula, an apostrophe comes before it: spreadsheets then take it for text.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"(?:^|(?<=[,;\t\r\n\"']))(?=\s*[=+\-@])|^(?=[\t\r\n])")

type Cell = str | float | None
"""A text, a number, or nothing."""


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet could run a text, or a part of it, as a formula."""
    return _FORMULA.search(text) is not None


def harmless(text: str) -> str:
    """Return a text with an apostrophe before each place where a formula could begin."""
    return _FORMULA.sub("'", text)


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Return rows as CSV with CRLF at their ends (RFC 4180).

    Numbers are not in quotation marks, and nothing is nothing: for Canvas, a quoted empty cell
    would be a value.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_STRINGS)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return harmless(cell) or None
    return int(cell) if cell is not None and float(cell).is_integer() else cell
