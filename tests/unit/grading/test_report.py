"""The two results: what each shows, what the student's hides, and that both fit."""

import json
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.problem import MAX_CASES, Group, Problem, read_problem, write_problem
from grading.report import REPORT_BYTES, staff_report, student_report
from grading.score import score
from grading.verdict import CaseResult, Run, Verdict, judge
from sandbox import End
from submission.result import MAX_RESULT_BYTES
from unit.grading.examples import (
    CASES,
    GROUPS,
    HIDDEN_CASES,
    OPEN_CASE,
    PASS_FAIL_PROBLEM,
    PROBLEM,
    RIGHT,
    RUNS,
    SUM,
    WRONG,
    a_case,
    judged,
    validated,
)

AC, WA, TLE, MLE, OLE, RTE, JE = Verdict


def _reports(
    problem: Problem, results: Sequence[CaseResult]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both results as their readers get them."""
    found = score(problem, results)
    written = [
        json.dumps(report(problem, results, found), allow_nan=False)
        for report in (student_report, staff_report)
    ]
    assert all(len(each) <= REPORT_BYTES < MAX_RESULT_BYTES for each in written)
    student, staff = map(json.loads, written)
    return student, staff


def test_a_student_sees_this() -> None:
    student, _ = _reports(PROBLEM, judged(PROBLEM, (AC, AC, WA, TLE, AC)))
    tests = student.pop("tests")
    assert student == {
        "score": 53.33,
        "max_score": 100,
        "output": "3 of 5 tests passed.",
        "extra_data": {
            "verdict": "WA",
            "groups": [
                {"name": "secret/easy", "score": 30, "max_score": 30},
                {"name": "secret/hard", "score": 23.33, "max_score": 70},
            ],
        },
    }
    assert tests[2] == {
        "number": "3",
        "name": "hidden",
        "tags": ["secret/hard"],
        "status": "failed",
        "score": 0,
        "max_score": 23.33,
        "output": "Wrong answer.",
        "visibility": "visible",
        "extra_data": {"verdict": "WA"},
    }
    assert tests[3] == {
        "number": "4",
        "name": OPEN_CASE,
        "tags": ["secret/hard"],
        "status": "failed",
        "score": 0,
        "max_score": 23.33,
        "output": "Time limit exceeded: 1.5 s of processor time.",
        "visibility": "visible",
        "extra_data": {
            "verdict": "TLE",
            "execution_time": 0.125,
            "fuel": 1_000,
            "memory": 40_000_000,
            "exit_status": None,
            "args": {"text": "", "start": 0, "length": 0},
            "input": {"text": "secret/hard/2 input\n", "start": 0, "length": 20},
            "answer": {"text": "42\n", "start": 0, "length": 3},
            "stdout": {"text": "42\n", "start": 0, "length": 3},
            "stderr": {"text": "", "start": 0, "length": 0},
            "hint": {"text": "Numbers can be negative.", "start": 0, "length": 24},
        },
    }
    assert [test["status"] for test in tests] == ["passed", "passed", "failed", "failed", "passed"]


def test_an_open_secret_case_is_shown_only_to_those_who_fail_it() -> None:
    student, _ = _reports(PROBLEM, judged(PROBLEM, (AC, AC, AC, AC, AC)))
    sample, _, _, passed, _ = (test["extra_data"] for test in student["tests"])
    assert passed.keys() == {"verdict", "execution_time", "fuel", "memory", "exit_status"}
    assert sample["input"]["text"] == "sample/1 input\n"


def test_staff_see_everything() -> None:
    _, staff = _reports(PROBLEM, judged(PROBLEM, (AC, AC, WA, AC, RTE)))
    assert [test["name"] for test in staff["tests"]] == [case.name for case in CASES]
    visibilities = ["visible", "hidden", "hidden", "visible", "hidden"]
    assert [test["visibility"] for test in staff["tests"]] == visibilities
    assert staff["execution_time"] == 0.625
    wrong = staff["tests"][2]["extra_data"]
    assert wrong["input"]["text"] == "secret/hard/1 input\n"
    assert wrong["difference"] == {
        "kind": "number",
        "output_at": 0,
        "answer_at": 0,
        "whitespace_only": False,
        "line": 1,
        "column": 1,
    }
    descriptions = [test["extra_data"].get("description") for test in staff["tests"]]
    assert [each and each["text"] for each in descriptions] == [case.description for case in CASES]


def test_the_judges_error_gives_no_points_and_staff_its_detail() -> None:
    student, staff = _reports(PROBLEM, judged(PROBLEM, (AC, AC, AC, JE, AC)))
    assert student == {"output": "The grader failed. This is not the program's fault."}
    assert staff.keys() == {"output", "tests", "extra_data", "execution_time"}
    assert staff["extra_data"] == {"verdict": "JE", "groups": []}
    assert staff["tests"][3]["extra_data"]["detail"]["text"] == "the child was killed"


def test_a_validators_messages_go_to_whom_they_are_for() -> None:
    passed = (True, True, True, False, False)
    results = [
        judge(case, RIGHT, validated(f"J{i}", f"T{i}\nmore", accepted=accepted))
        for i, (case, accepted) in enumerate(zip(CASES, passed, strict=True))
    ]
    student, staff = _reports(PROBLEM, results)
    outputs = ["Accepted. T0 more", "Accepted.", "Accepted.", "Wrong answer. T3 more"]
    assert [test["output"] for test in student["tests"]] == [*outputs, "Wrong answer."]
    assert [test["extra_data"].get("teammessage", {}).get("text") for test in student["tests"]] == [
        "T0\nmore",
        None,
        None,
        "T3\nmore",
        None,
    ]
    assert "judgemessage" not in json.dumps(student)
    for i, test in enumerate(staff["tests"]):
        shown = test["extra_data"]
        assert shown["judgemessage"]["text"] == f"J{i}"
        assert shown["teammessage"]["text"] == f"T{i}\nmore"
        assert "difference" not in shown


def test_a_part_of_a_cases_points_is_shown() -> None:
    results = [judge(case, RIGHT, validated(multiplier=Fraction(1, 4))) for case in CASES]
    student, _ = _reports(PROBLEM, results)
    third = student["tests"][2]
    assert (third["status"], third["score"], third["max_score"]) == ("passed", 5.83, 23.33)
    assert student["score"] == 47.5


def test_what_was_not_run_says_so() -> None:
    student, staff = _reports(PROBLEM, judged(PROBLEM, (WA,)))
    for report in (student, staff):
        assert report["tests"][4]["output"].startswith("Not run, because")
        assert report["tests"][4]["status"] == "failed"
        assert report["tests"][4]["extra_data"]["verdict"] is None
        assert report["score"] == 0
    assert student["tests"][3]["name"] == OPEN_CASE
    assert student["tests"][3]["extra_data"] == {"verdict": None}


def test_pass_fail_has_no_points_by_case() -> None:
    student, _ = _reports(PASS_FAIL_PROBLEM, judged(PASS_FAIL_PROBLEM, (AC,) * 5))
    assert (student["score"], student["max_score"], student["extra_data"]["groups"]) == (1, 1, [])
    assert all("score" not in test for test in student["tests"])
    assert [test["tags"] for test in student["tests"]] == [["sample"], *[["secret"]] * 4]


@pytest.mark.parametrize(
    ("run", "answer", "args", "output"),
    [
        (RUNS[AC], "42", (), "Accepted."),
        (RUNS[TLE], "", (), "Time limit exceeded: 1.5 s of processor time."),
        (RUNS[MLE], "", (), "Memory limit exceeded: 256 MiB."),
        (RUNS[OLE], "", (), "Output limit exceeded: 8 MiB."),
        (RUNS[RTE], "", (), "Run-time error. The exit status is 1, not 0."),
        (
            replace(RUNS[RTE], stderr=b'Traceback:\n  File "a.py"\nKeyError: \x1b[31m"x"\n\n'),
            "",
            (),
            'Run-time error. KeyError: ␛[31m"x"',
        ),
        (
            replace(RIGHT, end=End.TRAPPED, exit_status=None),
            "",
            (),
            "Run-time error. The Python interpreter crashed.",
        ),
        ("1\n2 3\n4", "1\n2 4\n4", (), 'At line 2, column 3, expected "4", got "3".'),
        (
            "1\n",
            "1\n2 3\n",
            (),
            'The output ends at line 2, column 1, but the answer goes on: "2 3".',
        ),
        (
            "1\n2 3",
            "1\n",
            (),
            'The output goes on at line 2, column 1, where the answer has ended: "2 3".',
        ),
        (
            "2.5",
            "2",
            ("float_tolerance", "0.1"),
            'At line 1, column 1, expected about "2", got "2.5": they are too far apart.',
        ),
        (
            "x",
            "2",
            ("float_tolerance", "0"),
            'At line 1, column 1, expected the number "2", got "x".',
        ),
        ("x\n" * 9_000 + "y", "x\n" * 9_001, (), 'At line 9001, column 1, expected "x", got "y".'),
        ("x" * 50, "y", (), f'At line 1, column 1, expected "y", got "{"x" * 40}...".'),
        (
            "12\n",
            "1\t2\n",
            (),
            "It differs in white space only. At line 1, column 1, expected 1→2⏎, got 12⏎.",
        ),
        (
            "a b",
            "a  b\n",
            ("space_change_sensitive",),
            "It differs in white space only. At line 1, column 2, expected ··b⏎, got ·b.",
        ),
        (
            "a",
            "a\n",
            ("space_change_sensitive",),
            "It differs in white space only. At line 1, column 2, expected ⏎, got the end.",
        ),
    ],
    ids=range(17),
)
def test_a_sentence_says_what_happened(
    run: Run | str, answer: str, args: tuple[str, ...], output: str
) -> None:
    if isinstance(run, str):
        run, output = replace(RIGHT, stdout=run.encode()), f"Wrong answer. {output}"
    case = replace(CASES[0], answer=answer, output_validator_args=args)
    problem = replace(PASS_FAIL_PROBLEM, cases=(case, a_case("secret/1", answer="42")))
    student, _ = _reports(problem, [judge(case, run), judge(problem.cases[1], RIGHT)])
    assert student["tests"][0]["output"] == output


MARK = "Xyzzy"
"""Stands in every text of the hidden cases, and in all that is printed for them."""


@given(
    st.lists(st.sampled_from([each for each in Verdict if each is not JE]), min_size=5, max_size=5),
    st.tuples(*[st.text(max_size=10).map(lambda text: f"{text}{MARK}{text}")] * 4),
    st.floats(0, 1e6),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=40)
def test_no_text_of_a_hidden_case_is_in_the_students_result(
    verdicts: list[Verdict],
    texts: tuple[str, str, str, str],
    seconds: float,
    scoring: bool,  # noqa: FBT001
    own_validator: bool,  # noqa: FBT001
) -> None:
    stdin, printed, hint, description = texts
    cases = tuple(
        replace(
            case,
            name=f"{case.name}{MARK}",
            stdin=stdin,
            answer=printed,
            args=(MARK,),
            hint=hint,
            description=description,
        )
        if case.name in HIDDEN_CASES
        else case
        for case in CASES
    )
    free = tuple(replace(group, require_pass=()) for group in GROUPS)
    problem = replace(PROBLEM if scoring else PASS_FAIL_PROBLEM, cases=cases)
    problem = replace(problem, groups=free if scoring else ())
    results, others = [], []
    for case, verdict in zip(cases, verdicts, strict=True):
        run = RUNS[verdict]
        if case.is_hidden:
            leak = (f"{printed}{'' if verdict is AC else MARK}").encode()
            run = replace(run, stdout=leak, stderr=leak, execution_time=seconds, detail=MARK)
            run = replace(run, fuel=987_654_321, memory=123_456_789)
        validation = None
        if own_validator:
            message = MARK if case.is_hidden else ""
            validation = validated(message, message, accepted=verdict is AC)
        results.append(judge(case, run, validation))
        if case.is_hidden:
            run = replace(run, execution_time=0.5, fuel=1, memory=1, stderr=b"")
            validation = validation and validated(accepted=validation.accepted)
        others.append(judge(case, run, validation))
    student, staff = _reports(problem, results)
    assert MARK in json.dumps(staff)
    assert MARK not in json.dumps(student)
    # Nor does it depend on anything of a hidden run but its verdict.
    assert _reports(problem, others)[0] == student


HOSTILE = {
    "nul": b"\0" * 5_000,
    "not_utf8": b"\xff\xfe" * 5_000,
    "ansi": b"\x1b[2J\x1b]0;title\x07" * 500,
    "long": b"0" * 10_000_000,
    "rockets": "🚀".encode() * 5_000,
    "quotes": b'"\\' * 5_000,
    "nan": b"NaN Infinity -inf 1e999",
    "nested": b"[" * 1_000_000,
    "result": b'{"score": 100, "tests": []}',
}


@pytest.mark.parametrize("printed", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_is_printed_the_results_are_json_and_fit(printed: bytes) -> None:
    run = replace(RUNS[WA], stdout=printed, stderr=printed)
    results = judged(PROBLEM, (AC, AC))
    results += [judge(case, run) for case in CASES[2:]]
    student, staff = _reports(PROBLEM, results)
    assert (student["score"], staff["score"]) == (30, 30)
    shown = student["tests"][3]["extra_data"]["stdout"]
    assert 0 < len(shown["text"]) <= 4096
    assert all(each.isprintable() or each in " \n\t" for each in shown["text"])


@pytest.mark.parametrize("seconds", [float("nan"), float("inf")])
def test_numbers_are_finite(seconds: float) -> None:
    run = replace(RIGHT, execution_time=seconds)
    _, staff = _reports(PASS_FAIL_PROBLEM, [judge(case, run) for case in CASES])
    assert staff["execution_time"] is None


def test_the_largest_problem_fits_with_the_longest_names_and_texts() -> None:
    names = [f"secret/{number:03}{'x' * 200}/{'y' * 44}" for number in range(MAX_CASES)]
    groups = (
        Group("secret", MAX_CASES, SUM, ()),
        *(Group(name[:210], 1, SUM, ()) for name in names),
    )
    cases = tuple(a_case(name, full_feedback=True) for name in names)
    problem = read_problem(write_problem(replace(PROBLEM, groups=groups, cases=cases)))
    rocket = "🚀" * 5_000
    texts: dict[str, Any] = {
        "stdin": rocket,
        "answer": f"{rocket}!",
        "hint": rocket,
        "description": rocket,
    }
    problem = replace(problem, cases=tuple(replace(case, **texts) for case in problem.cases))
    result = judge(problem.cases[0], replace(RIGHT, stdout=rocket.encode(), stderr=rocket.encode()))
    student, staff = _reports(problem, [replace(result, name=name) for name in names])
    for tests in (student["tests"], staff["tests"]):
        assert len(tests) == MAX_CASES
        assert "stdout" in tests[0]["extra_data"]
        assert "stdout" not in tests[-1]["extra_data"]


def test_with_many_cases_shorter_excerpts_still_show_what_matters() -> None:
    answer = "".join(f"{i}\n" for i in range(9_000))
    case = a_case("secret/0", answer=answer, full_feedback=True)
    printed = answer.replace("7777\n", "seven\n").encode()
    result = judge(case, replace(RIGHT, stdout=printed, stderr=b"e" * 9_000 + b"!"))
    cases = tuple(replace(case, name=f"secret/{number}") for number in range(100, 300))
    problem = replace(PASS_FAIL_PROBLEM, cases=cases)
    student, _ = _reports(problem, [replace(result, name=case.name) for case in cases])
    for test in student["tests"]:
        extra = test["extra_data"]
        stdout, given, difference = extra["stdout"], extra["answer"], extra["difference"]
        assert 100 < len(stdout["text"]) < 1_000
        assert stdout["text"][difference["output_at"] - stdout["start"] :].startswith("seven\n7778")
        assert given["text"][difference["answer_at"] - given["start"] :].startswith("7777\n7778")
        assert extra["stderr"]["text"].endswith("e!")
        assert (stdout["length"], given["length"]) == (len(printed), len(answer))


def test_failed_tests_come_first_when_room_is_scarce() -> None:
    names = [f"secret/{number:03}" for number in range(MAX_CASES)]
    problem = replace(PASS_FAIL_PROBLEM, cases=tuple(a_case(name) for name in names))
    printed = "🚀".encode() * 5_000
    right = replace(RIGHT, stderr=printed)
    results = [judge(case, right) for case in problem.cases[:-1]]
    results.append(judge(problem.cases[-1], replace(WRONG, stderr=printed)))
    _, staff = _reports(problem, results)
    shown = ["stderr" in test["extra_data"] for test in staff["tests"]]
    assert shown[0]
    assert shown[-1]
    assert not all(shown)
