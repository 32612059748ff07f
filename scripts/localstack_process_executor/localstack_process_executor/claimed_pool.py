"""A pool of threads that takes no more work than it has idle threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class ClaimedPool:
    """A pool whose threads are claimed before there is work for them.

    Work that would only wait here can so be left where it is kept safely.
    """

    def __init__(self, threads: int, name: str) -> None:
        """Makes the pool.

        Args:
            threads: How many there are.
            name: The beginning of their names.
        """
        self._pool = ThreadPoolExecutor(threads, name)
        self._idle = threading.Semaphore(threads)

    def claim(self, most: int) -> int:
        """Waits until a thread is idle, and claims all that are.

        Args:
            most: How many to claim at the most.

        Returns:
            How many are claimed, at least one. Each is to be used by `submit` or given back.
        """
        self._idle.acquire()
        claimed = 1
        while claimed < most and self._idle.acquire(blocking=False):
            claimed += 1
        return claimed

    def give_back(self, count: int) -> None:
        """Gives claimed threads back unused.

        Args:
            count: How many, 0 included.
        """
        if count:
            self._idle.release(count)

    def submit[T](self, work: Callable[[T], None], argument: T) -> None:
        """Has a claimed thread do some work; it is idle again afterwards, whatever comes of it.

        Args:
            work: What to do.
            argument: What with.
        """
        future = self._pool.submit(work, argument)
        future.add_done_callback(lambda _done: self._idle.release())

    def close(self) -> None:
        """Takes no more work, and lets the threads finish what they have; does not wait for it."""
        self._pool.shutdown(wait=False)
