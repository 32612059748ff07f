"""Waits until a probe finds something, up to a deadline."""

import time
from collections.abc import Callable

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5
"""Seconds between two looks: looking costs the emulator and other tests time."""


def wait_for[T](what: str, probe: Callable[[], T | None], seconds: float) -> T:
    """Call a probe until it returns something.

    Args:
        what: the name of it, for the error's text.
        probe: looks once; any result but None and False ends the wait.
        seconds: how long to wait.

    Returns:
        The probe's result.

    Raises:
        TimeoutError: the probe found nothing in time.
    """
    deadline, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        found = probe()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"Timed out after {seconds:g} s waiting for {what}.")
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
