"""Each rule: changes that it stops, and their neighbours that it lets pass."""

import pytest

from plan_guard.errors import PlanGuardError
from plan_guard.findings import Rule
from plan_guard.plan import Action, Change
from plan_guard.rules import findings
from unit.plan_guard.changes import ACCOUNT, created, deleted, plan, policy, replaced, updated

QUEUE = "aws_sqs_queue"
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
BLOCK = "aws_s3_bucket_public_access_block"
ALL_BLOCKED = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"),
    True,
)
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def _lifecycle(days: int | None, status: str = "Enabled") -> dict[str, object]:
    limits = [{"noncurrent_days": days}] if days else []
    rule = {"id": "old", "status": status, "noncurrent_version_expiration": limits}
    return {"rule": [rule]}


def _encryption(algorithm: str) -> dict[str, object]:
    return {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": algorithm}]}]}


def _versioning(status: str) -> dict[str, object]:
    return {"versioning_configuration": [{"status": status}]}


STOPPED = [
    pytest.param(Rule.DATA_LOSS, deleted("aws_s3_bucket"), id="delete the bucket"),
    pytest.param(Rule.DATA_LOSS, replaced(QUEUE, replaced_for=("name",)), id="replace a queue"),
    pytest.param(Rule.DATA_LOSS, deleted("aws_kms_key"), id="delete the key"),
    pytest.param(Rule.DATA_LOSS, replaced("aws_cloudwatch_log_group"), id="replace the log"),
    pytest.param(
        Rule.RETENTION_SHORTENED,
        updated(QUEUE, {"message_retention_seconds": 7}, {"message_retention_seconds": 6}),
        id="messages",
    ),
    pytest.param(
        Rule.RETENTION_SHORTENED,
        updated("aws_cloudwatch_log_group", {"retention_in_days": 0}, {"retention_in_days": 3653}),
        id="logs kept for ever",
    ),
    pytest.param(
        Rule.RETENTION_SHORTENED,
        updated(LIFECYCLE, _lifecycle(180), _lifecycle(30)),
        id="versions",
    ),
    pytest.param(
        Rule.RETENTION_SHORTENED,
        updated(LIFECYCLE, _lifecycle(30, "Disabled"), _lifecycle(30)),
        id="a rule that did not act before",
    ),
    pytest.param(
        Rule.PROTECTION_REMOVED,
        updated("aws_s3_bucket", {"force_destroy": False}, {"force_destroy": True}),
        id="force_destroy",
    ),
    pytest.param(
        Rule.PROTECTION_REMOVED,
        updated("aws_s3_bucket_versioning", _versioning("Enabled"), _versioning("Suspended")),
        id="versioning",
    ),
    pytest.param(
        Rule.PROTECTION_REMOVED,
        updated(ENCRYPTION, _encryption("aws:kms"), _encryption("AES256")),
        id="the bucket's key",
    ),
    pytest.param(
        Rule.PROTECTION_REMOVED,
        updated(QUEUE, {"kms_master_key_id": "k"}, {"kms_master_key_id": None}),
        id="a queue's key",
    ),
    pytest.param(
        Rule.PROTECTION_REMOVED,
        updated(QUEUE, {"sqs_managed_sse_enabled": True}, {"sqs_managed_sse_enabled": False}),
        id="a queue's encryption",
    ),
    pytest.param(
        Rule.PROTECTION_REMOVED,
        updated("aws_cloudwatch_log_group", {"kms_key_id": "k"}, {"kms_key_id": ""}),
        id="the log's key",
    ),
    pytest.param(
        Rule.PROTECTION_REMOVED,
        updated("aws_kms_key", {"enable_key_rotation": True}, {"enable_key_rotation": False}),
        id="rotation",
    ),
    pytest.param(
        Rule.PROTECTION_REMOVED,
        updated("aws_kms_key", {"is_enabled": True}, {"is_enabled": False}),
        id="the key itself",
    ),
    pytest.param(
        Rule.PROTECTION_REMOVED,
        updated("aws_kms_key", {}, {"deletion_window_in_days": 7}),
        id="the time to think better of a deleted key",
    ),
    pytest.param(
        Rule.PROTECTION_REMOVED, deleted("aws_s3_bucket_notification"), id="the notification"
    ),
    pytest.param(
        Rule.PROTECTION_REMOVED, replaced("aws_lambda_permission"), id="the permission, for a while"
    ),
    pytest.param(Rule.PUBLIC_ACCESS, deleted(BLOCK), id="no block"),
    pytest.param(
        Rule.PUBLIC_ACCESS,
        updated(BLOCK, ALL_BLOCKED, ALL_BLOCKED | {"block_public_policy": False}),
        id="half a block",
    ),
    pytest.param(Rule.PUBLIC_ACCESS, created(BLOCK, block_public_acls=True), id="a quarter of one"),
    pytest.param(
        Rule.PUBLIC_ACCESS,
        created("aws_s3_bucket_ownership_controls", rule=[{"object_ownership": "ObjectWriter"}]),
        id="access control lists",
    ),
    pytest.param(
        Rule.PUBLIC_ACCESS, created("aws_s3_bucket_acl", acl="public-read"), id="a public list"
    ),
    pytest.param(
        Rule.PUBLIC_ACCESS,
        created("aws_lambda_function_url", authorization_type="NONE"),
        id="a public function",
    ),
    pytest.param(
        Rule.PUBLIC_ACCESS, created("aws_lambda_permission", principal="*"), id="run by anybody"
    ),
    pytest.param(Rule.WILDCARD, created("aws_iam_policy", policy=policy(Action="*")), id="all"),
    pytest.param(
        Rule.WILDCARD,
        created("aws_iam_policy", policy=policy(Action="kms:*")),
        id="a key's, but an identity's",
    ),
    pytest.param(
        Rule.WILDCARD,
        created("aws_kms_key", policy=policy(Action="kms:*", Principal={"Service": "s3"})),
        id="a key's, without a condition",
    ),
    pytest.param(
        Rule.WILDCARD,
        created("aws_sqs_queue_policy", policy=policy(Action="sqs:*", Principal=ROOT)),
        id="the account's, but not a key's",
    ),
    pytest.param(
        Rule.WILDCARD,
        created(
            "aws_iam_role",
            assume_role_policy=policy(Principal={"AWS": "*"}, Condition={"Bool": {"a": "b"}}),
        ),
        id="anybody under a condition",
    ),
    pytest.param(
        Rule.WILDCARD, created("aws_iam_policy", policy=policy(NotAction="iam:*")), id="all but"
    ),
    pytest.param(
        Rule.WILDCARD,
        Change(
            "data.aws_iam_policy_document.this",
            "aws_iam_policy_document",
            Action.READ,
            after={"statement": [{"sid": "Later", "effect": None, "actions": ["sqs:*"]}]},
        ),
        id="a document that is rendered later",
    ),
    pytest.param(
        Rule.POLICY_WIDENED,
        updated("aws_iam_role_policy", {"policy": policy()}, {"policy": policy(Resource="*")}),
        id="another resource",
    ),
    pytest.param(
        Rule.POLICY_WIDENED,
        updated("aws_iam_role_policy", {"policy": policy()}, {}, unknown={"policy": True}),
        id="nobody knows",
    ),
    pytest.param(
        Rule.POLICY_WIDENED,
        deleted("aws_sqs_queue_policy", policy=policy(Effect="Deny", Principal="*")),
        id="a denial is deleted",
    ),
    pytest.param(
        Rule.POLICY_WIDENED,
        updated(
            "aws_iam_role",
            {"assume_role_policy": policy(Principal={"AWS": "a"})},
            {"assume_role_policy": policy(Principal={"AWS": "b"})},
        ),
        id="trust",
    ),
]


@pytest.mark.parametrize(("rule", "change"), STOPPED)
def test_stops(rule: Rule, change: Change) -> None:
    found = findings(plan(change))

    assert {(finding.rule, finding.address) for finding in found} == {(rule, change.address)}


@pytest.mark.parametrize(
    ("rules", "change"),
    [
        pytest.param(
            {Rule.WILDCARD, Rule.POLICY_WIDENED},
            updated("aws_iam_policy", {"policy": policy()}, {"policy": policy(Action="s3:Get*")}),
            id="a family of actions, where there was none",
        ),
        pytest.param(
            {Rule.PUBLIC_ACCESS, Rule.WILDCARD},
            created("aws_s3_bucket_policy", policy=policy(Principal="*")),
            id="a public policy",
        ),
    ],
)
def test_stops_for_two_reasons(rules: set[Rule], change: Change) -> None:
    found = findings(plan(change))

    assert {(finding.rule, finding.address) for finding in found} == {
        (rule, change.address) for rule in rules
    }


def test_every_rule_has_a_change_that_it_stops() -> None:
    twice = {Rule.NOTIFICATION_OWNED_TWICE}
    assert {parameters.values[0] for parameters in STOPPED} | twice == set(Rule)


@pytest.mark.parametrize(
    "change",
    [
        created("aws_s3_bucket"),
        created(QUEUE),
        updated("aws_s3_bucket", {"tags": {}}, {"tags": {"a": "b"}}),
        deleted("aws_cloudwatch_metric_alarm"),
        Change("aws_s3_bucket.this", "aws_s3_bucket", Action.FORGET),
        updated(QUEUE, {"message_retention_seconds": 6}, {"message_retention_seconds": 7}),
        updated("aws_cloudwatch_log_group", {"retention_in_days": 7}, {"retention_in_days": 0}),
        updated(LIFECYCLE, _lifecycle(30), _lifecycle(180)),
        updated(LIFECYCLE, _lifecycle(30), _lifecycle(None)),
        updated("aws_s3_bucket", {"force_destroy": True}, {"force_destroy": False}),
        updated("aws_s3_bucket_versioning", _versioning("Suspended"), _versioning("Enabled")),
        updated(ENCRYPTION, _encryption("AES256"), _encryption("aws:kms")),
        updated(
            QUEUE,
            {"sqs_managed_sse_enabled": True},
            {"sqs_managed_sse_enabled": False, "kms_master_key_id": "k"},
        ),
        updated(
            QUEUE,
            {"sqs_managed_sse_enabled": True},
            {"sqs_managed_sse_enabled": False},
            unknown={"kms_master_key_id": True},
        ),
        updated("aws_kms_key", {"is_enabled": False}, {"is_enabled": True}),
        updated("aws_kms_key", {"deletion_window_in_days": 7}, {"deletion_window_in_days": None}),
        created(BLOCK, **ALL_BLOCKED),
        created(
            "aws_s3_bucket_ownership_controls", rule=[{"object_ownership": "BucketOwnerEnforced"}]
        ),
        created("aws_lambda_permission", principal="s3.amazonaws.com", source_account=ACCOUNT),
        created("aws_s3_bucket_policy", policy=policy(Effect="Deny", Principal="*", Action="s3:*")),
        created("aws_kms_key", policy=policy(Action="kms:*", Principal=ROOT)),
        created(
            "aws_kms_key",
            policy=policy(
                Action="kms:Decrypt*",
                Principal={"Service": "logs"},
                Condition={"ArnEquals": {"a": "b"}},
            ),
        ),
        updated("aws_iam_policy", {"policy": policy(Resource="*")}, {"policy": policy()}),
        deleted("aws_iam_role_policy", policy=policy()),
        created("aws_iam_role_policy", policy=policy(Resource="*")),
        Change("aws_iam_policy.this", "aws_iam_policy", Action.NOTHING, {"policy": policy()}),
    ],
    ids=lambda change: f"{change.action} {change.type}",
)
def test_lets_pass(change: Change) -> None:
    assert findings(plan(change)) == ()


def _notification(name: str, bucket: str | None, action: Action = Action.NOTHING) -> Change:
    kind = "aws_s3_bucket_notification"
    return Change(f"{kind}.{name}", kind, action, after={"bucket": bucket} if bucket else {})


@pytest.mark.parametrize("bucket", ["submissions", None])
def test_stops_two_owners_of_one_notification(bucket: str | None) -> None:
    first = _notification("first", bucket)
    second = _notification("second", bucket, Action.CREATE)

    found = findings(plan(first, second))

    assert [(it.rule, it.address) for it in found] == [
        (Rule.NOTIFICATION_OWNED_TWICE, first.address),
        (Rule.NOTIFICATION_OWNED_TWICE, second.address),
    ]
    assert second.address in found[0].what


def test_lets_two_buckets_have_a_notification_each() -> None:
    assert findings(plan(_notification("first", "one"), _notification("second", "two"))) == ()


def test_a_policy_that_is_none_cannot_be_judged() -> None:
    with pytest.raises(PlanGuardError, match=r"aws_iam_policy\.this cannot be judged"):
        findings(plan(created("aws_iam_policy", policy="{}")))
