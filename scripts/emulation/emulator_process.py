"""Starts emulators as processes that end with this one, and waits until they answer."""

import os
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from ssl import SSLContext

from emulation.errors import EmulationError
from emulation.waiting import wait_for
from localstack_process_executor.loader import loader_environment

_ANSWER_SECONDS = 5


def start_answering(  # noqa: PLR0913, PLR0917 - a process has that many settings
    name: str,
    command: Callable[[int], Sequence[str | Path]],
    environment: Callable[[int], Mapping[str, str]],
    log: Path,
    is_answering: Callable[[], bool],
    seconds: float,
) -> tuple[subprocess.Popen[bytes], int]:
    """Start an emulator in the log's folder, in a new process group.

    Args:
        name: the emulator's name, for people.
        command: returns the command for the file descriptor of the lifeline's read end.
        environment: returns the whole environment for the same file descriptor.
        log: the file for the emulator's output.
        is_answering: returns whether the emulator is ready.
        seconds: how long to wait for it.

    Returns:
        The process, and the file descriptor of the lifeline's write end: closing it ends the
        emulator.

    Raises:
        EmulationError: the emulator ended, or did not answer in time; it is stopped.
    """
    tied_end, own_end = os.pipe()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command(tied_end),
            cwd=log.parent,
            env=environment(tied_end),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[tied_end],
            start_new_session=True,
        )
    os.close(tied_end)

    def answer() -> bool:
        if process.poll() is not None:
            raise EmulationError(
                f"{name} ended at its start with exit code {process.returncode}. {_advice(log)}"
            )
        return is_answering()

    try:
        wait_for(f"{name} to answer", answer, seconds)
    except BaseException as error:
        kill_group(process.pid)
        process.wait()
        os.close(own_end)
        if isinstance(error, TimeoutError):
            raise EmulationError(f"{error} {_advice(log)}") from None
        raise
    return process, own_end


def emulator_environment(home: Path) -> dict[str, str]:
    """Return the environment variables that every emulator gets, besides its own settings.

    Args:
        home: the emulator's home folder, which keeps it from the user's settings.
    """
    return {
        **loader_environment(),
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
    }


def answers(url: str, trust: SSLContext | None = None) -> bool:
    """Return whether an emulator answers at a URL, with a certificate that ``trust`` accepts."""
    try:
        with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS, context=trust):  # noqa: S310 - always http or https
            return True
    except OSError:
        return False


def kill_group(pid: int) -> None:
    """Kill a process group; does nothing if it is gone."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _advice(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
    return "\n".join(["Fix the cause, and run it again. The last lines of its log:", *lines])
