"""Runs a command that cannot outlive the process that started it, not even a killed one.

The starting process holds the other end of this process's standard input. When it ends, the input
ends, and this process kills its process group: Terraform, its provider plug-ins and itself.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from localstack_process_executor.lifeline import end_process_group, watch


@contextmanager
def supervised(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """Run a command for a ``with`` block.

    Args:
        command: the program and its arguments.
        cwd: the folder to run it in.
        env: its whole environment, in which this module must be importable.

    Yields:
        The process; output and errors are one text stream, and its input is in use. Leaving the
        block while it runs kills the command and all it started.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "emulation.supervised", *command],
        cwd=cwd,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def main() -> int:
    """Run the command; return its exit code."""
    watch(sys.stdin.fileno(), end_process_group)
    return subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
