"""Two stacks on one embedded AWS: one that every test shares, and one that tests may break."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from emulation import example_course
from emulation.localstack import LocalStack
from emulation.stack import Stack, provision
from local.grading import SOON_SECONDS, Grading
from local.intake import ALARM_TOPIC_ARN, Intake, ignore_progress
from package_function import INTAKE, sources_of, write_package


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the test that destroys the scratch stack last, after all other files."""
    items.sort(key=lambda item: item.name == "test_destroy_leaves_nothing")


@pytest.fixture(scope="session")
def scratch_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the function's zip, so that a test may change it."""
    package = tmp_path_factory.mktemp("package") / "submission_intake.zip"
    write_package(sources_of(INTAKE), package)
    return package


type Provisioned = Callable[[str], Future[Stack]]


@pytest.fixture(scope="session")
def provisioned(localstack: LocalStack, scratch_package: Path) -> Iterator[Provisioned]:
    """Provisions a stack once, while others are: the provider's waits are most of the time."""
    variables = {
        "shared": {},
        "scratch": {
            "name": "scratch",
            "package_path": str(scratch_package),
            # What the shared stack leaves at its default.
            "architecture": "x86_64",
            "tracing_mode": "Active",
            "reserved_concurrency": 5,
            "visibility_timeout_seconds": 30,
            "max_receive_count": 2,
            "alarm_topic_arn": ALARM_TOPIC_ARN,
            "oldest_message_age_alarm_seconds": 60,
            "tags": {"Course": "COMP 594"},
        },
    }
    with ThreadPoolExecutor() as pool:
        yield cache(
            lambda name: pool.submit(provision, localstack, ignore_progress, variables[name])
        )


@pytest.fixture(scope="session")
def stack(provisioned: Provisioned) -> Stack:
    """The stack as ops get it, with every variable at its default; tests undo their changes."""
    return provisioned("shared").result()


@pytest.fixture(scope="session")
def scratch_stack(provisioned: Provisioned) -> Stack:
    """A stack that tests may break, with other settings; the last test destroys it."""
    provisioned("shared")  # side by side: whoever needs this one needs that one too
    return provisioned("scratch").result()


@pytest.fixture(scope="session")
def intake(stack: Stack) -> Intake:
    return Intake(stack)


@pytest.fixture(scope="session")
def scratch_intake(scratch_stack: Stack) -> Intake:
    return Intake(scratch_stack)


@pytest.fixture(scope="session")
def grading(localstack: LocalStack) -> Grading:
    """A stack with the grader at its defaults, and the example's event and problem."""
    stack = provision(localstack, ignore_progress, {"name": "grading", "grading": {}})
    assert stack.terraform.planned_changes() == []
    example_course.publish(stack, ignore_progress)
    grading = Grading(stack)
    # Terraform sets minutes, and refuses less.
    grading.set_visibility_timeout(SOON_SECONDS)
    return grading
