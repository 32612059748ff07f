"""How many points a submission has: exact fractions, rounded where a result is written.

https://www.kattis.com/problem-package-format/spec/2025-09.html#result-aggregation
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    """By name, only cases with points: those in groups that sum up or take the least."""


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
    accepted = {name for name, verdict in verdicts.items() if verdict is Verdict.AC}
    if not problem.groups:
        most = Fraction(PASS_FAIL_SCORE)
        return Score(first, Points(most * (first is Verdict.AC), most), {}, {})
    homes = groups_of_cases(problem)
    secret, *inner = problem.groups
    groups: dict[str, Points] = {}
    cases: dict[str, Points] = {}
    for group in inner or [secret]:
        members = [name for name, home in homes.items() if home is group]
        scored = _case_points(group, members, accepted)
        passed = accepted.issuperset(members)
        groups[group.name] = _group_points(group, scored.values(), passed=passed)
        cases |= scored
    if not inner:
        return Score(first, groups[SECRET], {}, cases)
    passed = accepted.issuperset(name for name, home in homes.items() if home is not None)
    return Score(first, _group_points(secret, groups.values(), passed=passed), groups, cases)


def rounded(points: Fraction) -> float:
    """Return points as a number with two decimals, half a hundredth rounded up."""
    return floor(points * 100 + Fraction(1, 2)) / 100


def _case_points(group: Group, members: list[str], accepted: Collection[str]) -> dict[str, Points]:
    if group.score_aggregation is Aggregation.PASS_FAIL:
        return {}
    share = len(members) if group.score_aggregation is Aggregation.SUM else 1
    most = Fraction(group.max_score, share)
    return {name: Points(most * (name in accepted), most) for name in members}


def _group_points(group: Group, parts: Iterable[Points], *, passed: bool) -> Points:
    most = Fraction(group.max_score)
    if group.score_aggregation is Aggregation.PASS_FAIL:
        return Points(most * passed, most)
    combine = sum if group.score_aggregation is Aggregation.SUM else min
    return Points(Fraction(combine(part.score for part in parts)), most)
