"""A plan as `terraform show -json` writes it, reduced to the parts that the guard judges.

The format: https://developer.hashicorp.com/terraform/internals/json-format
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

type Attributes = Mapping[str, Any]

_CALLER = "aws_caller_identity"
_BUCKET = "module.submitter_bucket.aws_s3_bucket.this"


class PlanGuardError(Exception):
    """A plan or an allow-list that cannot be judged; the text says which, why, and what to do."""


class Action(StrEnum):
    """What a plan does to a resource."""

    NOTHING = "nothing"
    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan does to one resource."""

    address: str
    type: str
    action: Action
    before: Attributes = field(default_factory=dict)  # empty if it is created
    after: Attributes = field(default_factory=dict)  # only what is known; empty if it is deleted
    unknown: Any = field(default_factory=dict)
    """True for each attribute, or part of one, that is known only after the apply."""
    hidden: frozenset[str] = frozenset()  # the attributes that hold something sensitive
    is_managed: bool = True  # data sources are not managed
    module: str = ""  # the address of its module; empty for the root
    provider: str = ""
    previous_address: str | None = None
    imports: Any = None
    replaced_for: tuple[str, ...] = ()  # the attributes that cannot change in place

    @property
    def changes_something(self) -> bool:
        """Whether the summary lists it: reads are not changes."""
        is_kept = self.action in {Action.NOTHING, Action.READ}
        return not is_kept or bool(self.previous_address) or self.imports is not None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a plan does."""

    changes: tuple[Change, ...]
    outputs: tuple[str, ...] = ()  # those whose values change
    drift: tuple[Change, ...] = ()  # what was changed outside Terraform, or merely read again
    actions: tuple[tuple[str, Attributes], ...] = ()
    failed_checks: tuple[str, ...] = ()
    providers: Attributes = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    """The source of each module, by its address."""
    configured: Mapping[str, Attributes] = field(default_factory=dict)
    """The configuration of each resource, by its address without the keys of instances."""
    data_sources: frozenset[str] = frozenset()  # the types that were read while planning
    accounts: frozenset[str] = frozenset()
    """The IDs of the accounts that AWS named while Terraform planned."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The names that differ in each stack, by what they name: account, region, bucket ..."""
    variables: Attributes = field(default_factory=dict)
    is_applyable: bool = False  # whether Terraform says that there is something to apply
    has_state: bool = False  # whether Terraform already manages something

    def count(self, *actions: Action) -> int:
        """Return the number of changes with one of the actions."""
        return sum(change.action in actions for change in self.changes)

    @property
    def does_something(self) -> bool:
        """Whether applying it would change a resource, the state or an output."""
        # A plan made with -refresh-only changes the state alone.
        changes_state = self.is_applyable and not self.count(Action.READ)
        changed = any(change.changes_something for change in self.changes)
        return bool(self.outputs or self.actions) or changed or changes_state

    @property
    def is_first(self) -> bool:
        """Whether there is no stack yet: its bucket is created, and nothing is or was there."""
        managed = [it for it in self.changes if it.is_managed]
        is_new = all(it.action is Action.CREATE for it in managed)
        makes_bucket = any(it.address == _BUCKET for it in managed)
        # A stack looked for in another account or region drifts: it is gone.
        return is_new and makes_bucket and not (self.has_state or self.drift)


def part(value: Attributes, name: str, form: type[Any] = dict) -> Any:  # noqa: ANN401 - any JSON
    """Return a part of a plan, empty if it is missing; raise TypeError if it is not in `form`."""
    found = value.get(name)
    if found is not None and not isinstance(found, form):
        raise TypeError(f"{name} is not a {form.__name__}")
    return found or form()


def any_true(value: object) -> bool:
    """Return whether a mark, such as of unknown values, is true in any of its parts."""
    if isinstance(value, Mapping):
        return any(map(any_true, value.values()))
    if isinstance(value, list):
        return any(map(any_true, value))
    return value is True


@contextmanager
def as_written(name: object) -> Iterator[None]:
    """Turn the errors that an unknown form causes into a `PlanGuardError` about the named part."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise PlanGuardError(
            f"{name} is not in the form that Terraform writes ({type(error).__name__}: {error}). "
            "Write it with a supported Terraform: terraform show -json PLANFILE > PLANFILE.json"
        ) from error


def load_plan(path: Path) -> Plan:
    """Read a plan in UTF-8, or in UTF-16 as PowerShell's ``>`` writes it.

    Raises:
        PlanGuardError: the file cannot be read, or is not a whole plan.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlanGuardError(f"{path} cannot be read: {error.strerror}.") from error
    with as_written(path):
        return parse_plan(json.loads(content))


