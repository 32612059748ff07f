"""Running and scoring: which cases are run, with what, and what comes of each end."""

from dataclasses import replace
from typing import Any

import pytest

from grading.problem import File
from grading.verdict import Verdict
from sandbox import FUEL_PER_SECOND, End, Limits, Outcome
from submission_grader.ends import FailedError, FailureCause
from submission_grader.grade import Grade, grade
from unit.grading.examples import PASS_FAIL_PROBLEM, PROBLEM
from unit.submission_grader.course import BROKEN, RIGHT, WRONG, ScriptedRunner, unhurried

PLAIN = replace(PROBLEM, include=())


def graded(runner: ScriptedRunner, seconds: float = 1e6) -> Grade:
    return grade(PLAIN, b"print(42)", runner, lambda: seconds)


def test_each_case_is_run_in_order_with_its_input_and_arguments() -> None:
    runner = ScriptedRunner()
    score = graded(runner).score
    assert score.verdict is Verdict.AC
    assert score.total
    assert score.total.score == score.total.max_score == 100
    assert [(call.stdin, [*call.argv]) for call in runner.calls] == [
        (case.stdin.encode(), [*case.args]) for case in PLAIN.cases
    ]
    assert {call.program for call in runner.calls} == {b"print(42)"}


def test_the_cases_of_a_blocked_group_are_not_run() -> None:
    runner = ScriptedRunner([RIGHT, WRONG])
    score = graded(runner).score
    assert [call.stdin for call in runner.calls] == [b"sample/1 input\n", b"secret/easy/1 input\n"]
    assert score.verdict is Verdict.WA
    assert score.total
    assert score.total.score == 0


def test_the_limits_are_the_problems() -> None:
    runner = ScriptedRunner()
    graded(runner)
    assert {call.limits for call in runner.calls} == {
        Limits(3 * FUEL_PER_SECOND // 2, 30.0, 60.0, 256 << 20, 8 << 20)
    }


def test_the_clocks_are_far_from_a_long_time_limit() -> None:
    runner = ScriptedRunner()
    slow = replace(PLAIN, limits=replace(PLAIN.limits, time_limit=10.0))
    grade(slow, b"", runner, unhurried)
    limits = runner.calls[0].limits
    assert (limits.fuel, limits.cpu_seconds) == (10 * FUEL_PER_SECOND, 150)
    assert limits.wall_seconds == 300


@pytest.mark.parametrize("change", [{"memory": 8}, {"output": 1 << 40}, {"time_limit": 1e300}])
def test_limits_that_no_sandbox_keeps_fail(change: dict[str, Any]) -> None:
    problem = replace(PLAIN, limits=replace(PLAIN.limits, **change))
    with pytest.raises(FailedError) as failed:
        grade(problem, b"", ScriptedRunner(), unhurried)
    assert failed.value.cause is FailureCause.LIMITS


@pytest.mark.parametrize("driver", ["__main__.py", "main.py"])
def test_a_driver_is_run_in_place_of_the_program_and_finds_it(driver: str) -> None:
    runner = ScriptedRunner()
    files = (File("data.txt", "é"), File(driver, "import student\n"))
    grade(replace(PLAIN, include=files), b"print(42)", runner, unhurried)
    assert runner.calls[0].program == b"import student\n"
    assert runner.calls[0].files == {"data.txt": "é".encode(), "student.py": b"print(42)"}


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (Outcome(End.FAILED, 1, b"", b"Traceback"), Verdict.RTE),
        (Outcome(End.FUEL), Verdict.TLE),
        (Outcome(End.MEMORY, 1), Verdict.MLE),
        (Outcome(End.OUTPUT), Verdict.OLE),
        (Outcome(End.TRAPPED, detail="stack"), Verdict.RTE),
        (Outcome(End.CPU, cpu_seconds=30.1, wall_seconds=30.1), Verdict.TLE),
        (Outcome(End.SLEPT), Verdict.TLE),
        (replace(RIGHT, stdout=b"42\n" + b" " * (5 << 20), stderr=b" " * (4 << 20)), Verdict.OLE),
    ],
)
def test_each_end_of_a_run_is_its_verdict(outcome: Outcome, verdict: Verdict) -> None:
    found = grade(PASS_FAIL_PROBLEM, b"", ScriptedRunner([RIGHT, outcome, RIGHT]), unhurried)
    assert [result.verdict for result in found.results] == [
        *(Verdict.AC, verdict, Verdict.AC, Verdict.AC, Verdict.AC)
    ]
    assert found.score.verdict is verdict


def test_a_broken_sandbox_fails_at_once_and_tells_staff_alone_what_it_said() -> None:
    runner = ScriptedRunner([RIGHT, BROKEN, RIGHT])
    with pytest.raises(FailedError) as failed:
        graded(runner)
    assert len(runner.calls) == 2
    assert failed.value.cause is FailureCause.SANDBOX
    assert "ROSEBUD" in failed.value.for_staff
    assert "ROSEBUD" not in failed.value.reason + failed.value.detail


def test_no_run_starts_after_the_functions_time() -> None:
    runner = ScriptedRunner()
    with pytest.raises(FailedError) as failed:
        graded(runner, seconds=0)
    assert failed.value.cause is FailureCause.OUT_OF_TIME
    assert not runner.calls


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(End.WALL, cpu_seconds=5.0, wall_seconds=20.0),
        Outcome(End.WALL, cpu_seconds=5.0, wall_seconds=60.0),
        Outcome(End.CPU, cpu_seconds=20.0, wall_seconds=20.0),
    ],
    ids=["by the function's time", "on a busy machine", "by the function's time, working"],
)
def test_a_run_that_the_machines_clocks_cut_short_is_no_verdict(outcome: Outcome) -> None:
    runner = ScriptedRunner([outcome])
    with pytest.raises(FailedError) as failed:
        graded(runner, seconds=20)
    assert failed.value.cause is FailureCause.OUT_OF_TIME
    limits = runner.calls[0].limits
    assert (limits.wall_seconds, limits.cpu_seconds, limits.sleep_seconds) == (20, 20, 60)


def test_a_short_time_left_changes_no_verdict_of_a_run_that_ends_within_it() -> None:
    assert graded(ScriptedRunner([Outcome(End.FUEL)]), seconds=20).score.verdict is Verdict.TLE
