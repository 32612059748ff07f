"""Scores: exact, between 0 and the most, and none where the judge erred."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.problem import Aggregation, Group, Problem, read_problem, write_problem
from grading.score import Points, is_blocked, rounded, score
from grading.verdict import CaseResult, Verdict, judge
from unit.grading.examples import (
    CASES,
    GROUPS,
    MIN,
    PASS_FAIL,
    PASS_FAIL_PROBLEM,
    PROBLEM,
    RUNS,
    SUM,
    a_case,
    judged,
    scoring_problems,
    validated,
)

AC, WA, TLE, RTE, JE = (Verdict[name] for name in ("AC", "WA", "TLE", "RTE", "JE"))
SECRET, EASY, HARD = GROUPS


def _total(problem: Problem, *verdicts: Verdict) -> Fraction | None:
    total = score(problem, _run(problem, verdicts)).total
    return None if total is None else total.score


def _points(score: int | Fraction, most: int | Fraction) -> Points:
    return Points(Fraction(score), Fraction(most))


@pytest.mark.parametrize(
    ("verdicts", "expected", "verdict"),
    [
        ((AC, AC, AC, AC, AC), 100, AC),
        ((AC, AC, WA, AC, TLE), 30 + Fraction(70, 3), WA),
        ((AC, AC, WA, WA, WA), 30, WA),
        # What requires a group with a wrong answer isn't run.
        ((AC, RTE), 0, RTE),
        ((WA,), 0, WA),
    ],
)
def test_a_score_is_made_of_groups(
    verdicts: tuple[Verdict, ...], expected: Fraction, verdict: Verdict
) -> None:
    found = score(PROBLEM, judged(PROBLEM, verdicts))
    assert found.total == _points(expected, 100)
    assert found.verdict is verdict


def test_groups_and_cases_have_their_points() -> None:
    found = score(PROBLEM, judged(PROBLEM, (AC, AC, AC, WA, AC)))
    third = Fraction(70, 3)
    assert found.groups == {"secret/easy": _points(30, 30), "secret/hard": _points(2 * third, 70)}
    assert found.cases == {
        "secret/hard/1": _points(third, third),
        "secret/hard/2": _points(0, third),
        "secret/hard/3": _points(third, third),
    }


@pytest.mark.parametrize(
    ("groups", "expected", "one_wrong"),
    [
        ((replace(SECRET, score_aggregation=SUM),), 100, 75),
        ((replace(SECRET, score_aggregation=MIN),), 100, 0),
        ((replace(SECRET, score_aggregation=PASS_FAIL),), 100, 0),
        ((SECRET, EASY, replace(HARD, score_aggregation=MIN)), 100, 30),
        ((SECRET, EASY, replace(HARD, score_aggregation=PASS_FAIL)), 100, 30),
        ((replace(SECRET, score_aggregation=MIN), EASY, HARD), 30, 30),
        (
            (
                replace(SECRET, score_aggregation=PASS_FAIL),
                EASY,
                replace(HARD, score_aggregation=PASS_FAIL),
            ),
            100,
            0,
        ),
        ((SECRET, replace(EASY, max_score=0), replace(HARD, max_score=10)), 10, Fraction(20, 3)),
    ],
)
def test_every_aggregation_counts_as_the_format_says(
    groups: tuple[Group, ...], expected: int, one_wrong: Fraction
) -> None:
    problem = read_problem(write_problem(replace(PROBLEM, groups=groups)))
    assert _total(problem, AC, AC, AC, AC, AC) == expected
    assert _total(problem, AC, AC, AC, AC, WA) == one_wrong


@pytest.mark.parametrize(
    ("aggregation", "expected"), [(SUM, Fraction(35, 3)), (MIN, 0), (PASS_FAIL, 70)]
)
def test_a_validator_can_give_a_part_of_a_cases_points(
    aggregation: Aggregation, expected: Fraction
) -> None:
    groups = (SECRET, EASY, replace(HARD, score_aggregation=aggregation))
    problem = replace(PROBLEM, groups=groups)
    half, none = (replace(validated(), multiplier=Fraction(part, 2)) for part in (1, 0))
    wrong = validated(accepted=False)
    third = half if aggregation is not SUM else wrong
    parts = [validated(), validated(), half, none, third]
    results = [judge(case, RUNS[AC], part) for case, part in zip(problem.cases, parts, strict=True)]
    assert score(problem, results).groups["secret/hard"] == _points(expected, 70)


def test_samples_give_no_points() -> None:
    free = replace(PROBLEM, groups=(SECRET, replace(EASY, require_pass=()), HARD))
    assert _total(free, WA, AC, AC, AC, AC) == 100


def test_pass_fail_is_all_or_nothing() -> None:
    assert _total(PASS_FAIL_PROBLEM, AC, AC, AC, AC, AC) == 1
    for wrong in range(5):
        verdicts = [WA if i == wrong else AC for i in range(5)]
        assert _total(PASS_FAIL_PROBLEM, *verdicts) == 0


@pytest.mark.parametrize("problem", [PROBLEM, PASS_FAIL_PROBLEM])
@pytest.mark.parametrize("verdicts", [(AC, AC, WA, JE, AC), (AC, AC, AC, AC, JE), (JE,)])
def test_the_judges_error_is_no_score(problem: Problem, verdicts: tuple[Verdict, ...]) -> None:
    found = score(problem, judged(problem, verdicts))
    assert (found.verdict, found.total, found.groups, found.cases) == (JE, None, {}, {})


def test_a_case_is_blocked_by_what_its_groups_require() -> None:
    def blocked(*verdicts: Verdict) -> list[str]:
        named = {case.name: verdict for case, verdict in zip(CASES, verdicts, strict=False)}
        return [case.name for case in CASES if is_blocked(PROBLEM, case, named)]

    hard = ["secret/hard/1", "secret/hard/2", "secret/hard/3"]
    assert blocked(AC, AC) == []
    assert blocked(AC, WA) == blocked(AC) == hard
    assert blocked(WA) == ["secret/easy/1", *hard]


@pytest.mark.parametrize(
    "wrong",
    [
        judged(PROBLEM, (AC, AC, AC, AC)),
        judged(PROBLEM, (AC, AC, AC, AC, AC))[1:],
        judged(PROBLEM, (AC, AC, AC, AC, AC)) * 2,
        [*judged(PROBLEM, (AC, AC, AC, AC, AC)), judged(PROBLEM, (AC,))[0]],
        [
            *judged(PROBLEM, (AC, AC, AC, AC, AC)),
            replace(judged(PROBLEM, (AC,))[0], name="secret/other/1"),
        ],
        [],
        judged(PROBLEM, (AC, WA, AC, AC, AC)),
        judged(PROBLEM, (AC, AC, AC, AC, AC))[::-1],
    ],
    ids=range(8),
)
def test_a_missing_result_is_a_mistake_and_no_zero(wrong: list[object]) -> None:
    with pytest.raises(ValueError, match="not those of the cases that had to be run"):
        score(PROBLEM, wrong)  # type: ignore[arg-type]


def _run(problem: Problem, verdicts: Sequence[Verdict]) -> list[CaseResult]:
    """Return results of all cases but the blocked ones, as a grader gets them."""
    results: list[CaseResult] = []
    for case, verdict in zip(problem.cases, verdicts, strict=False):
        if not is_blocked(problem, case, {result.name: result.verdict for result in results}):
            results.append(judge(case, RUNS[verdict]))
    return results


def test_a_group_whose_name_begins_like_anothers_comes_after_all_of_it() -> None:
    names = ("secret/a/1", "secret/a/2", "secret/a-b/1")
    groups = (
        SECRET,
        replace(EASY, name="secret/a", require_pass=()),
        replace(HARD, name="secret/a-b", require_pass=("secret/a",)),
    )
    problem = replace(PROBLEM, groups=groups, cases=tuple(a_case(name) for name in names))
    problem = read_problem(write_problem(problem))
    assert score(problem, _run(problem, (AC, AC, AC))).total == _points(100, 100)
    assert [result.name for result in _run(problem, (AC, WA, AC))] == [*names[:2]]


@given(scoring_problems(), st.lists(st.sampled_from([AC, AC, WA]), min_size=20, max_size=20))
@settings(max_examples=40)
def test_scores_lie_between_none_and_all(problem: Problem, verdicts: list[Verdict]) -> None:
    found = score(problem, _run(problem, verdicts))
    assert found.total is not None
    every = [found.total, *found.groups.values(), *found.cases.values()]
    assert all(0 <= points.score <= points.max_score for points in every)
    assert all(0 <= rounded(points.score) <= rounded(points.max_score) for points in every)
    better = score(problem, judged(problem, [AC] * len(problem.cases)))
    assert better.total is not None
    assert found.total.score <= better.total.score
    assert better.verdict is AC


def test_points_are_rounded_once_and_half_up() -> None:
    assert [rounded(Fraction(*each)) for each in ((200, 3), (1, 200), (3, 200), (100, 1))] == [
        66.67,
        0.01,
        0.02,
        100,
    ]
    assert rounded(sum([Fraction(1, 10)] * 3, Fraction(0))) == 0.3
