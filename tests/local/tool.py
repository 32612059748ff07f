"""The staff's tool as a person runs it: a process of its own, on a stack."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any

from embedded_aws.project import ROOT
from embedded_aws.stack import Stack

_RUN = "from submitter.cli import main; main()"
_RUN_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended, and what it said."""

    exit_code: int
    output: str
    errors: str

    @property
    def report(self) -> Any:  # noqa: ANN401 - whatever the command reports
        """What a command with `--json` wrote."""
        return json.loads(self.output)


def run_tool(stack: Stack, *arguments: str) -> Completed:
    """Run the tool on a stack, to its end."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
        env=tool_environment(stack),
        capture_output=True,
        text=True,
        timeout=_RUN_SECONDS,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def tool_environment(stack: Stack) -> dict[str, str]:
    """Return the environment that aims the tool at a stack."""
    write_stack_parameter(stack)
    return {
        **os.environ,
        **stack.localstack.endpoint.environment,
        "SUBMITTER_STACK": stack_name(stack),
        "PYTHONPATH": os.pathsep.join((str(ROOT / "scripts"), str(ROOT / "lambda"))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "200",
    }


def stack_name(stack: Stack) -> str:
    """Return the name that a stack was given."""
    return stack.outputs.queue_arn.rpartition(":")[2].removesuffix("-submissions")


def write_stack_parameter(stack: Stack) -> None:
    """Write what the stack's own parameter will say; for as long as Terraform does not."""
    outputs = asdict(stack.outputs)
    sqs, ssm = stack.session.client("sqs"), stack.session.client("ssm")
    for queue in ("dead_letter_queue", "intake_failures_queue"):
        attributes = sqs.get_queue_attributes(
            QueueUrl=outputs[f"{queue}_url"], AttributeNames=["QueueArn"]
        )
        outputs[f"{queue}_arn"] = attributes["Attributes"]["QueueArn"]
    name = stack_name(stack)
    ssm.put_parameter(
        Name=f"/submitter/{name}/stack",
        Type="String",
        Overwrite=True,
        Value=json.dumps({**outputs, "name": name}),
    )
