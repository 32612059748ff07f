"""The first plan of a stack: what this configuration's modules make passes, and nothing else."""

import copy
import json
import re
from pathlib import Path

import pytest

from plan_guard.first_plan import ACTIONS
from plan_guard.judgement import findings
from plan_guard.plan import parse_plan
from plan_guard.stack import DATA_SOURCES, KINDS
from unit.plan_guard.changes import PLANS, Attributes, document, entry, policy

FIRST = json.loads((PLANS / "everyday.json").read_text())[
    "stack that does not exist yet, with all it can have"
]
ATTACHMENT = (
    "module.access_policies.aws_iam_role_policy_attachment.this"
    '["uploader arn:aws:iam::123456789012:role/front-end"]'
)
ROOT = "arn:aws:iam::123456789012:root"
TERRAFORM = Path(__file__).parents[3] / "terraform"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def _stopped(parts: Attributes) -> dict[str, tuple[str, ...]]:
    return {it.address: it.reasons for it in findings(parse_plan(document(**parts)))}


def _with(address: str, **after: object) -> Attributes:
    """Return the first plan with other values of one resource, all of them known."""
    parts: Attributes = copy.deepcopy(FIRST)
    [it] = [it for it in parts["resource_changes"] if it["address"] == address]
    it["change"]["after"] = it["change"].get("after", {}) | after
    unknown = it["change"].get("after_unknown", {})
    it["change"]["after_unknown"] = {name: unknown[name] for name in unknown if name not in after}
    return parts


def test_a_stack_that_does_not_exist_yet_passes_with_all_it_can_have() -> None:
    assert _stopped(FIRST) == {}


