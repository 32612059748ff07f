"""A command's context with stand-ins for AWS's clients."""

import io
import sys
from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from rich.console import Console, RenderableType

from submitter.cli import main
from submitter.output import Output
from submitter.stack.context import Context
from submitter.stack.deployment import Deployment

DEPLOYMENT = Deployment(
    name="submitter",
    region="us-east-1",
    bucket_name="bucket",
    queue_url="https://sqs/1/submitter-submissions",
    queue_arn="arn:aws:sqs:us-east-1:1:submitter-submissions",
    dead_letter_queue_url="https://sqs/1/submitter-submissions-dead-letter",
    dead_letter_queue_arn="arn:aws:sqs:us-east-1:1:submitter-submissions-dead-letter",
    intake_failures_queue_url="https://sqs/1/submitter-intake-failures",
    intake_failures_queue_arn="arn:aws:sqs:us-east-1:1:submitter-intake-failures",
    function_name="submitter-intake",
    function_log_group_name="/aws/lambda/submitter-intake",
)
GRADED = replace(
    DEPLOYMENT,
    grader_function_name="submitter-grader",
    grader_log_group_name="/aws/lambda/submitter-grader",
    grader_mapping_uuid="a1b2c3d4-5678-90ab-cdef-11111EXAMPLE",
)
"""The same with grading on."""
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    """A clock that only sleeping and tests move on."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def context_with(**clients: object) -> Context:
    """Return a context whose stack is known and whose clients are the ones given."""
    context = Context(Output(as_json=False))
    # What cached properties would fill in.
    context.__dict__.update({"deployment": DEPLOYMENT, **clients})
    return context


def rendered(renderable: RenderableType, width: int = 200) -> str:
    """Return what a person would see, on a terminal without colours."""
    console = Console(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)
    console.print(renderable, crop=False)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def run_tool(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run the whole command line in this process; return its exit code, output and errors."""
    argv = ["submitter", *map(str, arguments)]
    with patch.object(sys, "argv", argv), pytest.raises(SystemExit) as ended:
        main()
    written = capsys.readouterr()
    assert "Traceback" not in written.err, written.err
    return int(ended.value.code or 0), written.out, written.err
