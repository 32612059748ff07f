"""Limits a rate of work by sleeping."""

import time
from collections.abc import Callable


class RateLimit:
    """At most so many units of work a second, evenly spread, without bursts."""

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Limit to a rate; ``clock`` and ``sleep`` use seconds."""
        self._seconds_each = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    def wait(self, units: int) -> None:
        """Sleep until units of work may begin, and count them."""
        now = self._clock()
        if self._next > now:
            self._sleep(self._next - now)
        self._next = max(self._next, now) + units * self._seconds_each
