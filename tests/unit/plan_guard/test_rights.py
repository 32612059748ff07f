"""Whoever gets more rights without a policy in force saying more, and whoever does not."""

import json
from typing import Any

import pytest

from plan_guard.findings import Rule
from plan_guard.plan import Action, Change, Plan
from plan_guard.rules import findings
from unit.plan_guard.changes import ACCOUNT, created, plan, policy, updated

ROLE, ROLE_POLICY = "aws_iam_role", "aws_iam_role_policy"
ATTACHMENT = "aws_iam_role_policy_attachment"
PERMISSION = "aws_lambda_permission"
KEY = "aws_kms_key"
FOREIGN = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN = f"arn:aws:iam::{ACCOUNT}:policy/submitter-uploader"
S3 = "s3.amazonaws.com"
BOUNDARY = "permissions_boundary"


def _own_policy(action: Action = Action.NOTHING) -> Change:
    after = {} if action is Action.DELETE else {"arn": OWN}
    return Change("aws_iam_policy.own", "aws_iam_policy", action, {"arn": OWN}, after)


def _inline(*policies: str) -> dict[str, Any]:
    return {"inline_policy": [{"name": str(n), "policy": it} for n, it in enumerate(policies)]}


def _root(account: str) -> str:
    return policy(Action="kms:*", Principal={"AWS": f"arn:aws:iam::{account}:root"})


def _moved(before: str, after: str) -> Change:
    """Return a role's policy that becomes another role's."""
    return Change(
        f"{ROLE_POLICY}.this",
        ROLE_POLICY,
        Action.REPLACE,
        {"role": before, "policy": policy()},
        {"role": after, "policy": policy()},
    )


STOPPED = [
    pytest.param(created(ATTACHMENT, policy_arn=FOREIGN), id="a role gets AWS's policy"),
    pytest.param(
        created("aws_iam_user_policy_attachment", policy_arn=FOREIGN), id="a user gets AWS's policy"
    ),
    pytest.param(created("aws_iam_policy_attachment", policy_arn=FOREIGN), id="all get it"),
    pytest.param(created(ATTACHMENT, policy_arn=f"{OWN}-2"), id="another policy of the account's"),
    pytest.param(created(ROLE, managed_policy_arns=[OWN, FOREIGN]), id="a role is made with it"),
    pytest.param(
        updated(ROLE, {"managed_policy_arns": [OWN]}, {"managed_policy_arns": [OWN, FOREIGN]}),
        id="a role is given it",
    ),
    pytest.param(updated(ROLE, _inline(), _inline(policy())), id="a policy in the role"),
    pytest.param(
        updated(ROLE, _inline(policy()), _inline(policy(Resource="*"))), id="a wider one in it"
    ),
    pytest.param(
        updated(ROLE, _inline(policy()), {}, unknown={"inline_policy": [{"policy": True}]}),
        id="one in it that nobody knows",
    ),
    pytest.param(updated(ROLE, {BOUNDARY: OWN}, {BOUNDARY: None}), id="no boundary"),
    pytest.param(updated(ROLE, {BOUNDARY: OWN}, {BOUNDARY: FOREIGN}), id="another boundary"),
    pytest.param(
        updated("aws_iam_user", {BOUNDARY: OWN}, {}, unknown={BOUNDARY: True}),
        id="a boundary that nobody knows",
    ),
    pytest.param(
        created(ROLE_POLICY, role="intake", policy=policy()), id="one more policy of a role"
    ),
    pytest.param(
        Change(
            f"{ROLE_POLICY}.this",
            ROLE_POLICY,
            Action.CREATE,
            after={"role": "intake"},
            unknown={"policy": True},
        ),
        id="one more that nobody knows",
    ),
    pytest.param(_moved("reader", "intake"), id="another role's policy"),
    pytest.param(
        created("aws_iam_user_policy", user="staff", policy=policy()), id="one more of a user's"
    ),
    pytest.param(
        created(
            "aws_sqs_queue_policy",
            queue_url="https://queue",
            policy=policy(Principal={"AWS": "arn:aws:iam::210987654321:role/a"}),
        ),
        id="a queue's first policy",
    ),
    pytest.param(
        created(PERMISSION, principal="210987654321", source_account=ACCOUNT), id="an account"
    ),
    pytest.param(
        created(PERMISSION, principal=f"arn:aws:iam::{ACCOUNT}:role/a"), id="a role that runs it"
    ),
    pytest.param(
        created(PERMISSION, principal=S3, source_account="210987654321"), id="another's buckets"
    ),
    pytest.param(
        Change(f"{PERMISSION}.this", PERMISSION, Action.CREATE, unknown={"principal": True}),
        id="nobody knows who runs it",
    ),
]