@pytest.mark.parametrize(
    ("address", "after", "reason"),
    [
        (
            "module.submitter_bucket.aws_s3_bucket_public_access_block.this",
            {name: False},
            f"{name} is not True",
        )
        for name in (
            *("block_public_acls", "block_public_policy"),
            *("ignore_public_acls", "restrict_public_buckets"),
        )
    ]
    + [
        (
            "module.submitter_bucket.aws_s3_bucket_versioning.this",
            {"versioning_configuration": [{"status": "Suspended"}]},
            "versioning_configuration[].status is not Enabled",
        ),
        (
            "module.submitter_bucket.aws_s3_bucket_ownership_controls.this",
            {"rule": [{"object_ownership": "ObjectWriter"}]},
            "rule[].object_ownership is not BucketOwnerEnforced",
        ),
        (
            "module.submitter_bucket.aws_s3_bucket_policy.this",
            {"policy": policy(Action="s3:GetObject", Principal="*")},
            "One allows something to *",
        ),
        (
            "module.submitter_bucket.aws_s3_bucket_policy.this",
            {"policy": policy(Action="s3:GetObject", Principal={"Service": "s3.amazonaws.com"})},
            "One allows something to Service s3.amazonaws.com",
        ),
        (
            "module.submitter_bucket.aws_s3_bucket_policy.this",
            {
                "policy": policy(
                    Action="s3:GetObject", Principal={"AWS": "arn:aws:iam::999999999999:root"}
                )
            },
            "names another account, 999999999999",
        ),
        (
            "module.submitter_bucket.aws_s3_bucket_policy.this",
            {"policy": policy(Action="s3:GetObject", NotPrincipal={"AWS": "a"})},
            "One has a NotPrincipal, and so allows all but what it names",
        ),
        (
            "module.intake_function.aws_iam_role.this",
            {
                "assume_role_policy": policy(
                    Action="sts:AssumeRole", Principal={"AWS": "arn:aws:iam::123456789012:root"}
                )
            },
            "One allows something to AWS arn:aws:iam::123456789012:root",
        ),
        (
            "module.intake_function.aws_iam_role.this",
            {"managed_policy_arns": [ADMINISTRATOR]},
            f"managed_policy_arns is ['{ADMINISTRATOR}'], which is not this plan's",
        ),
        (
            "module.intake_function.aws_iam_role.this",
            {"inline_policy": [{"name": "x", "policy": policy(Action="iam:PassRole")}]},
            "One allows iam:PassRole",
        ),
        (
            "module.intake_function.aws_iam_role_policy.this",
            {"policy": policy(Action=["s3:?etObject", "s3:*", "kms:*", "*"])},
            "One allows s3:?etObject",
        ),
        (
            "module.intake_function.aws_iam_role_policy.this",
            {"policy": policy(Action="kms:*")},
            "One allows kms:*",
        ),
        (
            "module.submitter_bucket.aws_s3_bucket_policy.this",
            {"policy": policy(Action="s3:*", Principal={"AWS": ROOT})},
            "One allows s3:*",
        ),
        (
            "module.intake_function.aws_iam_role_policy.this",
            {"policy": policy(NotAction="iam:PassRole")},
            "One has a NotAction, and so allows all but what it names",
        ),
        (
            "module.intake_function.aws_lambda_function.this",
            {"role": "arn:aws:iam::123456789012:role/administrator"},
            "role is arn:aws:iam::123456789012:role/administrator, which is not this plan's",
        ),
        (
            "module.intake_function.aws_lambda_function.this",
            {"s3_bucket": "evil"},
            "s3_bucket is not None",
        ),
        (
            "module.intake_notification.aws_lambda_permission.this",
            {"principal": "apigateway.amazonaws.com"},
            "principal is not s3.amazonaws.com",
        ),
        (
            "module.intake_notification.aws_lambda_permission.this",
            {"source_account": None},
            "lets a bucket of any account run the function: it has no source_account",
        ),
        (
            "module.intake_notification.aws_lambda_permission.this",
            {"source_account": "999999999999"},
            "names another account, 999999999999",
        ),
        (
            ATTACHMENT,
            {"policy_arn": ADMINISTRATOR},
            f"policy_arn is {ADMINISTRATOR}, which is not this plan's",
        ),
    ],
    ids=str,
)
def test_what_the_modules_make_may_not_open_more(
    address: str, after: Attributes, reason: str
) -> None:
    stopped = _stopped(_with(address, **after))
    assert list(stopped) == [address]
    assert reason in stopped[address]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ({"actions": ["iam:PassRole"]}, "a statement allows iam:PassRole"),
        ({"actions": ["s3:*"]}, "a statement allows s3:*"),
        (
            {"not_actions": ["s3:*"]},
            "a statement has a NotAction, and so allows all but what it names",
        ),
        (
            {"actions": ["s3:GetObject"], "principals": [{"type": "*", "identifiers": ["*"]}]},
            "a statement allows something to * *",
        ),
        (
            {"actions": ["s3:GetObject"], "principals": [{"type": "AWS", "identifiers": [None]}]},
            "a statement allows something to AWS (known after the apply)",
        ),
    ],
    ids=str,
)
def test_a_document_that_is_rendered_later_may_not_allow_more(
    statement: Attributes, reason: str
) -> None:
    address = "module.access_policies.data.aws_iam_policy_document.uploader"
    assert _stopped(_with(address, statement=[statement])) == {address: (reason,)}


OTHERS = "arn:aws:s3:::other-123456789012-us-east-1/*"
DOCUMENT = "module.access_policies.data.aws_iam_policy_document.uploader"
UPLOADER = 'module.access_policies.aws_iam_policy.this["uploader"]'
FUNCTION = "module.intake_function.aws_lambda_function.this"
ROLE = "module.intake_function.aws_iam_role.this"
PERMISSIONS = "module.intake_function.aws_iam_role_policy.this"
ALARM = 'module.observability.aws_cloudwatch_metric_alarm.this["oldest-message-age"]'


