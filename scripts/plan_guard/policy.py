"""Policies of AWS in words: what each statement says, and in what two policies differ.

The grammar is AWS's:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

type Statement = dict[str, list[str]]
"""What each element of a statement says, as texts in order: Effect, Action, Condition ..."""

_POLICIES = ("policy", "assume_role_policy", "inline_policy[].policy")
_UNKNOWN = "(known after the apply)"
_BLOCKS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def is_policy(path: str) -> bool:
    """Tell whether an attribute holds a policy."""
    return path in _POLICIES


def parse_policy(text: object) -> list[Statement]:
    """Return a policy's statements, and what it says beside them as another one.

    Args:
        text: the policy as JSON; nothing has no statements.

    Raises:
        ValueError: it is not JSON.
        KeyError: it is not a policy.
    """
    if not text:
        return []
    policy = json.loads(str(text))
    statements = policy.pop("Statement")
    found = [statements] if isinstance(statements, dict) else statements
    return [{"Policy": sorted(_texts("", policy))}, *map(_statement, found)]


def parse_document(attributes: Mapping[str, Any]) -> list[Statement]:
    """Return the statements of a document that is rendered only during the apply.

    Args:
        attributes: those of an ``aws_iam_policy_document``, as the plan has them. What is not
            known yet is missing from them, and is said to be.
    """
    return [_statement(_from_block(block)) for block in attributes.get("statement") or ()]


def describe(statement: Statement) -> str:
    """Return what a statement says, in words."""
    return f"{_name(statement)}: " + "; ".join(
        f"{name} {', '.join(texts)}" for name, texts in statement.items() if name != "Sid"
    )


def differing(before: object, after: object) -> tuple[list[Statement], list[Statement]]:
    """Return the statements that only the one policy has, and those that only the other has."""
    old, new = parse_policy(before), parse_policy(after)
    return [it for it in old if it not in new], [it for it in new if it not in old]


def policy_differences(before: object, after: object) -> Iterator[str]:
    """Tell in what a policy differs from another one, statement by statement.

    Args:
        before: the one in force, as JSON; nothing if there is none.
        after: the one planned.

    Yields:
        One sentence for each, without its full stop.

    Raises:
        ValueError: one is not JSON.
        KeyError: one is not a policy.
    """
    removed, added = differing(before, after)
    if not removed and not added:
        yield "writes a policy that says the same in another form"
    for old in removed:
        twins = [it for it in added if it.get("Sid") == old.get("Sid")]
        if len(twins) == 1:
            added.remove(twins[0])
            yield f"changes {_name(old)}: {_fields(old, twins[0])}"
        else:
            yield f"removes {describe(old)}"
    for new in added:
        yield f"adds {describe(new)}"


def _name(statement: Statement) -> str:
    return " ".join(
        statement.get("Sid") or (["the policy"] if "Policy" in statement else ["a statement"])
    )


def _statement(entry: Mapping[str, Any]) -> Statement:
    names = sorted(entry, key=lambda name: (name != "Effect", name))
    return {name: sorted(_texts("", entry[name])) for name in names}


def _texts(start: str, value: object) -> Iterator[str]:
    """Yield a value's texts, each behind the keys that lead to it."""
    if isinstance(value, Mapping) and value:
        for key, it in value.items():
            yield from _texts(f"{start}{key} ", it)
    elif isinstance(value, list) and value:
        for it in value:
            yield from _texts(start, it)
    else:
        yield start + (value if isinstance(value, str) else json.dumps(value))


def _from_block(block: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": block.get("sid"), "Effect": block.get("effect") or "Allow"}
    for name, field in _BLOCKS.items():
        statement[field] = block.get(name) and _known(block[name])
    for name, field in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        statement[field] = [
            {it.get("type") or _UNKNOWN: _known(it.get("identifiers"))}
            for it in block.get(name) or ()
        ]
    statement["Condition"] = [
        {f"{it.get('test')} {it.get('variable')}": _known(it.get("values"))}
        for it in block.get("condition") or ()
    ]
    return {name: value for name, value in statement.items() if value}


def _known(values: list[str | None] | None) -> list[str]:
    return [it or _UNKNOWN for it in ([None] if values is None else values)]


def _fields(old: Statement, new: Statement) -> str:
    parts = []
    for field in sorted({*old, *new}):
        before, after = old.get(field, []), new.get(field, [])
        for verb, texts in (
            ("gains", [it for it in after if it not in before]),
            ("loses", [it for it in before if it not in after]),
        ):
            parts += [f"{field} {verb} {', '.join(texts)}"] if texts else []
    return "; ".join(parts)
