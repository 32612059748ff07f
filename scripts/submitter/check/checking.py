"""Grades programs, and says what each got and was promised."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import isfinite

from grading.problem import Problem
from grading.score import rounded
from grading.verdict import CaseResult, Verdict
from submission_grader.ends import FailedError
from submission_grader.grade import Grade
from submitter.check.promises import find_faults
from submitter.check.sandboxes import Sandboxes, grade_program
from submitter.check.time_limit import measuring_jobs, propose
from submitter.problems.problem_folder import ProblemFolder
from submitter.problems.submissions import Bound, Example

type OnProgress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """A case that was run."""

    name: str
    verdict: Verdict
    execution_time: float | None
    """Seconds of processor time; the time limit counts fuel instead."""
    fuel: int
    memory: int | None


@dataclass(frozen=True, slots=True)
class CheckedProgram:
    """What a program got."""

    program: str
    """Its path."""
    verdict: Verdict
    score: float | None
    """None if the judge failed."""
    max_score: float | None
    cases: tuple[CheckedCase, ...]
    as_promised: bool
    faults: tuple[str, ...]
    """What is not as promised."""


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """What the programs' times say about a problem's limit."""

    folder: str
    text: str
    to_change: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """A program to grade, and the problem to grade it with."""

    folder: ProblemFolder
    problem: Problem
    example: Example


def trials_of(folders: Iterable[ProblemFolder]) -> list[Trial]:
    """Return the programs in the folders' submissions; of a folder with errors, none."""
    return [
        Trial(each, each.problem, example)
        for each in folders
        for example in each.examples
        if each.problem
    ]


def check_programs(
    trials: Sequence[Trial], sandboxes: Sandboxes, on_progress: OnProgress
) -> tuple[list[CheckedProgram], list[Grade | FailedError]]:
    """Grade programs, and compare the grades with their requirements."""
    grades = sandboxes.do(
        [
            partial(grade_program, each.problem, each.example.program, each.example.files)
            for each in trials
        ],
        on_progress,
    )
    return [_checked(*each) for each in zip(trials, grades, strict=True)], grades


def check_time_limits(
    trials: Sequence[Trial], grades: Sequence[Grade | FailedError], sandboxes: Sandboxes
) -> list[TimeLimit]:
    """Propose a time limit for each problem, from programs that were graded."""
    folders = {each.folder.root: each for each in trials}
    jobs = {
        root: measuring_jobs(
            one.problem,
            one.folder.timing,
            (
                (each.example, grade)
                for each, grade in zip(trials, grades, strict=True)
                if each.folder.root == root
            ),
        )
        for root, one in folders.items()
    }
    measured = iter(sandboxes.do([job for each in jobs.values() for job in each], lambda _: None))
    found = []
    for root, one in folders.items():
        times: dict[Bound, list[float]] = {}
        for bound, seconds in islice(measured, len(jobs[root])):
            times.setdefault(bound, []).append(seconds)
        text, to_change = propose(one.problem.limits.time_limit, one.folder.timing, times)
        found.append(TimeLimit(str(root), text, to_change))
    return found


def _checked(trial: Trial, graded: Grade | FailedError) -> CheckedProgram:
    path = str(trial.example.path)
    if isinstance(graded, FailedError):
        said = " ".join(filter(None, (graded.reason, graded.detail, graded.for_staff)))
        return CheckedProgram(path, Verdict.JE, None, None, (), as_promised=False, faults=(said,))
    faults = tuple(find_faults(trial.example.requirements, trial.problem, graded))
    score = graded.score
    assert score.total  # noqa: S101 - only the judge's error has none
    return CheckedProgram(
        path,
        score.verdict,
        rounded(score.total.score),
        rounded(score.total.max_score),
        tuple(map(_case, graded.results)),
        as_promised=not faults,
        faults=faults,
    )


def _case(result: CaseResult) -> CheckedCase:
    seconds = result.execution_time
    return CheckedCase(
        result.name,
        result.verdict,
        round(seconds, 6) if isfinite(seconds) else None,
        result.fuel,
        result.memory,
    )
