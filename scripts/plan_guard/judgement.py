"""Whether a plan may be applied: what is not known to be harmless stops, unless it is allowed."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from plan_guard.allowances import Allowance
from plan_guard.difference import differences
from plan_guard.errors import PlanGuardError
from plan_guard.first_plan import misfits
from plan_guard.harmless import are_topics, row_for
from plan_guard.plan import Action, Attributes, Change, Plan, any_true, part, parts
from plan_guard.policy import differing, is_policy, policy_differences
from plan_guard.stack import DATA_SOURCES, DOCUMENT, KINDS, PROVIDERS, without_indexes

type Stop = tuple[str, object]
"""Why something stops, and what an allowance of it binds to: the difference, as JSON."""

_ACCOUNT = re.compile(r"(?<![\w.-])\d{12}(?![\w.-])")
_ALARM_ACTIONS = ("alarm_actions", "ok_actions", "insufficient_data_actions")
_SAID_BY_AWS = {"arn", "evaluate_low_sample_count_percentiles", "id"}
_RENDERED = ("statement", "source_policy_documents", "override_policy_documents", "version")
_LONGEST_VALUE = 120
_DIGITS = 32
"""Of a digest: enough that nobody can make two differences of one digest."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a plan does to one address that must not be applied unless it is allowed."""

    address: str
    reasons: tuple[str, ...]
    """What would happen, each as a sentence without its full stop."""
    digest: str
    """Of the difference, the same in every stack: names, account and region are left out of it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a plan, and what of it is allowed."""

    stopped: tuple[Finding, ...]
    allowed: tuple[tuple[Finding, Allowance], ...]
    expired: tuple[Allowance, ...]
    """Entries of the allow-list that allow nothing any more."""
    unused: tuple[Allowance, ...]
    """Entries that match nothing in this plan."""

    @property
    def passes(self) -> bool:
        """Whether the plan may be applied."""
        return not self.stopped


def judge(plan: Plan, allowances: Sequence[Allowance], today: date) -> Verdict:
    """Judge a plan.

    Args:
        plan: what Terraform wants to do.
        allowances: the allow-list.
        today: the day, because what is allowed is so for a time only.

    Raises:
        PlanGuardError: something in it is not in the form that it should have.
    """
    in_force = {(it.address, it.digest): it for it in allowances if today <= it.expires}
    found = findings(plan)
    keys = [(it.address, it.digest) for it in found]
    return Verdict(
        tuple(it for it, key in zip(found, keys, strict=True) if key not in in_force),
        tuple((it, in_force[key]) for it, key in zip(found, keys, strict=True) if key in in_force),
        expired=tuple(it for it in allowances if it.expires < today),
        unused=tuple(it for key, it in in_force.items() if key not in keys),
    )


def findings(plan: Plan) -> tuple[Finding, ...]:
    """Return all that must not be applied unless it is allowed, by address.

    Args:
        plan: what `terraform plan` wants to do.

    Raises:
        PlanGuardError: something in it is not in the form that it should have.
    """
    stops: dict[str, list[Stop]] = defaultdict(list)
    for kind in plan.data_sources - DATA_SOURCES:
        stops[f"data.{kind}"] += [_reads(kind, kind)]
    for address, entry in plan.actions:
        stops[address] += [(f"runs the action {entry.get('type')}", entry)]
    for address, stop in _in_configuration(plan):
        stops[address] += [stop]
    for change in plan.changes:
        try:
            stops[change.address] += _about(change, plan)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise PlanGuardError(
                f"{change.address} cannot be judged: what the plan says of it is not in the form "
                f"that its type has ({type(error).__name__}: {error}). Look at it with terraform "
                "show, and mend its configuration."
            ) from error
    return tuple(
        Finding(
            address,
            tuple(dict.fromkeys(reason for reason, _ in found if reason)),
            _digest([difference for _, difference in found], plan),
        )
        for address, found in sorted(stops.items())
        if found
    )


def _in_configuration(plan: Plan) -> Iterator[tuple[str, Stop]]:
    """Tell what runs beside the changes: provisioners, programs, other providers and modules."""
    for key, provider in part(plan.configuration, "provider_config").items():
        foreign = _other_accounts(provider.get("expressions"), plan)
        if key != "aws" or provider.get("full_name", PROVIDERS[0]) not in PROVIDERS or foreign:
            yield f"provider.{key}", ("is another provider, or of another account", provider)
    yield from _in_module(part(plan.configuration, "root_module"), "")


def _in_module(module: Attributes, prefix: str) -> Iterator[tuple[str, Stop]]:
    for resource in parts(module, "resources"):
        address, kind = prefix + resource["address"], resource["type"]
        if resource.get("provisioners"):
            yield address, ("runs a provisioner", resource["provisioners"])
        if resource["mode"] != "managed" and kind not in DATA_SOURCES:
            yield address, _reads(kind, resource)
    for name, call in part(module, "module_calls").items():
        source = call.get("source", "./")
        if not source.startswith(("./", "../")):
            yield f"{prefix}module.{name}", (f"is a module from elsewhere, {source}", source)
        yield from _in_module(part(call, "module"), f"{prefix}module.{name}.")


def _reads(kind: str, difference: object) -> Stop:
    return f"reads {kind}, which may run a program or a function, or ask anybody", difference


