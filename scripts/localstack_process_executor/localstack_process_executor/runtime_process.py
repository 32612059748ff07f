"""One operating system process that runs the runtime interface client, and all that belongs to it.

That is its process group, its log pipe, its lifeline and its Runtime API. Nothing here knows of
invocations' limits or of AWS's wording; see `function_process` for these.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import selectors
import signal
import subprocess
import threading
import time
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from localstack_process_executor import lifeline
from localstack_process_executor.runtime_api import RuntimeApi

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_LOG_BYTES = 8 * 1024 * 1024
"""How much output of one invocation is kept in memory; what is over is counted and dropped."""

_DEFAULT_PIPE_BYTES = 64 * 1024


class Wait(Enum):
    """Why a wait for something ended."""

    DONE = auto()
    EXITED = auto()
    TIMED_OUT = auto()
    INTERRUPTED = auto()


class _Output:
    """The log pipe's content since it was last taken, up to a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        room = max(self._limit - len(self._kept), 0)
        self._kept += data[:room]
        self._dropped += max(len(data) - room, 0)

    def take(self) -> str:
        text = self._kept.decode("utf-8", "replace")
        if text and not text.endswith("\n"):
            text += "\n"
        if self._dropped:
            text += f"[{self._dropped} more bytes of output were not kept]\n"
        self._kept.clear()
        self._dropped = 0
        return text


