"""Changes in place that end announcements, or drop what fails, and their harmless neighbours."""

import json
from typing import Any

import pytest

from plan_guard.findings import Rule
from plan_guard.plan import Action, Change
from plan_guard.rules import findings
from unit.plan_guard.changes import plan, updated

NOTIFICATION = "aws_s3_bucket_notification"
INVOKE = "aws_lambda_function_event_invoke_config"
FUNCTION = "aws_lambda_function"
REDRIVE = "aws_sqs_queue_redrive_policy"
QUEUE = "aws_sqs_queue"
LIMIT = "reserved_concurrent_executions"
HERE, THERE = "arn:aws:lambda:us-west-2:123456789012:function:intake", "arn:there"
UNKNOWN_TARGET = {"lambda_function": [{"lambda_function_arn": True, "events": [False]}]}


def _entry(**changes: object) -> dict[str, Any]:
    return {
        "id": "intake",
        "lambda_function_arn": HERE,
        "events": ["s3:ObjectCreated:*"],
        "filter_prefix": "submissions/",
        "filter_suffix": ".json",
    } | changes


def _notified(*entries: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"bucket": "submissions", "lambda_function": list(entries)} | more


def _notification(*after: dict[str, Any], unknown: dict[str, Any] | None = None) -> Change:
    return updated(NOTIFICATION, _notified(_entry()), _notified(*after), unknown=unknown)


def _kept(destination: str | None) -> dict[str, Any]:
    failure = [{"destination": destination}] if destination else []
    return {"destination_config": [{"on_failure": failure, "on_success": []}]}


def _redrive(target: str) -> dict[str, Any]:
    return {"redrive_policy": json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 5})}


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in _entry().items() if key != name}


