"""Programs are graded in parallel, in order, and end when the person ends the command."""

import threading

import pytest

from sandbox import Limits
from submission_grader.grade import Runner
from submitter.check.sandboxes import Sandboxes
from unit.submitter.check.scripted import ScriptedSandbox


def run(runner: Runner) -> bytes:
    return runner.run(b"sum", {}, (), b"1 2", Limits()).stdout


def test_results_keep_the_order_of_the_jobs() -> None:
    first_may_end = threading.Event()

    def first(_: Runner) -> int:
        assert first_may_end.wait(timeout=60)
        return 1

    def second(_: Runner) -> int:
        first_may_end.set()
        return 2

    counts: list[int] = []
    with Sandboxes([ScriptedSandbox(), ScriptedSandbox()]) as sandboxes:
        assert sandboxes.do([first, second], counts.append) == [1, 2]
    assert counts == [1, 2]


def test_each_job_has_a_sandbox_of_its_own() -> None:
    both = threading.Barrier(2, timeout=60)
    runners = [ScriptedSandbox(on_run=both.wait) for _ in range(2)]
    with Sandboxes(runners) as sandboxes:
        sandboxes.do([run] * 4, lambda _: None)

    assert [len(each.runs) for each in runners] == [2, 2]
    assert all(each.is_closed for each in runners)


def test_an_interruption_ends_runs_and_starts_no_other() -> None:
    class Hanging(ScriptedSandbox):
        def close(self) -> None:
            super().close()
            closed.set()

    closed = threading.Event()
    hanging = Hanging(on_run=lambda: closed.wait(timeout=60))

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    jobs = [lambda _: b"done", lambda runner: run(runner) + run(runner), run]
    with pytest.raises(KeyboardInterrupt), Sandboxes([hanging]) as sandboxes:
        sandboxes.do(jobs, interrupt)

    assert closed.is_set()
    assert len(hanging.runs) <= 1


def test_an_error_of_a_job_is_raised() -> None:
    def fail(_: Runner) -> None:
        raise LookupError

    with pytest.raises(LookupError), Sandboxes([ScriptedSandbox()]) as sandboxes:
        sandboxes.do([fail], lambda _: None)
