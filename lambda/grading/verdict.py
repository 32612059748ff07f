"""What one run of a case comes to: the verdict, and what a result shows of the run."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from grading.problem import Case
from grading.text import Excerpt, excerpt, line_and_column
from grading.validation import Validation
from grading.validator import Difference, find_difference, read_flags
from sandbox.outcome import End


class Verdict(StrEnum):
    """A case's verdict, and a submission's.

    The names are those of the package format, and of DOMjudge for the limits it has none for:
    https://www.kattis.com/problem-package-format/spec/2025-09.html#example-submissions
    """

    AC = "AC"
    """Accepted."""
    WA = "WA"
    """Wrong answer."""
    TLE = "TLE"
    """Time limit exceeded."""
    MLE = "MLE"
    """Memory limit exceeded."""
    OLE = "OLE"
    """Output limit exceeded."""
    RTE = "RTE"
    """Run-time error."""
    JE = "JE"
    """The judge's error: no score comes of it."""


_VERDICTS = {
    End.FAILED: Verdict.RTE,
    End.FUEL: Verdict.TLE,
    End.CPU: Verdict.TLE,
    End.SLEPT: Verdict.TLE,
    End.MEMORY: Verdict.MLE,
    End.OUTPUT: Verdict.OLE,
    End.TRAPPED: Verdict.RTE,
    End.WALL: Verdict.JE,
    End.BROKEN: Verdict.JE,
}


@dataclass(frozen=True, slots=True)
class Run:
    """What a program did with one case."""

    end: End
    exit_status: int | None
    """None if it was stopped."""
    stdout: bytes
    stderr: bytes
    execution_time: float
    """Seconds of processor time."""
    fuel: int
    memory: int | None
    """The most it had, in bytes, if the system tells."""
    detail: str = ""
    """For staff: how the interpreter stopped, or what broke the sandbox."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A judged case. It holds excerpts: a program can print more than memory has room for."""

    name: str
    verdict: Verdict
    difference: Difference | None
    """None unless the default output validator found the answer wrong."""
    line: int
    """Of the difference in the output, from 1; 0 without a difference."""
    column: int
    exit_status: int | None
    stdout: Excerpt
    """Around the difference, or its begin."""
    stderr: Excerpt
    """Its end, where a traceback says what happened."""
    execution_time: float
    """Seconds of processor time."""
    fuel: int
    memory: int | None
    """Bytes."""
    detail: Excerpt
    """For staff."""
    judge_message: Excerpt
    """For staff: what the problem's own output validator says."""
    team_message: Excerpt
    """For students who see the case."""
    multiplier: Fraction
    """Of the case's points, if it is accepted."""


def verdict_of(end: End, *, accepted: bool) -> Verdict:
    """Return a run's verdict; only one that exited with status 0 depends on the validator."""
    if end is not End.EXITED:
        return _VERDICTS[end]
    return Verdict.AC if accepted else Verdict.WA


def judge(case: Case, run: Run, validation: Validation | None = None) -> CaseResult:
    """Judge one run of a case.

    Args:
        case: the case.
        run: the run.
        validation: what the problem's own output validator says, if it was asked.
    """
    output, errors = _decode(run.stdout), _decode(run.stderr)
    difference = None
    if run.end is End.EXITED and validation is None:
        flags = read_flags(case.output_validator_args)
        difference = find_difference(output, case.answer, flags)
    place = difference.output_at if difference else 0
    line, column = line_and_column(output, place) if difference else (0, 0)
    return CaseResult(
        case.name,
        verdict_of(run.end, accepted=validation.accepted if validation else difference is None),
        difference,
        line,
        column,
        run.exit_status,
        excerpt(output, place),
        excerpt(errors, len(errors)),
        run.execution_time,
        run.fuel,
        run.memory,
        excerpt(run.detail),
        excerpt(validation.judge_message if validation else ""),
        excerpt(validation.team_message if validation else ""),
        validation.multiplier if validation else Fraction(1),
    )


def _decode(printed: bytes) -> str:
    # Surrogates keep apart what replacement characters would make equal. An answer has none.
    return printed.decode(errors="surrogateescape")
