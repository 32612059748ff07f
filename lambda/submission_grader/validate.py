"""Has a problem's own output validator judge an output, in a run of its own.

The student's program is never in that run, nor is any file of it but what it printed.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from grading.problem import Case, Problem, entry_point, groups_of_cases
from grading.score import most_points
from grading.text import excerpt
from grading.validation import Validation, ValidatorError, read_validation
from sandbox import FUEL_PER_SECOND, End, Limits, Outcome
from sandbox.outcome import MEBIBYTE
from submission_grader.ends import FailedError, FailureCause

VALIDATOR_LIMITS = Limits(
    fuel=10 * FUEL_PER_SECOND,
    cpu_seconds=150,
    wall_seconds=300,
    memory_bytes=256 * MEBIBYTE,
    output_bytes=8 * MEBIBYTE,
)
FEEDBACK = "feedback/"
"""The feedback folder's name; nothing is there."""

_MAIN = Path(__file__).with_name("validator_main.py").read_bytes()


class Call(NamedTuple):
    """What a run gets."""

    program: bytes
    files: Mapping[str, bytes]
    argv: Sequence[str]
    stdin: bytes


def validator_call(problem: Problem, case: Case, output: bytes) -> Call:
    """Return the run of a problem's validator on an output.

    Bytes that are not UTF-8 arrive as escapes, so that no validator fails to decode them.
    """
    files = {file.name: file.text.encode() for file in problem.output_validator}
    given = {
        f"data/{case.name}.in": case.stdin.encode(),
        f"data/{case.name}.ans": case.answer.encode(),
    }
    entry = entry_point(problem.output_validator)
    assert entry  # noqa: S101 - the problem was checked when it was read
    return Call(
        _MAIN,
        files | given,
        [entry, *given, FEEDBACK, *case.output_validator_args],
        output.decode(errors="backslashreplace").encode(),
    )


def validation_of(problem: Problem, case: Case, outcome: Outcome) -> Validation:
    """Return what a validator's run says.

    Raises:
        FailedError: the validator failed.
    """
    try:
        if outcome.end not in {End.EXITED, End.FAILED}:
            raise ValidatorError(f"it was stopped: {outcome.end}")  # noqa: TRY301
        return read_validation(
            outcome.status,
            outcome.stdout,
            outcome.stderr,
            most_points(problem).get(case.name),
            scored=groups_of_cases(problem)[case.name] is not None,
        )
    except ValidatorError as error:
        printed = outcome.stderr.decode(errors="replace")
        raise FailedError(
            FailureCause.VALIDATOR,
            "The problem's output validator failed. This is not the program's fault.",
            detail=f"On {case.name}, {error}.",
            for_staff=excerpt(printed, len(printed)).text,
        ) from None