@pytest.mark.parametrize("change", STOPPED)
def test_stops_rights_that_widen_unsaid(change: Change) -> None:
    assert {(it.rule, it.address) for it in findings(plan(_own_policy(), change))} == {
        (Rule.POLICY_WIDENED, change.address)
    }


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        pytest.param(
            Rule.PUBLIC_ACCESS,
            created(PERMISSION, principal=S3, source_arn="arn:aws:s3:::bucket"),
            id="whoever has a bucket of that name",
        ),
        pytest.param(
            Rule.PUBLIC_ACCESS,
            created(PERMISSION, principal="sns.amazonaws.com"),
            id="a service, for whomever",
        ),
        pytest.param(
            Rule.WILDCARD,
            created(ROLE, **_inline(policy(Action="sqs:*"))),
            id="a wildcard in a role",
        ),
        pytest.param(
            Rule.WILDCARD, created(KEY, policy=_root("210987654321")), id="another's whole account"
        ),
        pytest.param(
            Rule.WILDCARD,
            updated(
                KEY,
                {"arn": "arn:aws:kms:us-west-2:210987654321:key/a", "policy": _root(ACCOUNT)},
                {"policy": _root(ACCOUNT)},
            ),
            id="the key is another account's",
        ),
        pytest.param(
            Rule.WILDCARD,
            created(
                KEY,
                policy=policy(
                    Action="kms:*",
                    Principal={
                        "AWS": [
                            f"arn:aws:iam::{ACCOUNT}:root",
                            "arn:aws:iam::210987654321:root",
                        ]
                    },
                ),
            ),
            id="another account beside the key's",
        ),
    ],
)
def test_stops_for_another_rule(rule: Rule, change: Change) -> None:
    assert {(it.rule, it.address) for it in findings(plan(change))} == {(rule, change.address)}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(created(ATTACHMENT, policy_arn=OWN), id="a policy of this plan's"),
        pytest.param(
            Change(f"{ATTACHMENT}.this", ATTACHMENT, Action.CREATE, unknown={"policy_arn": True}),
            id="a policy that is new",
        ),
        pytest.param(
            Change(f"{ATTACHMENT}.this", ATTACHMENT, Action.DELETE, {"policy_arn": FOREIGN}),
            id="a foreign policy less",
        ),
        pytest.param(
            updated(
                ROLE,
                {"managed_policy_arns": [FOREIGN], "tags": {}},
                {"managed_policy_arns": [FOREIGN], "tags": {"a": "b"}},
            ),
            id="a role that had it",
        ),
        pytest.param(updated(ROLE, _inline(policy()), _inline()), id="a policy in a role less"),
        pytest.param(
            updated(ROLE, _inline(policy(Action="sqs:*")), _inline(policy(Action="sqs:*"))),
            id="a wildcard that a role had",
        ),
        pytest.param(
            Change(
                f"{ROLE}.this",
                ROLE,
                Action.REPLACE,
                _inline(policy()),
                {"name": "intake"},
                {"inline_policy": True, "managed_policy_arns": True},
            ),
            id="a role that is made anew",
        ),
        pytest.param(updated(ROLE, {BOUNDARY: None}, {BOUNDARY: OWN}), id="a boundary at last"),
        pytest.param(updated(ROLE, {BOUNDARY: OWN}, {BOUNDARY: OWN}), id="the same boundary"),
        pytest.param(created(ROLE, permissions_boundary=OWN), id="a new role with one"),
        pytest.param(
            created(ROLE_POLICY, role="intake", policy=policy(Effect="Deny")), id="a denial more"
        ),
        pytest.param(
            created(PERMISSION, principal=S3, source_account=ACCOUNT), id="the account's buckets"
        ),
        pytest.param(
            created(PERMISSION, principal="sns.amazonaws.com", source_arn="arn:aws:sns:a:1:b"),
            id="one topic",
        ),
        pytest.param(
            Change(
                f"{PERMISSION}.this",
                PERMISSION,
                Action.CREATE,
                after={"principal": S3},
                unknown={"source_account": True},
            ),
            id="an account that is known later",
        ),
        pytest.param(
            Change(f"{PERMISSION}.this", PERMISSION, Action.NOTHING, after={"principal": ACCOUNT}),
            id="a permission that stays",
        ),
        pytest.param(created(KEY, policy=_root(ACCOUNT)), id="the key's own account"),
    ],
)
def test_lets_what_widens_nothing_pass(change: Change) -> None:
    assert findings(plan(_own_policy(), change)) == ()


