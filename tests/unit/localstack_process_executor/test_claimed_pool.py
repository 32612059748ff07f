"""Events that could only wait are left in their queue."""

import os
import threading
from collections.abc import Callable

import pytest

from localstack_process_executor.claimed_pool import ClaimedPool, runs_at_once

_DEADLINE_SECONDS = 30


def _run_until(gate: threading.Event) -> None:
    assert gate.wait(_DEADLINE_SECONDS)


def test_as_many_are_claimed_as_are_wanted_and_idle() -> None:
    pool = ClaimedPool(3, "tried")
    pool.give_back(0)

    assert [pool.claim(2), pool.claim(2)] == [2, 1]
    pool.give_back(2)
    assert pool.claim(10) == 2


def _do_nothing(_argument: None) -> None:
    pass


def _fail(_argument: None) -> None:
    raise ValueError


@pytest.mark.parametrize("work", [_do_nothing, _fail])
def test_a_thread_is_idle_again_after_its_work(work: Callable[[None], None]) -> None:
    pool = ClaimedPool(1, "tried")
    assert pool.claim(1) == 1

    pool.submit(work, None)

    # It would wait forever, which the suite's timeout ends, if the thread did not come back.
    assert pool.claim(1) == 1
    pool.close()


def test_a_busy_thread_is_not_claimed() -> None:
    pool = ClaimedPool(2, "tried")
    gate = threading.Event()
    pool.claim(1)
    pool.submit(_run_until, gate)

    assert pool.claim(10) == 1

    gate.set()
    assert pool.claim(10) == 1
    pool.close()


def test_a_claim_in_vain_ends_after_its_time() -> None:
    pool = ClaimedPool(1, "tried")
    pool.claim(1)

    assert pool.claim(10, seconds=0.01) == 0

    pool.give_back(1)
    assert pool.claim(10, seconds=_DEADLINE_SECONDS) == 1


def test_a_close_that_waits_ends_after_the_work() -> None:
    pool = ClaimedPool(1, "tried")
    gate, closed = threading.Event(), threading.Event()
    pool.claim(1)
    pool.submit(_run_until, gate)

    def close() -> None:
        pool.close(wait=True)
        closed.set()

    closing = threading.Thread(target=close)
    closing.start()
    # A close that does not wait would end within this time.
    assert not closed.wait(0.1)
    gate.set()
    closing.join(_DEADLINE_SECONDS)
    assert closed.is_set()


@pytest.mark.parametrize(
    ("processors", "most", "runs"), [(2, None, 6), (2, 20, 6), (2, 3, 3), (None, None, 5)]
)
def test_runs_at_once_are_bounded_by_limit_and_machine(
    monkeypatch: pytest.MonkeyPatch, processors: int | None, most: int | None, runs: int
) -> None:
    monkeypatch.setattr(os, "process_cpu_count", lambda: processors)

    assert runs_at_once(most) == runs


def test_work_that_is_held_is_done_after_a_close() -> None:
    pool = ClaimedPool(1, "tried")
    gate, done = threading.Event(), threading.Event()
    pool.claim(1)

    def work(finished: threading.Event) -> None:
        _run_until(gate)
        finished.set()

    pool.submit(work, done)
    pool.close()
    gate.set()

    assert done.wait(_DEADLINE_SECONDS)
