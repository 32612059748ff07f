"""Runs programs in the sandbox and outside of it, for measurements that compare them."""

import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import build_sandbox
from sandbox import End, Limits, Outcome, Sandbox
from submitter.check.sandboxes import PYTHON as SANDBOX_PYTHON

PYTHON = Path(sys.base_prefix, "bin", "python3.13")
"""The interpreter itself: a version manager's command in its place would start slowly."""


class ProgramError(Exception):
    """A program did not do what it is measured at."""


def new_sandbox() -> Sandbox:
    """Return a sandbox of this machine, whose child starts with the first run."""
    return Sandbox(build_sandbox.image_folder(), SANDBOX_PYTHON)


@dataclass(frozen=True, slots=True)
class Process:
    """Runs a command for each run, in the sandbox's place."""

    command: Sequence[str | Path]
    """Has the program's file in it."""

    def run(
        self,
        program: bytes = b"",  # noqa: ARG002
        files: Mapping[str, bytes] | None = None,  # noqa: ARG002
        argv: Sequence[str] = (),
        stdin: bytes = b"",
        limits: Limits | None = None,  # noqa: ARG002
    ) -> Outcome:
        """Run the command; the outcome has the processor time of all its processes."""
        before = ended_cpu_seconds()
        done = subprocess.run([*self.command, *argv], input=stdin, capture_output=True, check=False)
        return Outcome(
            End.FAILED if done.returncode else End.EXITED,
            done.returncode & 0xFF,
            done.stdout,
            done.stderr,
            cpu_seconds=ended_cpu_seconds() - before,
        )


def ended_cpu_seconds() -> float:
    """Return the processor time of this process's ended children, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_seconds_of(pid: int) -> float:
    """Return the processor time of all of a process's threads until now."""
    # The id of the process's CPU clock, as clock_getcpuclockid(3) computes it on Linux.
    return time.clock_gettime((~pid << 3) | 2)
