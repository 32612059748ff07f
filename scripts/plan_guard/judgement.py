"""Whether a plan may be applied: changes not known to be harmless stop, unless allowed."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from plan_guard.allowances import Allowance, digest
from plan_guard.difference import differences
from plan_guard.first_plan import misfits, missing
from plan_guard.harmless import ALARM_ACTIONS, are_topics, row_for
from plan_guard.plan import Action, Attributes, Change, Plan, any_true, as_written, part
from plan_guard.policy import differing, is_policy, policy_differences
from plan_guard.resource_types import DATA_SOURCES, DOCUMENT, KINDS, PROVIDERS, without_indexes

type Stop = tuple[str, object]
"""Why something stops, and what an allowance of it binds to: the difference, as JSON."""

_ACCOUNT = re.compile(r"(?<![\w.-])\d{12}(?![\w.-])")
_ACCOUNT_OF_ARN = re.compile(r"\barn:[^:\"]*:[^:\"]*:[^:\"]*:(\d{12})(?!\d)")
_TAGS = {"tags", "tags_all"}
_SAID_BY_AWS = {"arn", "evaluate_low_sample_count_percentiles", "id"}
_RENDERED = ("statement", "source_policy_documents", "override_policy_documents", "version")
_LONGEST_VALUE = 120
_NAMES = (  # they identify a resource among others of its type
    *("alarm_name", "bucket", "dashboard_name", "function_name", "key_id", "name"),
    *("policy_arn", "queue_url", "role", "user"),
)
_MODULE, _INNER_MODULE = re.compile(r"\./modules/\w+"), re.compile(r"\.\./\w+")
_EMULATORS = {  # a provider's settings there
    *("access_key", "endpoints", "secret_key"),
    *("skip_credentials_validation", "skip_metadata_api_check", "skip_requesting_account_id"),
}
_LOOPBACK = re.compile(r"http://(\w+\.)?(127\.0\.0\.1|localhost(\.localstack\.cloud)?)(:\d+)?")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something at one address that must not be applied unless it is allowed."""

    address: str
    reasons: tuple[str, ...]  # what would happen: sentences without full stops
    digest: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings in a plan, and the entries of the allow-list."""

    stopped: tuple[Finding, ...]
    allowed: tuple[tuple[Finding, Allowance], ...]
    expired: tuple[Allowance, ...]
    unused: tuple[Allowance, ...]

    @property
    def passes(self) -> bool:
        """Whether the plan may be applied."""
        return not self.stopped


def judge(plan: Plan, allowances: Sequence[Allowance], today: date) -> Verdict:
    """Judge a plan, with the entries of the allow-list that are in force today.

    Raises:
        PlanGuardError: a change is not in the form that Terraform writes.
    """
    in_force = {(it.address, it.digest): it for it in allowances if today <= it.expires}
    found = {(it.address, it.digest): it for it in findings(plan)}
    return Verdict(
        stopped=tuple(it for key, it in found.items() if key not in in_force),
        allowed=tuple((it, in_force[key]) for key, it in found.items() if key in in_force),
        expired=tuple(it for it in allowances if it.expires < today),
        unused=tuple(it for key, it in in_force.items() if key not in found),
    )


def findings(plan: Plan) -> tuple[Finding, ...]:
    """Return everything that must not be applied unless it is allowed; see `judge`."""
    stops: dict[str, list[Stop]] = defaultdict(list)
    for address, reason, difference in _in_plan(plan):
        stops[address].append((reason, difference))
    for change in plan.changes:
        with as_written(change.address):
            stops[change.address] += _about(change, plan)
    return tuple(
        Finding(
            address,
            tuple(dict.fromkeys(reason for reason, _ in found if reason)),
            digest([difference for _, difference in found], plan.names),
        )
        for address, found in sorted(stops.items())
        if found
    )


def _in_plan(plan: Plan) -> Iterator[tuple[str, str, object]]:
    """Yield what stops apart from changes: programs, foreign providers and modules, gaps."""
    for kind in plan.data_sources - DATA_SOURCES:
        yield f"data.{kind}", *_reads(kind, kind)
    for address, action in plan.actions:
        yield address, f"runs the action {action.get('type')}", action
    for key, provider in plan.providers.items():
        if key != "aws" or provider.get("full_name", PROVIDERS[0]) not in PROVIDERS:
            yield f"provider.{key}", "is another provider", provider
        if settings := _settings(part(provider, "expressions"), plan):
            why = f"overrides the provider's endpoint, region or credentials: {', '.join(settings)}"
            yield f"provider.{key}", why, provider
    yield from _in_configuration(plan)
    for address, reason in missing(plan) if plan.is_first else ():
        yield address, reason, reason


def _in_configuration(plan: Plan) -> Iterator[tuple[str, str, object]]:
    for address, it in plan.configured.items():
        if it.get("provisioners"):
            yield address, "runs a provisioner", it["provisioners"]
        if it["mode"] != "managed" and it["type"] not in DATA_SOURCES:
            yield address, *_reads(it["type"], it)
    for address, source in plan.modules.items():
        if not (_MODULE if address.count(".") == 1 else _INNER_MODULE).fullmatch(source):
            yield address, f"is a module from elsewhere, {source}", source


def _settings(expressions: Attributes, plan: Plan) -> list[str]:
    """Return the settings with which a provider asks or changes something else than the stack."""
    keys = [part(expressions, name).get("constant_value") for name in ("access_key", "secret_key")]
    endpoints = [
        str(part(it, name).get("constant_value"))
        for it in part(expressions, "endpoints", list)
        for name in it
    ]
    # An emulator on this machine, with a key that AWS refuses.
    is_emulated = (
        keys == ["test", "test"] and endpoints and all(map(_LOOPBACK.fullmatch, endpoints))
    )
    is_own_region = part(expressions, "region") in (
        *({}, {"references": ["var.region"]}),
        {"constant_value": plan.names.get("region")},
    )
    # The spelling of a bucket's URL does not change its place.
    harmless = {"default_tags", "s3_use_path_style"} | ({"region"} if is_own_region else set())
    return sorted({*expressions} - harmless - (_EMULATORS if is_emulated else set()))


def _reads(kind: str, difference: object) -> Stop:
    return f"reads {kind}, which may run a program or a function, or send data away", difference


def _about(change: Change, plan: Plan) -> Iterator[Stop]:
    """Yield the reasons why a change stops."""
    values = [change.action, change.after, change.unknown]
    if change.imports is not None:
        yield f"imports {_value(change.imports)}", ["import", change.imports]
    if change.previous_address:
        kind = without_indexes(change.previous_address).split(".")[-2]
        if kind != change.type:
            yield f"was a {kind}", ["move", kind]
    if change.action is Action.NOTHING:
        if change.before != change.after or any_true(change.unknown):
            yield "is planned as unchanged, but its values differ", values
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
    """Yield the reasons why a change stops whose type a stack has."""
    it, values = f"it {KINDS[change.type].role}", [change.after, change.unknown]
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
                yield f"is created in a stack that exists; {it}", ["create", *values]
                yield from _about_values(change, plan)
        case Action.REPLACE:
            because = " and ".join(change.replaced_for) or "its configuration"
            bound = ["replace", because, named, *values]
            yield f"is replaced because {because} changes; {it}", bound
            yield from _about_values(change, plan)
        case _:
            what = "deleted" if change.action is Action.DELETE else "no longer Terraform's"
            yield f"is {what}; {it}", [change.action, named]
            yield from _about_policies(change)


def _not_new(change: Change, plan: Plan) -> Iterator[str]:
    yield from misfits(change, plan)
    for account in _other_accounts(change.after, plan):
        yield f"names another account, {account}"


def _about_values(change: Change, plan: Plan) -> Iterator[Stop]:
    """Yield the values that no row of the table lets change as planned."""
    yield from _about_policies(change)
    for it in differences(change):
        path, others = it.path, _other_accounts({it.attribute: it.after}, plan)
        if row_for(change, it):
            if others:
                yield f"{path} names another account, {others[0]}", [path, it.after]
        elif it.is_unknown:
            is_told = change.action is Action.UPDATE or is_policy(path)
            reason = f"{path} is known only after the apply" if is_told else ""
            own = plan.configured.get(without_indexes(change.address), {})
            expression = part(own, "expressions").get(it.attribute)
            # Not bound to the value before: that one goes, and differs in each stack.
            yield reason, [path, _rendered(plan), [expression, own.get("for_each_expression")]]
        elif not is_policy(path):
            was = f" and was {_value(it.before)}" if it.before is not None else ""
            is_hidden = it.attribute in change.hidden
            told = "another sensitive value" if is_hidden else f"{_value(it.after)}{was}"
            yield f"{path} becomes {told}", [path, it.before, it.after]


def _about_policies(change: Change) -> Iterator[Stop]:
    for it in differences(change):
        if is_policy(it.path) and not it.is_unknown:
            bound = [
                [{name: frozenset(texts) for name, texts in each.items()} for each in statements]
                for statements in differing(it.before, it.after)
            ]
            reasons = policy_differences(it.before, it.after)
            for reason in [f"{it.path} changes"] if it.attribute in change.hidden else reasons:
                yield reason, [it.path, *bound]


def _is_harmless_alarm(change: Change, plan: Plan) -> bool:
    """Return whether a new alarm only sends messages, and takes no other alarm's place.

    AWS overwrites an alarm of the same name, also another stack's, which has the same ending.
    """
    new, stack = change.after, f"{plan.names.get('stack')}-"
    name = str(new.get("alarm_name"))
    told = [new.get(it) or [] for it in ALARM_ACTIONS]
    others = [it for it in plan.changes if it.type == change.type and it.before.get("alarm_name")]
    ends = [it.before["alarm_name"].removeprefix(stack) for it in others]
    return (
        change.type == "aws_cloudwatch_metric_alarm"
        and {it for it, mark in dict(change.unknown).items() if any_true(mark)} <= _SAID_BY_AWS
        and "stack" in plan.names
        and name.startswith(stack)
        and not name.endswith((*ends, "None"))
        and new.get("actions_enabled") is True
        and all(map(are_topics, told))
        and not _other_accounts(new, plan)
        # It sends messages to the same people as the others ...
        and all(
            not it.after or told == [it.after.get(action) or [] for action in ALARM_ACTIONS]
            for it in others
        )
        # ... and if somebody deleted it by hand, it returns as it was.
        and all(
            (new.get(attribute) or None) == (it.before.get(attribute) or None)
            for it in plan.drift
            if it.address == change.address or it.before.get("alarm_name") == name
            for attribute in {*it.before, *new} - {*_SAID_BY_AWS, *_TAGS}
        )
    )


def _other_accounts(values: Attributes, plan: Plan) -> list[str]:
    """Return other accounts' IDs in some values; in tags only in ARNs: cost centres look alike."""
    tags = json.dumps({name: values[name] for name in _TAGS & {*values}})
    others = json.dumps({name: values[name] for name in {*values} - _TAGS})
    found = {*_ACCOUNT_OF_ARN.findall(tags), *_ACCOUNT.findall(others)}
    return sorted(found - {plan.names.get("account")})


def _rendered(plan: Plan) -> list[object]:
    """Return all documents that the apply renders: a policy may be any of them."""
    return [
        [it.address, [[it.after.get(name), it.unknown.get(name)] for name in _RENDERED]]
        for it in plan.changes
        if it.type == DOCUMENT
    ]


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."
