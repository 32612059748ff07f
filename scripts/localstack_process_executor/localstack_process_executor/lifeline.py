"""Ties a process to its owner, so that it never outlives it, however the owner dies.

The owner holds the write end of a pipe, and the tied process watches the read end. The kernel
closes the owner's end when the owner is gone, SIGKILL included. An owner that wants the process to
live on without it writes one byte first.

This file imports nothing of its package, because it is also run by path under another Python:
`python -P lifeline.py FD MODULE [ARGUMENT ...]` runs a module tied to the owner of FD.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

RELEASE = b"."
"""An owner writes it to let the tied process live on."""


def watch(file_descriptor: int, on_owner_death: Callable[[], None]) -> threading.Thread:
    """Watch a lifeline in a daemon thread, and return the thread, already started.

    The watch closes the descriptor at its end, and child processes do not inherit it.

    Args:
        file_descriptor: The read end of the owner's pipe, inherited from the owner.
        on_owner_death: Called in the watching thread, unless the owner has released this process.

    Raises:
        OSError: The descriptor is not open.
    """
    os.set_inheritable(file_descriptor, False)  # noqa: FBT003 - the library has no keyword for it
    thread = threading.Thread(
        target=_watch, args=(file_descriptor, on_owner_death), name="lifeline", daemon=True
    )
    thread.start()
    return thread


def release(file_descriptor: int) -> None:
    """Let the tied process live on without its owner.

    Args:
        file_descriptor: The write end of the lifeline, which stays open.

    Raises:
        BrokenPipeError: The tied process is gone already.
    """
    os.write(file_descriptor, RELEASE)


def end_process_group() -> None:
    """End this process and, if it leads its process group, all others in the group, at once."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def terminate_or_exit(deadline_seconds: float) -> Callable[[], None]:
    """Return an action for `watch`: SIGTERM to this process, and exit status 1 after a deadline.

    Args:
        deadline_seconds: How long a clean stop may take, in seconds.
    """

    def action() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        # A clean stop ends this daemon thread too.
        time.sleep(deadline_seconds)
        os._exit(1)

    return action


def _watch(file_descriptor: int, on_owner_death: Callable[[], None]) -> None:
    released = os.read(file_descriptor, 1)
    os.close(file_descriptor)
    if not released:
        on_owner_death()


if __name__ == "__main__":
    watch(int(sys.argv[1]), end_process_group)
    del sys.argv[:2]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
