"""Whether a plan may be applied: what is not known to be harmless stops, unless it is allowed."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from plan_guard.allowances import Allowance
from plan_guard.difference import differences
from plan_guard.digest import digest
from plan_guard.errors import PlanGuardError
from plan_guard.first_plan import misfits, missing
from plan_guard.harmless import are_topics, row_for
from plan_guard.plan import (
    Action,
    Attributes,
    Change,
    Plan,
    any_true,
    configured,
    part,
    parts,
)
from plan_guard.policy import differing, is_policy, policy_differences
from plan_guard.stack import DATA_SOURCES, DOCUMENT, KINDS, PROVIDERS, without_indexes

type Stop = tuple[str, object]
"""Why something stops, and what an allowance of it binds to: the difference, as JSON."""

_ACCOUNT = re.compile(r"(?<![\w.-])\d{12}(?![\w.-])")
_ACCOUNT_OF_ARN = re.compile(r"\barn:[^:\"]*:[^:\"]*:[^:\"]*:(\d{12})(?!\d)")
_TAGS = {"tags", "tags_all"}
_ALARM_ACTIONS = ("alarm_actions", "ok_actions", "insufficient_data_actions")
_SAID_BY_AWS = {"arn", "evaluate_low_sample_count_percentiles", "id"}
_RENDERED = ("statement", "source_policy_documents", "override_policy_documents", "version")
_LONGEST_VALUE = 120
_NAMES = (
    *("alarm_name", "bucket", "dashboard_name", "function_name", "key_id", "name"),
    *("policy_arn", "queue_url", "role", "user"),
)
"""What tells one resource from another of its type."""
_MODULE = re.compile(r"\./modules/\w+")
_INNER_MODULE = re.compile(r"\.\./\w+")
_EMULATORS = {
    *("access_key", "endpoints", "secret_key"),
    *("skip_credentials_validation", "skip_metadata_api_check", "skip_requesting_account_id"),
}
"""A provider's settings on an emulator."""
_LOOPBACK = re.compile(r"http://(\w+\.)?(127\.0\.0\.1|localhost(\.localstack\.cloud)?)(:\d+)?")


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
    for address, reason in missing(plan) if plan.is_first else ():
        stops[address] += [(reason, reason)]
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
            digest([difference for _, difference in found], plan.names),
        )
        for address, found in sorted(stops.items())
        if found
    )


def _in_configuration(plan: Plan) -> Iterator[tuple[str, Stop]]:
    """Tell what runs beside the changes: provisioners, programs, other providers and modules."""
    for key, provider in part(plan.configuration, "provider_config").items():
        if key != "aws" or provider.get("full_name", PROVIDERS[0]) not in PROVIDERS:
            yield f"provider.{key}", ("is another provider", provider)
        settings = _settings(part(provider, "expressions"), plan)
        if settings:
            why = f"works elsewhere, or as somebody else: it sets {', '.join(settings)}"
            yield f"provider.{key}", (why, provider)
    yield from _in_module(part(plan.configuration, "root_module"), "")


def _settings(expressions: Attributes, plan: Plan) -> list[str]:
    """Return the settings by which a provider asks or changes something else than the stack."""
    keys = [part(expressions, name).get("constant_value") for name in ("access_key", "secret_key")]
    endpoints = [
        part(it, name).get("constant_value")
        for it in parts(expressions, "endpoints")
        for name in it
    ]
    is_emulated = keys == ["test", "test"] and bool(endpoints)
    is_here = all(_LOOPBACK.fullmatch(str(it)) for it in endpoints)
    region = part(expressions, "region")
    is_own = region in ({}, {"references": ["var.region"]}) or (
        "region" in plan.names and region == {"constant_value": plan.names["region"]}
    )
    # How a bucket's URL is spelled changes nothing of where it is.
    harmless = {"default_tags", "s3_use_path_style"} | ({"region"} if is_own else set())
    # An emulator on this machine, with a key that AWS refuses.
    return sorted({*expressions} - harmless - (_EMULATORS if is_emulated and is_here else set()))


def _in_module(module: Attributes, prefix: str) -> Iterator[tuple[str, Stop]]:
    for resource in parts(module, "resources"):
        address, kind = prefix + resource["address"], resource["type"]
        if resource.get("provisioners"):
            yield address, ("runs a provisioner", resource["provisioners"])
        if resource["mode"] != "managed" and kind not in DATA_SOURCES:
            yield address, _reads(kind, resource)
    for name, call in part(module, "module_calls").items():
        source = str(call.get("source"))
        if not (_INNER_MODULE if prefix else _MODULE).fullmatch(source):
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
    named = {name: change.before.get(name) for name in _NAMES}
    match change.action:
        case Action.UPDATE:
            if not differences(change):
                yield "is changed in a way that the plan does not show", values
            yield from _about_values(change, plan)
        case Action.CREATE if plan.is_first:
            yield from ((reason, values) for reason in _not_new(change, plan))
        case Action.CREATE:
            if not _is_harmless_alarm(change, plan):
                yield f"is created in a stack that exists; it {role}", ["create", *values]
                yield from _about_values(change, plan)
        case Action.REPLACE:
            because = " and ".join(change.replaced_for) or "its configuration"
            yield (
                f"is replaced because {because} changes; it {role}",
                ["replace", because, named, *values],
            )
            yield from _about_values(change, plan)
        case _:
            what = "deleted" if change.action is Action.DELETE else "no longer Terraform's"
            yield f"is {what}; it {role}", [change.action, named]
            yield from _about_policies(change)


