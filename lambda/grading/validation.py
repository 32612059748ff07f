"""What a problem's own output validator says of an output: its exit status and its feedback.

https://www.kattis.com/problem-package-format/spec/2025-09.html#reporting-a-judgement
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

ACCEPTED = 42
WRONG = 43

_JUDGE_MESSAGE = "judgemessage.txt"
_TEAM_MESSAGE = "teammessage.txt"
_SCORE = "score.txt"
_MULTIPLIER = "score_multiplier.txt"


class ValidatorError(ValueError):
    """The validator failed: the judge's error. The message holds nothing of the output."""


@dataclass(frozen=True, slots=True)
class Validation:
    """A validator's judgement."""

    accepted: bool
    judge_message: str
    """For staff."""
    team_message: str
    """For students who see the case."""
    multiplier: Fraction
    """Of the case's points, 0 to 1."""


def read_validation(
    status: int | None, feedback: bytes, errors: bytes, most: Fraction | None, *, scored: bool
) -> Validation:
    """Return the judgement.

    Args:
        status: the validator's exit status; None if it was stopped.
        feedback: the files of its feedback folder: JSON, texts by name; empty for none.
        errors: what it printed, for staff.
        most: the case's points; None if its group has points only as a whole.
        scored: whether the case counts for a score. If not, a score is ignored.

    Raises:
        ValidatorError: it exited in another way, or contradicts the format.
    """
    if status not in {ACCEPTED, WRONG}:
        raise ValidatorError(f"its exit status is {status}, neither {ACCEPTED} nor {WRONG}")
    files = _files(feedback or b"{}")
    judge_message = files.get(_JUDGE_MESSAGE, "") + errors.decode(errors="replace")
    multiplier = _multiplier(files, most, status) if scored else Fraction(1)
    return Validation(status == ACCEPTED, judge_message, files.get(_TEAM_MESSAGE, ""), multiplier)


def _files(feedback: bytes) -> Mapping[str, str]:
    try:
        files = json.loads(feedback)
    except (ValueError, RecursionError):
        files = None
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise ValidatorError("it disturbed its feedback by writing to descriptor 1")
    return files


def _multiplier(files: Mapping[str, str], most: Fraction | None, status: int) -> Fraction:
    names = [name for name in (_SCORE, _MULTIPLIER) if name in files]
    if not names:
        return Fraction(1)
    if len(names) > 1:
        raise ValidatorError(f"it gives both {_SCORE} and {_MULTIPLIER}")
    [name] = names
    if status != ACCEPTED:
        raise ValidatorError(f"it gives a {name} to an output that it does not accept")
    if most is None:
        raise ValidatorError(f"it gives a {name} in a group with score_aggregation pass-fail")
    limit = most if name == _SCORE else Fraction(1)
    try:
        number = float(files[name])
        exact = Fraction(str(number))  # no fraction is as large as 1e-999999999 would need
    except ValueError:
        raise ValidatorError(f"its {name} is not a number") from None
    # As the validator's own numbers: 100/3 as a double is more than the fraction.
    if not 0 <= number <= float(limit):
        raise ValidatorError(f"its {name} is not from 0 to {float(limit):g}")
    return min(exact / limit, Fraction(1)) if limit else Fraction(1)
