"""The stack's alarms by their exact names; on moto's CloudWatch."""

import re
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from submitter.aws.alarms import AlarmKind, read_alarms
from submitter.stack.deployment import Deployment
from unit.submitter.contexts import context_with
from unit.submitter.mocked_aws import TOPIC, mocked_stack, put_alarm, put_alarms, set_off

TERRAFORM = Path(__file__).resolve().parents[4] / "terraform"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with mocked_stack(monkeypatch) as deployment:
        yield deployment


def test_kinds_are_the_alarms_that_terraform_makes_in_the_dashboards_order() -> None:
    text = (TERRAFORM / "modules" / "observability" / "alarms.tf").read_text(encoding="utf-8")

    assert re.findall(r'^      name +=  *"(.+)"$', text, re.MULTILINE) == list(AlarmKind)


def test_alarms_come_in_the_order_of_their_kinds_and_say_whom_they_tell(stack: Deployment) -> None:
    put_alarm("submitter-function-errors", AlarmActions=[])
    put_alarm("submitter-dead-letters-waiting", AlarmActions=[TOPIC], ActionsEnabled=False)
    set_off("submitter-oldest-message-age")

    alarms = read_alarms(context_with(cloudwatch=boto3.client("cloudwatch")))

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
def test_alarms_of_a_stack_whose_name_begins_alike_are_not_the_stacks() -> None:
    put_alarms("submitter-test")
    put_alarm("submitter-somebody-elses")
    set_off("submitter-test-function-errors")
    set_off("submitter-somebody-elses")
    cloudwatch = boto3.client("cloudwatch")
    cloudwatch.delete_alarms(AlarmNames=["submitter-function-errors"])

    alarms = read_alarms(context_with(cloudwatch=cloudwatch))

    assert alarms.missing == ("submitter-function-errors",)
    assert len(alarms.existing) == len(AlarmKind) - 1
    assert not any(alarm.is_firing for alarm in alarms.existing)
