"""AWS goes away as submissions arrive, and comes back with what it had written down.

On MiniStack, since LocalStack's open edition keeps nothing. What was under way is forgotten, which
is more than AWS ever loses: events that no function has been given yet, and functions that ran.
The function's log is not complete there, so the command announces some a second time.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest

from emulation.endpoint import forget_aws_settings
from emulation.example_course import published_files
from emulation.ministack import MiniStack, temporary_ministack
from emulation.stack import Stack
from emulation.waiting import wait_for
from faults.arrivals import Outcome, Report
from faults.grades import GradingStack, Students, count_grades
from local.grading import SOON_SECONDS
from local.intake import ARRIVAL_SECONDS, Intake, Submission
from local.tool import run_tool

# One worker runs all that breaks this stack.
pytestmark = [pytest.mark.nightly, pytest.mark.xdist_group("restart")]

_UPLOADS = 20
"""How many arrive just before the restart, and again just after it."""
_REGRADE = ("reconcile", "--older-than", "0s", "--no-result")
_REPAIR = ("reconcile", "--older-than", "0s", "--yes")


@contextmanager
def _stack(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, object]
) -> Iterator[tuple[MiniStack, Stack]]:
    forget_aws_settings()
    with temporary_ministack() as ministack:
        terraform = ministack.provision(variables)
        for name, value in ministack.endpoint.environment.items():
            monkeypatch.setenv(name, value)
        yield ministack, Stack(ministack.endpoint, terraform, terraform.outputs())


def test_restart_of_everything_loses_nothing(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _stack(monkeypatch, {"name": "restarted"}) as (ministack, stack):
        intake = Intake(stack, boto3.Session())
        first = _submit(intake, 1)
        wait_for(
            "an announcement", lambda: intake.count(stack.outputs.queue_url) > 0, ARRIVAL_SECONDS
        )
        uploaded = first | _submit(intake, _UPLOADS)
        ministack.restart()
        wait_for("the bucket", lambda: _keeps_versions(intake), ARRIVAL_SECONDS)
        uploaded |= _submit(intake, _UPLOADS)

        kept = intake.drain()
        run_tool(stack, *_REPAIR)
        wait_for("each upload", lambda: set(intake.drain()) >= set(uploaded), ARRIVAL_SECONDS)

    # What had been announced was not forgotten.
    assert set(first) <= set(kept)
    announced = set(kept) & set(uploaded)
    report(
        Outcome(
            "restart of everything",
            uploaded=len(uploaded),
            announced=len(announced),
            waiting=0,
            unnoticed=len(set(uploaded) - announced),
            repaired_by=" ".join(("submitter", *_REPAIR)),
            twice=sum(len(intake.received(key)) > 1 for key in uploaded),
            lost=sum(not intake.received(key) for key in uploaded),
        )
    )


def test_restart_of_everything_loses_no_grade(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _stack(monkeypatch, {"name": "regraded", "grading": {}}) as (ministack, stack):
        grading = GradingStack(stack, boto3.Session())
        grading.set_visibility_timeout(SOON_SECONDS)
        for key, content in published_files().items():
            grading.put(key, content)
        students = Students(grading, "restart of everything")
        students.publish()
        students.hand_in()
        wait_for("a grade", lambda: students.graded() or None, ARRIVAL_SECONDS)
        for _ in range(6):
            students.hand_in()
        ministack.restart()
        wait_for("the bucket", lambda: _keeps_versions(grading), ARRIVAL_SECONDS)
        for _ in range(3):
            students.hand_in()
        [outcome] = count_grades(_REGRADE, students)
    report(outcome)
    assert (outcome.wrong, outcome.stale, outcome.lost) == (0, 0, 0)


def _keeps_versions(intake: Intake) -> bool:
    """Tell whether the bucket is what it was before the restart."""
    answer = intake.s3.get_bucket_versioning(Bucket=intake.bucket)
    return bool(answer.get("Status") == "Enabled")


def _submit(intake: Intake, count: int) -> dict[str, str]:
    """Submit so many times; return the versions by key."""
    submissions = [Submission(problem="fault") for _ in range(count)]
    return {each.json_key: intake.submit(each) for each in submissions}
