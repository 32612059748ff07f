"""Marks the first difference in an excerpt of a program's output, or of the answer."""

import re
from dataclasses import dataclass

from grading.text import Excerpt, visible_spaces

# What the validator compares: a token, or the white space between two.
_PIECE = re.compile(r"\S+|\s+|$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Marked:
    """An excerpt in three parts."""

    before: str
    mark: str
    """Empty without a difference, and if the text ends there."""
    after: str
    ends_here: bool
    """Whether the text ends where the other one goes on."""
    note: str
    """Which part of the text it is; empty for all of it."""


def mark(text: Excerpt, place: int | None, *, spaces: bool) -> Marked:
    """Mark a piece of an excerpt.

    Args:
        text: the excerpt.
        place: where the piece begins, in characters of the whole text; None marks nothing.
        spaces: whether each space, tab and end of line becomes a sign.
    """
    at = None if place is None else place - text.start
    shown = _visible_spaces if spaces else str
    if at is None or not 0 <= at <= len(text.text):
        return Marked(shown(text.text), "", "", ends_here=False, note=_note(text))
    found = _PIECE.match(text.text, at)
    end = found.end() if found else at
    return Marked(
        shown(text.text[:at]),
        _spell_out(shown(text.text[at:end])),
        shown(text.text[end:]),
        ends_here=place == text.length,
        note=_note(text),
    )


def _visible_spaces(text: str) -> str:
    """Keep the lines apart, and show how each ends."""
    *lines, last = text.split("\n")
    return "".join(f"{visible_spaces(f'{line}\n')}\n" for line in lines) + visible_spaces(last)


def _spell_out(text: str) -> str:
    """Tell apart what looks like a space or like nothing, such as a no-break space."""
    return "".join(
        each if each.isprintable() or each in "\n\t" else each.encode("unicode_escape").decode()
        for each in text
    )


def _note(text: Excerpt) -> str:
    end = text.start + len(text.text)
    if len(text.text) >= text.length:
        return ""
    return f"Characters {text.start + 1:,} to {end:,} of {text.length:,}."
