"""Finds what is likely wrong in a class or one submission: warnings, which stop nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from submitter.submit.spelling import (
    SHORT_BITS,
    find_name_doubt,
    find_token_doubt,
    is_short,
    likely_same,
)

if TYPE_CHECKING:
    from submitter.submit.class_list import Candidate

type _Row = tuple[int, Candidate]
"""A candidate and its line; a single submission is on line 0."""
type _Doubt = tuple[int, str]

NAMES = ("admin", "event", "problem")
_OTHER_SUBID = "Another spelling is another submission: check how the front end spells it."
_SHOWN_LINES = 3


def find_warnings(rows: list[_Row]) -> list[str]:
    """Return warnings, each kind once, with its lines; none shows a token."""
    lines: dict[str, list[int]] = {}
    for find in (_name_doubts, _spelling_doubts, _token_doubts, _sharing_doubts):
        for line, doubt in find(rows):
            lines.setdefault(doubt, []).append(line)
    return [f"{_place(found)}{doubt}" for doubt, found in lines.items()] + _short_tokens(rows)


def _name_doubts(rows: list[_Row]) -> Iterator[_Doubt]:
    for line, candidate in rows:
        for label, name in zip(NAMES, candidate.submission.names, strict=True):
            if doubt := find_name_doubt(name):
                yield line, f"The {label} {doubt}. {_OTHER_SUBID}"


def _spelling_doubts(rows: list[_Row]) -> Iterator[_Doubt]:
    for label, line, first in find_spellings(rows, likely_same):
        yield line, f"The {label} is spelled nearly as in line {first}. {_OTHER_SUBID}"


def _token_doubts(rows: list[_Row]) -> Iterator[_Doubt]:
    spellings: dict[str, dict[str, int]] = {}
    for line, candidate in rows:
        for token in candidate.submission.tokens:
            if doubt := find_token_doubt(token):
                yield line, f"A token {doubt}."
            known = spellings.setdefault(likely_same(token), {})
            if known and token not in known:
                first = min(known.values())
                other = f"in line {first}" if first != line else "another one"
                yield line, f"A token is spelled nearly as {other}."
            known.setdefault(token, line)


def _sharing_doubts(rows: list[_Row]) -> Iterator[_Doubt]:
    files: dict[Path, int] = {}
    students: dict[tuple[str, ...], int] = {}
    for line, candidate in rows:
        submission = candidate.submission
        first = files.setdefault(candidate.file, line)
        if first != line:
            yield line, f"The same file as in line {first}."
        for token in submission.tokens:
            first = students.setdefault((*submission.names, token), line)
            if first != line:
                yield line, f"A student of line {first} submits to the same problem again."


def _short_tokens(rows: list[_Row]) -> list[str]:
    tokens = [(line, token) for line, each in rows for token in each.submission.tokens]
    short = [(line, token) for line, token in tokens if is_short(token)]
    if not short:
        return []
    lost = "Spreadsheets drop leading zeros: check that none are missing."
    numbers = any(token.isdigit() for _, token in short)
    place = _place([line for line, _ in short])
    return [
        f"{place}{len(short):,} of {len(tokens):,} tokens are shorter than {SHORT_BITS} bits (16 "
        "random hexadecimal digits), so they can be guessed, and the subids with them. "
        f"{lost if numbers else ''}".rstrip()
    ]


def _place(lines: list[int]) -> str:
    known = sorted({*filter(None, lines)})
    if not known:
        return ""
    more = len(known) - _SHOWN_LINES
    shown = ", ".join(map(str, known[:_SHOWN_LINES])) + (f" and {more:,} more" if more > 0 else "")
    return f"line{'s' if len(known) > 1 else ''} {shown}: "


def find_spellings(
    rows: list[_Row], folded: Callable[[str], str]
) -> Iterator[tuple[str, int, int]]:
    """Find names with a second spelling.

    Args:
        rows: the submissions and their lines.
        folded: maps all spellings of a name to one.

    Yields:
        Which name it is, the line, and the line of the first spelling.
    """
    for depth, label in enumerate(NAMES, 1):
        spellings: dict[tuple[str, ...], dict[str, int]] = {}
        for line, candidate in rows:
            names = candidate.submission.names[:depth]
            known = spellings.setdefault(tuple(map(folded, names)), {})
            if known and names[-1] not in known:
                yield label, line, min(known.values())
            known.setdefault(names[-1], line)