def parse_plan(document: Attributes) -> Plan:
    """Return what a plan does; raise an error that `as_written` knows if it is not a plan.

    Raises:
        PlanGuardError: its format is not supported, or it is only a part of a plan.
    """
    _refuse_parts(document)
    if document["resource_changes"] is None:
        raise TypeError("resource_changes is not a list")
    changes = tuple(map(_change, part(document, "resource_changes", list)))
    state = list(_resources(part(part(part(document, "prior_state"), "values"), "root_module")))
    variables = {name: it.get("value") for name, it in part(document, "variables").items()}
    configuration = part(document, "configuration")
    modules = list(_modules(part(configuration, "root_module")))
    outputs = part(document, "output_changes")
    stack = variables.get("name")
    found: dict[str, set[Any]] = {
        "bucket": {it.before.get("bucket") for it in changes if it.address == _BUCKET} - {None},
        "account": {it["values"]["account_id"] for it in state if it["type"] == _CALLER},
        "region": {it["values"]["id"] for it in state if it["type"] == "aws_region"},
    }
    return Plan(
        changes,
        outputs=tuple(sorted(it for it in outputs if outputs[it]["actions"] != ["no-op"])),
        drift=tuple(map(_change, part(document, "resource_drift", list))),
        actions=tuple((it["address"], it) for it in part(document, "action_invocations", list)),
        failed_checks=tuple(
            it["address"]["to_display"]
            for it in part(document, "checks", list)
            if it["status"] in {"fail", "error"}
        ),
        providers=part(configuration, "provider_config"),
        modules={
            f"{prefix}module.{name}": str(call.get("source"))
            for prefix, module in modules
            for name, call in part(module, "module_calls").items()
        },
        configured={
            prefix + it["address"]: it
            for prefix, module in modules
            for it in part(module, "resources", list)
        },
        data_sources=frozenset(it["type"] for it in state if it.get("mode") == "data"),
        accounts=frozenset(found["account"]),
        # The digest cannot tell two accounts from each other if one word stands for both.
        names={word: next(iter(them)) for word, them in found.items() if len(them) == 1}
        | ({"stack": stack, "parameter": f"submitter/{stack}/stack"} if stack else {}),
        variables=variables,
        is_applyable=document.get("applyable") is True,
        has_state=any(it.get("mode") == "managed" for it in state),
    )


def _refuse_parts(document: Attributes) -> None:
    deferred = document.get("deferred_changes") or document.get("deferred_action_invocations")
    if str(document["format_version"]).partition(".")[0] != "1":
        why = (
            f"Its format is {document['format_version']}. Use a guard that supports this Terraform."
        )
    elif document.get("errored"):
        why = "Planning failed, so it is only a part."
    elif "planned_values" not in document:
        why = "It is a state and not a plan. Give terraform show the file of `terraform plan -out`."
    # OpenTofu does not say whether a plan is complete.
    elif deferred or document.get("complete", True) is not True:
        why = (
            "It is only a part (made with -target or -exclude, or with deferred changes), which "
            "proves nothing. Unset TF_CLI_ARGS_plan, and plan without these options."
        )
    else:
        return
    raise PlanGuardError(f"This plan cannot be judged. {why}")


def _resources(module: Attributes) -> Iterator[Attributes]:
    """Yield the resources of a state's module, and of the modules in it."""
    yield from part(module, "resources", list)
    for child in part(module, "child_modules", list):
        yield from _resources(child)


def _modules(module: Attributes, prefix: str = "") -> Iterator[tuple[str, Attributes]]:
    """Yield the configuration of a module, and of the modules in it."""
    yield prefix, module
    for name, call in part(module, "module_calls").items():
        yield from _modules(part(call, "module"), f"{prefix}module.{name}.")


def _change(entry: Attributes) -> Change:
    change = entry["change"]
    before, after = part(change, "before"), part(change, "after")
    marks = [change.get("before_sensitive"), change.get("after_sensitive")]
    return Change(
        address=entry["address"],
        type=entry["type"],
        action=_action(entry),
        before=before,
        after=after,
        unknown=change.get("after_unknown") or {},
        hidden=frozenset(
            name
            for mark in marks
            for name in {*before, *after}
            if mark is True or (isinstance(mark, Mapping) and any_true(mark.get(name)))
        ),
        is_managed=entry["mode"] == "managed",
        module=entry.get("module_address") or "",
        provider=entry.get("provider_name") or "",
        previous_address=entry.get("previous_address"),
        imports=change.get("importing"),
        replaced_for=tuple(sorted({str(it[0]) for it in change.get("replace_paths") or () if it})),
    )


def _action(entry: Attributes) -> Action:
    match sorted(entry["change"]["actions"]):
        case ["no-op"]:
            return Action.NOTHING
        case ["create" | "read" | "update" | "delete" | "forget" as only]:
            return Action(only)
        # With "forget" the old one stays on AWS, but the stack goes on with a new, empty one.
        case ["create", "delete" | "forget"]:
            return Action.REPLACE
        case actions:
            raise PlanGuardError(
                f"The plan does {'/'.join(actions)} to {entry['address']}, which is unknown. Use a "
                "guard that supports this Terraform."
            )
