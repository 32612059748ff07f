"""Compares what a program got with what its folder promises."""

from collections.abc import Iterable, Iterator, Sequence

from grading.feedback import explain
from grading.problem import SECRET, Problem
from grading.score import Score, rounded
from grading.verdict import CaseResult, Verdict
from submission_grader.grade import Grade
from submitter.problems.submissions import Requirement

_NAMED = {Verdict.MLE: Verdict.RTE, Verdict.OLE: Verdict.RTE}
"""The format has no other verdict for these."""
_SHOWN_CASES = 3


def find_faults(
    requirements: Iterable[Requirement], problem: Problem, graded: Grade
) -> Iterator[str]:
    """Yield a sentence for everything that a program did not get as promised."""
    for requirement in requirements:
        results = [each for each in graded.results if requirement.covers(each.name)]
        where = f" of {requirement.cases}" if requirement.cases else ""
        yield from _find_forbidden(requirement, problem, results)
        required = requirement.required
        if required and not any(_named(each.verdict) in required for each in results):
            yield f"No case{where} is {_words(required)}."
        if requirement.score:
            least, most = requirement.score
            score = _score(requirement, graded.score)
            if score is None or not least <= score <= most:
                promised = f"{least:g}" if least == most else f"{least:g} to {most:g}"
                got = "none" if score is None else f"{score:g}"
                yield f"The score{where} is {got}, not {promised}."


def _find_forbidden(
    requirement: Requirement, problem: Problem, results: Sequence[CaseResult]
) -> Iterator[str]:
    permitted = requirement.permitted
    if permitted is None:
        return
    cases = {case.name: case for case in problem.cases}
    forbidden = [each for each in results if _named(each.verdict) not in permitted]
    for each in forbidden[:_SHOWN_CASES]:
        found = explain(cases[each.name], each, problem.limits, details=True)
        yield f"{each.name} must be {_words(permitted)}. {found}"
    if (more := len(forbidden) - _SHOWN_CASES) > 0:
        yield f"{more} more case{'s' * (more > 1)} must be {_words(permitted)}."


def _score(requirement: Requirement, score: Score) -> float | None:
    if requirement.cases in {None, SECRET}:
        points = score.total
    else:
        points = score.groups.get(requirement.cases or "")
    return None if points is None else rounded(points.score)


def _named(verdict: Verdict) -> Verdict:
    return _NAMED.get(verdict, verdict)


def _words(verdicts: frozenset[Verdict]) -> str:
    return " or ".join(each for each in Verdict if each in verdicts)
