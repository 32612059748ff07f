"""AWS policies in words: each statement, and the differences of two policies.

The grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

type Statement = dict[str, list[str]]
"""The sorted texts of each element of a statement: Effect, Action, Condition ..."""

UNKNOWN = "(known after the apply)"
_POLICIES = ("policy", "assume_role_policy", "inline_policy[].policy")


def is_policy(path: str) -> bool:
    """Return whether an attribute holds a policy."""
    return path in _POLICIES


def parse_policy(text: object) -> list[Statement]:
    """Return a policy's statements, and its other elements as one more statement.

    Raises:
        ValueError, KeyError: it is not JSON, or not a policy.
    """
    if not text:
        return []
    policy = json.loads(str(text))
    statements = policy.pop("Statement")
    found = [statements] if isinstance(statements, dict) else statements
    return [{"Policy": sorted(_texts("", policy))}, *map(_statement, found)]


def parse_document(attributes: Mapping[str, Any]) -> list[Statement]:
    """Return the statements of an ``aws_iam_policy_document`` that the apply renders.

    Args:
        attributes: those that the plan has; the others become `UNKNOWN`.
    """
    return [_statement(_from_block(block)) for block in attributes.get("statement") or ()]


def describe(statement: Statement) -> str:
    """Return a statement in words."""
    return f"{_name(statement)}: " + "; ".join(
        f"{name} {', '.join(texts)}" for name, texts in statement.items() if name != "Sid"
    )


def differing(before: object, after: object) -> tuple[list[Statement], list[Statement]]:
    """Return the statements that only the one policy has, and those that only the other has."""
    old, new = parse_policy(before), parse_policy(after)
    return [it for it in old if it not in new], [it for it in new if it not in old]


def policy_differences(before: object, after: object) -> Iterator[str]:
    """Yield a sentence, without its full stop, for each statement in which two policies differ.

    They are JSON, or None if there is none; see `parse_policy` for errors.
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
    """Yield a value's texts, each after the keys that lead to it."""
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
    for name in ("actions", "not_actions", "resources", "not_resources"):
        statement[_element(name)] = block.get(name) and _known(block[name])
    for name in ("principals", "not_principals"):
        statement[_element(name)] = [
            {it.get("type") or UNKNOWN: _known(it.get("identifiers"))}
            for it in block.get(name) or ()
        ]
    statement["Condition"] = [
        {f"{it.get('test')} {it.get('variable')}": _known(it.get("values"))}
        for it in block.get("condition") or ()
    ]
    return {name: value for name, value in statement.items() if value}


def _element(name: str) -> str:
    return name.title().replace("_", "").removesuffix("s")  # NotAction for not_actions


def _known(values: list[str | None] | None) -> list[str]:
    return [it or UNKNOWN for it in ([None] if values is None else values)]


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
