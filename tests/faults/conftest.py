"""Two stacks to break, and tables of the outcomes."""

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from emulation import example_course
from emulation.localstack import LocalStack
from emulation.stack import Stack, provision
from faults.arrivals import Outcome, Report, table
from faults.grades import GradingOutcome, GradingStack
from local.fault_proxy import fault_proxy
from local.intake import Intake, ignore_progress
from package_function import GRADER, INTAKE, build_package

_TITLES = {
    Outcome: "what came of each fault",
    GradingOutcome: "what came of each fault in grading",
}
_VISIBILITY_SECONDS = 2
_FAULTY_GRADER = Path(__file__).with_name("faulty_grader.py")


@pytest.fixture(scope="session")
def package() -> Path:
    """The function's zip."""
    return build_package(INTAKE)


@pytest.fixture(scope="session")
def stack(localstack: LocalStack) -> Stack:
    return provision(localstack, ignore_progress, {"name": "faults", "max_receive_count": 2})


@pytest.fixture
def intake(stack: Stack) -> Intake:
    """The stack with nothing in it."""
    intake = Intake(stack)
    intake.empty()
    return intake


@pytest.fixture(scope="session")
def grader_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The grader's zip, with the faults beside the real code."""
    package = tmp_path_factory.mktemp("package") / "submission_grader.zip"
    package.write_bytes(build_package(GRADER).read_bytes())
    with zipfile.ZipFile(package, "a") as archive:
        archive.write(_FAULTY_GRADER, _FAULTY_GRADER.name)
    return package


@pytest.fixture(scope="session")
def grading_stack(localstack: LocalStack, grader_package: Path) -> Iterator[GradingStack]:
    """A stack with a grader whose S3 can be broken."""
    variables = {"name": "graded", "grading": {"package_path": str(grader_package)}}
    grading = GradingStack(provision(localstack, ignore_progress, variables))
    # Terraform refuses less than five receives, and than minutes between them.
    dead_letters = grading.stack.outputs.dead_letter_queue_arn
    policy = json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": 2})
    grading.sqs.set_queue_attributes(
        QueueUrl=grading.stack.outputs.queue_url, Attributes={"RedrivePolicy": policy}
    )
    with (
        fault_proxy(localstack.endpoint.url, grading.judge) as s3,
        grading.function_changed(grading.grader, {"AWS_ENDPOINT_URL_S3": s3.url}),
    ):
        yield grading


@pytest.fixture
def grading(grading_stack: GradingStack) -> GradingStack:
    """The stack with nothing in it but the course."""
    grading_stack.empty()
    grading_stack.set_visibility_timeout(_VISIBILITY_SECONDS)
    example_course.publish(grading_stack.stack, ignore_progress)
    return grading_stack


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Report:
    """A function that records an outcome for a table at the end."""
    return lambda outcome: record_property(type(outcome).__name__, asdict(outcome))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the outcome of every fault."""
    recorded = [
        each for passed in terminalreporter.getreports("passed") for each in passed.user_properties
    ]
    for kind, title in _TITLES.items():
        rows = [value for name, value in recorded if name == kind.__name__]
        if rows:
            terminalreporter.section(title)
            for line in table(kind, rows):
                terminalreporter.write_line(line)