def test_a_policy_that_goes_is_none_of_this_plans() -> None:
    attached = created(ATTACHMENT, policy_arn=OWN)
    assert [it.address for it in findings(plan(_own_policy(Action.DELETE), attached))] == [
        attached.address
    ]


def test_a_role_that_is_made_with_its_policy_is_not_widened() -> None:
    own = created(ROLE_POLICY, role="intake", policy=policy())
    assert findings(plan(created(ROLE, name="intake"), own)) == ()
    assert findings(plan(created(ROLE, name="another"), own))
    assert findings(plan(created(ROLE_POLICY, policy=policy()))) == ()


def test_what_moves_between_two_policies_of_a_role_is_nothing_new() -> None:
    both = policy(Action=["sqs:SendMessage", "sqs:GetQueueUrl"])
    first = Change(
        f"{ROLE_POLICY}.first",
        ROLE_POLICY,
        Action.UPDATE,
        {"role": "intake", "policy": both},
        {"role": "intake", "policy": policy()},
    )
    second = created(ROLE_POLICY, role="intake", policy=policy(Action="sqs:GetQueueUrl"))
    assert findings(plan(first, second)) == ()

    elsewhere = created(ROLE_POLICY, role="other", policy=policy(Action="sqs:GetQueueUrl"))
    assert [it.address for it in findings(plan(first, elsewhere))] == [elsewhere.address]


def test_a_policy_that_stays_the_roles_is_compared_with_itself_alone() -> None:
    """Twice would be two texts of one change."""
    both = policy(Action=["sqs:SendMessage", "sqs:DeleteMessage", "sqs:GetQueueUrl"])
    first = Change(
        f"{ROLE_POLICY}.first",
        ROLE_POLICY,
        Action.NOTHING,
        {"role": "intake", "policy": policy(Action="sqs:GetQueueUrl")},
    )
    second = updated(
        ROLE_POLICY, {"role": "intake", "policy": policy()}, {"role": "intake", "policy": both}
    )
    [found] = findings(plan(first, second))
    assert "sqs:deletemessage" in found.what


def test_no_account_is_a_keys_if_nobody_says_whose_it_is() -> None:
    key = created(KEY, policy=_root(ACCOUNT))
    assert [it.rule for it in findings(Plan((key,)))] == [Rule.WILDCARD]

    known = updated(KEY, {"arn": f"arn:aws:kms:a:{ACCOUNT}:key/a"}, {"policy": _root(ACCOUNT)})
    assert findings(Plan((known,))) == ()


def test_a_document_that_is_rendered_later_is_of_the_plans_account() -> None:
    def document(account: str) -> Change:
        [statement] = json.loads(_root(account))["Statement"]
        block = {
            "actions": [statement["Action"]],
            "principals": [{"type": "AWS", "identifiers": [statement["Principal"]["AWS"]]}],
        }
        kind = "aws_iam_policy_document"
        return Change(f"data.{kind}.this", kind, Action.READ, after={"statement": [block]})

    assert findings(plan(document(ACCOUNT))) == ()
    assert [it.rule for it in findings(plan(document("210987654321")))] == [Rule.WILDCARD]
