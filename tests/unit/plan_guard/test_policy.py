"""What counts as allowing more: policies compared statement by statement."""

import json
from typing import Any

import pytest

from plan_guard.policy import Statement, parse_policy, widenings

QUEUE = "arn:aws:sqs:us-west-2:123456789012:submitter-submissions"


def _statement(**changes: object) -> dict[str, Any]:
    return {
        "Sid": "Send",
        "Effect": "Allow",
        "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"],
        "Resource": QUEUE,
        "Condition": {"StringEquals": {"aws:SourceAccount": ["1", "2"]}},
    } | changes


def _deny(**changes: object) -> dict[str, Any]:
    return {
        "Sid": "DenyOthers",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": QUEUE,
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": ["a", "b"]}},
    } | changes


def _widened(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    def parse(statements: list[dict[str, Any]]) -> tuple[Statement, ...]:
        return parse_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}))

    return list(widenings(parse(before), parse(after)))


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(_statement(), id="the same"),
        pytest.param(_statement(Sid="Renamed"), id="another name"),
        pytest.param(_statement(Action="SQS:sendmessage"), id="one action less, in other letters"),
        pytest.param(_statement(Resource=[QUEUE]), id="a list of one"),
        pytest.param(
            _statement(Condition={"StringEquals": {"aws:SourceAccount": "1"}}), id="one value less"
        ),
        pytest.param(
            _statement(
                Condition={
                    "StringEquals": {"AWS:sourceaccount": ["1", "2"]},
                    "Bool": {"aws:SecureTransport": "true"},
                }
            ),
            id="one condition more",
        ),
        pytest.param(_statement(Effect="Deny"), id="denied instead"),
    ],
)
def test_allowing_the_same_or_less_is_no_widening(after: dict[str, Any]) -> None:
    assert _widened([_statement()], [after]) == []


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(_statement(Action="sqs:DeleteMessage"), id="another action"),
        pytest.param(_statement(Action="sqs:Send*"), id="a wildcard"),
        pytest.param(_statement(Resource="*"), id="every resource"),
        pytest.param(_statement(Resource=[QUEUE, f"{QUEUE}-2"]), id="another resource"),
        pytest.param(_statement(Condition={}), id="without its condition"),
        pytest.param(
            _statement(Condition={"StringEquals": {"aws:SourceAccount": ["1", "3"]}}),
            id="another value",
        ),
        pytest.param(
            _statement(Condition={"StringLike": {"aws:SourceAccount": ["1", "2"]}}),
            id="another operator",
        ),
        pytest.param(_statement(NotAction="sqs:DeleteQueue"), id="all but one action"),
        pytest.param(_statement(Principal={"AWS": "1"}), id="a principal of its own"),
    ],
)
def test_allowing_more_is_a_widening(after: dict[str, Any]) -> None:
    [text] = _widened([_statement()], [after])
    assert text.startswith("Send allows what nothing did before: ")


def test_a_wildcard_covers_what_it_stands_for_and_not_the_other_way_round() -> None:
    wide = _statement(Action="sqs:*", Resource="arn:aws:sqs:*:123456789012:submitter-?ubmissions")
    narrow = _statement(Action="sqs:SendMessage")

    assert _widened([wide], [narrow]) == []
    assert _widened([narrow], [wide])


def test_one_character_covers_no_star() -> None:
    one = _statement(Resource=f"{QUEUE}-?")

    assert _widened([one], [_statement(Resource=f"{QUEUE}-1")]) == []
    assert _widened([one], [_statement(Resource=f"{QUEUE}-?")]) == []
    assert _widened([one], [_statement(Resource=f"{QUEUE}-*")])
    assert _widened([_statement(Resource=f"{QUEUE}-*")], [one]) == []


def test_a_statement_may_be_split_and_joined() -> None:
    parts = [_statement(Action="sqs:SendMessage"), _statement(Action="sqs:GetQueueUrl")]

    assert _widened([_statement()], parts) == []
    assert _widened(parts, [_statement()]) == []


def test_what_is_new_names_only_what_is_new() -> None:
    [text] = _widened([_statement()], [_statement(Action=["sqs:SendMessage", "sqs:DeleteMessage"])])

    assert "sqs:deletemessage" in text
    assert "sqs:sendmessage" not in text


@pytest.mark.parametrize(
    "after",
    [
        pytest.param([], id="without it"),
        pytest.param([_deny(Action="sqs:SendMessage")], id="fewer actions"),
        pytest.param([_deny(Principal={"AWS": "1"})], id="for one principal only"),
        pytest.param(
            [_deny(Condition={"ArnNotEquals": {"aws:PrincipalArn": ["a", "b", "c"]}})],
            id="one more is left out",
        ),
        pytest.param([_deny(Effect="Allow", Sid="DenyOthers")], id="allowed instead"),
    ],
)
def test_denying_less_is_a_widening(after: list[dict[str, Any]]) -> None:
    assert any("DenyOthers" in text for text in _widened([_deny()], after))


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(_deny(), id="the same"),
        pytest.param(_deny(Condition={}), id="always"),
        pytest.param(
            _deny(Condition={"ArnNotEquals": {"aws:PrincipalArn": "a"}}), id="one less is left out"
        ),
        pytest.param(_deny(Resource="*"), id="of more resources"),
    ],
)
def test_denying_the_same_or_more_is_no_widening(after: dict[str, Any]) -> None:
    assert _widened([_deny()], [after]) == []


def test_one_principal_more_is_a_widening() -> None:
    before = _statement(Principal={"AWS": ["arn:aws:iam::1:role/a"]})
    after = _statement(Principal={"AWS": ["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b"]})

    [text] = _widened([before], [after])
    assert "AWS:arn:aws:iam::1:role/b" in text
    assert "role/a" not in text
    assert _widened([after], [before]) == []


def test_everybody_covers_every_kind_of_principal() -> None:
    assert _widened([_statement(Principal="*")], [_statement(Principal={"Service": "s3"})]) == []
    assert _widened([_statement(Principal={"AWS": "*"})], [_statement(Principal="*")])


def test_a_policy_of_nothing_has_no_statements() -> None:
    assert parse_policy("") == ()