class RuntimeProcess:
    """A running runtime interface client.

    `wait` and `end` belong to one thread at a time; `interrupt` may be called from any thread.

    Attributes:
        api: The Runtime API it is served.
        pid: Its process id, which is also its process group and session.
    """

    def __init__(
        self,
        python: Path,
        handler: str,
        code_folder: Path,
        environment: Mapping[str, str],
        max_log_bytes: int = MAX_LOG_BYTES,
    ) -> None:
        """Starts the process.

        Args:
            python: The Python that has awslambdaric.
            handler: The function's handler, `module.function`.
            code_folder: The unzipped code, which becomes the working directory.
            environment: The whole environment but for the Runtime API's address.
            max_log_bytes: How much output is kept between two calls of `take_output`, in bytes.

        Raises:
            OSError: The process cannot be started.
        """
        self._output = _Output(max_log_bytes)
        self._return_code: int | None = None
        self._peak_megabytes = 0
        self._exited = threading.Event()
        with contextlib.ExitStack() as stack:
            self._selector = stack.enter_context(selectors.DefaultSelector())
            self.api = stack.enter_context(contextlib.closing(RuntimeApi(self._selector)))
            self._wake_reader, self._wake_writer = _pipe(stack)
            self._log_reader, log_writer = _pipe(stack)
            lifeline_reader, _lifeline_writer = _pipe(stack)
            for end in (self._wake_reader, self._wake_writer, self._log_reader):
                os.set_blocking(end.fileno(), False)
            self._selector.register(self._wake_reader, selectors.EVENT_READ, self._on_wake)
            self._selector.register(self._log_reader, selectors.EVENT_READ, self._on_log)
            self._pipe_bytes = _pipe_capacity(self._log_reader.fileno())
            # -P keeps this package's folder off sys.path and -B keeps bytecode out of the code;
            # as flags they leave no trace in the environment that the function sees.
            self._popen = subprocess.Popen(
                [
                    *(str(python), "-P", "-B", "-X", "utf8"),
                    *(lifeline.__file__, str(lifeline_reader.fileno()), "awslambdaric", handler),
                ],
                cwd=code_folder,
                env={**environment, "AWS_LAMBDA_RUNTIME_API": self.api.address},
                stdin=subprocess.DEVNULL,
                stdout=log_writer,
                stderr=log_writer,
                pass_fds=(lifeline_reader.fileno(),),
                start_new_session=True,
            )
            # The log pipe ends only when nobody here holds its writing end.
            log_writer.close()
            lifeline_reader.close()
            self._resources = stack.pop_all()
        self.pid = self._popen.pid
        self._exit_watch = threading.Thread(
            target=self._watch_exit, name=f"lambda-exit-{self.pid}", daemon=True
        )
        self._exit_watch.start()

    @property
    def exited(self) -> bool:
        """Whether the process has ended, or was ended."""
        if self._return_code is not None or self._exited.is_set():
            return True
        # The thread that watches may not have got round to it, and whoever gives a dead process
        # an invocation makes that fail.
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def wait(
        self, until: Callable[[], bool], deadline: float, interrupted: Callable[[], bool]
    ) -> Wait:
        """Serves the process until something holds.

        Args:
            until: What to wait for. It wins over everything else that happens at the same time.
            deadline: When to give up, on the clock of `time.monotonic`.
            interrupted: Whether to give up at once; asked again after each `interrupt`.

        Returns:
            Why the wait ended.
        """
        while not until():
            if interrupted():
                return Wait.INTERRUPTED
            if self.exited:
                # What it sent before it ended still lies in the sockets.
                self._settle()
                return Wait.DONE if until() else Wait.EXITED
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return Wait.TIMED_OUT
            self._step(remaining)
        return Wait.DONE

    def poll(self) -> None:
        """Serves what has arrived already, such as the end of a dead process's connection."""
        self._step(0)

    def interrupt(self) -> None:
        """Makes a running `wait` ask again whether it is interrupted."""
        with contextlib.suppress(BlockingIOError):  # a full pipe wakes the reader just as well
            os.write(self._wake_writer.fileno(), b".")

    def take_output(self) -> str:
        """Takes all that the process has written to stdout and stderr up to now.

        A write of the process has reached the pipe before the process goes on to answer, and a pipe
        holds no more than its capacity. Reading that much is therefore all there was, and it ends
        even if something keeps writing.

        Returns:
            Whole lines: a newline is added if the last one has none.
        """
        self._drain()
        return self._output.take()

    def used_megabytes(self) -> int:
        """The most memory the process has used, in MiB; 0 where /proc is not to be had."""
        if self._return_code is not None:
            return self._peak_megabytes  # the process id may be another process's by now
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii", errors="replace")
            for line in status.splitlines():
                if line.startswith("VmHWM:"):
                    self._peak_megabytes = -(-int(line.split()[1]) // 1024)
        return self._peak_megabytes

    def end(self) -> int:
        """Ends the whole process group and gives back all that belongs to it.

        `take_output` may still be called afterwards. A second call does nothing.

        Returns:
            The process's exit status, or the negative number of the signal that ended it.
        """
        if self._return_code is None:
            self.used_megabytes()
            self._kill_group()
            self._exit_watch.join()
            self._drain()
            self._return_code = self._popen.wait()
            self._resources.close()
        return self._return_code

    def _watch_exit(self) -> None:
        # Without reaping it, so that its process group's number stays taken until `end`.
        with contextlib.suppress(ChildProcessError):
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self._exited.set()
        self.interrupt()

    def _kill_group(self) -> None:
        # A group of nothing but a zombie is no error on Linux, and PermissionError on macOS.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _settle(self) -> None:
        self._kill_group()  # what is left of the group must not go on talking
        with contextlib.suppress(KeyError):  # it has ended before the process did
            self._selector.unregister(self._log_reader)
        self._drain()
        while self._step(0):
            pass

    def _step(self, timeout_seconds: float) -> bool:
        events = self._selector.select(timeout_seconds)
        for key, mask in events:
            # An earlier event of this round may have closed what this one is about.
            if self._selector.get_map().get(key.fd) is not None:
                key.data(mask)
        return bool(events)

    def _on_wake(self, _events: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_reader.fileno(), _DEFAULT_PIPE_BYTES)

    def _on_log(self, _events: int) -> None:
        if self._read_log() is None:
            self._selector.unregister(self._log_reader)  # nobody has it open for writing any more

    def _read_log(self) -> int | None:
        """Reads once; returns how many bytes came, 0 if none wait, None at the end."""
        try:
            data = os.read(self._log_reader.fileno(), self._pipe_bytes)
        except BlockingIOError:
            return 0
        self._output.add(data)
        return len(data) or None

    def _drain(self) -> None:
        if self._return_code is not None:
            return
        total = 0
        while total < self._pipe_bytes and (count := self._read_log()):
            total += count


def _pipe(stack: contextlib.ExitStack) -> tuple[io.FileIO, io.FileIO]:
    # As objects, because these can be closed twice; a bare number could be another file's by then.
    reader, writer = os.pipe()
    return (
        stack.enter_context(io.FileIO(reader, "rb")),
        stack.enter_context(io.FileIO(writer, "wb")),
    )


def _pipe_capacity(descriptor: int) -> int:
    if hasattr(fcntl, "F_GETPIPE_SZ"):
        return fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ)
    return _DEFAULT_PIPE_BYTES
