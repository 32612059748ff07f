"""The staff's tool as a person runs it: a process of its own, with its exit code and its words."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embedded_aws.project import ROOT, SCRIPTS
from embedded_aws.stack import Stack

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
        **stack.localstack.endpoint.environment,
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
