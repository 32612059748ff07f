"""What a program is worth: runs it on a problem's cases, and has each run judged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from grading.problem import ENTRY_POINT, Problem
from grading.score import Score, is_blocked, score
from grading.verdict import CaseResult, Run, Verdict, judge
from sandbox import FUEL_PER_SECOND, End, Limits, Outcome
from sandbox.outcome import MEBIBYTE
from submission_grader.ends import FailedError, FailureCause
from submission_grader.validate import VALIDATOR_LIMITS, Call, validation_of, validator_call

DRIVERS = (ENTRY_POINT, "main.py")
"""The first of these among the problem's included files is run in place of the program."""
STUDENT = "student.py"
"""The program's name beside a driver, which imports it."""

_GUARD_FACTOR = 15
"""Processor seconds for each of the time limit: a run that uses no fuel ends all the same."""


class Runner(Protocol):
    """The sandbox."""

    def run(
        self,
        program: bytes,
        files: Mapping[str, bytes],
        argv: Sequence[str],
        stdin: bytes,
        limits: Limits,
    ) -> Outcome:
        """Run a program; see `sandbox.Sandbox.run`."""


class Grade(NamedTuple):
    """A graded program."""

    results: Sequence[CaseResult]
    """Of each case that was run."""
    score: Score


def grade(
    problem: Problem, program: bytes, runner: Runner, remaining: Callable[[], float]
) -> Grade:
    """Grade a program.

    Args:
        problem: what to grade it with.
        program: its source.
        runner: the sandbox.
        remaining: returns how many seconds are left for all of it.

    Raises:
        FailedError: the sandbox broke, can't keep the problem's limits, or there is no more time.
    """
    limits = _limits(problem)
    files = {file.name: file.text.encode() for file in problem.include}
    if driver := next((name for name in DRIVERS if name in files), None):
        files |= {STUDENT: program}
        program = files.pop(driver)
    results: list[CaseResult] = []
    verdicts: dict[str, Verdict] = {}
    for case in problem.cases:
        if is_blocked(problem, case, verdicts):
            continue
        call = Call(program, files, case.args, case.stdin.encode())
        run = _run(_outcome(runner, call, limits, remaining()), limits)
        validation = None
        if problem.output_validator and run.end is End.EXITED:
            call = validator_call(problem, case, run.stdout)
            outcome = _outcome(runner, call, VALIDATOR_LIMITS, remaining())
            validation = validation_of(problem, case, outcome)
        result = judge(case, run, validation)
        results.append(result)
        verdicts[case.name] = result.verdict
    return Grade(results, score(problem, results))


def _limits(problem: Problem) -> Limits:
    default, limits = Limits(), problem.limits
    cpu_seconds = max(default.cpu_seconds, _GUARD_FACTOR * limits.time_limit)
    try:
        return Limits(
            fuel=round(limits.time_limit * FUEL_PER_SECOND),
            cpu_seconds=cpu_seconds,
            wall_seconds=2 * cpu_seconds,
            sleep_seconds=2 * cpu_seconds,
            memory_bytes=limits.memory * MEBIBYTE,
            output_bytes=limits.output * MEBIBYTE,
        )
    except (ValueError, OverflowError):
        reason = "The sandbox can't keep the problem's limits: staff must change them."
        raise FailedError(FailureCause.LIMITS, reason, detail=str(limits)) from None


def _outcome(runner: Runner, call: Call, limits: Limits, seconds: float) -> Outcome:
    """Return how a run ended, if it ended as it would have on any machine, with any time left."""
    if seconds <= 0:
        raise _out_of_time()
    cut = replace(
        limits,
        wall_seconds=min(limits.wall_seconds, seconds),
        cpu_seconds=min(limits.cpu_seconds, seconds),
    )
    outcome = runner.run(*call, cut)
    if outcome.end is End.BROKEN:
        reason = "The sandbox broke. This is not the program's fault."
        raise FailedError(FailureCause.SANDBOX, reason, for_staff=outcome.detail)
    cut_short = outcome.end is End.CPU and outcome.cpu_seconds < limits.cpu_seconds
    if outcome.end is End.WALL or cut_short:
        raise _out_of_time()
    return outcome


def _run(outcome: Outcome, limits: Limits) -> Run:
    end = outcome.end
    # The sandbox counts standard output and standard error each by itself.
    if len(outcome.stdout) + len(outcome.stderr) > limits.output_bytes:
        end = End.OUTPUT if end in {End.EXITED, End.FAILED} else end
    return Run(
        end,
        outcome.status,
        outcome.stdout,
        outcome.stderr,
        outcome.cpu_seconds,
        outcome.fuel,
        outcome.memory_bytes,
        outcome.detail,
    )


def _out_of_time() -> FailedError:
    reason = (
        "The time was over: the machine was too busy, or staff must raise the function's timeout "
        "or lower the limits."
    )
    return FailedError(FailureCause.OUT_OF_TIME, reason)
