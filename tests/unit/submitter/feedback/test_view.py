"""A result as a student reads it, as text and as a page."""

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from grading.problem import Case, Problem
from grading.report import student_report
from grading.score import score
from grading.verdict import Run, Verdict, judge
from sandbox import End
from submission.keys import SubmissionKey
from submitter.feedback.page import feedback_page
from submitter.feedback.student_result import read_student_result
from submitter.feedback.view import render_feedback, student_view
from unit.grading.examples import OPEN_CASE, PROBLEM, RIGHT, a_case, judged
from unit.submitter.contexts import rendered
from unit.submitter.pages import HOSTILE, check_page

AC, WA = Verdict.AC, Verdict.WA
KEY = SubmissionKey("m.soltys", "aws_labs", "lab5", "fc55c0190dde2bc413d8d1e79fb8cca2")
TRACEBACK = b"""\
Traceback (most recent call last):
  File "main.py", line 3, in <module>
    print(1 / int(input()))
ZeroDivisionError: division by zero
"""


def report(*verdicts: Verdict) -> dict[str, Any]:
    results = judged(PROBLEM, verdicts)
    return student_report(PROBLEM, results, score(PROBLEM, results))


def sample(run: Run, **case: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a case
    """Return the result of a problem whose sample a run failed."""
    cases: tuple[Case, ...] = (a_case("sample/1", **case), a_case("secret/1"))
    problem: Problem = replace(PROBLEM, groups=PROBLEM.groups[:1], cases=cases)
    results = [judge(cases[0], run), judge(cases[1], RIGHT)]
    return student_report(problem, results, score(problem, results))


def text_of(result: Mapping[str, Any]) -> str:
    return student_view(read_student_result(result))


def page_of(result: Mapping[str, Any]) -> str:
    return feedback_page(KEY, read_student_result(result))


def printed(text: str | bytes, **run: Any) -> Run:  # noqa: ANN401 - fields of a run
    return replace(RIGHT, stdout=text.encode() if isinstance(text, str) else text, **run)


def test_right_program_has_its_points_and_no_details() -> None:
    result = report(AC, AC, AC, AC, AC)
    assert text_of(result).splitlines() == [
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
    page = check_page(page_of(result))
    assert "100 of 100 points: 5 of 5 tests passed." in page.text
    assert ["4", OPEN_CASE, "passed", "23.33 of 23.33", "Accepted."] in page.rows
    assert [row[2] for row in page.rows if row[-1] == "Accepted."] == ["passed"] * 5
    assert "What failed" not in page.text


def test_wrong_program_has_all_of_the_failed_tests_that_students_see() -> None:
    result = report(AC, AC, WA, WA, AC)
    text = text_of(result)
    assert text.endswith(
        f"\nTest 4, {OPEN_CASE}:\n  hint: Numbers can be negative.\n"
        f"  input:\n    {OPEN_CASE} input\n  output:\n    41\n    ^^\n  expected:\n    42\n    ^^\n"
        "  errors: none"
    )
    assert text.count("\nTest ") == 1
    page = page_of(result)
    assert check_page(page).text.count(f"Test 4: {OPEN_CASE}") == 1
    assert page.count("<h3>") == 1
    assert "Hint: Numbers can be negative." in page
    assert "it is in line 1, column 1 of the output." in page
    assert "<h4>Expected output</h4>\n<pre>\n<mark>42</mark>\n</pre>" in page
    assert "<h4>Your output</h4>\n<pre>\n<mark>41</mark>\n</pre>" in page
    assert "<h4>Error messages</h4>\n<p>Nothing.</p>" in page


def test_terminal_shows_the_lines_whole() -> None:
    result = read_student_result(sample(printed("4" * 500), args=("x" * 300,)))
    assert rendered(render_feedback(result), width=80) == f"{student_view(result)}\n"


@pytest.mark.parametrize(
    ("run", "answer", "lines", "marked"),
    [
        (
            "one two three\nfour\n",
            "one too three\nfour\n",
            ["    one two three|        ^^^|    four|", "    one too three|        ^^^|"],
            ["one <mark>two</mark> three", "one <mark>too</mark> three"],
        ),
        # The same tokens before it can take more room.
        (
            "one    two\n",
            "one too\n",
            ["    one    two|           ^^^|", "    one too|        ^^^|"],
            ["one    <mark>two</mark>", "one <mark>too</mark>"],
        ),
        # A wide character takes two columns.
        (
            "\u6f22\u5b57 x\n",
            "\u6f22\u5b57 y\n",
            ["    \u6f22\u5b57 x|         ^|"],
            ["&#28450;&#23383; <mark>x</mark>"],
        ),
        # What looks like a space is spelled out where it matters.
        (
            "a\u00a0b\n",
            "a b\n",
            ["    a\\xa0b|    ^^^^^^|"],
            ["<mark>a\\xa0b</mark>", "<mark>a</mark> b"],
        ),
        (
            "one\n",
            "one\ntwo\n",
            ["  expected:|    one|    two|    ^^^|"],
            ["one\n<mark>(it ends here)</mark></pre>"],
        ),
        (
            "one\ntwo",
            "one\n",
            ["  output:|    one|    two|    ^^^|"],
            ["one\n<mark>two</mark></pre>"],
        ),
        # The first line end after <pre> is none.
        ("\n\nx\n", "\n\ny\n", [], ["<pre>\n\n\n<mark>x</mark>\n</pre>"]),
    ],
)
def test_first_difference_is_marked(
    run: str, answer: str, lines: list[str], marked: list[str]
) -> None:
    result = sample(printed(run), answer=answer)
    text = text_of(result).replace("\n", "|")
    assert all(each in text for each in lines)
    page = page_of(result)
    check_page(page)
    assert all(each in page for each in marked)


def test_difference_in_white_space_only_is_visible() -> None:
    sensitive = ("space_change_sensitive",)
    run = printed("a  b\tc \n\nd\n")
    result = sample(run, answer="a b\tc \n\nd\n", output_validator_args=sensitive)
    text = text_of(result)
    assert "differs in white space only" in text
    assert "  (a space is ·, a tab →, an end of line ⏎)" in text
    assert "    a··b→c·⏎\n     ^^\n    ⏎\n    d⏎\n" in text
    assert "    a·b→c·⏎\n     ^\n    ⏎\n    d⏎\n" in text
    page = page_of(result)
    assert "two differ in white space only" in check_page(page).text
    assert "a<mark>&#183;&#183;</mark>b&#8594;c&#183;&#9166;\n&#9166;\nd&#9166;\n</pre>" in page


def test_part_around_a_late_difference_says_where_it_is() -> None:
    many = "right\n" * 2000
    result = sample(printed(f"{many}wrong\n{many}"), answer=f"{many}good\n{many}")
    text, page = text_of(result), page_of(result)
    assert "  output (characters 9,953 to 14,048 of 24,006):\n" in text
    assert "    wrong\n    ^^^^^\n" in text
    assert "    good\n    ^^^^\n" in text
    assert "Characters 9,953 to 14,048 of 24,006." in page
    assert "<mark>wrong</mark>" in page
    assert "<mark>good</mark>" in page


def test_exception_has_its_traceback() -> None:
    result = sample(printed("", end=End.FAILED, exit_status=1, stderr=TRACEBACK))
    indented = "".join(f"    {line}\n" for line in TRACEBACK.decode().splitlines())
    assert text_of(result).endswith(
        f"  output: none\n  expected:\n    42\n  errors:\n{indented}"[:-1]
    )
    page = check_page(page_of(result)).text
    assert "Run-time error. ZeroDivisionError: division by zero" in page
    assert TRACEBACK.decode() in page
    assert "The last line of the error messages says what went wrong" in page


@pytest.mark.parametrize(
    ("end", "limit", "advice"),
    [
        (End.FUEL, "Time limit exceeded: 1.5 s of processor time.", "took too long"),
        (End.MEMORY, "Memory limit exceeded: 256 MiB.", "too much memory"),
        (End.OUTPUT, "Output limit exceeded: 8 MiB.", "printed too much"),
    ],
)
def test_limit_is_said(end: End, limit: str, advice: str) -> None:
    result = sample(printed("41\n", end=end, exit_status=None))
    assert f"  {limit}\n" in text_of(result)
    page = check_page(page_of(result)).text
    assert limit in page
    assert advice in page
    assert "first difference" not in page


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_program_prints_stays_text(hostile: str) -> None:
    def results(text: str) -> list[dict[str, Any]]:
        data = text.encode(errors="surrogatepass")
        return [
            sample(printed(data), args=(text,), hint=text),
            sample(printed(data, end=End.FAILED, exit_status=1, stderr=data)),
            # As another back end may write it.
            _everywhere(sample(printed("x\n"), hint="x"), text),
        ]

    for result, harmless in zip(results(hostile), results("x" * len(hostile)), strict=True):
        page, plain = check_page(page_of(result)), check_page(page_of(harmless))
        assert page.elements == plain.elements
        text = text_of(result)
        assert all(
            each == "\n" or unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
            for each in text
        )
        if hostile.isprintable():
            assert hostile in page.text
            assert hostile in text


def _everywhere(value: Any, text: str) -> Any:  # noqa: ANN401 - any part of a result
    """Return a result with a text in place of all its texts but those that choose what is shown."""
    if isinstance(value, dict):
        kept = {"status", "visibility", "verdict"}
        return {
            name: each if name in kept else _everywhere(each, text) for name, each in value.items()
        }
    if isinstance(value, list):
        return [_everywhere(each, text) for each in value]
    return text if isinstance(value, str) else value


def test_bytes_that_are_no_text_are_shown() -> None:
    result = sample(printed(b"\xff\xfe42\n"))
    assert "\ufffd\ufffd42" in text_of(result)
    assert "&#65533;&#65533;42" in page_of(result)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"status": "rejected", "reason": "The .py is empty."}, "The .py is empty."),
        ({"status": "failed"}, "failed"),
        ({"status": "completed", "output": "Well done."}, "Well done."),
        ({"score": 3, "output": ""}, "3 points"),
        ({"score": 3, "max_score": 10**400}, "3 points"),
        ({"score": float("nan"), "reason": "No."}, "No."),
        ({"score": True, "status": "completed"}, "completed"),
        ({"score": 1, "max_score": 2, "tests": None, "extra_data": []}, "1 of 2 points"),
        ({"score": 1, "tests": [1, None], "extra_data": {"groups": [0]}}, "1 points"),
        ({"x": 1}, "The result says nothing."),
    ],
)
def test_result_of_another_back_end_is_shown_as_far_as_it_goes(
    result: dict[str, Any], said: str
) -> None:
    assert text_of(result) == said
    page = check_page(page_of(result))
    assert said in page.text
    assert "table" not in {tag for tag, _ in page.elements}


def test_tests_of_another_back_end_are_shown_as_far_as_they_go() -> None:
    tests = [
        {"score": 1, "max_score": 1},
        {"name": "b", "status": "failed", "extra_data": {"input": {"text": "1\n"}}},
        {"name": "c", "status": "failed", "extra_data": {"difference": {"output_at": "1"}}},
        {
            "name": "d",
            "status": "failed",
            "extra_data": {
                "stdout": {"text": "x", "start": -1},
                "answer": {"text": 3},
                "difference": {"output_at": 99, "answer_at": 0},
            },
        },
    ]
    result = {"score": 1, "tests": tests}
    assert text_of(result).splitlines() == [
        "1 points",
        "",
        "  1     1 of 1",
        "  2  b",
        "  3  c",
        "  4  d",
        "",
        "Test 2, b:",
        "  input:",
        "    1",
        "",
        "Test 4, d:",
        "  output:",
        "    x",
    ]
    assert [row[2] for row in check_page(page_of(result)).rows[1:]] == ["passed", *["failed"] * 3]
