"""The staff's tool as staff runs it: a process of its own, with its exit code and its words."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from embedded_aws.project import ROOT, SCRIPTS
from embedded_aws.stack import Stack

_RUN = "from submitter.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that has ended."""

    exit_code: int
    output: str
    errors: str


def run_tool(stack: Stack, *arguments: str) -> Completed:
    """Run `submitter` about a stack."""
    return run_in(tool_environment(stack), *arguments)


def tool_environment(stack: Stack) -> dict[str, str]:
    """Return the environment that aims the tool at a stack."""
    write_parameter(stack)
    aws = stack.localstack.endpoint.environment
    return aws | {"SUBMITTER_STACK": stack_name(stack)}


def run_in(environment: Mapping[str, str], *arguments: str) -> Completed:
    """Run `submitter` in an environment."""
    paths = os.pathsep.join(map(str, (SCRIPTS, ROOT / "lambda")))
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
        env=os.environ | {"PYTHONPATH": paths} | dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def stack_name(stack: Stack) -> str:
    """Return a stack's name, which its function carries in front."""
    return stack.outputs.queue_url.rpartition("/")[2].removesuffix("-submissions")


def write_parameter(stack: Stack) -> None:
    """Write what Terraform is going to: the stack's names, for the tool to find."""
    sqs, outputs = stack.session.client("sqs"), stack.outputs

    def arn(url: str) -> str:
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        value: str = answer["Attributes"]["QueueArn"]
        return value

    name = stack_name(stack)
    value = {
        "name": name,
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
        Name=f"/submitter/{name}/stack", Type="String", Overwrite=True, Value=json.dumps(value)
    )
