"""How many points a submission has: exact fractions, rounded where a result is written.

https://www.kattis.com/problem-package-format/spec/2025-09.html#result-aggregation
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from grading.problem import SECRET, Aggregation, Case, Group, Problem, contains, groups_of_cases
from grading.verdict import CaseResult, Verdict

PASS_FAIL_SCORE = 1
"""The format gives pass-fail problems no points; a gradebook needs some."""


@dataclass(frozen=True, slots=True)
class Points:
    """A score and the most it could be."""

    score: Fraction
    max_score: Fraction


@dataclass(frozen=True, slots=True)
class Score:
    """A submission's score."""

    verdict: Verdict
    """AC if all cases are accepted; else the judge's error, or the first that is not AC."""
    total: Points | None
    """None if the judge erred: no points, not 0 points."""
    groups: Mapping[str, Points]
    """By name, without `secret`; empty if the judge erred."""
    cases: Mapping[str, Points]
    """By name, only the cases of `most_points`."""


def is_blocked(problem: Problem, case: Case, verdicts: Mapping[str, Verdict]) -> bool:
    """Return whether a case isn't run, because cases that its groups require are not all accepted.

    Args:
        problem: the case's problem.
        case: the case.
        verdicts: of all earlier cases, by name. A case without verdict is not accepted.
    """
    return any(
        verdicts.get(earlier.name) is not Verdict.AC
        for group in problem.groups
        if group.require_pass and contains(group.name, case.name)
        for required in group.require_pass
        for earlier in problem.cases
        if contains(required, earlier.name)
    )


def most_points(problem: Problem) -> dict[str, Fraction]:
    """Return what cases are worth, by name: only those in groups that sum up or take the least."""
    homes = {name: home for name, home in groups_of_cases(problem).items() if home is not None}
    sizes = Counter(home.name for home in homes.values())
    return {
        name: Fraction(
            home.max_score,
            sizes[home.name] if home.score_aggregation is Aggregation.SUM else 1,
        )
        for name, home in homes.items()
        if home.score_aggregation is not Aggregation.PASS_FAIL
    }


def score(problem: Problem, results: Sequence[CaseResult]) -> Score:
    """Return a submission's score.

    Args:
        problem: what it was graded with.
        results: of every case but the blocked ones, in the order of the cases; after the judge's
            error the rest can be missing.

    Raises:
        ValueError: the results are others: a mistake of the caller must not cost points.
    """
    verdicts = {result.name: result.verdict for result in results}
    if Verdict.JE in verdicts.values():
        return Score(Verdict.JE, None, {}, {})
    run = [case.name for case in problem.cases if not is_blocked(problem, case, verdicts)]
    if [result.name for result in results] != run:
        raise ValueError("the results are not those of the cases that had to be run")
    first = next((each for each in verdicts.values() if each is not Verdict.AC), Verdict.AC)
    accepted = {each.name: each.multiplier for each in results if each.verdict is Verdict.AC}
    if not problem.groups:
        most = Fraction(PASS_FAIL_SCORE)
        return Score(first, Points(most * (first is Verdict.AC), most), {}, {})
    homes = groups_of_cases(problem)
    secret, *inner = problem.groups
    cases = {
        name: Points(most * accepted.get(name, 0), most)
        for name, most in most_points(problem).items()
    }
    groups: dict[str, Points] = {}
    for group in inner or [secret]:
        members = {name for name, home in homes.items() if home is group}
        scored = [points for name, points in cases.items() if name in members]
        passed = accepted.keys() >= members
        groups[group.name] = _group_points(group, scored, passed=passed)
    if not inner:
        return Score(first, groups[SECRET], {}, cases)
    passed = accepted.keys() >= {name for name, home in homes.items() if home is not None}
    return Score(first, _group_points(secret, groups.values(), passed=passed), groups, cases)


def rounded(points: Fraction) -> float:
    """Return points as a number with two decimals, half a hundredth rounded up."""
    return floor(points * 100 + Fraction(1, 2)) / 100


def _group_points(group: Group, parts: Iterable[Points], *, passed: bool) -> Points:
    most = Fraction(group.max_score)
    if group.score_aggregation is Aggregation.PASS_FAIL:
        return Points(most * passed, most)
    combine = sum if group.score_aggregation is Aggregation.SUM else min
    return Points(Fraction(combine(part.score for part in parts)), most)
