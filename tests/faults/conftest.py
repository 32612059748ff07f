"""A stack to break, and a table of the outcomes."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from emulation.localstack import LocalStack
from emulation.stack import Stack, provision
from faults.arrivals import Report, table
from local.intake import Intake, ignore_progress
from package_function import INTAKE, sources_of, write_package

_PROPERTY = "outcome"


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the function's zip, so that a test may deploy another."""
    package = tmp_path_factory.mktemp("package") / "submission_intake.zip"
    write_package(sources_of(INTAKE), package)
    return package


@pytest.fixture(scope="session")
def stack(localstack: LocalStack, package: Path) -> Stack:
    variables = {"name": "faults", "package_path": str(package), "max_receive_count": 2}
    return provision(localstack, ignore_progress, variables)


@pytest.fixture
def intake(stack: Stack) -> Intake:
    """The stack with nothing in it."""
    intake = Intake(stack)
    intake.empty()
    return intake


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Report:
    """A function that records an outcome for the table at the end."""
    return lambda outcome: record_property(_PROPERTY, asdict(outcome))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the outcome of every fault."""
    rows = [
        value
        for passed in terminalreporter.getreports("passed")
        for name, value in passed.user_properties
        if name == _PROPERTY
    ]
    if rows:
        terminalreporter.section("what came of each fault")
        for line in table(rows):
            terminalreporter.write_line(line)