@pytest.mark.parametrize(
    ("address", "after"),
    [
        (f"module.submitter_bucket.aws_s3_bucket_{kind}.this", {"bucket": "other"})
        for kind in (
            *("policy", "public_access_block", "versioning", "lifecycle_configuration"),
            *("ownership_controls", "server_side_encryption_configuration"),
        )
    ]
    + [
        ("module.intake_notification.aws_s3_bucket_notification.this", {"bucket": "other"}),
        ("module.observability.aws_s3_bucket_metric.submissions", {"bucket": "other"}),
        ("module.submitter_bucket.aws_s3_bucket.this", {"bucket": "other-bucket"}),
        *(
            (address, {"queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/other"})
            for address in (
                'module.submitter_queue.aws_sqs_queue_policy.this["queue"]',
                "module.submitter_queue.aws_sqs_queue_redrive_policy.queue[0]",
                "module.submitter_queue.aws_sqs_queue_redrive_allow_policy.dead_letter_queue[0]",
            )
        ),
        ("module.encryption_key[0].aws_kms_alias.this", {"target_key_id": "k"}),
        ("module.encryption_key[0].aws_kms_alias.this", {"name": "alias/other"}),
        (PERMISSIONS, {"role": "administrator"}),
        ("module.intake_notification.aws_lambda_permission.this", {"function_name": "other"}),
        (
            "module.intake_notification.aws_lambda_permission.this",
            {"action": "lambda:UpdateFunctionCode"},
        ),
        (
            "module.intake_function.aws_lambda_function_event_invoke_config.this",
            {"function_name": "other-intake"},
        ),
        (
            "module.intake_function.aws_lambda_function_recursion_config.this",
            {"function_name": "new-two-intake"},
        ),
        (
            "module.intake_function.aws_lambda_function_event_invoke_config.this",
            {
                "destination_config": [
                    {"on_failure": [{"destination": "arn:aws:sqs:us-east-1:123456789012:other"}]}
                ]
            },
        ),
        (
            ATTACHMENT,
            {"role": "repairer"},
        ),
        (UPLOADER, {"policy": policy(Action="s3:GetObject", Resource=OTHERS)}),
        (UPLOADER, {"policy": policy(Action="s3:GetObject", Resource="*")}),
        (DOCUMENT, {"statement": [{"actions": ["s3:GetObject"], "resources": [OTHERS]}]}),
        (DOCUMENT, {"statement": [{"actions": ["s3:GetObject"], "resources": ["*"]}]}),
        *(
            (DOCUMENT, {name: [policy(Action="iam:PassRole")]})
            for name in ("source_policy_documents", "override_policy_documents")
        ),
        *(
            (DOCUMENT, {"statement": [{"actions": [action], "resources": [None]}]})
            for action in (
                *("s3:PutBucketPolicy", "kms:PutKeyPolicy", "lambda:UpdateFunctionCode"),
                *("ssm:SendCommand", "s3:getobject"),
            )
        ),
        (
            ROLE,
            {
                "assume_role_policy": policy(
                    Action="sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"}
                )
            },
        ),
        (
            ROLE,
            {
                "assume_role_policy": policy(
                    Action="sts:*", Principal={"Service": "lambda.amazonaws.com"}
                )
            },
        ),
    ],
    ids=str,
)
def test_another_stack_is_not_written_over_and_no_right_is_given_in_it(
    address: str, after: Attributes
) -> None:
    assert address in _stopped(_with(address, **after))


NAMED = {
    'module.submitter_queue.aws_sqs_queue.this["queue"]': ("name", "submissions"),
    FUNCTION: ("function_name", "intake"),
    "module.intake_function.aws_cloudwatch_log_group.this": ("name", "intake"),
    ROLE: ("name", "intake-us-east-1"),
    PERMISSIONS: ("name", "intake"),
    UPLOADER: ("name", "uploader-us-east-1"),
    ALARM: ("alarm_name", "oldest-message-age"),
    "module.observability.aws_cloudwatch_dashboard.this": ("dashboard_name", ""),
    "module.stack_parameter.aws_ssm_parameter.this": ("name", "stack"),
}


@pytest.mark.parametrize("stack", ["other", "new-two", ""])
@pytest.mark.parametrize("address", NAMED)
def test_what_is_called_like_another_stacks_stops(address: str, stack: str) -> None:
    attribute, end = NAMED[address]
    stopped = _stopped(_with(address, **{attribute: f"{stack}-{end}"}))
    assert "which is not one of this stack's" in stopped[address][0]


