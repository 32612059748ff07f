"""Ends a command as Ctrl-C does, however it is asked to end, and without a word too many."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator


def interrupt(_signal: int, _frame: object) -> NoReturn:
    """Handle a signal: end what is going on as Ctrl-C does.

    Raises:
        KeyboardInterrupt: always.
    """
    # What is cut off in the midst of being made, such as a connection, complains when it is thrown
    # away, with a traceback that nobody can catch.
    sys.unraisablehook = lambda _unraisable: None
    raise KeyboardInterrupt


def end_quietly_when_interrupted() -> None:
    """Let Ctrl-C end this process without complaints; one that ignores it goes on ignoring it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM end a block as Ctrl-C does, so that it can clean up behind itself.

    Yields:
        Nothing.

    Raises:
        KeyboardInterrupt: the process was terminated.
    """
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
