"""A result as text: what a student reads of it."""

from typing import Any

from emulation.student_view import student_view
from grading.report import student_report
from grading.score import score
from grading.verdict import Verdict
from unit.grading.examples import OPEN_CASE, PROBLEM, judged

AC, WA = Verdict.AC, Verdict.WA


def report(*verdicts: Verdict) -> dict[str, Any]:
    results = judged(PROBLEM, verdicts)
    return student_report(PROBLEM, results, score(PROBLEM, results))


def test_right_program_has_its_points_and_no_details() -> None:
    assert student_view(report(AC, AC, AC, AC, AC)).splitlines() == [
        "100 of 100 points: 5 of 5 tests passed.",
        "",
        "  1  sample/1                       Accepted.",
        "  2  hidden                         Accepted.",
        "  3  hidden         23.33 of 23.33  Accepted.",
        "  4  secret/hard/2  23.33 of 23.33  Accepted.",
        "  5  hidden         23.33 of 23.33  Accepted.",
        "  group secret/easy: 30 of 30",
        "  group secret/hard: 70 of 70",
    ]


def test_wrong_program_has_all_of_the_failed_tests_that_students_see() -> None:
    text = student_view(report(AC, AC, WA, WA, AC))
    assert text.endswith(
        f"\nTest 4, {OPEN_CASE}:\n  hint: Numbers can be negative.\n"
        f"  input:\n    {OPEN_CASE} input\n  output:\n    41\n  expected:\n    42\n  errors: none"
    )
    assert text.count("\nTest ") == 1


def test_result_without_a_score_says_why() -> None:
    assert (
        student_view({"status": "rejected", "reason": "The .py is empty."}) == "The .py is empty."
    )