def test_a_bucket_may_have_the_name_that_a_variable_gives_it() -> None:
    parts = _with("module.submitter_bucket.aws_s3_bucket.this", bucket="mine")
    parts["variables"] |= {"bucket_name": {"value": "mine"}}
    assert _stopped(parts) == {}


def _marked(address: str, **unknown: object) -> Attributes:
    """Return the first plan with other values of one resource that are not known."""
    parts: Attributes = copy.deepcopy(FIRST)
    [it] = [it for it in parts["resource_changes"] if it["address"] == address]
    it["change"]["after_unknown"] |= unknown
    for name, mark in unknown.items():
        if mark is True:
            it["change"]["after"].pop(name, None)
    return parts


@pytest.mark.parametrize(
    ("address", "unknown"),
    [
        (ROLE, {"assume_role_policy": True}),
        (DOCUMENT, {"statement": True}),
        (DOCUMENT, {"statement": [True]}),
        (DOCUMENT, {"statement": [{"actions": [True]}]}),
        (DOCUMENT, {"statement": [{"actions": True}]}),
        (DOCUMENT, {"statement": [{"resources": True}]}),
        (DOCUMENT, {"statement": [{"condition": True}]}),
        (DOCUMENT, {"statement": [{"condition": [{"test": True}]}]}),
        (DOCUMENT, {"statement": [{"condition": [{"values": True}]}]}),
        (DOCUMENT, {"statement": [{"effect": True}]}),
        (DOCUMENT, {"source_policy_documents": True}),
        (DOCUMENT, {"override_policy_documents": [True]}),
    ],
    ids=str,
)
def test_what_a_policy_will_say_has_to_be_known(address: str, unknown: Attributes) -> None:
    assert list(_stopped(_marked(address, **unknown))) == [address]


def _expressed(address: str, **expressions: object) -> Attributes:
    """Return the first plan with other expressions of one resource in its configuration."""
    parts: Attributes = copy.deepcopy(FIRST)
    *modules, kind, name = address.replace("data.", "").split(".")
    module = parts["configuration"]["root_module"]
    for it in modules[1::2]:
        module = module["module_calls"][it]["module"]
    [it] = [it for it in module["resources"] if it["address"].endswith(f"{kind}.{name}")]
    it["expressions"] = it.get("expressions", {}) | expressions
    return parts


