"""Runs the staff's tool as a person does: the real command line, as a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from embedded_aws.project import ROOT, SCRIPTS
from embedded_aws.stack import Stack

TOOL = (sys.executable, "-c", "from submitter.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Completed:
    """What a run of the tool ended with."""

    exit_code: int
    output: str
    errors: str

    @property
    def report(self) -> Any:  # noqa: ANN401 - each command's JSON is another
        """What `--json` wrote."""
        return json.loads(self.output)


def run_tool(stack: Stack, *arguments: str) -> Completed:
    """Run the tool with its arguments on a stack, to its end."""
    write_parameter(stack)
    return run_with(tool_environment(stack), *arguments)


def run_with(environment: dict[str, str], *arguments: str) -> Completed:
    """Run the tool with its arguments in an environment, to its end."""
    done = subprocess.run(
        [*TOOL, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def tool_environment(stack: Stack) -> dict[str, str]:
    """Return the environment variables that aim the tool at a stack."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(
            filter(None, (str(SCRIPTS), str(ROOT / "lambda"), os.environ.get("PYTHONPATH")))
        ),
        "COLUMNS": "200",
        "LANG": "C.UTF-8",
        **stack.localstack.endpoint.environment,
        "SUBMITTER_STACK": stack_name(stack),
    }


def stack_name(stack: Stack) -> str:
    """Return the stack's name, which its function's starts with."""
    return stack.outputs.function_name.removesuffix("-intake")


def write_parameter(stack: Stack) -> None:
    """Write what Terraform will: the stack's names, where the tool looks for them."""
    sqs = stack.session.client("sqs")
    outputs = stack.outputs

    def arn(queue_url: str) -> str:
        answer = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        text: str = answer["Attributes"]["QueueArn"]
        return text

    names = {
        "name": stack_name(stack),
        "region": outputs.region,
        "bucket_name": outputs.bucket_name,
        "queue_url": outputs.queue_url,
        "queue_arn": outputs.queue_arn,
        "dead_letter_queue_url": outputs.dead_letter_queue_url,
        "dead_letter_queue_arn": arn(outputs.dead_letter_queue_url),
        "intake_failures_queue_url": outputs.intake_failures_queue_url,
        "intake_failures_queue_arn": arn(outputs.intake_failures_queue_url),
        "function_name": outputs.function_name,
        "function_log_group_name": outputs.function_log_group_name,
    }
    stack.session.client("ssm").put_parameter(
        Name=f"/submitter/{names['name']}/stack",
        Type="String",
        Overwrite=True,
        Value=json.dumps(names),
    )
