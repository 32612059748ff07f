"""Ends a command as Ctrl-C does, however it is asked to end."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM end a block as Ctrl-C does, so that it can clean up behind itself.

    Yields:
        Nothing.

    Raises:
        KeyboardInterrupt: the process was terminated.
    """

    def interrupt(_signal: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