@pytest.mark.parametrize(
    "expression",
    [
        {"references": ["local.policy"]},
        {"references": ["data.aws_iam_policy_document.permissions.json", "var.more"]},
        {"references": ["data.aws_iam_policy_document.permissions.statement"]},
        {"references": ["each.value"]},
        {"references": []},
        {},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("address", "name"),
    [
        (PERMISSIONS, "policy"),
        (ROLE, "inline_policy"),
        (
            "module.access_policies.data.aws_iam_policy_document.repairing_operator",
            "source_policy_documents",
        ),
    ],
)
def test_a_policy_that_is_not_known_is_exactly_a_documents(
    address: str, name: str, expression: Attributes
) -> None:
    assert list(_stopped(_expressed(address, **{name: expression}))) == [address]


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
    parts = copy.deepcopy(FIRST)
    modules = parts["configuration"]["root_module"]["module_calls"]
    resources = modules["submitter_queue"]["module"]["resources"]
    [it] = [it for it in resources if it["type"] == "aws_sqs_queue_policy"]
    it["expressions"] = {"policy": {"references": references}}
    it["for_each_expression"] = {"references": for_each}
    kind = "module.submitter_queue.aws_sqs_queue_policy"
    assert list(_stopped(parts)) == [f'{kind}.this["dead_letter"]', f'{kind}.this["queue"]']


@pytest.mark.parametrize(
    "address",
    [
        'module.submitter_queue.aws_sqs_queue_policy.this["more"]',
        'module.submitter_queue.aws_sqs_queue_policy.more["queue"]',
        "module.submitter_queue.aws_sqs_queue_redrive_policy.queue[1]",
        "module.submitter_queue.aws_sqs_queue_redrive_allow_policy.more",
        "module.intake_function.module.failures_queue.aws_sqs_queue_redrive_policy.queue[0]",
    ],
)
def test_no_queue_gets_another_setting(address: str) -> None:
    parts = copy.deepcopy(FIRST)
    parts["resource_changes"].append(entry(address, "create", after={}))
    reasons = _stopped(parts)
    assert reasons == {address: ("is not one of those that this configuration makes",)}


def test_a_policy_that_is_not_known_needs_the_configuration() -> None:
    assert UPLOADER in _stopped(FIRST | {"configuration": {}})


MADE = [
    it["address"]
    for it in FIRST["resource_changes"]
    if it["mode"] == "managed" and not re.search(r"attachment|kms|aws_s3_bucket\.", it["address"])
]


@pytest.mark.parametrize("address", MADE)
def test_nothing_that_a_stack_needs_is_left_out(address: str) -> None:
    parts = copy.deepcopy(FIRST)
    parts["resource_changes"] = [it for it in parts["resource_changes"] if it["address"] != address]
    stopped = _stopped(parts)
    assert stopped
    assert all(address.split(".")[-2] in it.split(".") for it in stopped)
    reasons = [reason for it in stopped.values() for reason in it]
    assert all("missing" in it or "has none called" in it for it in reasons)


def test_a_stack_without_a_key_and_without_anybody_passes() -> None:
    parts = copy.deepcopy(FIRST)
    parts["resource_changes"] = [
        it for it in parts["resource_changes"] if not re.search(r"attachment|_key", it["address"])
    ]
    assert _stopped(parts) == {}


def test_what_it_asks_later_passes() -> None:
    parts = copy.deepcopy(FIRST)
    parts["resource_changes"].append(entry("module.a.data.aws_region.x", "read", after={}))
    assert _stopped(parts) == {}


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
    parts = copy.deepcopy(FIRST)
    parts["resource_changes"].append(extra)
    assert list(_stopped(parts)) == [extra["address"]]


QUEUE = 'module.submitter_queue.aws_sqs_queue.this["queue"]'


@pytest.mark.parametrize(
    "change",
    [
        entry(f"{QUEUE}[0]", "no-op", before={"name": "q"}, after={"name": "q"}),
        entry(f"{QUEUE}[0]", "delete", before={"name": "q"}),
        entry(f"{QUEUE}[0]", "update", before={"tags": {}}, after={"tags": {"a": "b"}}),
    ],
    ids=lambda it: it["change"]["actions"][0],
)
def test_a_stack_of_which_something_is_there_is_not_new(change: Attributes) -> None:
    parts = copy.deepcopy(FIRST)
    parts["resource_changes"].append(change | {"type": "aws_sqs_queue"})
    assert len(_stopped(parts)) > 20


def test_a_stack_whose_state_is_not_empty_is_not_new() -> None:
    parts = copy.deepcopy(FIRST)
    resources = parts["prior_state"]["values"]["root_module"]["resources"]
    resources.append({"type": "aws_sqs_queue", "mode": "managed", "values": {}})
    assert len(_stopped(parts)) > 20


def test_a_stack_that_is_gone_is_not_new() -> None:
    # As from another account, or another region.
    gone = entry(QUEUE, "delete", before={"name": "q"})
    assert len(_stopped(FIRST | {"resource_drift": [gone]})) > 20


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
    actions = set()
    for file in (TERRAFORM / "modules").rglob("*.tf"):
        for found in re.findall(
            r"actions\s*= \[(.*?)\]", file.read_text(encoding="utf-8"), re.DOTALL
        ):
            actions |= set(re.findall(r'"(\w+:[\w*]+)"', found))
    # Those that are denied, or allowed to Lambda.
    assert ACTIONS | {"s3:*", "sqs:*", "sts:AssumeRole"} >= actions
    assert actions >= ACTIONS


def test_the_guard_knows_what_the_configuration_makes_and_no_more() -> None:
    known = {(kind, module) for kind in KINDS for module in KINDS[kind].modules}
    assert _made(TERRAFORM) == known | {(kind, "data") for kind in DATA_SOURCES}
