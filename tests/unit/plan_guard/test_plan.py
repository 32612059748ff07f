"""Plans are read as Terraform and shells write them; what is not a whole plan is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from plan_guard.plan import Action, Plan, PlanGuardError, load_plan, parse_plan
from unit.plan_guard.changes import Attributes, document, entry

QUEUE = "module.a.aws_sqs_queue.this"
NOTHING = entry(QUEUE, "no-op", before={}, after={})


def _plan(*actions: str, **change: object) -> Plan:
    return parse_plan(document(resource_changes=[entry(QUEUE, *actions, **change)]))


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["no-op"], Action.NOTHING),
        (["create", "delete"], Action.REPLACE),
        (["delete", "create"], Action.REPLACE),
        (["create", "forget"], Action.REPLACE),
        *(([it], Action(it)) for it in ("create", "read", "update", "delete", "forget")),
    ],
)
def test_actions_are_read(actions: list[str], action: Action) -> None:
    [change] = _plan(*actions).changes
    assert change.action is action


@pytest.mark.parametrize(
    ("sides", "marks", "hidden"),
    [
        (
            {"before": {"a": 1, "d": 1}, "after": {"b": [{"c": 1}]}},
            {"before_sensitive": {"a": True}, "after_sensitive": {"b": [{"c": True}], "d": False}},
            {"a", "b"},
        ),
        ({"before": {"a": 1}, "after": {"a": 2}}, {"after_sensitive": True}, {"a"}),
    ],
)
def test_what_is_sensitive_before_or_after_is_hidden(
    sides: dict[str, Any], marks: dict[str, Any], hidden: set[str]
) -> None:
    [change] = _plan("update", **sides, **marks).changes
    assert change.hidden == hidden


READ = entry("module.a.data.aws_region.x", "read", after={})
DOES: dict[str, Attributes] = {
    "move": {"resource_changes": [NOTHING | {"previous_address": "a.b"}]},
    "import": {"resource_changes": [entry(QUEUE, "no-op", importing={"id": "x"})]},
    "import without an identity": {"resource_changes": [entry(QUEUE, "no-op", importing={})]},
    "update": {"resource_changes": [entry(QUEUE, "update", before={}, after={})]},
    "output": {"output_changes": {"new": {"actions": ["create"]}, "old": {"actions": ["no-op"]}}},
    "action": {"action_invocations": [{"address": "action.aws_lambda_invoke.x"}]},
    "refresh": {"applyable": True},
}
DOES_NOT: dict[str, Attributes] = {
    "nothing": {"resource_changes": [NOTHING]},
    "reading": {"resource_changes": [READ]},
    "reading while applying": {"resource_changes": [READ], "applyable": True},
    # What was changed outside Terraform also has values that were merely read again.
    "drift": {
        "resource_drift": [entry(QUEUE, "update", before={"tags": None}, after={"tags": {}})]
    },
}


@pytest.mark.parametrize("name", [*DOES, *DOES_NOT])
def test_a_plan_does_something_or_not(name: str) -> None:
    it = (DOES | DOES_NOT)[name]
    assert parse_plan(document(**it)).does_something is (name in DOES)


def test_checks_that_fail_are_told() -> None:
    checks = [
        {"address": {"to_display": f"check.{status}"}, "status": status}
        for status in ("pass", "fail", "error", "unknown")
    ]
    assert parse_plan(document(checks=checks)).failed_checks == ("check.fail", "check.error")


def test_the_accounts_are_those_that_aws_told_the_root_and_its_modules() -> None:
    one, two = (
        {"resources": [{"type": "aws_caller_identity", "values": {"account_id": it}}]}
        for it in ("1", "2")
    )
    state = {"values": {"root_module": one | {"child_modules": [{"child_modules": [two]}]}}}
    it = parse_plan(document(prior_state=state))
    assert it.accounts == {"1", "2"}
    assert "account" not in it.names


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"format_version": "2.0"}, r"format is 2\.0"),
        ({"errored": True}, "only a part"),
        ({"complete": False}, "-target or -exclude.*proves nothing"),
        ({"complete": None}, "proves nothing"),
        ({"deferred_changes": [{"reason": "x"}]}, "proves nothing"),
        ({"deferred_action_invocations": [{}]}, "proves nothing"),
        ({"resource_changes": [entry(QUEUE, "explode")]}, "does explode to"),
        ({"resource_changes": [entry(QUEUE)]}, "does  to"),
        ({"resource_changes": [entry(QUEUE, "create", "update")]}, "does create/update to"),
    ],
)
def test_what_is_not_a_whole_plan_is_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanGuardError, match=message):
        parse_plan(document(**parts))


def test_a_state_is_told_from_a_plan_and_opentofu_need_not_say_that_a_plan_is_complete() -> None:
    whole = document()
    with pytest.raises(PlanGuardError, match="state and not a plan"):
        parse_plan({name: it for name, it in whole.items() if name != "planned_values"})
    tofus = {name: it for name, it in whole.items() if name != "complete"}
    assert not parse_plan(tofus).does_something


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "plan.json"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"], ids=repr)
def test_a_plan_is_read_in_any_encoding_that_windows_writes(
    tmp_path: Path, encoding: str, end: str
) -> None:
    it = document(output_changes={"é→😀": {"actions": ["create"]}})
    text = json.dumps(it, ensure_ascii=False) + end
    assert load_plan(_written(tmp_path, text.encode(encoding))).outputs == ("é→😀",)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"[]", b"{}", b"null", b'"plan"', b"PK\x03\x04", b"[" * 100_000),
        *(b"\xff\xfe\x00", b"\x00\xd8", b"\x80\x81", b'{"format_version": "1.2"'),
        *(
            b'{"format_version": "1.2", "planned_values": {}' + more + b"}"
            for more in (
                b"",
                *(b', "resource_changes": %b' % it for it in (b'{"a": 1}', b"[1]", b"null")),
            )
        ),
    ],
    ids=lambda it: repr(it[:90]),
)
def test_a_file_that_is_no_plan_says_how_to_write_one(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(PlanGuardError, match="terraform show -json"):
        load_plan(_written(tmp_path, content))
    with pytest.raises(PlanGuardError, match="cannot be read"):
        load_plan(tmp_path)
