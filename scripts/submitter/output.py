"""Writes results as tables or JSON to standard output, and errors to standard error."""

import dataclasses
import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import Any, TextIO

from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from submitter.errors import SubmitterError

# Unicode's control and format characters (some reverse the text's direction), line and paragraph
# separators, and lone surrogates.
_UNSHOWN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
_JOINERS = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")
"""What emoji and some scripts are spelled with."""
_SHOWN_LINES = 20


def escape(text: object, style: str = "") -> Text:
    """Return a text that is safe on a terminal, in one of rich's styles.

    Keys and log lines may be hostile: invisible characters are spelled out, and markup is not
    interpreted.
    """
    return Text("".join(map(_spell_out, str(text))), style=style)


def unbroken(text: object, style: str = "") -> Text:
    """Return a safe text that stays on one line, so that it can be copied."""
    line = escape(text, style)
    line.no_wrap, line.overflow = True, "ignore"
    return line


def first_lines(lines: list[str]) -> list[str]:
    """Return as many lines as a person reads, and how many more there are."""
    more = len(lines) - _SHOWN_LINES
    return lines[:_SHOWN_LINES] + ([f"and {more:,} more"] if more > 0 else [])


def _spell_out(character: str) -> str:
    if unicodedata.category(character) in _UNSHOWN and character not in _JOINERS:
        return character.encode("unicode_escape").decode()
    return character


class Output:
    """Where a command writes its results and its progress."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.on_terminal = sys.stdout.isatty()
        # A file or a pipe has no width, and grep needs whole lines.
        self.results = Console(
            width=None if self.on_terminal else _UNFOLDED,
            highlight=False,
            markup=False,
            emoji=False,
        )
        is_terminal = sys.stderr.isatty()
        self.progress = Console(
            stderr=True,
            width=None if is_terminal else _UNFOLDED,
            # FORCE_COLOR would make rich draw progress into a file.
            force_terminal=None if is_terminal else False,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def show[Report](self, report: Report, render: Callable[[Report], RenderableType]) -> bool:
        """Show a report.

        Args:
            report: a dataclass, or a list of them; its fields are the JSON's.
            render: makes what a person sees of it.

        Returns:
            False if the reader has closed standard output.

        Raises:
            SubmitterError: standard output can't be written; the report is on standard error.
        """
        if self.as_json:
            text = f"{json.dumps(to_json(report), ensure_ascii=True, indent=2)}\n"
        else:
            text = self._as_text(render(report))
        try:
            return self.write(text)
        except SubmitterError:
            sys.stderr.write(text)
            raise

    def write(self, text: str) -> bool:
        """Write text to standard output.

        Returns:
            False if the reader has closed it, as `| head` does.

        Raises:
            SubmitterError: standard output can't be written.
        """
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            _drop(sys.stdout)
            return False
        except OSError as error:
            _drop(sys.stdout)
            raise SubmitterError(
                f"Standard output can't be written: {error.strerror}. Redirect it elsewhere."
            ) from error
        return True

    def complain(self, error: SubmitterError) -> None:
        """Write an error to standard error."""
        first, *details = error.lines
        for line in (f"error: {first}", *details):
            self.note(escape(line))

    def note(self, shown: RenderableType) -> None:
        """Write something to standard error, if that can be written."""
        with suppress(OSError):
            _print_whole(self.progress, shown)

    def _as_text(self, shown: RenderableType) -> str:
        # Rich's `capture` would still write to standard output.
        self.results.file, previous = io.StringIO(), self.results.file
        _print_whole(self.results, shown)
        text = self.results.file.getvalue()
        self.results.file = previous
        return text if self.on_terminal else _PADDING.sub(r"\1", text)


_UNFOLDED = 100_000
"""Columns, more than any line has."""
_PADDING = re.compile(r" +((?:\x1b\[[0-9;]*m)*)$", re.MULTILINE)
"""The padding of a table's last column, and the code that ends a colour."""


def _print_whole(console: Console, shown: RenderableType) -> None:
    """Print without breaking words or no-wrap columns, so that they can be copied."""
    options = console.options.update(max_width=_UNFOLDED)
    previous = console.width
    for part in shown.renderables if isinstance(shown, Group) else (shown,):
        for column in part.columns if isinstance(part, Table) else ():
            if column.no_wrap:
                # Rich's minimum is the longest word, even where nothing wraps.
                cells = (column.header, *column.cells)
                column.min_width = max(
                    Measurement.get(console, options, each).maximum for each in cells
                )
        console.width = max(previous, Measurement.get(console, options, part).minimum)
        # Rich ignores a Text's own settings for wrapping.
        overflow, no_wrap = (part.overflow, part.no_wrap) if isinstance(part, Text) else (None,) * 2
        console.print(part, crop=False, overflow=overflow, no_wrap=no_wrap)


def prepare_streams() -> None:
    """Make the streams take any character, and replace missing ones.

    Raises:
        SubmitterError: standard output is closed.
    """
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - till the end
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - likewise
        raise SubmitterError("Standard output is closed, so nothing could be shown. Open it.")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def close_streams() -> None:
    """Flush the streams, so that Python does not complain when it exits."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _drop(stream)


def _drop(stream: TextIO) -> None:
    """Discard what can't be written to a stream."""
    with suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), stream.fileno())


def to_json(value: Any) -> Any:  # noqa: ANN401 - any part of a report
    """Return a report as values for `json`: dataclasses as objects, times in ISO 8601."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(to_json(key)): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_json(item) for item in value]
    return value


def age(seconds: float | None) -> str:
    """Format seconds for a person: `40 s`, `12 min`, `3 h`, `5 days`."""
    if seconds is None:
        return "-"
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
