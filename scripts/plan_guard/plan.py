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
from plan_guard.text_file import read_text

type Attributes = Mapping[str, Any]

_FORMAT_MAJOR = "1"
_BUCKET = "module.submitter_bucket.aws_s3_bucket.this"


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
    unknown: Any = field(default_factory=dict)
    """True for each attribute, or part of one, that is known only after the apply."""
    hidden: frozenset[str] = frozenset()
    """The attributes that hold something sensitive."""
    is_managed: bool = True
    """Whether it is a resource, and not a data source."""
    module: str = ""
    """The address of its module; empty for the root."""
    provider: str = ""
    previous_address: str | None = None
    """Where it was, if a `moved` block moves it."""
    imports: Any = None
    """What is imported, if anything."""
    replaced_for: tuple[str, ...] = ()
    """The attributes that cannot change in place."""

    @property
    def changes_something(self) -> bool:
        """Whether people are told of it: reads are not changes."""
        return (
            self.action not in {Action.NOTHING, Action.READ}
            or bool(self.previous_address)
            or self.imports is not None
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a plan does."""

    changes: tuple[Change, ...]
    outputs: tuple[str, ...] = ()
    """The names of the outputs whose values change."""
    drift: tuple[Change, ...] = ()
    """What was changed outside Terraform, or merely read again."""
    actions: tuple[tuple[str, Attributes], ...] = ()
    """What it runs beside changing resources, by address."""
    failed_checks: tuple[str, ...] = ()
    configuration: Attributes = field(default_factory=dict)
    data_sources: frozenset[str] = frozenset()
    """The types of those that were read while planning."""
    accounts: frozenset[str] = frozenset()
    """The IDs of the accounts that it is for, as AWS told Terraform while it planned."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What is called differently in each stack, by what it is: account, region, bucket ..."""
    variables: Attributes = field(default_factory=dict)
    """The values of the root module's variables."""
    is_applyable: bool = False
    """Whether Terraform itself says that there is something to apply."""
    has_state: bool = False
    """Whether Terraform already manages something."""

    def count(self, *actions: Action) -> int:
        """Return how many resources one of the actions is done to."""
        return sum(change.action in actions for change in self.changes)

    @property
    def does_something(self) -> bool:
        """Whether applying it would change a resource, the state or an output."""
        reads = any(change.action is Action.READ for change in self.changes)
        return (
            bool(self.outputs or self.actions)
            or any(change.changes_something for change in self.changes)
            # Such as one made with -refresh-only, which changes the state alone.
            or (self.is_applyable and not reads)
        )

    @property
    def is_first(self) -> bool:
        """Whether there is no stack yet: its bucket is created, and nothing is or was there."""
        managed = [change for change in self.changes if change.is_managed]
        return (
            # What another account or region does not have drifts, and is gone.
            not (self.has_state or self.drift)
            and all(change.action is Action.CREATE for change in managed)
            and any(change.address == _BUCKET for change in managed)
        )


def as_mapping(value: object) -> Attributes:
    """Return what stands for attributes; nothing, where Terraform has but one word for all."""
    return value if isinstance(value, Mapping) else {}


def part(value: Attributes, name: str) -> Attributes:
    """Return a part of a plan that has parts; nothing, if it is not there.

    Raises:
        TypeError: it is something else.
    """
    found = value.get(name)
    if found is not None and not isinstance(found, Mapping):
        raise TypeError(f"{name} is not an object")
    return found or {}


def parts(value: Attributes, name: str) -> list[Any]:
    """Return a part of a plan that is a list; an empty one, if it is not there.

    Raises:
        TypeError: it is something else.
    """
    found = value.get(name)
    if found is not None and not isinstance(found, list):
        raise TypeError(f"{name} is not a list")
    return found or []


def any_true(value: object) -> bool:
    """Tell whether a marker, such as of what is not known yet, or any part of it, says yes."""
    if isinstance(value, Mapping):
        return any(map(any_true, value.values()))
    if isinstance(value, list):
        return any(map(any_true, value))
    return value is True


def configured(module: Attributes, prefix: str = "") -> dict[str, Attributes]:
    """Return what a configuration, or a module of it, says of each resource, by its address.

    Addresses are without the keys and numbers of instances.
    """
    module = module.get("root_module", module)
    found = {f"{prefix}{it['address']}": it for it in parts(module, "resources")}
    for name, call in part(module, "module_calls").items():
        found |= configured(part(call, "module"), f"{prefix}module.{name}.")
    return found


def load_plan(path: Path) -> Plan:
    """Read a plan from a file.

    Args:
        path: what `terraform show -json PLANFILE` has written.

    Raises:
        PlanGuardError: there is no such file, or it is not a whole plan.
    """
    how = f"Write it with: terraform show -json PLANFILE > {path}"
    try:
        return parse_plan(json.loads(read_text(path)))
    except OSError as error:
        raise PlanGuardError(f"{path} cannot be read: {error.strerror}. {how}") from error
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise PlanGuardError(
            f"{path} is not a plan of Terraform's ({type(error).__name__}: {error}). {how}"
        ) from error


def parse_plan(document: Mapping[str, Any]) -> Plan:
    """Return what a plan does.

    Args:
        document: the plan, as `terraform show -json` tells it.

    Raises:
        PlanGuardError: its format is another one, or it is only a part of a plan.
        KeyError: it is not a plan at all.
    """
    _refuse_parts(document)
    if document["resource_changes"] is None:
        raise TypeError("resource_changes is not a list")
    resources = tuple(
        _resources(part(part(part(document, "prior_state"), "values"), "root_module"))
    )
    told = {
        name: frozenset(it["values"][name] for it in resources if it["type"] == kind)
        for kind, name in (("aws_caller_identity", "account_id"), ("aws_region", "id"))
    }
    changes = tuple(map(_change, parts(document, "resource_changes")))
    variables = {name: it.get("value") for name, it in part(document, "variables").items()}
    stack = variables.get("name")
    buckets = {it.before.get("bucket") for it in changes if it.address == _BUCKET} - {None}
    # Two accounts of one word would be one to a digest.
    alone = {"bucket": buckets, "account": told["account_id"], "region": told["id"]}
    outputs = part(document, "output_changes")
    return Plan(
        changes,
        outputs=tuple(sorted(it for it in outputs if outputs[it]["actions"] != ["no-op"])),
        drift=tuple(map(_change, parts(document, "resource_drift"))),
        actions=tuple((it["address"], it) for it in parts(document, "action_invocations")),
        failed_checks=tuple(
            it["address"]["to_display"]
            for it in parts(document, "checks")
            if it["status"] in {"fail", "error"}
        ),
        configuration=part(document, "configuration"),
        data_sources=frozenset(it["type"] for it in resources if it.get("mode") == "data"),
        accounts=told["account_id"],
        names={word: next(iter(them)) for word, them in alone.items() if len(them) == 1}
        | ({"stack": stack, "parameter": f"submitter/{stack}/stack"} if stack else {}),
        variables=variables,
        is_applyable=document.get("applyable") is True,
        has_state=any(it.get("mode") == "managed" for it in resources),
    )


def _refuse_parts(document: Mapping[str, Any]) -> None:
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
            "This is a state and not a plan. Give terraform show the file that "
            "`terraform plan -out=...` wrote."
        )
    deferred = document.get("deferred_changes") or document.get("deferred_action_invocations")
    # OpenTofu does not say whether a plan is complete.
    if deferred or document.get("complete", True) is not True:
        raise PlanGuardError(
            "The plan is only a part (made with -target or -exclude, or with deferred changes), "
            "and a part proves nothing. Unset TF_CLI_ARGS_plan, and plan without these options."
        )


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the resources of a state's module, and of those in it."""
    yield from parts(module, "resources")
    for child in parts(module, "child_modules"):
        yield from _resources(child)


