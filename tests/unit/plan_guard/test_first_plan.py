"""The first plan of a stack: what this configuration's modules make passes, and nothing else."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plan_guard.first_plan import ACTIONS
from plan_guard.judgement import findings
from plan_guard.plan import parse_plan
from plan_guard.resource_types import DATA_SOURCES, KINDS
from unit.plan_guard.changes import PLANS, Attributes, document, entry, policy

FIRST = json.loads((PLANS / "everyday.json").read_text())[
    "stack that does not exist yet, with all it can have"
]
_FIRST_TEXT = json.dumps(FIRST)
CASES = {
    name: [(address, it, *why) for them, values, *why in rows for address in them for it in values]
    for name, rows in json.loads((PLANS / "first_plan.json").read_text()).items()
}
"""What may not be in it: the address and other values of a resource, and the reason."""

TERRAFORM = Path(__file__).parents[3] / "terraform"
BUCKET = "module.submitter_bucket.aws_s3_bucket.this"
UPLOADER = 'module.access_policies.aws_iam_policy.this["uploader"]'
ROLE = "module.intake_function.aws_iam_role.this"
PERMISSIONS = "module.intake_function.aws_iam_role_policy.this"
GRADER = "module.grader_function[0]"
MAPPING_PERMISSIONS = "module.grader_mapping[0].aws_iam_role_policy.this"
QUEUE = 'module.submitter_queue.aws_sqs_queue.this["queue"]'


def _stopped(parts: Attributes) -> dict[str, tuple[str, ...]]:
    return {it.address: it.reasons for it in findings(parse_plan(document(**parts)))}


def _resource(parts: Attributes, address: str) -> Any:  # noqa: ANN401
    [it] = [it for it in parts["resource_changes"] if it["address"] == address]
    return it["change"]


def _first(*extra: Attributes) -> Attributes:
    """Return a copy of the first plan, with more changes."""
    parts: Attributes = json.loads(_FIRST_TEXT)
    parts["resource_changes"] += extra
    return parts


def _with(address: str, **after: object) -> Attributes:
    """Return the first plan with other values of one resource, all of them known."""
    parts = _first()
    change = _resource(parts, address)
    change.setdefault("after", {}).update(after)
    for name in after:
        change.get("after_unknown", {}).pop(name, None)
    return parts


def _marked(address: str, **unknown: object) -> Attributes:
    """Return the first plan with other values of one resource that are not known."""
    parts = _first()
    change = _resource(parts, address)
    change["after_unknown"] |= unknown
    for name in [it for it, mark in unknown.items() if mark is True]:
        change["after"].pop(name, None)
    return parts


def _configured(parts: Attributes, address: str) -> Any:  # noqa: ANN401
    """Return the configuration of one resource in a plan."""
    *modules, kind, name = address.replace("data.", "").replace("[0]", "").split(".")
    module = parts["configuration"]["root_module"]
    for it in modules[1::2]:
        module = module["module_calls"][it]["module"]
    [found] = [it for it in module["resources"] if it["address"].endswith(f"{kind}.{name}")]
    return found


@pytest.mark.parametrize(("address", "after", "reason"), CASES["opens more"], ids=str)
def test_what_the_modules_make_may_not_open_more(
    address: str, after: Attributes, reason: str
) -> None:
    stopped = _stopped(_with(address, **after))
    assert list(stopped) == [address]
    assert reason in stopped[address]


@pytest.mark.parametrize(("address", "after"), CASES["another stack's"], ids=str)
def test_another_stack_is_not_written_over_and_no_right_is_given_in_it(
    address: str, after: Attributes
) -> None:
    assert address in _stopped(_with(address, **after))


NAMED = {
    QUEUE: ("name", "submissions"),
    "module.intake_function.aws_lambda_function.this": ("function_name", "intake"),
    "module.intake_function.aws_cloudwatch_log_group.this": ("name", "intake"),
    ROLE: ("name", "intake-us-east-1"),
    PERMISSIONS: ("name", "intake"),
    UPLOADER: ("name", "uploader-us-east-1"),
    f"{GRADER}.aws_lambda_function.this": ("function_name", "grader"),
    f"{GRADER}.aws_cloudwatch_log_group.this": ("name", "grader"),
    f"{GRADER}.aws_iam_role.this": ("name", "grader-us-east-1"),
    MAPPING_PERMISSIONS: ("name", "grader-submissions"),
    'module.observability.aws_cloudwatch_metric_alarm.this["grader-errors"]': (
        *("alarm_name", "grader-errors"),
    ),
    'module.observability.aws_cloudwatch_metric_alarm.this["oldest-message-age"]': (
        *("alarm_name", "oldest-message-age"),
    ),
    "module.observability.aws_cloudwatch_dashboard.this": ("dashboard_name", ""),
    "module.stack_parameter.aws_ssm_parameter.this": ("name", "stack"),
}


@pytest.mark.parametrize(
    ("address", "stack"),
    [*((address, "other") for address in NAMED), (QUEUE, "new-two"), (QUEUE, "")],
)
def test_what_is_called_like_another_stacks_stops(address: str, stack: str) -> None:
    attribute, end = NAMED[address]
    stopped = _stopped(_with(address, **{attribute: f"{stack}-{end}"}))
    assert "which is not one of this stack's" in stopped[address][0]


def test_a_bucket_may_have_the_name_that_a_variable_gives_it() -> None:
    parts = _with(BUCKET, bucket="mine")
    parts["variables"] |= {"bucket_name": {"value": "mine"}}
    assert _stopped(parts) == {}


@pytest.mark.parametrize(("address", "unknown"), CASES["unknown"], ids=str)
def test_what_a_policy_will_say_has_to_be_known(address: str, unknown: Attributes) -> None:
    assert list(_stopped(_marked(address, **unknown))) == [address]


@pytest.mark.parametrize(
    "references",
    [
        ["local.policy"],
        ["data.aws_iam_policy_document.permissions.json", "var.more"],
        ["data.aws_iam_policy_document.permissions.statement"],
        ["each.value"],
        [],
        None,
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("address", "name"),
    [
        (PERMISSIONS, "policy"),
        (MAPPING_PERMISSIONS, "policy"),
        (ROLE, "inline_policy"),
        (
            "module.access_policies.data.aws_iam_policy_document.repairing_operator",
            "source_policy_documents",
        ),
    ],
)
def test_a_policy_that_is_not_known_is_exactly_a_documents(
    address: str, name: str, references: list[str] | None
) -> None:
    assert UPLOADER in _stopped(FIRST | {"configuration": {}})
    parts = _first()
    expression = {} if references is None else {"references": references}
    _configured(parts, address).setdefault("expressions", {})[name] = expression
    assert list(_stopped(parts)) == [address]


@pytest.mark.parametrize(
    ("references", "for_each"),
    [
        (["data.aws_iam_policy_document.this", "each.key"], ["var.queues"]),
        (["data.aws_iam_policy_document.this", "each.key", "var.more"], ["local.queues"]),
        (["data.aws_iam_policy_document.this", "each.value"], ["local.queues"]),
        (["each.value"], ["local.queues"]),
    ],
    ids=str,
)
def test_a_policy_of_several_queues_is_the_document_of_each(
    references: list[str], for_each: list[str]
) -> None:
    parts, kind = _first(), "module.submitter_queue.aws_sqs_queue_policy"
    it = _configured(parts, f"{kind}.this")
    it["expressions"] = {"policy": {"references": references}}
    it["for_each_expression"] = {"references": for_each}
    assert list(_stopped(parts)) == [f'{kind}.this["dead_letter"]', f'{kind}.this["queue"]']


@pytest.mark.parametrize(
    "address",
    [
        'module.submitter_queue.aws_sqs_queue_policy.this["more"]',
        'module.submitter_queue.aws_sqs_queue_policy.more["queue"]',
        "module.submitter_queue.aws_sqs_queue_redrive_policy.queue[1]",
        "module.submitter_queue.aws_sqs_queue_redrive_allow_policy.more",
        "module.intake_failures.aws_sqs_queue_redrive_policy.queue[0]",
        "module.grader_function[0].aws_lambda_function_event_invoke_config.this[0]",
        "module.grader_mapping[1].aws_lambda_event_source_mapping.this",
    ],
)
def test_no_queue_and_no_function_gets_another_setting(address: str) -> None:
    reasons = _stopped(_first(entry(address, "create", after={})))
    assert list(reasons) == [address]
    assert reasons[address][0] == "is not one of those that this configuration makes"


CHANGES = FIRST["resource_changes"]
WITHOUT_GRADER = [
    it for it in CHANGES if not re.search(r"\.grader_|grader-errors|grading-", it["address"])
]
MADE = [
    it["address"]
    for it in CHANGES
    if it["mode"] == "managed" and not re.search(r"attachment|kms|aws_s3_bucket\.", it["address"])
]


def _without(pattern: str) -> dict[str, tuple[str, ...]]:
    kept = [it for it in CHANGES if not re.search(pattern, it["address"])]
    assert len(kept) < len(CHANGES)
    return _stopped(FIRST | {"resource_changes": kept})


@pytest.mark.parametrize("address", MADE)
def test_nothing_that_a_stack_needs_is_left_out(address: str) -> None:
    stopped = _without(f"^{re.escape(address)}$")
    assert stopped
    assert all(address.split(".")[-2] in it.split(".") for it in stopped)
    reasons = [reason for it in stopped.values() for reason in it]
    assert all("missing" in it or "has none called" in it for it in reasons)


def _graded(grading: object, changes: list[Any]) -> dict[str, tuple[str, ...]]:
    variables = FIRST["variables"] | {"grading": {"value": grading}}
    return _stopped(FIRST | {"variables": variables, "resource_changes": changes})


def test_a_stack_has_a_grader_if_a_variable_says_so() -> None:
    # With the defaults.
    assert _graded({}, CHANGES) == {}
    stopped = _graded({}, WITHOUT_GRADER)
    assert {reason.partition(";")[0] for it in stopped.values() for reason in it} == {
        *("is missing", "has none called new-grader", "has none called new-grader-submissions"),
        *("has none called /aws/lambda/new-grader", "has none called new-grader-us-east-1"),
        *("has none called new-grader-errors", "has none called new-grading-failures"),
    }


def test_a_stack_has_no_grader_otherwise() -> None:
    assert _graded(None, WITHOUT_GRADER) == {}
    graders = [it for it in CHANGES if it["mode"] == "managed" and it not in WITHOUT_GRADER]
    assert {*_graded(None, CHANGES)} == {it["address"] for it in graders}


def test_a_stack_may_lack_a_key_and_anybody_and_may_read_more() -> None:
    assert _without("attachment|_key") == {}
    assert _stopped(_first(entry("module.a.data.aws_region.x", "read", after={}))) == {}


@pytest.mark.parametrize(
    "extra",
    [
        entry("aws_iam_policy.helper", "create", after={"policy": policy(Resource="*")}),
        entry("module.more.aws_s3_bucket.this", "create", after={"bucket": "x"}),
        entry("aws_iam_user_group_membership.x", "create", after={"groups": ["Administrators"]}),
        entry("aws_cloudformation_stack.x", "create", after={"name": "x"}),
        entry("data.external.x", "read", after={}),
    ],
    ids=lambda it: it["address"],
)
def test_nothing_else_is_created_beside_it(extra: Attributes) -> None:
    assert list(_stopped(_first(extra))) == [extra["address"]]


THERE = {"type": "aws_sqs_queue", "mode": "managed", "values": {}}


@pytest.mark.parametrize(
    "parts",
    [
        *(
            _first(entry(f"{QUEUE}[0]", action, **sides) | {"type": "aws_sqs_queue"})
            for action, sides in (
                ("no-op", {"before": {"name": "q"}, "after": {"name": "q"}}),
                ("delete", {"before": {"name": "q"}}),
                ("update", {"before": {"tags": {}}, "after": {"tags": {"a": "b"}}}),
            )
        ),
        FIRST | {"prior_state": {"values": {"root_module": {"resources": [THERE]}}}},
        # As from another account, or another region.
        FIRST | {"resource_drift": [entry(QUEUE, "delete", before={"name": "q"})]},
    ],
    ids=["no-op", "delete", "update", "state", "drift"],
)
def test_a_stack_of_which_something_is_or_was_there_is_not_new(parts: Attributes) -> None:
    assert parse_plan(document(**FIRST)).is_first
    plan = parse_plan(document(**parts))
    assert not plan.is_first
    [queue] = [it for it in plan.changes if it.address == QUEUE]
    [finding] = findings(replace(plan, changes=(queue,), has_state=True))
    assert "is created in a stack that exists" in finding.reasons[0]


def _made(folder: Path, address: str = "") -> set[tuple[str, str]]:
    """Return the types that a module and those in it make, with their addresses, and read."""
    made: set[tuple[str, str]] = set()
    for file in folder.glob("*.tf"):
        text = file.read_text(encoding="utf-8")
        kinds = re.findall(r'^(resource|data) "(\w+)"', text, re.MULTILINE)
        made |= {(kind, "data" if block == "data" else address) for block, kind in kinds}
        for name, source in re.findall(
            r'^module "(\w+)" \{\s+source\s+= "(.+)"', text, re.MULTILINE
        ):
            made |= _made(folder / source, f"{address}.module.{name}".removeprefix("."))
    return made


def test_the_guard_knows_which_actions_the_configuration_allows() -> None:
    texts = [it.read_text(encoding="utf-8") for it in (TERRAFORM / "modules").rglob("*.tf")]
    lists = re.findall(r"actions\s*= \[(.*?)\]", "\n".join(texts), re.DOTALL)
    actions = set(re.findall(r'"(\w+:[\w*]+)"', "".join(lists)))
    # Those that are denied, or allowed to Lambda.
    assert ACTIONS | {"s3:*", "sqs:*", "sts:AssumeRole"} >= actions
    assert actions >= ACTIONS


def test_the_guard_knows_what_the_configuration_makes_and_no_more() -> None:
    known = {(kind, module) for kind in KINDS for module in KINDS[kind].modules}
    assert _made(TERRAFORM) == known | {(kind, "data") for kind in DATA_SOURCES}
