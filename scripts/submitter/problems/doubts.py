"""Finds in a valid problem what has misled others: warnings, which stop nothing."""

import re
from pathlib import PurePosixPath

from grading.problem import Case, Problem
from grading.validator import read_flags
from submitter.problems.package import Package
from submitter.problems.test_data import answer_path, input_path

GRADER_SECONDS = 110
"""What the grader has for all cases: its default timeout of 120 s, less what it reserves."""

_LAYOUT = re.compile(r"^[ \t]+\S|\S(?: {2,}|\t)\S", re.MULTILINE)
"""An indented line, or columns."""


def find_doubts(package: Package, problem: Problem) -> None:
    """Add warnings about a problem to its package's findings."""
    _find_shown_cases(package, problem)
    if not problem.output_validator:
        _find_layout(package, problem)
    seconds = len(problem.cases) * problem.limits.time_limit
    if seconds > GRADER_SECONDS:
        text = (
            f"{len(problem.cases)} cases of {problem.limits.time_limit:g} s each can take "
            f"{seconds:g} s, but the grader has {GRADER_SECONDS} s by default: a slow program "
            "would get no result. Lower the limit, leave out cases, or raise the grader's timeout."
        )
        package.findings.warn(package.root, None, text)


def _find_shown_cases(package: Package, problem: Problem) -> None:
    """Find hidden cases that everybody has seen."""
    samples = {_given(case): case.name for case in problem.cases if case.is_sample}
    shown = [case for case in problem.cases if case.is_hidden and _given(case) in samples]
    if shown:
        first, others = shown[0], len(shown) - 1
        more = f", and {others} more cases are such," if others else ""
        text = (
            f"It is the same as {samples[_given(first)]}{more}: a program can print the answer "
            "that it saw."
        )
        package.findings.warn(package.place(input_path(first.name)), None, text)


def _given(case: Case) -> tuple[str, tuple[str, ...]]:
    return case.stdin, case.args


def _find_layout(package: Package, problem: Problem) -> None:
    """Find the first answer that looks as if white space mattered, where it does not."""
    for case in problem.cases:
        found = _LAYOUT.search(case.answer)
        if found and not read_flags(case.output_validator_args).space_change_sensitive:
            line = case.answer.count("\n", 0, found.start()) + 1
            text = (
                "Spaces look as if they mattered here, but only words are compared. If they do, "
                "set output_validator_args: [space_change_sensitive]."
            )
            place: PurePosixPath = answer_path(case.name)
            package.findings.warn(package.place(place), line, text)
            return
