"""Runs programs in a child process, which can be killed and replaced."""

import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from sandbox.frames import FrameError, pack, unpack
from sandbox.outcome import End, Limits, Outcome

_CHILD = Path(__file__).with_name("child.py")
_START_SECONDS = 300
"""Compiling takes long where nobody has compiled yet."""
_GRACE_SECONDS = 5
"""After a run's wall-clock limit, the child has this long to say how it ended."""
_DETAIL_CHARACTERS = 2000
_LARGEST_STATUS = 255
_PR_SET_DUMPABLE = 4


class SandboxError(Exception):
    """The sandbox does not work: it says nothing about a program."""


class Sandbox:
    """A child process that runs one program at a time.

    The child has no environment variables, so no credentials, and no other descriptors; it can't
    read this process's memory either. Use it as a context manager, or call `close`.
    """

    def __init__(self, image: Path, python: str | Path = sys.executable) -> None:
        """Start nothing yet.

        Args:
            image: the folder that `scripts/build_sandbox.py` writes.
            python: the interpreter of the child, which finds wasmtime.
        """
        self._command = [os.fspath(python), "-I", os.fspath(_CHILD), os.fspath(image.absolute())]
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        """Return the sandbox; its child starts with the first run, or by `start`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the child."""
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._process.pid if self._process else None

    def run(
        self,
        program: bytes,
        files: Mapping[str, bytes] | None = None,
        argv: Sequence[str] = (),
        stdin: bytes = b"",
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> Outcome:
        """Run a program.

        Args:
            program: its source.
            files: what it may import (``driver.py``) or open (``data.txt``), by name.
            argv: its arguments, without its name.
            stdin: its standard input.
            limits: what it may use.

        Returns:
            How it ended. `BROKEN` says that the sandbox failed; the next run has a new child.

        Raises:
            ValueError: a name or argument has a lone surrogate, which no program can get, or all of
                it together is larger than 256 MiB.
        """
        files = files or {}
        for text in (*files, *argv):
            text.encode()
        names = {"argv": list(argv), "files": list(files), "limits": limits_to_json(limits)}
        request = pack(names, [program, stdin, *files.values()])
        try:
            self.start()
            deadline = time.monotonic() + limits.wall_seconds + _GRACE_SECONDS
            self._send(request, deadline)
            return _checked(*self._receive(2 * limits.output_bytes, deadline), limits)
        except (SandboxError, FrameError, OSError) as error:
            return Outcome(End.BROKEN, detail=f"{error}{self._kill()}")
        except BaseException:
            self._kill()  # its answer would be taken for the next program's
            raise

    def start(self) -> None:
        """Start the child, if none is running, and wait until it is ready.

        Raises:
            SandboxError: it did not start; the message says why.
        """
        if self._process and self._process.poll() is None:
            return
        self.close()
        _forbid_reading_this_process()
        try:
            self._socket, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    cwd="/",
                    # Where some Pythons find their own library, such as Lambda's; nothing else.
                    env={k: v for k, v in os.environ.items() if k == "LD_LIBRARY_PATH"},
                    start_new_session=True,
                )
            header, _ = self._receive(0, time.monotonic() + _START_SECONDS)
            if header != {"ready": True}:
                raise FrameError("It says something else than that it is ready")  # noqa: TRY301
        except (FrameError, OSError) as error:
            message = f"The sandbox's child did not start: {error}{self._kill()}"
            raise SandboxError(message) from None

    def close(self) -> None:
        """Stop the child, in whatever it is doing."""
        self._kill()

    def _kill(self) -> str:
        """Kill the child, and return how it ended and what it last said."""
        process, self._process = self._process, None
        if self._socket:
            self._socket.close()
            self._socket = None
        if not process:
            return ""
        process.kill()
        status = process.wait()
        assert process.stderr  # noqa: S101 - it is a pipe
        os.set_blocking(process.stderr.fileno(), False)
        with process.stderr as stderr:
            said = (stderr.read() or b"").decode(errors="replace").strip()[-_DETAIL_CHARACTERS:]
        ended = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return f" ({ended}) {said}".rstrip()

    def _send(self, data: bytes, deadline: float) -> None:
        assert self._socket  # noqa: S101 - it was started
        self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
        self._socket.sendall(data)

    def _receive(self, largest: int, deadline: float) -> tuple[dict[str, Any], list[bytes]]:
        connection = self._socket
        assert connection  # noqa: S101 - it was started

        def read(size: int) -> bytes:
            data = bytearray(size)
            view = memoryview(data)
            while view:
                connection.settimeout(max(deadline - time.monotonic(), 0.001))
                count = connection.recv_into(view)
                if not count:
                    raise FrameError("The child died")
                view = view[count:]
            return bytes(data)

        return unpack(read, largest)


def limits_to_json(limits: Limits) -> dict[str, float]:
    """Return limits as JSON can hold them; ``Limits(**...)`` is the way back."""
    return {name: getattr(limits, name) for name in Limits.__slots__}


def _checked(header: dict[str, Any], blobs: Sequence[bytes], limits: Limits) -> Outcome:
    """Return the outcome that the child reported, if it can be one."""
    try:
        stdout, stderr = blobs
        outcome = Outcome(End(header.pop("end")), stdout=stdout, stderr=stderr, **header)
    except (TypeError, ValueError, KeyError):
        raise FrameError("The child's answer is not an outcome") from None
    numbers = (outcome.cpu_seconds, outcome.wall_seconds)
    stopped = outcome.end not in {End.EXITED, End.FAILED, End.MEMORY}
    if (
        outcome.end == End.BROKEN
        or not _is_size(outcome.fuel)
        or outcome.fuel > limits.fuel
        or not all(type(number) is float and 0 <= number < math.inf for number in numbers)
        or type(outcome.detail) is not str
        or len(outcome.detail) > _DETAIL_CHARACTERS
        or (outcome.memory_bytes is not None and not _is_size(outcome.memory_bytes))
        or (stopped and outcome.status is not None)
        or not (stopped or _is_status(outcome))
        or max(len(stdout), len(stderr)) > limits.output_bytes
    ):
        raise FrameError("The child's answer is not an outcome")
    return outcome


def _is_size(number: object) -> bool:
    return type(number) is int and number >= 0


def _is_status(outcome: Outcome) -> bool:
    status = outcome.status
    if type(status) is not int or not 0 <= status <= _LARGEST_STATUS:
        return False
    return outcome.end == End.MEMORY or (status == 0) == (outcome.end == End.EXITED)


def _forbid_reading_this_process() -> None:
    """Keep other processes of this user from reading this one's memory and environment.

    Root may read them all the same. It also means no core dump and no debugger of the same user.
    https://man7.org/linux/man-pages/man2/PR_SET_DUMPABLE.2const.html
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - importing this package costs nothing

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
