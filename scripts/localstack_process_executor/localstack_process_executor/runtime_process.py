"""One operating system process that runs AWS's runtime client, with its log and Runtime API."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from localstack_process_executor import lifeline
from localstack_process_executor.runtime_api import RuntimeApi

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_LOG_BYTES = 8 * 1024 * 1024
"""The most output of one invocation that is read; the rest is counted."""


class RuntimeProcess:
    """A running runtime client. One thread at a time uses it; any thread may call `interrupt`.

    Attributes:
        api: The Runtime API that it uses.
        pid: Its process id, which is also its process group and session.
    """

    def __init__(
        self, python: Path, handler: str, code_folder: Path, environment: Mapping[str, str]
    ) -> None:
        """Start the process.

        Args:
            python: The Python that has awslambdaric.
            handler: The function's handler, `module.function`.
            code_folder: The unzipped code, which becomes the working directory.
            environment: The whole environment but for the Runtime API's address.

        Raises:
            OSError: The process cannot be started.
        """
        self._taken = 0
        self._peak_megabytes = 0
        self._return_code: int | None = None
        with ExitStack() as stack:
            self.api = stack.enter_context(RuntimeApi())
            self._log = stack.enter_context(tempfile.TemporaryFile(buffering=0))
            fcntl.fcntl(self._log, fcntl.F_SETFL, os.O_APPEND)
            tied_end, own_end = os.pipe()
            stack.callback(os.close, own_end)
            try:
                # -P keeps this package's folder off sys.path and -B keeps bytecode out of the code;
                # as flags they leave no trace in the environment that the function sees.
                self._popen = subprocess.Popen(
                    [
                        *(str(python), "-P", "-B", "-X", "utf8"),
                        *(lifeline.__file__, str(tied_end), "awslambdaric", handler),
                    ],
                    cwd=code_folder,
                    env={**environment, "AWS_LAMBDA_RUNTIME_API": self.api.address},
                    stdin=subprocess.DEVNULL,
                    stdout=self._log,
                    stderr=self._log,
                    pass_fds=(tied_end,),
                    start_new_session=True,
                )
            finally:
                os.close(tied_end)
            self._resources = stack.pop_all()
        self.pid = self._popen.pid
        self._watch = threading.Thread(
            target=self._watch_exit, name=f"exit-{self.pid}", daemon=True
        )
        self._watch.start()

    @property
    def exited(self) -> bool:
        """Whether the process has ended."""
        if self._return_code is not None:
            return True
        # Without reaping it, so that the number of its process group stays taken until `end`.
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def wait(self, until: Callable[[], bool], deadline: float) -> bool:
        """Wait until something holds, or the process has ended.

        Args:
            until: What to wait for; asked again when the Runtime API changes, and by `interrupt`.
            deadline: When to give up, on the clock of `time.monotonic`.

        Returns:
            Whether that was before the deadline.
        """
        with self.api.changed:
            return self.api.changed.wait_for(
                lambda: until() or self.exited, deadline - time.monotonic()
            )

    def interrupt(self) -> None:
        """Make a running `wait` ask again."""
        with self.api.changed:
            self.api.changed.notify_all()

    def take_output(self) -> str:
        """Return whole lines of stdout and stderr since the last call, which may lack the rest."""
        size = os.fstat(self._log.fileno()).st_size
        start = min(self._taken, size)
        kept = os.pread(self._log.fileno(), min(size - start, MAX_LOG_BYTES), start)
        self._taken = size
        text = kept.decode("utf-8", "replace")
        if text and not text.endswith("\n"):
            text += "\n"
        dropped = size - start - len(kept)
        return text + (f"[{dropped} more bytes of output were not kept]\n" if dropped else "")

    def used_megabytes(self) -> int:
        """Return the most memory that the process has used, in MiB; 0 if /proc is missing."""
        if self._return_code is None:
            with suppress(OSError):
                status = Path(f"/proc/{self.pid}/status").read_text("ascii", errors="replace")
                for line in status.splitlines():
                    if line.startswith("VmHWM:"):
                        self._peak_megabytes = -(-int(line.split()[1]) // 1024)
        return self._peak_megabytes

    def end(self) -> tuple[int, str]:
        """End the whole process group, and free its resources; to be called once.

        Returns:
            The exit status, or the negative number of the signal that ended it; its last output.
        """
        self.used_megabytes()
        # A group of nothing but a zombie is PermissionError on macOS.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._watch.join()
        self._return_code = self._popen.wait()
        output = self.take_output()
        self._resources.close()
        return self._return_code, output

    def _watch_exit(self) -> None:
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self.interrupt()
