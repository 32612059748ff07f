"""The stack's alarms by their exact names; on moto's CloudWatch."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from submitter.aws.alarms import AlarmKind, read_alarms
from submitter.stack.deployment import Deployment
from unit.submitter.contexts import GRADED, context_with
from unit.submitter.mocked_aws import TOPIC, client, fire_alarm, mocked_stack, put_alarm, put_alarms

TERRAFORM = Path(__file__).resolve().parents[4] / "terraform"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with mocked_stack(monkeypatch) as deployment:
        yield deployment


def test_alarms_are_read_in_order_with_their_actions(stack: Deployment) -> None:
    put_alarm("submitter-function-errors", AlarmActions=[])
    put_alarm("submitter-dead-letters-waiting", AlarmActions=[TOPIC], ActionsEnabled=False)
    fire_alarm("submitter-oldest-message-age")

    cloudwatch = client("cloudwatch")
    alarms = read_alarms(context_with(cloudwatch=cloudwatch, deployment=GRADED))

    assert [alarm.name for alarm in alarms.existing] == [
        f"{stack.name}-{kind}" for kind in AlarmKind
    ]
    assert {alarm.name for alarm in alarms.existing if not alarm.notifies} == {
        "submitter-function-errors",
        "submitter-dead-letters-waiting",
    }
    assert [alarm.name for alarm in alarms.existing if alarm.is_firing] == [
        "submitter-oldest-message-age"
    ]
    assert alarms.missing == ()


@pytest.mark.usefixtures("stack")
def test_alarms_of_a_similarly_named_stack_are_ignored() -> None:
    put_alarms("submitter-test")
    put_alarm("submitter-somebody-elses")
    fire_alarm("submitter-test-function-errors")
    fire_alarm("submitter-somebody-elses")
    cloudwatch = client("cloudwatch")
    cloudwatch.delete_alarms(AlarmNames=["submitter-function-errors"])

    alarms = read_alarms(context_with(cloudwatch=cloudwatch))

    assert alarms.missing == ("submitter-function-errors",)
    # Without grading.
    assert len(alarms.existing) == len(AlarmKind) - 2 - 1
    assert not any(alarm.is_firing for alarm in alarms.existing)