def _change(entry: Mapping[str, Any]) -> Change:
    change = entry["change"]
    actions = tuple(change["actions"])
    if actions not in _ACTIONS:
        raise PlanGuardError(
            f"The plan does {'/'.join(actions)} to {entry['address']}, which this guard does not "
            "know. Use the guard of the release that supports this Terraform."
        )
    sides = [change.get("before"), change.get("after")]
    if not all(side is None or isinstance(side, Mapping) for side in sides):
        raise TypeError(f"{entry['address']} has values without names")
    before, after = (side or {} for side in sides)
    marks = [change.get("before_sensitive"), change.get("after_sensitive")]
    return Change(
        address=entry["address"],
        type=entry["type"],
        action=_ACTIONS[actions],
        before=before,
        after=after,
        unknown=change.get("after_unknown") or {},
        hidden=frozenset(
            name
            for mark in marks
            for name in {*before, *after}
            if mark is True or any_true(as_mapping(mark).get(name))
        ),
        is_managed=entry["mode"] == "managed",
        module=entry.get("module_address") or "",
        provider=entry.get("provider_name") or "",
        previous_address=entry.get("previous_address"),
        imports=change.get("importing"),
        replaced_for=tuple(
            sorted({str(path[0]) for path in change.get("replace_paths") or () if path})
        ),
    )