def _made_anew(kind: str, arn: str, action: Action = Action.REPLACE) -> Change:
    """Return a change that the target's ARN is known only after."""
    return Change(f"{kind}.target", kind, action, {"arn": arn}, {}, {"arn": True})


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param(_notification(), "no longer announces all s3:ObjectCreated:*", id="no entry"),
        pytest.param(
            _notification(_entry(lambda_function_arn=THERE)), HERE, id="another function is told"
        ),
        pytest.param(
            _notification(_entry(events=["s3:ObjectCreated:Put"])),
            "s3:ObjectCreated:* of submissions/*.json",
            id="fewer events",
        ),
        pytest.param(_notification(_entry(filter_suffix=".jsn")), ".json", id="another suffix"),
        pytest.param(_notification(_entry(filter_suffix="a.json")), ".json", id="a longer suffix"),
        pytest.param(_notification(_entry(filter_prefix="output/")), "submissions/", id="prefix"),
        pytest.param(
            _notification(_without("lambda_function_arn"), unknown=UNKNOWN_TARGET),
            "for all that is known before the apply",
            id="nobody knows who is told",
        ),
        pytest.param(
            _notification(
                _without("filter_prefix"), unknown={"lambda_function": [{"filter_prefix": True}]}
            ),
            "for all that is known before the apply",
            id="nobody knows what of",
        ),
        pytest.param(
            updated(NOTIFICATION, _notified(_entry()), {}, unknown={"lambda_function": True}),
            "for all that is known before the apply",
            id="nobody knows anything",
        ),
        pytest.param(
            updated(
                NOTIFICATION,
                {"queue": [{"queue_arn": HERE, "events": ["s3:ObjectRemoved:*"]}]},
                {"queue": []},
            ),
            "s3:ObjectRemoved:*",
            id="a queue is not told any more",
        ),
        pytest.param(
            updated(NOTIFICATION, _notified(eventbridge=True), _notified(eventbridge=False)),
            "EventBridge",
            id="EventBridge",
        ),
        pytest.param(updated(FUNCTION, {LIMIT: -1}, {LIMIT: 0}), "never run", id="never run"),
        pytest.param(
            updated(FUNCTION, {"dead_letter_config": [{"target_arn": HERE}]}, {}),
            f"drops what fails, which went to {HERE}",
            id="a function's dead letters",
        ),
        pytest.param(
            updated(INVOKE, _kept(HERE), {"destination_config": []}),
            f"drops what fails, which went to {HERE}",
            id="no destinations",
        ),
        pytest.param(updated(INVOKE, _kept(HERE), _kept(None)), "drops", id="no destination"),
        pytest.param(
            updated(INVOKE, _kept(HERE), _kept(THERE)), f"to {THERE}, and", id="elsewhere"
        ),
        pytest.param(
            updated(INVOKE, _kept(HERE), {}, unknown={"destination_config": True}),
            "known only after the apply",
            id="nobody knows where",
        ),
        pytest.param(
            updated(REDRIVE, _redrive(HERE), {"redrive_policy": "{}"}), "drops", id="no redrive"
        ),
        pytest.param(updated(REDRIVE, _redrive(HERE), _redrive(THERE)), THERE, id="redrive"),
        pytest.param(
            updated(QUEUE, _redrive(HERE), {"redrive_policy": ""}), "drops", id="a queue's own"
        ),
        pytest.param(
            updated(QUEUE, _redrive(HERE), {"redrive_policy": None}), "drops", id="none at all"
        ),
    ],
)
def test_stops_what_breaks_the_flow_quietly(change: Change, what: str) -> None:
    [found] = findings(plan(change))

    assert (found.rule, found.address) == (Rule.PROTECTION_REMOVED, change.address)
    assert what in found.what


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_notification(_entry(id="renamed")), id="another name"),
        pytest.param(_notification(_entry(filter_prefix="")), id="a shorter prefix"),
        pytest.param(_notification(_entry(filter_suffix=None)), id="any suffix"),
        pytest.param(_notification(_entry(), _entry(lambda_function_arn=THERE)), id="one more"),
        pytest.param(
            updated(
                NOTIFICATION,
                _notified(_entry(events=["s3:ObjectCreated:Put", "s3:ObjectCreated:Copy"])),
                _notified(_entry()),
            ),
            id="every event, instead of two",
        ),
        pytest.param(
            updated(NOTIFICATION, _notified(), _notified(eventbridge=True)), id="EventBridge"
        ),
        pytest.param(updated(FUNCTION, {LIMIT: -1}, {LIMIT: 1}), id="one run at once"),
        pytest.param(updated(FUNCTION, {LIMIT: 0}, {LIMIT: -1}), id="runs again"),
        pytest.param(updated(FUNCTION, {LIMIT: 0}, {LIMIT: 0}), id="still does not run"),
        pytest.param(
            updated(
                FUNCTION,
                {"source_code_hash": "a", "arn": HERE},
                {"source_code_hash": "b", "arn": HERE},
                unknown={"last_modified": True, "version": True, "qualified_arn": True},
            ),
            id="other code",
        ),
        pytest.param(updated(INVOKE, _kept(None), _kept(HERE)), id="a destination at last"),
        pytest.param(
            updated(
                INVOKE,
                _kept(HERE) | {"maximum_retry_attempts": 2},
                _kept(HERE) | {"maximum_retry_attempts": 1},
            ),
            id="the same destination",
        ),
        pytest.param(
            updated(
                REDRIVE,
                _redrive(HERE),
                {"redrive_policy": f'{{"maxReceiveCount": 9, "deadLetterTargetArn": "{HERE}"}}'},
            ),
            id="the same dead-letter queue",
        ),
        pytest.param(updated(QUEUE, {"redrive_policy": ""}, _redrive(HERE)), id="redrive at last"),
    ],
)
def test_lets_what_keeps_the_flow_pass(change: Change) -> None:
    assert findings(plan(change)) == ()


@pytest.mark.parametrize(
    "change",
    [
        _notification(_without("lambda_function_arn"), unknown=UNKNOWN_TARGET),
        updated(INVOKE, _kept(HERE), {}, unknown={"destination_config": True}),
        updated(REDRIVE, _redrive(HERE), {}, unknown={"redrive_policy": True}),
    ],
    ids=lambda change: change.type,
)
def test_a_target_that_is_made_anew_is_told_where_it_is_made(change: Change) -> None:
    """Once, at the address of what is lost: an entry of the allow-list there is enough."""
    anew = _made_anew(FUNCTION, HERE)
    assert {it.address for it in findings(plan(anew, change))} == {anew.address}
    assert findings(plan(_made_anew(FUNCTION, HERE, Action.UPDATE), change)) == ()

    another = _made_anew(FUNCTION, THERE, Action.UPDATE)
    same = Change(f"{FUNCTION}.target", FUNCTION, Action.NOTHING, {"arn": HERE}, {"arn": HERE})
    for other in (another, same):
        assert [it.address for it in findings(plan(other, change))] == [change.address]
