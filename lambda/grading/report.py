"""The two results of a grading: the student's, and the staff's, as fields of a result's document.

The names are Gradescope's: https://gradescope-autograders.readthedocs.io/en/latest/specs/

Of a hidden case the student's result has the verdict and the points, and nothing that the program
could have put a hidden input into: neither output nor errors, time nor memory.
"""

import json
import shlex
from collections.abc import Sequence
from enum import StrEnum
from math import isfinite
from typing import Any

from grading.document import fields_of
from grading.feedback import explain
from grading.problem import Case, Limits, Problem, group_of
from grading.score import Points, Score, rounded
from grading.text import EXCERPT_CHARACTERS, excerpt
from grading.verdict import CaseResult, Verdict
from submission.result import MAX_RESULT_BYTES

REPORT_BYTES = MAX_RESULT_BYTES - 50_000
"""The rest is for the other fields of docs/results.md."""

_TEXTS = 5
"""Long texts of a case: input, answer, standard output, standard error, and a spare one."""


class CaseStatus(StrEnum):
    """A test's status."""

    PASSED = "passed"
    FAILED = "failed"


class Visibility(StrEnum):
    """Who sees a test: those of Gradescope's values that are used here."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    """Staff only."""


def student_report(problem: Problem, results: Sequence[CaseResult], score: Score) -> dict[str, Any]:
    """Return what the student may see.

    Args:
        problem: what it was graded with.
        results: of every case that was run.
        score: what `grading.score` makes of them.

    Returns:
        Fields of a result, at most `REPORT_BYTES` of JSON. Without points and tests if the judge
        erred.
    """
    if score.total is None:
        return {"output": "The grader failed. This is not the program's fault."}
    return _fitting(problem, results, score, for_staff=False)


def staff_report(problem: Problem, results: Sequence[CaseResult], score: Score) -> dict[str, Any]:
    """Return everything, in the form of `student_report`. Without points if the judge erred."""
    return _fitting(problem, results, score, for_staff=True)


def _fitting(
    problem: Problem, results: Sequence[CaseResult], score: Score, *, for_staff: bool
) -> dict[str, Any]:
    size = min(EXCERPT_CHARACTERS, REPORT_BYTES // (_TEXTS * len(problem.cases)))
    while True:
        report = _report(problem, results, score, for_staff=for_staff, size=size)
        if size == 0 or len(json.dumps(report)) <= REPORT_BYTES:
            return report
        size //= 2


def _report(
    problem: Problem, results: Sequence[CaseResult], score: Score, *, for_staff: bool, size: int
) -> dict[str, Any]:
    """Return a report with at most ``size`` characters of each text."""
    by_name = {result.name: result for result in results}
    tests = [
        {
            "number": str(number),
            "tags": [_group_name(problem, case)],
            **_points(score.cases.get(case.name)),
            **_test(case, by_name.get(case.name), problem.limits, for_staff=for_staff, size=size),
        }
        for number, case in enumerate(problem.cases, 1)
    ]
    passed = sum(test["status"] is CaseStatus.PASSED for test in tests)
    groups = [{"name": name, **_points(points)} for name, points in score.groups.items()]
    report = {
        **_points(score.total),
        "output": f"{passed} of {len(tests)} tests passed.",
        "tests": tests,
        "extra_data": {"verdict": score.verdict, "groups": groups},
    }
    if for_staff:
        report["execution_time"] = _seconds(sum(result.execution_time for result in results))
    return report


def _test(
    case: Case, result: CaseResult | None, limits: Limits, *, for_staff: bool, size: int
) -> dict[str, Any]:
    failed = result is None or result.verdict is not Verdict.AC
    is_open = for_staff or not case.is_hidden
    # The format shares a secret case, if at all, with those who failed it.
    has_texts = size > 0 and (for_staff or case.is_sample or (case.full_feedback and failed))
    extra: dict[str, Any] = {"verdict": None if result is None else result.verdict}
    if result is not None and is_open:
        extra |= {
            "execution_time": _seconds(result.execution_time),
            "fuel": result.fuel,
            "memory": result.memory,
            "exit_status": result.exit_status,
        }
    if has_texts:
        extra |= _texts(case, result, size)
        if for_staff:
            extra["description"] = _cut(case.description, size)
            extra["detail"] = result and fields_of(result.detail.cut(0, size))
    return {
        "name": case.name if is_open else "hidden",
        "status": CaseStatus.FAILED if failed else CaseStatus.PASSED,
        "output": explain(case, result, limits, details=has_texts),
        "visibility": Visibility.HIDDEN if for_staff and case.is_hidden else Visibility.VISIBLE,
        "extra_data": extra,
    }


def _texts(case: Case, result: CaseResult | None, size: int) -> dict[str, Any]:
    texts = {
        "args": _cut(shlex.join(case.args), size),
        "input": _cut(case.stdin, size),
        "answer": _cut(case.answer, size),
        "hint": _cut(case.hint, size),
    }
    if result is None:
        return texts
    difference = result.difference
    if difference is not None:
        found = {"line": result.line, "column": result.column, **fields_of(difference)}
        texts |= {"difference": found, "answer": _cut(case.answer, size, difference.answer_at)}
    place = difference.output_at if difference else 0
    texts["stdout"] = fields_of(result.stdout.cut(place, size))
    texts["stderr"] = fields_of(result.stderr.cut(result.stderr.length, size))
    return texts


def _cut(text: str | None, size: int, around: int = 0) -> dict[str, Any] | None:
    return None if text is None else fields_of(excerpt(text, around, size))


def _group_name(problem: Problem, case: Case) -> str:
    group = group_of(problem, case.name)
    return group.name if group else case.name.partition("/")[0]


def _points(points: Points | None) -> dict[str, float]:
    if points is None:
        return {}
    return {"score": rounded(points.score), "max_score": rounded(points.max_score)}


def _seconds(seconds: float) -> float | None:
    return round(seconds, 6) if isfinite(seconds) else None
