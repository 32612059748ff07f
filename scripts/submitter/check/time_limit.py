"""Proposes a time limit from the times of the example programs.

https://www.kattis.com/problem-package-format/spec/2025-09.html#problem-timing
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil, inf

from grading.problem import Case, Problem, ProblemType
from grading.verdict import CaseResult, Verdict
from sandbox import FUEL_PER_SECOND
from submission_grader.ends import FailedError
from submission_grader.grade import Grade, Runner
from submitter.check.sandboxes import Job, grade_program
from submitter.problems.problem_yaml import Timing
from submitter.problems.submissions import Bound, Example

_ROOM_FOR_ACCEPTED = 10
"""How much longer than the limit an accepted program may run, to learn what it needs."""
_ROUNDING = 1e-9

type Times = Mapping[Bound, Sequence[float]]
"""Seconds of the programs that bound the limit; infinite if a program was stopped."""


def seconds_of(result: CaseResult) -> float:
    """Return a run's seconds as the time limit counts them."""
    return result.fuel / FUEL_PER_SECOND


def measuring_jobs(
    problem: Problem, timing: Timing, graded: Iterable[tuple[Example, Grade | FailedError]]
) -> list[Job[tuple[Bound, float]]]:
    """Return jobs that find how long programs take which bound the limit.

    A program that was stopped at the limit runs again with a higher one: the format wants slow
    programs to exceed the limit by a margin, and the limit of too slow a solution to be raised.
    """
    jobs: list[Job[tuple[Bound, float]]] = []
    for example, grade in graded:
        if isinstance(grade, FailedError):
            continue
        for bound in {requirement.bound for requirement in example.requirements} - {None}:
            covered = [
                each
                for each in grade.results
                if any(
                    requirement.bound is bound and requirement.covers(each.name)
                    for requirement in example.requirements
                )
            ]
            if covered and bound:
                jobs.append(_job(problem, timing, example, bound, covered))
    return jobs


def _job(
    problem: Problem, timing: Timing, example: Example, bound: Bound, results: list[CaseResult]
) -> Job[tuple[Bound, float]]:
    stopped = {each.name for each in results if each.verdict is Verdict.TLE}
    known = max(seconds_of(each) for each in results)
    cases = [case for case in problem.cases if case.name in stopped]
    factor = _ROOM_FOR_ACCEPTED if bound is Bound.LOWER else timing.time_limit_to_tle
    limits = replace(problem.limits, time_limit=problem.limits.time_limit * factor)
    longer = replace(problem, type=ProblemType.PASS_FAIL, limits=limits, groups=())

    def measure(runner: Runner) -> tuple[Bound, float]:
        return bound, max([known, *_times(longer, cases, example, runner)])

    return measure


def _times(
    problem: Problem, cases: Sequence[Case], example: Example, runner: Runner
) -> Iterable[float]:
    for case in cases:
        one = replace(problem, cases=(case,))
        graded = grade_program(one, example.program, example.files, runner)
        if isinstance(graded, FailedError) or graded.results[0].verdict is Verdict.TLE:
            yield inf
            return
        yield seconds_of(graded.results[0])


def propose(limit: float, timing: Timing, times: Times) -> tuple[str, bool]:
    """Return a sentence about the time limit, and whether it should be changed."""
    if not times.get(Bound.LOWER):
        return "No program shows how much time a right one takes.", False
    slowest, fastest = max(times[Bound.LOWER]), min(times.get(Bound.UPPER) or [inf])
    longest = _seconds(slowest, limit * _ROOM_FOR_ACCEPTED)
    facts = f"The slowest program that must be in time takes {longest}"
    if Bound.UPPER in times:
        shortest = _seconds(fastest, limit * timing.time_limit_to_tle)
        facts += f", the fastest that must be too slow {shortest}"
    if slowest == inf:
        return f"{facts}: make it faster, or the cases smaller.", True
    least = slowest * timing.ac_to_time_limit - _ROUNDING
    most = fastest / timing.time_limit_to_tle + _ROUNDING
    proposed = max(1, ceil(least / timing.time_resolution)) * timing.time_resolution
    if proposed > most:
        return f"{facts}: no limit is far from both. Make the slowest case larger.", True
    if least <= limit <= most:
        return f"{facts}. time_limit: {proposed:g} is enough.", False
    return f"{facts}: time_limit: {limit:g} is too near. Set time_limit: {proposed:g}.", True


def _seconds(seconds: float, stopped_at: float) -> str:
    return f"more than {stopped_at:g} s" if seconds == inf else f"{seconds:.2f} s"
