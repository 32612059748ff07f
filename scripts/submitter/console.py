"""What a command shows: tables and colours for a person, JSON for a script."""

from __future__ import annotations

import dataclasses
import json
import sys
import unicodedata
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

# Unicode's control characters, invisible ones (among them those that turn the direction of what
# follows), line and paragraph separators, and lone surrogates.
_UNSHOWN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
_JOINERS = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")
"""What emoji and some scripts are spelled with."""


def plain(text: object, style: str = "") -> Text:
    """Make a text safe to show on a terminal, whatever a key or a log line holds.

    Args:
        text: anything; keys and log lines come from people who may mean harm.
        style: rich's name of a style.

    Returns:
        The text with control characters, direction overrides and whatever else is not seen
        spelled out, and without any markup.
    """
    return Text("".join(map(_spell_out, str(text))), style=style)


def _spell_out(character: str) -> str:
    if unicodedata.category(character) in _UNSHOWN and character not in _JOINERS:
        return character.encode("unicode_escape").decode()
    return character


class Output:
    """Where a command's results go."""

    def __init__(self, *, as_json: bool) -> None:
        """Show results on standard output, as JSON or for a person, and progress on the other."""
        self.as_json = as_json
        self.results = Console(highlight=False, markup=False, emoji=False, soft_wrap=False)
        self.progress = Console(stderr=True, highlight=False, markup=False, emoji=False)

    def show[Report](self, report: Report, render: Callable[[Report], RenderableType]) -> None:
        """Show a report.

        Args:
            report: a dataclass, or a list of them; its fields are the JSON's.
            render: makes what a person sees of it.
        """
        if self.as_json:
            sys.stdout.write(f"{json.dumps(to_json(report), ensure_ascii=True, indent=2)}\n")
        else:
            # Cropping would cut keys and message ids short on a pipe, which has no width.
            self.results.print(render(report), crop=False)

    def say(self, text: str) -> None:
        """Tell the person, not the script, how it goes."""
        self.progress.print(plain(text))


def to_json(value: Any) -> Any:  # noqa: ANN401 - whatever a report is made of
    """Return a report as what `json` can write: dataclasses as objects, times in ISO 8601."""
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
    """Put a number of seconds as a person says it: `40 s`, `12 min`, `3 h`, `5 days`."""
    if seconds is None:
        return "-"
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
