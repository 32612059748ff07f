"""A plan as `terraform show -json` writes it, reduced to what the guard looks at.

The format is HashiCorp's: https://developer.hashicorp.com/terraform/internals/json-format
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from plan_guard.errors import PlanGuardError
from plan_guard.plan_format import Attributes, any_true, as_mapping
from plan_guard.policy_document import PlannedDocuments

_FORMAT_MAJOR = "1"


class Action(StrEnum):
    """What a plan does to a resource."""

    NOTHING = "nothing"
    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    FORGET = "forget"


_ACTIONS = {
    ("no-op",): Action.NOTHING,
    ("create",): Action.CREATE,
    ("read",): Action.READ,
    ("update",): Action.UPDATE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
    # The old one stays on AWS, but the stack goes on with another, empty one.
    ("create", "forget"): Action.REPLACE,
    ("forget", "create"): Action.REPLACE,
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan does to one resource."""

    address: str
    type: str
    action: Action
    before: Attributes = field(default_factory=dict)
    """Its attributes now; empty if it is to be created."""
    after: Attributes = field(default_factory=dict)
    """Its attributes then, as far as they are known; empty if it is to be deleted."""
    unknown: Attributes = field(default_factory=dict)
    """True for each attribute that is known only after the apply."""
    hidden: frozenset[str] = frozenset()
    """The attributes that hold something sensitive."""
    previous_address: str | None = None
    """Where it was, if a `moved` block moves it."""
    replaced_for: tuple[str, ...] = ()
    """The attributes that cannot change in place."""
    documents: Mapping[str, Attributes] = field(default_factory=dict)
    """For each attribute that a policy document is rendered for during the apply, that document.

    Terraform renders it so late whenever something changes that the document names; what it will
    say is known all the same, if all of it is.
    """

    @property
    def changes_something(self) -> bool:
        """Whether people are told of it: reads are not changes."""
        return self.action not in {Action.NOTHING, Action.READ} or bool(self.previous_address)

    def changed(self) -> tuple[str, ...]:
        """Return the names of the attributes that change, in order; those known later too."""
        names = sorted({*self.before, *self.after, *self.unknown})
        return tuple(
            name
            for name in names
            if self.is_unknown(name) or self.before.get(name) != self.after.get(name)
        )

    def is_unknown(self, attribute: str) -> bool:
        """Tell whether the attribute's value is known only after the apply."""
        return self.unknown.get(attribute) is True


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a plan does."""

    changes: tuple[Change, ...]
    outputs: tuple[str, ...] = ()
    """The names of the outputs whose values change."""
    accounts: frozenset[str] = frozenset()
    """The IDs of the accounts that it is for, as AWS told Terraform while it planned."""

    def makes(self, kind: str, attribute: str, value: str) -> bool:
        """Tell whether it makes a resource of a type whose attribute has a value that is known."""
        return any(
            change.type == kind
            and change.action in {Action.CREATE, Action.REPLACE}
            and change.after.get(attribute) == value
            for change in self.changes
        )

    def makes_anew(self, arn: str | None) -> bool:
        """Tell whether what has an ARN is there afterwards too, with one that is not known yet."""
        return any(
            change.is_unknown("arn") and change.before.get("arn") == arn is not None
            for change in self.changes
        )

    def count(self, *actions: Action) -> int:
        """Return how many resources one of the actions is done to."""
        return sum(change.action in actions for change in self.changes)

    @property
    def does_something(self) -> bool:
        """Whether applying it would change a resource, the state or an output."""
        return bool(self.outputs) or any(change.changes_something for change in self.changes)


def load_plan(path: Path) -> Plan:
    """Read a plan from a file.

    Args:
        path: what `terraform show -json PLANFILE` has written.

    Raises:
        PlanGuardError: there is no such file, or it is no complete plan.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PlanGuardError(
            f"{path} cannot be read: {error.strerror}. Write it with: "
            f"terraform show -json PLANFILE > {path}"
        ) from error
    try:
        return parse_plan(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PlanGuardError(
            f"{path} is no plan of Terraform's ({type(error).__name__}: {error}). Write it with: "
            f"terraform show -json PLANFILE > {path}"
        ) from error


def parse_plan(document: Mapping[str, Any]) -> Plan:
    """Return what a plan does.

    Args:
        document: the plan, as `terraform show -json` tells it.

    Raises:
        PlanGuardError: its format is another one, or planning failed halfway.
        KeyError: it is no plan at all.
    """
    version = str(document["format_version"])
    if version.partition(".")[0] != _FORMAT_MAJOR:
        raise PlanGuardError(
            f"The plan's format is {version}, and this guard knows {_FORMAT_MAJOR}.x. "
            "Use the guard of the release that supports this Terraform."
        )
    if document.get("errored"):
        raise PlanGuardError("Planning failed, so the plan is only a part. Mend that, plan again.")
    if "planned_values" not in document:
        raise PlanGuardError(
            "This is a state and no plan. Give terraform show the file that "
            "`terraform plan -out=...` wrote."
        )
    outputs = document.get("output_changes", {})
    entries = document.get("resource_changes", [])
    documents = PlannedDocuments(document)
    return Plan(
        tuple(_change(entry, documents.of(entry)) for entry in entries),
        tuple(sorted(name for name, it in outputs.items() if it["actions"] != ["no-op"])),
        frozenset(_accounts(as_mapping(document.get("prior_state")))),
    )


def _accounts(state: Mapping[str, Any]) -> Iterator[str]:
    """Yield the IDs that a state's ``aws_caller_identity`` data sources were told."""
    modules = [as_mapping(as_mapping(state.get("values")).get("root_module"))]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", ())
        for resource in module.get("resources", ()):
            if resource["type"] == "aws_caller_identity":
                yield resource["values"]["account_id"]


def _change(entry: Mapping[str, Any], documents: Mapping[str, Attributes]) -> Change:
    change = entry["change"]
    actions = tuple(change["actions"])
    if actions not in _ACTIONS:
        raise PlanGuardError(
            f"The plan does {'/'.join(actions)} to {entry['address']}, which this guard does not "
            "know. Use the guard of the release that supports this Terraform."
        )
    return Change(
        address=entry["address"],
        type=entry["type"],
        action=_ACTIONS[actions],
        before=change["before"] or {},
        after=change["after"] or {},
        unknown=as_mapping(change.get("after_unknown")),
        hidden=frozenset(
            name
            for side in ("before_sensitive", "after_sensitive")
            for name, is_hidden in as_mapping(change.get(side)).items()
            if any_true(is_hidden)
        ),
        previous_address=entry.get("previous_address"),
        replaced_for=tuple(sorted({str(path[0]) for path in change.get("replace_paths", [])})),
        documents=documents,
    )