def _about(change: Change, plan: Plan) -> Iterator[Stop]:
    values = [change.action, change.after, change.unknown]
    if change.imports is not None:
        yield f"imports {_value(change.imports)}", ["import", change.imports]
    if change.previous_address:
        kind = without_indexes(change.previous_address).split(".")[-2]
        if kind != change.type:
            yield f"was a {kind}", ["move", kind]
    if change.action is Action.NOTHING:
        if change.before != change.after or any_true(change.unknown):
            yield "is said to stay as it is, but its values change", values
    elif not change.is_managed:
        if change.type not in DATA_SOURCES:
            yield _reads(change.type, values)
        elif change.type == DOCUMENT and plan.is_first:
            yield from ((reason, values) for reason in _not_new(change, plan))
    elif change.type not in KINDS or change.provider not in {"", *PROVIDERS}:
        yield f"is of a type or provider that no stack has, and there is a {change.action}", values
    else:
        yield from _about_own(change, plan)


def _about_own(change: Change, plan: Plan) -> Iterator[Stop]:
    """Tell what stops of a change to a resource of a type that a stack has."""
    role, values = KINDS[change.type].role, [change.after, change.unknown]
    match change.action:
        case Action.UPDATE:
            if not differences(change):
                yield "is changed in a way that the plan does not show", values
            yield from _about_values(change, plan)
        case Action.CREATE if plan.is_first:
            yield from ((reason, values) for reason in _not_new(change, plan))
        case Action.CREATE:
            if not _is_harmless_alarm(change, plan):
                yield f"is created in a stack that exists; it {role}", "create"
                yield from _about_values(change, plan)
        case Action.REPLACE:
            because = " and ".join(change.replaced_for) or "its configuration"
            yield f"is replaced because {because} changes; it {role}", ["replace", because]
            yield from _about_values(change, plan)
        case _:
            what = "deleted" if change.action is Action.DELETE else "no longer Terraform's"
            yield f"is {what}; it {role}", change.action
            yield from _about_policies(change)


def _not_new(change: Change, plan: Plan) -> Iterator[str]:
    yield from misfits(change)
    for account in _other_accounts(change.after, plan):
        yield f"names another account, {account}"


def _about_values(change: Change, plan: Plan) -> Iterator[Stop]:
    """Tell which values change in another way than a row of the table has it."""
    yield from _about_policies(change)
    is_update = change.action is Action.UPDATE
    for it in differences(change):
        path, others = it.path, _other_accounts(it.after, plan)
        if row_for(change, it):
            if others:
                yield f"{path} names another account, {others[0]}", [path, it.after]
        elif it.is_unknown:
            is_told = is_update or is_policy(path)
            reason = f"{path} is known only after the apply" if is_told else ""
            yield reason, [path, it.before if is_update else None, _rendered(plan)]
        elif not is_policy(path):
            was = f" and was {_value(it.before)}" if it.before is not None else ""
            is_hidden = it.attribute in change.hidden
            told = "another sensitive value" if is_hidden else f"{_value(it.after)}{was}"
            yield f"{path} becomes {told}", [path, it.before, it.after]


def _about_policies(change: Change) -> Iterator[Stop]:
    for it in differences(change):
        if is_policy(it.path) and not it.is_unknown:
            bound = [it.path, differing(it.before, it.after)]
            reasons = policy_differences(it.before, it.after)
            for reason in [f"{it.path} changes"] if it.attribute in change.hidden else reasons:
                yield reason, bound


def _is_harmless_alarm(change: Change, plan: Plan) -> bool:
    """Tell whether it is an alarm that only tells people, and takes no other one's place.

    An alarm is made over one of the same name, be it another stack's. All stacks' alarms end alike.
    """
    name = str(change.after.get("alarm_name"))
    stack = next((f"{it}-" for it in plan.names if plan.names[it] == "{stack}"), "")
    others = [it.before.get("alarm_name") for it in plan.changes if it.type == change.type]
    ends = [str(it).removeprefix(stack) for it in others if it]
    return (
        change.type == "aws_cloudwatch_metric_alarm"
        and {it for it, mark in dict(change.unknown).items() if any_true(mark)} <= _SAID_BY_AWS
        and bool(stack)
        and name.startswith(stack)
        and not name.endswith((*ends, "None"))
        and all(are_topics(change.after.get(it)) for it in _ALARM_ACTIONS)
        and not _other_accounts(change.after, plan)
    )


def _other_accounts(values: object, plan: Plan) -> list[str]:
    """Return the IDs of other accounts that some values name, be it in an ARN or by themselves."""
    own = plan.accounts if len(plan.accounts) == 1 else frozenset()
    return sorted(set(_ACCOUNT.findall(json.dumps(values))) - own)


def _rendered(plan: Plan) -> list[object]:
    """Return all documents that are rendered during the apply: a policy may be any of them."""
    return [
        [it.address, [[it.after.get(name), it.unknown.get(name)] for name in _RENDERED]]
        for it in plan.changes
        if it.type == DOCUMENT
    ]


def _digest(differences: list[object], plan: Plan) -> str:
    """Return the digest of some differences, whatever words tell of them."""
    parts = {json.dumps(it, sort_keys=True, ensure_ascii=False) for it in differences}
    text = "\n".join(sorted(parts))
    for name in sorted(plan.names, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(name)}\b", plan.names[name], text)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."
