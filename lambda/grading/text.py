"""How much of a text a result shows, and with which characters in place of unsafe ones."""

import re
from dataclasses import dataclass

EXCERPT_CHARACTERS = 4096
"""The most that a result shows of one text."""

# Characters that no viewer can show, or that reorder the text around them: control characters but
# tab and new line, directions (https://www.unicode.org/reports/tr9/), surrogates, non-characters.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_SPACES = str.maketrans(
    {" ": "\N{MIDDLE DOT}", "\t": "\N{RIGHTWARDS ARROW}", "\n": "\N{RETURN SYMBOL}"}
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a text, its characters safe."""

    text: str
    start: int
    """Where in the whole text it starts, in characters."""
    length: int
    """Of the whole text, in characters."""

    def cut(self, around: int, size: int) -> "Excerpt":
        """Return a smaller part; `around` counts in the whole text."""
        part = excerpt(self.text, around - self.start, size)
        return Excerpt(part.text, self.start + part.start, self.length)


def excerpt(text: str, around: int = 0, size: int = EXCERPT_CHARACTERS) -> Excerpt:
    """Return the part of a text that has a place in its middle, or all of it if it fits.

    Each unsafe character becomes one other: places stay the same.
    """
    start = max(0, min(around - size // 2, len(text) - size))
    return Excerpt(_UNSAFE.sub(_safe, text[start : start + size]), start, len(text))


def visible_spaces(text: str) -> str:
    """Return a text with a sign for each space, tab and new line."""
    return text.translate(_SPACES)


def line_and_column(text: str, place: int) -> tuple[int, int]:
    """Return the line and the column of a place in a text, both counted from 1."""
    return text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)


def _safe(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:  # noqa: PLR2004
        return chr(0x2400 + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"  # noqa: PLR2004