def _not_new(change: Change, plan: Plan) -> Iterator[str]:
    yield from misfits(change, plan)
    for account in _other_accounts(change.after, plan):
        yield f"names another account, {account}"


def _about_values(change: Change, plan: Plan) -> Iterator[Stop]:
    """Tell which values change in another way than a row of the table has it."""
    yield from _about_policies(change)
    is_update = change.action is Action.UPDATE
    for it in differences(change):
        path, others = it.path, _other_accounts({it.attribute: it.after}, plan)
        if row_for(change, it):
            if others:
                yield f"{path} names another account, {others[0]}", [path, it.after]
        elif it.is_unknown:
            is_told = is_update or is_policy(path)
            reason = f"{path} is known only after the apply" if is_told else ""
            # Not to what was there before: that is another one in each stack, and goes.
            yield reason, [path, _rendered(plan), _expression(change, it.attribute, plan)]
        elif not is_policy(path):
            was = f" and was {_value(it.before)}" if it.before is not None else ""
            is_hidden = it.attribute in change.hidden
            told = "another sensitive value" if is_hidden else f"{_value(it.after)}{was}"
            yield f"{path} becomes {told}", [path, it.before, it.after]


def _about_policies(change: Change) -> Iterator[Stop]:
    for it in differences(change):
        if is_policy(it.path) and not it.is_unknown:
            bound = [
                it.path,
                *(
                    [
                        {name: frozenset(texts) for name, texts in each.items()}
                        for each in statements
                    ]
                    for statements in differing(it.before, it.after)
                ),
            ]
            reasons = policy_differences(it.before, it.after)
            for reason in [f"{it.path} changes"] if it.attribute in change.hidden else reasons:
                yield reason, bound


def _is_harmless_alarm(change: Change, plan: Plan) -> bool:
    """Tell whether it is an alarm that only tells people, and takes no other one's place.

    An alarm is made over one of the same name, be it another stack's. All stacks' alarms end alike.
    """
    name, stack = str(change.after.get("alarm_name")), f"{plan.names.get('stack')}-"
    others = [it for it in plan.changes if it.type == change.type and it.before.get("alarm_name")]
    ends = [it.before["alarm_name"].removeprefix(stack) for it in others]
    gone = [
        it
        for it in plan.drift
        if it.address == change.address or it.before.get("alarm_name") == name
    ]
    return (
        change.type == "aws_cloudwatch_metric_alarm"
        and {it for it, mark in dict(change.unknown).items() if any_true(mark)} <= _SAID_BY_AWS
        and "stack" in plan.names
        and name.startswith(stack)
        and not name.endswith((*ends, "None"))
        and change.after.get("actions_enabled") is True
        and all(are_topics(change.after.get(it)) for it in _ALARM_ACTIONS)
        and all(_tell_alike(change.after, it.after) for it in others)
        and all(_is_as_it_was(change, it.before) for it in gone)
        and not _other_accounts(change.after, plan)
    )


def _tell_alike(alarm: Attributes, other: Attributes) -> bool:
    """Tell whether both alarms tell the same people."""
    return not other or all((alarm.get(it) or []) == (other.get(it) or []) for it in _ALARM_ACTIONS)


def _is_as_it_was(change: Change, before: Attributes) -> bool:
    """Tell whether what was deleted by hand is made again as it was."""
    names = {*before, *change.after} - {*_SAID_BY_AWS, *_TAGS}
    return all((change.after.get(it) or None) == (before.get(it) or None) for it in names)


def _other_accounts(values: Attributes, plan: Plan) -> list[str]:
    """Return the IDs of other accounts that some values name, be it in an ARN or by themselves.

    In tags in ARNs only, as a cost centre may have as many digits.
    """
    own = plan.accounts if len(plan.accounts) == 1 else frozenset()
    tags = {name: values[name] for name in _TAGS & {*values}}
    others = {name: values[name] for name in {*values} - _TAGS}
    found = {*_ACCOUNT_OF_ARN.findall(json.dumps(tags)), *_ACCOUNT.findall(json.dumps(others))}
    return sorted(found - own)


def _expression(change: Change, attribute: str, plan: Plan) -> object:
    """Return what the configuration has for an attribute, as far as plans say it."""
    resource = configured(plan.configuration).get(without_indexes(change.address), {})
    return [part(resource, "expressions").get(attribute), resource.get("for_each_expression")]


def _rendered(plan: Plan) -> list[object]:
    """Return all documents that are rendered during the apply: a policy may be any of them."""
    return [
        [it.address, [[it.after.get(name), it.unknown.get(name)] for name in _RENDERED]]
        for it in plan.changes
        if it.type == DOCUMENT
    ]


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."
