"""The staff's tool as a person runs it: its exit code, output and errors."""

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from emulation.project import ROOT, SCRIPTS
from emulation.stack import Stack
from emulation.waiting import wait_for
from submitter.cli import main

TOOL = (sys.executable, "-c", "from submitter.cli import main; main()")
"""The tool as a process, for tests that send it signals."""
_RUN_SECONDS = 120
"""How long such a process may take."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that has ended."""

    exit_code: int
    output: str
    errors: str

    @property
    def report(self) -> Any:  # noqa: ANN401 - each command's JSON is another
        """What `--json` wrote."""
        return json.loads(self.output)


def run_tool(stack: Stack, *arguments: str) -> Completed:
    """Run `submitter` about a stack, to its end."""
    return run_in(tool_environment(stack), *arguments)


def tool_environment(stack: Stack) -> dict[str, str]:
    """Return the environment that selects a stack for the tool."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (SCRIPTS, ROOT / "lambda"))),
        "COLUMNS": "200",
        **stack.endpoint.environment,
        "SUBMITTER_STACK": stack.outputs.name,
    }


def run_in(environment: Mapping[str, str], *arguments: str) -> Completed:
    """Run `submitter` in an environment, to its end: in this process, which has it imported."""
    output, errors = io.StringIO(), io.StringIO()
    handler, unraisable = signal.getsignal(signal.SIGINT), sys.unraisablehook
    try:
        with (
            patch.dict(os.environ, environment, clear=True),
            patch.object(sys, "argv", ["submitter", *arguments]),
            redirect_stdout(output),
            redirect_stderr(errors),
        ):
            main()
    except SystemExit as end:
        exit_code = int(end.code or 0)
    finally:
        signal.signal(signal.SIGINT, handler)
        sys.unraisablehook = unraisable
    return Completed(exit_code, output.getvalue(), errors.getvalue())


def interrupt_tool(stack: Stack, when_shown: str, *arguments: str) -> Completed:
    """Run `submitter` on a terminal, and press Ctrl-C when its progress matches an expression."""
    terminal, tools_end = pty.openpty()
    os.set_blocking(terminal, False)
    seen = bytearray()

    def is_shown() -> bool:
        with suppress(BlockingIOError):
            seen.extend(os.read(terminal, 65536))
        return re.search(when_shown, seen.decode(errors="replace")) is not None

    try:
        with subprocess.Popen(
            [*TOOL, *arguments],
            env=tool_environment(stack) | {"TERM": "xterm"},
            stdout=subprocess.PIPE,
            stderr=tools_end,
            text=True,
        ) as running:
            try:
                wait_for(f"{when_shown} on the terminal", is_shown, _RUN_SECONDS)
            finally:
                running.send_signal(signal.SIGINT)
            output, _ = running.communicate(timeout=_RUN_SECONDS)
    finally:
        os.close(terminal)
        os.close(tools_end)
    return Completed(running.returncode, output, seen.decode(errors="replace"))
