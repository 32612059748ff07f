"""Ends a command on SIGTERM as on Ctrl-C, and without complaints."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


def interrupt(_signal: int, _frame: object) -> NoReturn:
    """Handle a signal: raise KeyboardInterrupt."""
    # A half-made connection raises when it is collected, where nobody can catch it.
    sys.unraisablehook = lambda _unraisable: None
    raise KeyboardInterrupt


def end_quietly_when_interrupted() -> None:
    """Let Ctrl-C end this process without complaints, unless it ignores Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM raise KeyboardInterrupt in a block, so that it can clean up."""
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
