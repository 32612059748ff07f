"""The staff's tool as a person runs it: a process of its own, with its exit code and its words."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from embedded_aws.project import ROOT, SCRIPTS
from embedded_aws.stack import Stack
from embedded_aws.waiting import wait_for

TOOL = (sys.executable, "-c", "from submitter.cli import main; main()")
_RUN_SECONDS = 120
"""How long a command may take, unless a test knows that it is long."""


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


def run_tool(stack: Stack, *arguments: str, seconds: float = _RUN_SECONDS) -> Completed:
    """Run `submitter` about a stack, to its end."""
    return run_in(tool_environment(stack), *arguments, seconds=seconds)


def tool_environment(stack: Stack) -> dict[str, str]:
    """Return the environment that aims the tool at a stack."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (SCRIPTS, ROOT / "lambda"))),
        "COLUMNS": "200",
        **stack.endpoint.environment,
        "SUBMITTER_STACK": stack.outputs.name,
    }


def run_in(
    environment: Mapping[str, str], *arguments: str, seconds: float = _RUN_SECONDS
) -> Completed:
    """Run `submitter` in an environment, to its end."""
    done = subprocess.run(
        [*TOOL, *arguments],
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


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
