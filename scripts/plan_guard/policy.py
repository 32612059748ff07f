"""Policies of AWS, compared: what one allows that another did not.

The grammar is AWS's:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

_ITSELF = frozenset({"the policy's own principal"})
"""An identity's policy names no principal: it is about whoever has it."""

_MOST_LISTED = 4
_EXCLUDING = ("NotAction", "NotResource", "NotPrincipal")


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a statement, true if any of its values fits (none of them, if negated)."""

    operator: str
    key: str
    values: frozenset[str]

    def implies(self, other: "Condition") -> bool:
        """Tell whether wherever this holds, the other one holds too."""
        if (self.operator, self.key) != (other.operator, other.key):
            return False
        if "Not" in self.operator:
            return self.values >= other.values
        return self.values <= other.values


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a policy."""

    sid: str
    allows: bool
    principals: frozenset[str]
    """Each as `TYPE:identifier`; the same word for all if the policy belongs to an identity."""
    actions: frozenset[str]
    """In lower case, as AWS compares them."""
    resources: frozenset[str]
    conditions: frozenset[Condition]
    excluding: tuple[str, ...] = ()
    """Its elements that say who or what is left out, as they stand, such as NotAction."""

    @property
    def has_principals(self) -> bool:
        """Whether it belongs to a resource, and so says whom it is about."""
        return self.principals != _ITSELF

    @property
    def is_about_anybody(self) -> bool:
        """Whether no principal is left out."""
        return bool(self.principals & {"*:*", "AWS:*"})

    def covers(self, other: "Statement") -> bool:
        """Tell whether all that the other one, with one of each, is about, this is about too."""
        if self.excluding or other.excluding:
            return replace(self, sid=other.sid) == other
        return (
            _covers(self.principals, other.principals)
            and _covers(self.actions, other.actions)
            and _covers(self.resources, other.resources)
            and all(
                any(theirs.implies(ours) for theirs in other.conditions) for ours in self.conditions
            )
        )


def parse_policy(text: str) -> tuple[Statement, ...]:
    """Return a policy's statements.

    Args:
        text: the policy as JSON; an empty one has no statements.

    Raises:
        ValueError: it is not JSON.
        KeyError: it is no policy.
    """
    statements = json.loads(text)["Statement"] if text else []
    return parse_statements([statements] if isinstance(statements, Mapping) else statements)


def parse_statements(entries: Iterable[Mapping[str, Any]]) -> tuple[Statement, ...]:
    """Return statements given as a policy's JSON has them.

    Args:
        entries: one object for each.

    Raises:
        KeyError: one has no effect.
    """
    return tuple(_statement(entry, number) for number, entry in enumerate(entries, 1))


def widenings(before: Iterable[Statement], after: Iterable[Statement]) -> Iterator[str]:
    """Tell in what a policy lets more happen than the one it takes the place of.

    Args:
        before: the statements in force.
        after: those that are planned.

    Yields:
        One sentence for each statement that allows more, or denies less.
    """
    before, after = tuple(before), tuple(after)
    for statement in after:
        if statement.allows:
            gained = _uncovered(statement, [other for other in before if other.allows])
            if gained:
                yield f"{statement.sid} allows what nothing did before: {gained}"
    for statement in before:
        if not statement.allows:
            freed = _uncovered(statement, [other for other in after if not other.allows])
            if freed:
                yield f"{statement.sid} no longer denies all that it did: {freed}"


def _uncovered(statement: Statement, others: list[Statement]) -> str:
    """Return a text of what of a statement no other one covers; empty if all is covered."""
    left = [atom for atom in _atoms(statement) if not any(it.covers(atom) for it in others)]
    if not left:
        return ""
    actions = sorted({action for atom in left for action in atom.actions})
    resources = sorted({resource for atom in left for resource in atom.resources})
    principals = sorted({principal for atom in left for principal in atom.principals})
    whom = f" by {_listed(principals)}" if statement.has_principals else ""
    when = " under its conditions" if statement.conditions else ""
    return f"{_listed(actions)} on {_listed(resources)}{whom}{when}"


def _atoms(statement: Statement) -> Iterator[Statement]:
    """Yield a statement in parts of one principal, one action and one resource each."""
    if statement.excluding:
        yield statement
        return
    for principal, action, resource in product(
        sorted(statement.principals), sorted(statement.actions), sorted(statement.resources)
    ):
        yield replace(
            statement,
            principals=frozenset({principal}),
            actions=frozenset({action}),
            resources=frozenset({resource}),
        )


def _covers(wider: frozenset[str], narrower: frozenset[str]) -> bool:
    return all(any(_pattern(mine).fullmatch(theirs) for mine in wider) for theirs in narrower)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Return what a text with AWS's wildcards fits; a narrower wildcard fits a wider one."""
    if text == "*:*":
        return re.compile(".*")
    # One character is never all that a star stands for.
    wildcards = {"*": ".*", "?": "[^*]"}
    return re.compile("".join(wildcards.get(it, re.escape(it)) for it in text), re.DOTALL)


def _statement(entry: Mapping[str, Any], number: int) -> Statement:
    excluding = tuple(
        f"{name}={json.dumps(entry[name], sort_keys=True)}" for name in _EXCLUDING if name in entry
    )
    return Statement(
        sid=entry.get("Sid") or f"statement {number}",
        allows=entry["Effect"] == "Allow",
        principals=_principals(entry.get("Principal")),
        actions=frozenset(action.lower() for action in _texts(entry.get("Action", ()))),
        # A role's trust names no resource: it is about the role.
        resources=frozenset(_texts(entry.get("Resource", "the role itself"))),
        conditions=frozenset(
            Condition(operator, key.lower(), frozenset(map(str, _texts(values))))
            for operator, tests in entry.get("Condition", {}).items()
            for key, values in tests.items()
        ),
        excluding=excluding,
    )


def _principals(value: str | Mapping[str, Any] | None) -> frozenset[str]:
    if value is None:
        return _ITSELF
    if isinstance(value, str):
        return frozenset({f"{value}:{value}"})
    return frozenset(f"{kind}:{it}" for kind, them in value.items() for it in _texts(them))


def _texts(value: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a text or a list of texts, as JSON has it
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _listed(texts: list[str]) -> str:
    more = len(texts) - _MOST_LISTED
    shown = ", ".join(texts[:_MOST_LISTED])
    return f"{shown} and {more} more" if more > 0 else shown
