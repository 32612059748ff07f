"""Ties a process to its owner, so that it never outlives it, however the owner dies.

The owner holds the write end of a pipe and the tied process watches the read end. The kernel closes
the owner's end when the owner is gone, SIGKILL included, and the watcher sees the end of the pipe.
An owner that wants the process to live on without it writes one byte first.

This file imports nothing of its package, because it is also run by path under another Python:
`python -P lifeline.py FD MODULE [ARGUMENT ...]` runs a module tied to the owner of FD.
"""

from __future__ import annotations

import os
import runpy
import signal
import stat
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

RELEASE = b"."
"""What an owner writes to say: live on without me."""

_MODULE_ARGUMENT = 2


class LifelineError(Exception):
    """The given file descriptor cannot serve as a lifeline."""


def watch(file_descriptor: int, on_owner_death: Callable[[], None]) -> threading.Thread:
    """Watches a lifeline in a daemon thread.

    The descriptor belongs to the watch from here on: it is closed when the watch ends, and child
    processes do not inherit it.

    Args:
        file_descriptor: The read end of the owner's pipe, inherited from the owner.
        on_owner_death: What to do, in the watching thread, when the owner has died. It is not
            called when the owner released this process.

    Returns:
        The watching thread, already started.

    Raises:
        LifelineError: The descriptor is not open, or not a pipe.
    """
    try:
        mode = os.fstat(file_descriptor).st_mode
    except OSError as error:
        raise LifelineError(
            f"The lifeline's file descriptor {file_descriptor} is not open ({error.strerror}); "
            "start this process with the read end of a pipe inherited under that number."
        ) from error
    if not stat.S_ISFIFO(mode):
        raise LifelineError(
            f"The lifeline's file descriptor {file_descriptor} is not a pipe; "
            "start this process with the read end of a pipe inherited under that number."
        )
    os.set_inheritable(file_descriptor, False)  # noqa: FBT003 - the library has no keyword for it
    thread = threading.Thread(
        target=_watch, args=(file_descriptor, on_owner_death), name="lifeline", daemon=True
    )
    thread.start()
    return thread


def release(file_descriptor: int) -> None:
    """Lets the tied process live on without its owner.

    Args:
        file_descriptor: The write end of the lifeline, which stays open.

    Raises:
        BrokenPipeError: The tied process is gone already.
    """
    os.write(file_descriptor, RELEASE)


def end_process_group() -> None:
    """Ends this process and, when it leads its process group, all others in that group, at once."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def terminate_or_exit(deadline_seconds: float) -> Callable[[], None]:
    """Makes an action that asks this process to stop cleanly, and insists after a deadline.

    Args:
        deadline_seconds: How long a clean stop may take, in seconds.

    Returns:
        An action for `watch`: SIGTERM to this process, then an immediate exit with status 1 if the
        process still runs when the deadline has passed.
    """

    def action() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        # The clean stop ends this daemon thread with the process; waking up means it did not.
        time.sleep(deadline_seconds)
        os._exit(1)

    return action


def _watch(file_descriptor: int, on_owner_death: Callable[[], None]) -> None:
    released = os.read(file_descriptor, 1)
    os.close(file_descriptor)
    if not released:
        on_owner_death()


def _run_module(arguments: list[str]) -> None:
    if len(arguments) < _MODULE_ARGUMENT or not arguments[0].isdecimal():
        raise SystemExit("Usage: python -P lifeline.py FD MODULE [ARGUMENT ...]")
    watch(int(arguments[0]), end_process_group)
    sys.argv = arguments[1:]
    runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _run_module(sys.argv[1:])
