"""A pool of threads that takes no more work than it has idle threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class ClaimedPool:
    """A pool whose threads are claimed first, so that work waits where it is safe until then."""

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, name)
        self._idle = threading.Semaphore(threads)

    def claim(self, most: int) -> int:
        """Wait for an idle thread, claim all idle ones up to a number, and return how many."""
        self._idle.acquire()
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

    def close(self) -> None:
        """Take no more work; the threads finish what they have."""
        self._pool.shutdown(wait=False)
