"""Which document a policy is made of, where Terraform renders it only during the apply."""

from typing import Any

import pytest

from plan_guard.policy_document import PlannedDocuments, document_statements

STATEMENT = {"sid": "Send", "actions": ["sqs:SendMessage"], "resources": ["arn:queue"]}


def _read(address: str, *, unknown: Any = False, **after: object) -> dict[str, Any]:  # noqa: ANN401
    change = {
        "actions": ["read"],
        "after": {"statement": [STATEMENT]} | after,
        "after_unknown": {"json": True, "statement": unknown},
    }
    return {"address": address, "type": "aws_iam_policy_document", "change": change}


def _plan(*documents: dict[str, Any], reference: str, module: str = "") -> dict[str, Any]:
    expressions = {"policy": {"references": [f"{reference}.json", reference, "each.key"]}}
    configured = {"resources": [{"address": "aws_iam_policy.this", "expressions": expressions}]}
    calls = {"module_calls": {module: {"module": configured}}} if module else configured
    return {"resource_changes": documents, "configuration": {"root_module": calls}}


def _found(plan: dict[str, Any], **entry: object) -> dict[str, Any]:
    return PlannedDocuments(plan).of({"address": "aws_iam_policy.this"} | entry)


NAME = "data.aws_iam_policy_document.one"
AFTER = {"statement": [STATEMENT]}


def test_the_document_that_is_referred_to_is_found() -> None:
    assert _found(_plan(_read(NAME), reference=NAME)) == {"policy": AFTER}


def test_an_instance_has_the_document_of_its_own_key() -> None:
    key, written = 'a "quoted"]', r'["a \"quoted\"]"]'
    plan = _plan(_read(f"{NAME}{written}"), _read(f'{NAME}["b"]', statement=[]), reference=NAME)
    assert _found(plan, address=f"aws_iam_policy.this{written}", index=key) == {"policy": AFTER}
    assert _found(plan, address='aws_iam_policy.this["c"]', index="c") == {}


def test_a_module_has_its_own_documents() -> None:
    plan = _plan(_read(f"module.queue[0].{NAME}"), reference=NAME, module="queue")
    address = {
        "address": "module.queue[0].aws_iam_policy.this",
        "module_address": "module.queue[0]",
    }
    assert _found(plan, **address) == {"policy": AFTER}
    assert _found(plan) == {}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(_read(NAME, unknown=[{"resources": [True]}]), id="a part is not known"),
        pytest.param(_read(NAME, override_policy_documents=["{}"]), id="it is overridden"),
        pytest.param(_read("data.aws_iam_policy_document.two"), id="it is another"),
    ],
)
def test_what_cannot_be_compared_is_not_found(document: dict[str, Any]) -> None:
    assert _found(_plan(document, reference=NAME)) == {}


def test_a_document_says_what_its_policy_will() -> None:
    block = {
        "sid": "Deny",
        "effect": "Deny",
        "actions": ["sqs:SendMessage"],
        "resources": ["*"],
        "principals": [{"type": "*", "identifiers": ["*"]}],
        "condition": [{"test": "ArnNotLike", "variable": "aws:PrincipalArn", "values": ["a"]}],
    }
    source = '{"Statement": {"Sid": "Taken", "Effect": "Allow", "Action": "s3:A", "Resource": "b"}}'
    taken, deny = document_statements({"statement": [block], "source_policy_documents": [source]})

    assert (taken.sid, taken.allows, taken.has_principals) == ("Taken", True, False)
    assert (deny.sid, deny.allows, deny.is_about_anybody) == ("Deny", False, True)
    [condition] = deny.conditions
    assert condition.values == {"a"}
