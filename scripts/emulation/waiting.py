"""Waits for something to happen, up to a deadline."""

import time
from collections.abc import Callable

_POLL_SECONDS = 0.05


def wait_for[T](what: str, probe: Callable[[], T | None], seconds: float) -> T:
    """Wait until a probe finds what it looks for.

    Args:
        what: what is waited for, for the error's text.
        probe: looks once; what it returns ends the wait unless that is None or False.
        seconds: how long to wait at the most.

    Returns:
        What the probe found.

    Raises:
        TimeoutError: the probe found nothing in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"Timed out after {seconds:g} s waiting for {what}.")
        time.sleep(_POLL_SECONDS)
