"""Changes and plans, written short."""

import json
from pathlib import Path
from typing import Any

from plan_guard.plan import Action, Change, Plan, parse_plan

type Attributes = dict[str, Any]

ACCOUNT = "123456789012"
"""Whose plans they are; 999999999999 is a stranger's."""

PLANS = Path(__file__).with_name("plans")

_CALLER = {"type": "aws_caller_identity", "mode": "data", "values": {"account_id": ACCOUNT}}
_REGION = {"type": "aws_region", "mode": "data", "values": {"id": "us-east-1"}}


def document(**parts: object) -> Attributes:
    """Return a plan as `terraform show -json` writes it, of a stack that exists."""
    there = {"type": "aws_sqs_queue", "mode": "managed", "values": {}}
    state = {"values": {"root_module": {"resources": [_CALLER, _REGION, there]}}}
    whole = {
        "format_version": "1.2",
        "variables": {"name": {"value": "submitter-prod"}},
        "planned_values": {},
        "resource_changes": [],
        "prior_state": state,
        "complete": True,
        "errored": False,
    }
    return whole | parts


def entry(address: str, *actions: str, **change: object) -> Attributes:
    """Return what a plan does to one resource, as Terraform writes it."""
    names = address.split(".")
    return {
        "address": address,
        "module_address": ".".join(names[:-2]),
        "mode": "data" if names[-3:-2] == ["data"] else "managed",
        "type": names[-2],
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": list(actions)} | change,
    }


def plans(file: str) -> dict[str, Plan]:
    """Return the plans of a file in the folder of plans, by what they do."""
    texts = json.loads((PLANS / file).read_text(encoding="utf-8"))
    return {name: parse_plan(document(**parts)) for name, parts in texts.items()}


def changed(kind: str, before: Attributes, after: Attributes, unknown: object = None) -> Change:
    """Return the change of a resource in place; a module may stand before its kind."""
    *_, own = kind.split(".")
    return Change(f"{kind}.this", own, Action.UPDATE, before, after, unknown or {})


def plan(*changes: Change) -> Plan:
    """Return a plan of these changes, for the account, of a stack that exists."""
    return Plan(changes, names={"account": ACCOUNT}, has_state=True)


def policy(**statement: object) -> str:
    """Return a policy of one statement."""
    usual = {"Sid": "One", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:one"}
    return json.dumps({"Version": "2012-10-17", "Statement": [usual | statement]})
