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
from grading.problem import Case, Limits, Problem, groups_of_cases
from grading.score import Points, Score, rounded
from grading.text import EXCERPT_CHARACTERS, excerpt
from grading.verdict import CaseResult, Verdict
from submission.result import MAX_RESULT_BYTES

REPORT_BYTES = MAX_RESULT_BYTES - 50_000
"""The rest is for the other fields of docs/results.md."""

_TEXTS = 10
"""Room is shared as if each case had so many texts: it has fewer, but escapes need more room."""


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
        Fields of a result: at most `REPORT_BYTES` of JSON without indentation. No points and no
        tests if the judge erred.
    """
    if score.total is None:
        return {"output": "The grader failed. This is not the program's fault."}
    return _report(problem, results, score, for_staff=False)


def staff_report(problem: Problem, results: Sequence[CaseResult], score: Score) -> dict[str, Any]:
    """Return everything, in the form of `student_report`; no points if the judge erred."""
    return _report(problem, results, score, for_staff=True)


def _report(
    problem: Problem, results: Sequence[CaseResult], score: Score, *, for_staff: bool
) -> dict[str, Any]:
    by_name = {result.name: result for result in results}
    pairs = [(case, by_name.get(case.name)) for case in problem.cases]
    groups = groups_of_cases(problem)
    tests = []
    for number, (case, result) in enumerate(pairs, 1):
        group = groups[case.name]
        tests.append(
            {
                **_test(case, result, problem.limits, for_staff=for_staff),
                **_points(score.cases.get(case.name)),
                "number": str(number),
                "tags": [group.name if group else case.name.partition("/")[0]],
            }
        )
    passed = sum(_is_accepted(result) for _, result in pairs)
    report = {
        **_points(score.total),
        "output": f"{passed} of {len(tests)} tests passed.",
        "tests": tests,
        "extra_data": {
            "verdict": score.verdict,
            "groups": [{"name": name, **_points(each)} for name, each in score.groups.items()],
        },
    }
    if for_staff:
        report["execution_time"] = _seconds(sum(result.execution_time for result in results))
    room = REPORT_BYTES - len(json.dumps(report))
    size = min(EXCERPT_CHARACTERS, room // (_TEXTS * len(tests)))
    # Failed tests show their texts first, until there is no more room.
    for test, (case, result) in sorted(
        zip(tests, pairs, strict=True), key=lambda each: _is_accepted(each[1][1])
    ):
        if for_staff or _shows_texts(case, result):
            output = explain(case, result, problem.limits, details=True)
            texts = _texts(case, result, size, for_staff=for_staff)
            room -= len(json.dumps([output, texts]))
            if room < 0:
                break
            test["output"] = output
            test["extra_data"] |= texts
    return report


def _test(
    case: Case, result: CaseResult | None, limits: Limits, *, for_staff: bool
) -> dict[str, Any]:
    is_open = for_staff or not case.is_hidden
    extra: dict[str, Any] = {"verdict": None if result is None else result.verdict}
    if result is not None and is_open:
        extra |= {
            "execution_time": _seconds(result.execution_time),
            "fuel": result.fuel,
            "memory": result.memory,
            "exit_status": result.exit_status,
        }
    return {
        "name": case.name if is_open else "hidden",
        "status": CaseStatus.PASSED if _is_accepted(result) else CaseStatus.FAILED,
        "output": explain(case, result, limits, details=False),
        "visibility": Visibility.HIDDEN if for_staff and case.is_hidden else Visibility.VISIBLE,
        "extra_data": extra,
    }


def _is_accepted(result: CaseResult | None) -> bool:
    return result is not None and result.verdict is Verdict.AC


def _shows_texts(case: Case, result: CaseResult | None) -> bool:
    """Return whether a student sees a case's texts; of a secret one only after failing it."""
    failed = result is not None and not _is_accepted(result)
    return case.is_sample or (case.full_feedback and failed)


def _texts(case: Case, result: CaseResult | None, size: int, *, for_staff: bool) -> dict[str, Any]:
    difference = result.difference if result else None
    output_at, answer_at = (difference.output_at, difference.answer_at) if difference else (0, 0)
    excerpts = {
        "args": excerpt(shlex.join(case.args), 0, size),
        "input": excerpt(case.stdin, 0, size),
        "answer": excerpt(case.answer, answer_at, size),
    }
    if case.hint is not None:
        excerpts["hint"] = excerpt(case.hint, 0, size)
    if result is not None:
        excerpts["stdout"] = result.stdout.cut(output_at, size)
        excerpts["stderr"] = result.stderr.cut(result.stderr.length, size)
        if result.team_message.length:
            excerpts["teammessage"] = result.team_message.cut(0, size)
    if for_staff and case.description is not None:
        excerpts["description"] = excerpt(case.description, 0, size)
    if for_staff and result is not None:
        excerpts["detail"] = result.detail.cut(0, size)
        if result.judge_message.length:
            excerpts["judgemessage"] = result.judge_message.cut(0, size)
    texts = {name: fields_of(each) for name, each in excerpts.items()}
    if result is not None and difference is not None:
        place = {"line": result.line, "column": result.column}
        texts["difference"] = fields_of(difference) | place
    return texts


def _points(points: Points | None) -> dict[str, float]:
    if points is None:
        return {}
    return {"score": rounded(points.score), "max_score": rounded(points.max_score)}


def _seconds(seconds: float) -> float | None:
    return round(seconds, 6) if isfinite(seconds) else None
