"""A problem with everything in it, and what programs made of its cases."""

import string
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from grading.problem import Aggregation, Case, File, Group, Limits, Problem, ProblemType
from grading.validation import Validation
from grading.verdict import CaseResult, Run, Verdict, judge
from sandbox import End

SUM, MIN, PASS_FAIL = Aggregation.SUM, Aggregation.MIN, Aggregation.PASS_FAIL
OPEN_CASE = "secret/hard/2"
"""A secret case with full feedback."""
HIDDEN_CASES = ("secret/easy/1", "secret/hard/1", "secret/hard/3")


def a_case(name: str, **changes: Any) -> Case:  # noqa: ANN401
    case = Case(name, (), f"{name} input\n", "42\n", (), name.startswith("sample"), None, None)
    return replace(case, **changes)


CASES = (
    a_case("sample/1", args=("-n", "1"), hint="Read the whole line."),
    a_case("secret/easy/1", description="the smallest"),
    a_case("secret/hard/1", output_validator_args=("float_tolerance", "1e-6")),
    a_case(OPEN_CASE, full_feedback=True, hint="Numbers can be negative.", description="signs"),
    a_case("secret/hard/3"),
)
GROUPS = (
    Group("secret", 100, SUM, ()),
    Group("secret/easy", 30, PASS_FAIL, ("sample",)),
    Group("secret/hard", 70, SUM, ("secret/easy",)),
)
PROBLEM = Problem(
    "Sums",
    "b2792508-b645-480a-8357-da047d57a17d",
    ProblemType.SCORING,
    Limits(1.5, 256, 8),
    GROUPS,
    CASES,
    (File("main.py", "import student\n"),),
    (),
)
PASS_FAIL_PROBLEM = replace(PROBLEM, type=ProblemType.PASS_FAIL, groups=())

OWN_VALIDATOR = (File("validate.py", "raise SystemExit(42)\n"),)

RIGHT = Run(End.EXITED, 0, b"42\n", b"", 0.125, 1_000, 40_000_000)
WRONG = replace(RIGHT, stdout=b"41\n")
RUNS = {
    Verdict.AC: RIGHT,
    Verdict.WA: WRONG,
    Verdict.TLE: replace(RIGHT, end=End.FUEL, exit_status=None),
    Verdict.MLE: replace(RIGHT, end=End.MEMORY, exit_status=1),
    Verdict.OLE: replace(RIGHT, end=End.OUTPUT, exit_status=None),
    Verdict.RTE: replace(RIGHT, end=End.FAILED, exit_status=1),
    Verdict.JE: replace(RIGHT, end=End.BROKEN, exit_status=None, detail="the child was killed"),
}


def judged(problem: Problem, verdicts: Sequence[Verdict]) -> list[CaseResult]:
    """Return results with these verdicts, case by case."""
    return [
        judge(case, RUNS[verdict]) for case, verdict in zip(problem.cases, verdicts, strict=False)
    ]


def validated(
    judge_message: str = "",
    team_message: str = "",
    *,
    accepted: bool = True,
    multiplier: Fraction = Fraction(1),
) -> Validation:
    return Validation(accepted, judge_message, team_message, multiplier)


@st.composite
def scoring_problems(draw: st.DrawFn) -> Problem:
    """Draw a problem that the format allows."""
    modes = st.sampled_from(Aggregation)
    mode = draw(modes)
    samples = [a_case(f"sample/{i}") for i in range(draw(st.integers(0, 2)))]
    names = draw(st.lists(st.sampled_from(string.ascii_lowercase), max_size=4, unique=True))
    groups: list[Group] = []
    cases: list[Case] = []
    for name in [f"secret/{letter}" for letter in sorted(names)]:
        earlier = [each.name for each in groups if each.score_aggregation is PASS_FAIL]
        required = draw(st.lists(st.sampled_from(["sample", *earlier]), max_size=2, unique=True))
        own = PASS_FAIL if mode is PASS_FAIL else draw(modes)
        groups.append(Group(name, draw(st.integers(0, 100)), own, tuple(required)))
        cases += [a_case(f"{name}/{i}") for i in range(draw(st.integers(1, 3)))]
    cases = cases or [a_case(f"secret/{i}") for i in range(draw(st.integers(1, 4)))]
    secret = Group("secret", 400, mode, draw(st.sampled_from([(), ("sample",)])))
    return replace(PROBLEM, groups=(secret, *groups), cases=(*samples, *cases))
