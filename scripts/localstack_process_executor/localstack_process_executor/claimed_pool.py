"""A pool of threads that takes no more work than it has idle threads."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_RUNS_BESIDE_PROCESSORS = 4
"""More runs of a function than processors, as most of a run is waiting for an answer."""


def runs_at_once(most: int | None = None) -> int:
    """Return how many runs of a function this machine can use at once, up to a limit if given."""
    useful = (os.process_cpu_count() or 1) + _RUNS_BESIDE_PROCESSORS
    return useful if most is None else min(most, useful)


class ClaimedPool:
    """A pool whose threads are claimed first, so that work waits where it is safe until then."""

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, name)
        self._idle = threading.Semaphore(threads)

    def claim(self, most: int, seconds: float | None = None) -> int:
        """Wait for an idle thread, claim all idle ones up to a number, and return how many.

        Args:
            most: the number.
            seconds: how long to wait, at most; if none is idle then, the answer is 0.
        """
        if not self._idle.acquire(timeout=seconds):
            return 0
        claimed = 1
        while claimed < most and self._idle.acquire(blocking=False):
            claimed += 1
        return claimed

    def give_back(self, count: int) -> None:
        """Give claimed threads back unused."""
        if count:
            self._idle.release(count)

    def submit[T](self, work: Callable[[T], None], argument: T) -> None:
        """Have a claimed thread do some work; it is idle again afterwards, even after an error."""
        future = self._pool.submit(work, argument)
        future.add_done_callback(lambda _done: self._idle.release())

    def close(self, *, wait: bool = False) -> None:
        """Take no more work; the threads finish what they have, before the return if it waits."""
        self._pool.shutdown(wait)
