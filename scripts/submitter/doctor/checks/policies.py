"""Reads resource policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from collections.abc import Iterator
from typing import Any

from submission.json_object import read_object
from submitter.doctor.findings import Finding, judge

type Conditions = dict[tuple[str, str], set[str]]
"""A statement's conditions: the wanted values, by operator and key in lower case."""


def tls_finding(check: str, policy: str | None, action: str, arns: tuple[str, ...]) -> Finding:
    """Return the finding whether a policy denies requests without TLS."""
    denies = {("bool", "aws:securetransport"): {"false"}} in denials(policy, action, arns)
    return judge(
        check,
        good=denies,
        found="The policy denies requests without TLS."
        if denies
        else "No policy denies requests without TLS.",
    )


def denials(policy: str | None, action: str, arns: tuple[str, ...]) -> Iterator[Conditions]:
    """Yield the conditions of each statement that denies everybody an action on all of some ARNs.

    A statement denies only if all its conditions hold.
    """
    service = action.partition(":")[0]
    actions = {action.lower(), f"{service}:*", "*"}
    for statement in statements_of(policy):
        if (
            statement.get("Effect") == "Deny"
            and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
            and not actions.isdisjoint(map(str.lower, texts_of(statement.get("Action"))))
            and texts_of(statement.get("Resource")) >= set(arns)
        ):
            yield _conditions_of(statement)


def _conditions_of(statement: dict[str, Any]) -> Conditions:
    return {
        (operator.lower(), key.lower()): _values(value)
        for operator, keys in statement.get("Condition", {}).items()
        for key, value in keys.items()
    }


def _values(value: object) -> set[str]:
    return {text.lower() if text in {"True", "False"} else text for text in texts_of(value)}


def statements_of(policy: str | None) -> list[dict[str, Any]]:
    """Return a policy's statements; none if it is None or no policy."""
    statements = read_object(policy).get("Statement", [])
    found = statements if isinstance(statements, list) else [statements]
    return [each for each in found if isinstance(each, dict)]


def texts_of(value: object) -> set[str]:
    """Return a policy's value, one text or a list of texts, as a set."""
    return {str(each) for each in value} if isinstance(value, list) else {str(value)}


def condition_of(statement: dict[str, Any], name: str) -> set[str]:
    """Return the values that a statement's conditions want for a key, with any operator."""
    return {
        text
        for (_, key), values in _conditions_of(statement).items()
        if key == name
        for text in values
    }
