"""A problem's own output validator: when it is run, with what, and whose fault its failure is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grading.problem import File, Problem
from grading.verdict import Verdict
from sandbox import End, Outcome
from submission_grader import validator_main
from submission_grader.ends import FailedError, FailureCause
from submission_grader.grade import Grade, grade
from submission_grader.validate import VALIDATOR_LIMITS
from unit.grading.examples import CASES, GROUPS, PASS_FAIL_PROBLEM, PROBLEM
from unit.submission_grader.course import BROKEN, RIGHT, ScriptedRunner, unhurried

VALIDATOR = (File("__main__.py", "import helper\n"), File("helper.py", "é = 1\n"))
CASE = replace(CASES[1], stdin="ü\n", answer="é\n", output_validator_args=("--near", "0.1"))
ONE_CASE = replace(PASS_FAIL_PROBLEM, include=(), cases=(CASE,), output_validator=VALIDATOR)
ACCEPTS = Outcome(End.FAILED, 42)
REJECTS = Outcome(End.FAILED, 43)


def graded(
    runner: ScriptedRunner, problem: Problem = ONE_CASE, program: bytes = b"print(42)"
) -> Grade:
    return grade(problem, program, runner, unhurried)


def test_the_validator_gets_the_formats_arguments_and_the_output_alone() -> None:
    runner = ScriptedRunner([replace(RIGHT, stdout=b"4\xff2\n", stderr=b"oh"), ACCEPTS])
    assert graded(runner).score.verdict is Verdict.AC
    program, validator = runner.calls
    assert (program.program, program.files, program.stdin) == (b"print(42)", {}, b"\xc3\xbc\n")
    assert validator.program == Path(validator_main.__file__).read_bytes()
    assert validator.files == {
        "__main__.py": b"import helper\n",
        "helper.py": "é = 1\n".encode(),
        "data/secret/easy/1.in": "ü\n".encode(),
        "data/secret/easy/1.ans": "é\n".encode(),
    }
    assert validator.argv == [
        *("__main__.py", "data/secret/easy/1.in", "data/secret/easy/1.ans", "feedback/"),
        *("--near", "0.1"),
    ]
    assert validator.stdin == rb"4\xff2" + b"\n"
    assert validator.limits == VALIDATOR_LIMITS


def test_the_validator_decides_whatever_the_answer_is() -> None:
    assert graded(ScriptedRunner([RIGHT, REJECTS])).score.verdict is Verdict.WA


@pytest.mark.parametrize("end", sorted({*End} - {End.EXITED, End.BROKEN, End.WALL}))
def test_only_a_program_that_exited_is_validated(end: End) -> None:
    status = 1 if end in {End.FAILED, End.MEMORY} else None
    runner = ScriptedRunner([Outcome(end, status, cpu_seconds=30.0, wall_seconds=60.0), ACCEPTS])
    assert graded(runner).score.verdict not in {Verdict.AC, Verdict.WA, Verdict.JE}
    assert len(runner.calls) == 1


def test_feedback_reaches_the_results() -> None:
    feedback = b'{"judgemessage.txt": "J", "teammessage.txt": "T", "score_multiplier.txt": "0.5"}'
    problem = replace(PROBLEM, include=(), groups=GROUPS[:1], output_validator=VALIDATOR)
    told = Outcome(End.FAILED, 42, feedback, b"E")
    found = graded(ScriptedRunner([RIGHT, told] * len(CASES)), problem)
    assert {each.judge_message.text for each in found.results} == {"JE"}
    assert {each.team_message.text for each in found.results} == {"T"}
    assert found.score.total
    assert found.score.total.score == 50


def test_a_score_in_a_pass_fail_group_is_the_validators_failure() -> None:
    told = Outcome(End.FAILED, 42, b'{"score.txt": "1"}')
    problem = replace(PROBLEM, include=(), output_validator=VALIDATOR)
    with pytest.raises(FailedError) as failed:
        graded(ScriptedRunner([RIGHT, told] * len(CASES)), problem)
    assert "On secret/easy/1, it gives a score.txt in a group" in failed.value.detail


@pytest.mark.parametrize(
    ("outcome", "how"),
    [
        (Outcome(End.EXITED, 0), "its exit status is 0, neither"),
        (Outcome(End.FAILED, 1), "its exit status is 1, neither"),
        (Outcome(End.MEMORY, 42), "it was stopped: memory"),
        (Outcome(End.FUEL), "it was stopped: fuel"),
        (Outcome(End.OUTPUT), "it was stopped: output"),
        (Outcome(End.TRAPPED), "it was stopped: trapped"),
        (Outcome(End.CPU, cpu_seconds=150.0, wall_seconds=150.0), "it was stopped: cpu"),
        (Outcome(End.SLEPT), "it was stopped: slept"),
        (Outcome(End.FAILED, 42, b"hello"), "it disturbed its feedback by writing to descriptor 1"),
    ],
)
def test_a_validator_that_fails_is_the_judges_error(outcome: Outcome, how: str) -> None:
    said = b"x" * 10_000 + b"ROSEBUD\0"
    runner = ScriptedRunner([RIGHT, replace(outcome, stderr=said), RIGHT])
    with pytest.raises(FailedError) as failed:
        graded(runner)
    assert len(runner.calls) == 2
    assert failed.value.cause is FailureCause.VALIDATOR
    assert failed.value.detail.startswith(f"On secret/easy/1, {how}")
    assert failed.value.for_staff.endswith("xROSEBUD\N{SYMBOL FOR NULL}")
    assert len(failed.value.for_staff) < 5_000
    assert "ROSEBUD" not in failed.value.reason + failed.value.detail


def test_a_sandbox_that_breaks_under_a_validator_is_a_broken_sandbox() -> None:
    with pytest.raises(FailedError) as failed:
        graded(ScriptedRunner([RIGHT, BROKEN]))
    assert failed.value.cause is FailureCause.SANDBOX


@pytest.mark.parametrize("left", [0.0, 20.0])
def test_a_validator_that_the_functions_time_cut_short_is_out_of_time(left: float) -> None:
    times: list[Any] = [100.0, left]
    cut = Outcome(End.WALL, cpu_seconds=5.0, wall_seconds=20.0)
    runner = ScriptedRunner([RIGHT, cut])
    with pytest.raises(FailedError) as failed:
        grade(ONE_CASE, b"", runner, lambda: times.pop(0))
    assert failed.value.cause is FailureCause.OUT_OF_TIME
    assert len(runner.calls) == (2 if left else 1)
