"""What the emulators have in common as processes: started tied to this one, and waited for."""

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


def start_answering(  # noqa: PLR0913, PLR0917 - what a process is made of
    name: str,
    command: Callable[[int], Sequence[str | Path]],
    environment: Callable[[int], Mapping[str, str]],
    log: Path,
    is_answering: Callable[[], bool],
    seconds: float,
) -> tuple[subprocess.Popen[bytes], int]:
    """Start an emulator in the log's folder and a process group of its own.

    Args:
        name: the emulator's, for people.
        command: what to run, given the file descriptor of the lifeline's read end.
        environment: its whole environment, given the same.
        log: the file for what it writes.
        is_answering: tells whether it is ready.
        seconds: how long to wait for that at the most.

    Returns:
        The process, and the file descriptor of the lifeline's own end: closing it ends the
        emulator.

    Raises:
        EmulationError: the emulator ended, or did not answer in time; it is gone then.
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
                f"{name} ended with exit code {process.returncode} while it was starting. "
                f"{_last_words(log)}"
            )
        return is_answering()

    try:
        wait_for(f"{name} to answer", answer, seconds)
    except BaseException as error:
        kill_group(process.pid)
        process.wait()
        os.close(own_end)
        if isinstance(error, TimeoutError):
            raise EmulationError(f"{error} {_last_words(log)}") from None
        raise
    return process, own_end


def emulator_environment(home: Path) -> dict[str, str]:
    """Return what every emulator's environment starts from; its settings are added to it.

    Args:
        home: a folder of the emulator's own, where it finds no settings of the user's.
    """
    return {
        **loader_environment(),
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
    }


def answers(url: str, trust: SSLContext | None = None) -> bool:
    """Tell whether a page of an emulator is there; its certificate has to be trusted."""
    try:
        with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS, context=trust):  # noqa: S310 - always http or https
            return True
    except OSError:
        return False


def kill_group(pid: int) -> None:
    """Kill a process and all that it has started; harmless if they are gone."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
    return "\n".join(["Its last words:", *lines])
