"""Changes of a plan, written short."""

import json
from typing import Any

from plan_guard.plan import Action, Change, Plan

type Attributes = dict[str, Any]

ACCOUNT = "123456789012"
"""Whose plans they are."""


def created(kind: str, **after: object) -> Change:
    """Return the creation of a resource."""
    return Change(f"{kind}.this", kind, Action.CREATE, after=after)


def updated(
    kind: str,
    before: Attributes,
    after: Attributes,
    *,
    unknown: Attributes | None = None,
    hidden: frozenset[str] = frozenset(),
) -> Change:
    """Return the change of a resource in place."""
    return Change(
        f"{kind}.this",
        kind,
        Action.UPDATE,
        before,
        after,
        unknown or {},
        hidden,
    )


def deleted(kind: str, **before: object) -> Change:
    """Return the deletion of a resource."""
    return Change(f"{kind}.this", kind, Action.DELETE, before=before)


def replaced(kind: str, replaced_for: tuple[str, ...] = ()) -> Change:
    """Return the replacement of a resource."""
    return Change(f"{kind}.this", kind, Action.REPLACE, replaced_for=replaced_for)


def plan(*changes: Change) -> Plan:
    """Return a plan of these changes, for the account."""
    return Plan(changes, accounts=frozenset({ACCOUNT}))


def policy(**statement: object) -> str:
    """Return a policy of one statement."""
    usual = {"Sid": "One", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:one"}
    return json.dumps({"Version": "2012-10-17", "Statement": [usual | statement]})
