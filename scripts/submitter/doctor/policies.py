"""Reads resource policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from typing import Any

from submitter.doctor.findings import Finding, judge
from submitter.json_object import read_object


def tls_finding(check: str, policy: str | None, action: str, arns: tuple[str, ...]) -> Finding:
    """Tell whether a policy denies whatever does not come over TLS."""
    denies = any(
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and not {action, action.upper(), "*"}.isdisjoint(texts_of(statement.get("Action")))
        and texts_of(statement.get("Resource")) >= set(arns)
        and condition_of(statement, "aws:securetransport") == {"false"}
        for statement in statements_of(policy)
    )
    return judge(
        check,
        good=denies,
        found="The policy denies what does not come over TLS."
        if denies
        else "No policy denies what does not come over TLS.",
    )


def statements_of(policy: str | None) -> list[dict[str, Any]]:
    """Return a policy's statements; none if it is no policy."""
    statements = read_object(policy).get("Statement", [])
    found = statements if isinstance(statements, list) else [statements]
    return [each for each in found if isinstance(each, dict)]


def texts_of(value: object) -> set[str]:
    """Return a policy's value, which may be one text or a list of them, as a set."""
    return {str(each) for each in value} if isinstance(value, list) else {str(value)}


def condition_of(statement: dict[str, Any], name: str) -> set[str]:
    """Return the values that a condition of a statement wants of a key, whatever its operator."""
    return {
        text.lower() if text in {"True", "False"} else text
        for keys in statement.get("Condition", {}).values()
        for key, value in keys.items()
        if key.lower() == name
        for text in texts_of(value)
    }
