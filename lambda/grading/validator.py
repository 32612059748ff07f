"""Does a program's output match the answer? The package format's default output validator.

https://www.kattis.com/problem-package-format/spec/2025-09.html#default-output-validator-specification

The format leaves open how long numbers may be: here they are decimals of `_DIGITS` digits, more
than any double has, so that 0.4 is within 0.1 of 0.3.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from enum import StrEnum
from itertools import zip_longest

_DIGITS = 100
_ARITHMETIC = Context(prec=_DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_WHITE_SPACE = b" \t\n\r\f\v"
# With ASCII, \s is exactly the format's white space.
_TOKEN = re.compile(r"\S+", re.ASCII)
_TOKEN_OR_SPACE = re.compile(r"\S+|\s+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?")

_BOTH_TOLERANCES = "float_tolerance"


@dataclass(frozen=True, slots=True)
class ValidatorFlags:
    """What `output_validator_args` say."""

    case_sensitive: bool = False
    """By default A to Z are equal to a to z; other letters never are."""
    space_change_sensitive: bool = False
    float_relative_tolerance: Decimal | None = None
    float_absolute_tolerance: Decimal | None = None


class DifferenceKind(StrEnum):
    """How output and answer differ first."""

    TEXT = "text"
    NUMBER = "number"
    """Further from the answer than the tolerance."""
    NOT_A_NUMBER = "not_a_number"
    """The answer is a number, and a tolerance is set."""
    MISSING = "missing"
    """The output ends before the answer does."""
    EXTRA = "extra"
    """The answer ends before the output does."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first difference. Places count characters from 0; the end is a place too."""

    kind: DifferenceKind
    output_at: int
    answer_at: int
    whitespace_only: bool
    """Output and answer are equal but for white space."""


def read_flags(args: Sequence[str]) -> ValidatorFlags:
    """Read a case's `output_validator_args`.

    Raises:
        ValueError: one is unknown, a tolerance is set twice, or is no number of 0 or more.
    """
    found: dict[str, bool | Decimal] = {}
    remaining = iter(args)
    for name in remaining:
        if name in {"case_sensitive", "space_change_sensitive"}:
            found[name] = True
            continue
        names = [name]
        if name == _BOTH_TOLERANCES:
            names = ["float_relative_tolerance", "float_absolute_tolerance"]
        if not {*names} <= {field.name for field in fields(ValidatorFlags)}:
            raise ValueError(f"{name!r:.40} is no argument of the default output validator")
        if not found.keys().isdisjoint(names):
            raise ValueError(f"{name} sets a tolerance that is already set")
        tolerance = _number(next(remaining, ""))
        if tolerance is None or tolerance < 0:
            raise ValueError(f"{name} needs a number of 0 or more, such as 1e-6")
        found |= dict.fromkeys(names, tolerance)
    return ValidatorFlags(**found)  # type: ignore[arg-type]


def find_difference(output: str, answer: str, flags: ValidatorFlags) -> Difference | None:
    """Compare a program's output with the answer.

    Takes time in proportion to both, and memory for one token of each.

    Args:
        output: all the program printed.
        answer: the case's answer.
        flags: how to compare.

    Returns:
        The first difference; None if the output is accepted.
    """
    if output == answer:
        return None
    pieces = (_TOKEN_OR_SPACE if flags.space_change_sensitive else _TOKEN).finditer
    for got, expected in zip_longest(pieces(output), pieces(answer)):
        if got is None:
            kind: DifferenceKind | None = DifferenceKind.MISSING
        elif expected is None:
            kind = DifferenceKind.EXTRA
        else:
            kind = _compare(got[0], expected[0], flags)
        if kind is not None:
            return Difference(
                kind,
                got.start() if got else len(output),
                expected.start() if expected else len(answer),
                whitespace_only=_differ_in_space_only(output, answer, flags),
            )
    return None


def _compare(got: str, expected: str, flags: ValidatorFlags) -> DifferenceKind | None:
    if got == expected:
        return None
    relative, absolute = flags.float_relative_tolerance, flags.float_absolute_tolerance
    if (relative, absolute) != (None, None) and (number := _number(expected)) is not None:
        value = _number(got)
        if value is None:
            return DifferenceKind.NOT_A_NUMBER
        error = _ARITHMETIC.subtract(value, number).copy_abs()
        if absolute is not None and error <= absolute:
            return None
        if relative is not None and error <= _ARITHMETIC.multiply(relative, number.copy_abs()):
            return None
        return DifferenceKind.NUMBER
    if not flags.case_sensitive and _fold(got) == _fold(expected):
        return None
    return DifferenceKind.TEXT


def _number(token: str) -> Decimal | None:
    """Return a token's number; None if it has none, or one beyond all decimals."""
    if not _NUMBER.fullmatch(token):
        return None
    number = _ARITHMETIC.create_decimal(token)
    return number if number.is_finite() else None


def _fold(text: str) -> bytes:
    return text.encode(errors="surrogatepass").lower()


def _differ_in_space_only(output: str, answer: str, flags: ValidatorFlags) -> bool:
    if flags.space_change_sensitive:
        by_token = replace(flags, space_change_sensitive=False)
        if find_difference(output, answer, by_token) is None:
            return True
    squeezed = [
        text.encode(errors="surrogatepass").translate(None, _WHITE_SPACE)
        for text in (output, answer)
    ]
    if not flags.case_sensitive:
        squeezed = [text.lower() for text in squeezed]
    return squeezed[0] == squeezed[1]
