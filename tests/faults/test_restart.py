"""AWS goes away as submissions arrive, and comes back with what it had written down.

On MiniStack, since LocalStack's open edition keeps nothing. What was under way is forgotten, which
is more than AWS ever loses: events that no function has been given yet, and functions that ran.
The function's log is not complete there, so the command announces some a second time.
"""

import boto3
import pytest

from emulation.endpoint import forget_aws_settings
from emulation.ministack import temporary_ministack
from emulation.stack import Stack
from emulation.waiting import wait_for
from faults.arrivals import Outcome, Report
from local.intake import ARRIVAL_SECONDS, Intake, Submission
from local.tool import run_tool

# One worker runs all that breaks this stack.
pytestmark = pytest.mark.xdist_group("restart")

_UPLOADS = 20
"""How many arrive just before the restart, and again just after it."""
_REPAIR = ("reconcile", "--older-than", "0s", "--yes")


def test_restart_of_everything_loses_nothing(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_aws_settings()
    with temporary_ministack() as ministack:
        terraform = ministack.provision({"name": "restarted"})
        for name, value in ministack.endpoint.environment.items():
            monkeypatch.setenv(name, value)
        stack = Stack(ministack.endpoint, terraform, terraform.outputs())
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


def _keeps_versions(intake: Intake) -> bool:
    """Tell whether the bucket is what it was before the restart."""
    answer = intake.s3.get_bucket_versioning(Bucket=intake.bucket)
    return bool(answer.get("Status") == "Enabled")


def _submit(intake: Intake, count: int) -> dict[str, str]:
    """Submit so many times; return the versions by key."""
    submissions = [Submission(problem="fault") for _ in range(count)]
    return {each.json_key: intake.submit(each) for each in submissions}
