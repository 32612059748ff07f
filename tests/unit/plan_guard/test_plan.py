"""Plans are read as Terraform writes them, and what is no plan is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from plan_guard.errors import PlanGuardError
from plan_guard.plan import Action, load_plan, parse_plan


def _document(**change: object) -> dict[str, Any]:
    usual = {"actions": ["update"], "before": {"a": 1}, "after": {"a": 2}, "after_unknown": {}}
    entry = {"address": "aws_sqs_queue.this", "type": "aws_sqs_queue", "change": usual | change}
    return {"format_version": "1.2", "planned_values": {}, "resource_changes": [entry]}


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["no-op"], Action.NOTHING),
        (["create", "delete"], Action.REPLACE),
        (["delete", "create"], Action.REPLACE),
        (["forget"], Action.FORGET),
        (["create", "forget"], Action.REPLACE),
    ],
)
def test_actions_are_read(actions: list[str], action: Action) -> None:
    [change] = parse_plan(_document(actions=actions)).changes
    assert change.action is action


def test_changed_attributes_are_those_that_differ_or_are_not_known() -> None:
    [change] = parse_plan(
        _document(
            before={"a": 1, "b": 1, "c": 1}, after={"a": 2, "b": 1}, after_unknown={"c": True}
        )
    ).changes
    assert change.changed() == ("a", "c")


def test_what_is_sensitive_before_or_after_is_hidden() -> None:
    [change] = parse_plan(
        _document(before_sensitive={"a": True}, after_sensitive={"b": [{"c": True}], "d": False})
    ).changes
    assert change.hidden == {"a", "b"}


def test_a_sensitive_resource_as_a_whole_is_read() -> None:
    [change] = parse_plan(_document(before_sensitive=False, after_sensitive=False)).changes
    assert change.hidden == frozenset()


def test_a_move_alone_does_something() -> None:
    document = _document(actions=["no-op"], after={"a": 1})
    assert not parse_plan(document).does_something
    document["resource_changes"][0]["previous_address"] = "aws_sqs_queue.old"
    assert parse_plan(document).does_something


def test_an_output_alone_does_something() -> None:
    document = _document(actions=["no-op"], after={"a": 1})
    document["output_changes"] = {"new": {"actions": ["create"]}, "old": {"actions": ["no-op"]}}
    plan = parse_plan(document)
    assert plan.outputs == ("new",)
    assert plan.does_something


def _identity(account: str) -> dict[str, Any]:
    return {
        "resources": [
            {"type": "aws_region", "values": {"id": "us-west-2"}},
            {"type": "aws_caller_identity", "values": {"account_id": account}},
        ]
    }


def test_the_accounts_are_those_that_aws_told_the_root_and_its_modules() -> None:
    module = {"child_modules": [_identity("2")]}
    state = {"values": {"root_module": _identity("1") | {"child_modules": [module]}}}
    assert parse_plan(_document() | {"prior_state": state}).accounts == {"1", "2"}
    assert parse_plan(_document()).accounts == frozenset()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": "2.0"}, r"format is 2\.0"),
        ({"errored": True}, "only a part"),
        ({"planned_values": None}, "state and no plan"),
    ],
)
def test_what_is_no_whole_plan_is_refused(changes: dict[str, Any], message: str) -> None:
    document = _document() | changes
    if document["planned_values"] is None:
        del document["planned_values"]
    with pytest.raises(PlanGuardError, match=message):
        parse_plan(document)


def test_an_action_that_is_not_known_is_refused() -> None:
    with pytest.raises(PlanGuardError, match=r"does explode to aws_sqs_queue\.this"):
        parse_plan(_document(actions=["explode"]))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format_version": "1.2"', json.dumps("plan")])
def test_a_file_that_is_no_plan_says_how_to_write_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(PlanGuardError, match="terraform show -json"):
        load_plan(path)


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(PlanGuardError, match="terraform show -json"):
        load_plan(tmp_path / "plan.json")
