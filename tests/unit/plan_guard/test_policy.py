"""Policies in words: what two of them differ in, and what says the same."""

import json

import pytest

from plan_guard.policy import describe, differing, parse_document, policy_differences
from unit.plan_guard.changes import policy


def test_a_policy_that_is_new_is_told_in_full() -> None:
    assert list(
        policy_differences(None, policy(Condition={"Bool": {"aws:SecureTransport": True}}))
    ) == [
        "adds the policy: Policy Version 2012-10-17",
        (
            "adds One: Effect Allow; Action sqs:SendMessage; "
            "Condition Bool aws:SecureTransport true; Resource arn:one"
        ),
    ]


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({"Action": ["sqs:SendMessage", "sqs:*"]}, "changes One: Action gains sqs:*"),
        ({"Effect": "Deny"}, "changes One: Effect gains Deny; Effect loses Allow"),
        ({"Principal": "*"}, "changes One: Principal gains *"),
        ({"NotAction": "a:b"}, "changes One: NotAction gains a:b"),
        (
            {"Condition": {"StringEquals": {"aws:SourceIp": ["a", "b"]}}},
            "changes One: Condition gains StringEquals aws:SourceIp a, StringEquals aws:SourceIp b",
        ),
        (
            {"Condition": {"StringEquals": {"k": []}}},
            "changes One: Condition gains StringEquals k []",
        ),
    ],
)
def test_a_statement_that_changes_is_told_by_what_changes_in_it(
    after: dict[str, object], told: str
) -> None:
    assert list(policy_differences(policy(), policy(**after))) == [told]


def test_statements_that_come_and_go_have_no_name_or_another_version_are_told() -> None:
    told = policy_differences(policy(Sid="Old"), policy(Sid="New"))
    assert [it.split(":")[0] for it in told] == ["removes Old", "adds New"]
    one, two = (
        json.dumps({"Statement": {"Effect": it, "Action": "a:b"}}) for it in ("Allow", "Deny")
    )
    assert list(policy_differences(one, two)) == [
        "changes a statement: Effect gains Deny; Effect loses Allow"
    ]
    assert list(policy_differences(policy(), policy().replace("2012", "2008"))) == [
        "changes the policy: Policy gains Version 2008-10-17; Policy loses Version 2012-10-17"
    ]


def test_the_same_in_another_form_is_no_difference_and_is_told_as_such() -> None:
    before = policy(Action=["a:b", "a:c"], Resource=["x"])
    after = policy(Action=["a:c", "a:b"], Resource="x")
    assert differing(before, after) == ([], [])
    assert list(policy_differences(before, after)) == [
        "writes a policy that says the same in another form"
    ]


def test_a_document_that_is_rendered_later_is_told_as_far_as_it_is_known() -> None:
    statement = {
        "sid": "Read",
        "actions": ["s3:GetObject"],
        "resources": [None, "arn:two"],
        "principals": [{"type": "AWS", "identifiers": None}],
        "condition": [
            {"test": "StringEquals", "variable": "aws:SourceVpc", "values": ["a"]},
            {"test": "StringEquals", "variable": "aws:SourceVpc", "values": [None]},
        ],
    }
    [it] = parse_document({"statement": [statement]})
    assert describe(it) == (
        "Read: Effect Allow; Action s3:GetObject; Condition StringEquals aws:SourceVpc "
        "(known after the apply), StringEquals aws:SourceVpc a; Principal AWS "
        "(known after the apply); Resource (known after the apply), arn:two"
    )


@pytest.mark.parametrize("text", ["not JSON", "{}", "[]", '{"Statement": [1]}'])
def test_what_is_no_policy_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        list(policy_differences(None, text))
