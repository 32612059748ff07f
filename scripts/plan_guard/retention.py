"""How long things are kept, and whether a change deletes them sooner."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from plan_guard.plan import Action, Change, Plan
from plan_guard.plan_format import Attributes, any_true, as_mapping

_LIMITS = (
    ("expiration", "days", "objects"),
    ("expiration", "date", "objects"),
    ("noncurrent_version_expiration", "noncurrent_days", "noncurrent versions"),
)
_FOR_EVER = float("inf")


@dataclass(frozen=True, slots=True)
class _Limit:
    """When a rule of a bucket's lifecycle deletes what it is about."""

    what: str
    which: Attributes = field(default_factory=dict)
    """What its filter asks; nothing if it is about the whole bucket."""
    days: float = _FOR_EVER
    date: str = ""
    """The day from which on all of it goes, as RFC 3339 writes it; empty if it goes by days."""
    spared: int = 0
    """How many of the newest noncurrent versions stay all the same."""

    def deletes_all_of(self, other: "_Limit") -> bool:
        """Tell whether all that the other one deletes goes by this one, and no later."""
        is_no_later = (
            self.date <= other.date
            if self.date and other.date
            else (bool(self.date) == bool(other.date) and self.days <= other.days)
        )
        return (
            self.what == other.what
            and is_no_later
            and self.spared <= other.spared
            and _includes(self.which, other.which)
        )

    def __str__(self) -> str:
        """Return what it deletes, and when."""
        which = f" that fit {json.dumps(self.which, sort_keys=True)}" if self.which else ""
        spared = f" but the newest {self.spared}" if self.spared else ""
        when = f"from {self.date} on" if self.date else f"after {self.days:g} days"
        return f"{self.what}{which}{spared} {when}"


def retention_shortened(change: Change, plan: Plan) -> Iterator[str]:
    """Tell what a change deletes sooner than it would be deleted now.

    Args:
        change: one of the plan's.
        plan: all of it; what is in a bucket that it makes nobody has kept yet.

    Yields:
        One sentence for each, without its full stop.
    """
    match change.type, change.action:
        case "aws_sqs_queue", Action.UPDATE:
            yield from _shortened(change, "messages", "message_retention_seconds", 86400)
        case "aws_cloudwatch_log_group", Action.UPDATE:
            yield from _shortened(change, "log events", "retention_in_days", 1)
        case "aws_s3_bucket_lifecycle_configuration", Action.UPDATE:
            yield from _expired_sooner(change, tuple(_limits(change.before)))
        case "aws_s3_bucket_lifecycle_configuration", Action.CREATE | Action.REPLACE:
            bucket = change.after.get("bucket")
            # A name that is not known yet is that of a bucket that is not there yet.
            if bucket and not plan.makes("aws_s3_bucket", "bucket", bucket):
                is_same = bucket == change.before.get("bucket")
                yield from _expired_sooner(change, tuple(_limits(change.before)) if is_same else ())


def _shortened(change: Change, what: str, attribute: str, units_a_day: int) -> Iterator[str]:
    # No number and CloudWatch's 0 are for ever.
    had = (change.before.get(attribute) or _FOR_EVER) / units_a_day
    days = (change.after.get(attribute) or _FOR_EVER) / units_a_day
    was = "for ever" if had == _FOR_EVER else f"for {had:g} days"
    if change.is_unknown(attribute):
        yield f"keeps {what} for a time that is known only after the apply, and no longer {was}"
    elif days < had:
        yield f"keeps {what} for {days:g} days, and no longer {was}: older ones are deleted"


def _expired_sooner(change: Change, before: tuple[_Limit, ...]) -> Iterator[str]:
    if _has_unknown_limit(change.unknown):
        yield "deletes what it is about after a time that is known only after the apply"
    # Rules are compared by what they are about: their names say nothing.
    for limit in _limits(change.after):
        if not any(other.deletes_all_of(limit) for other in before):
            yield f"deletes {limit}, sooner than any rule does now"


def _has_unknown_limit(unknown: Attributes) -> bool:
    rules = unknown.get("rule")
    if not isinstance(rules, list):
        return any_true(rules)
    return any(
        any_true(limit)
        if not isinstance(limit, list)
        else any(any_true(as_mapping(it).get(name)) for it in limit)
        for rule in rules
        for block, name, _ in _LIMITS
        for limit in (as_mapping(rule).get(block),)
    )


def _limits(attributes: Attributes) -> Iterator[_Limit]:
    for rule in attributes.get("rule") or ():
        if rule.get("status") != "Enabled":
            continue
        which = _filter(rule)
        for block, name, what in _LIMITS:
            for limit in rule.get(block) or ():
                if not limit.get(name):
                    continue
                if name == "date":
                    yield _Limit(what, which, date=limit[name])
                else:
                    spared = int(limit.get("newer_noncurrent_versions") or 0)
                    yield _Limit(what, which, days=limit[name], spared=spared)


def _filter(rule: Attributes) -> Attributes:
    """Return what a rule asks of what it is about, one entry for each, however it is written."""
    asked: dict[str, Any] = {"prefix": rule.get("prefix")}
    for block in rule.get("filter") or ():
        asked |= {name: value for name, value in block.items() if value and name != "and"}
        for both in block.get("and") or ():
            asked |= both
    return {name: value for name, value in asked.items() if value}


def _includes(wider: Attributes, narrower: Attributes) -> bool:
    """Tell whether whatever fits one filter fits another one too."""
    return all(
        str(narrower.get(name, "")).startswith(value)
        if name == "prefix"
        else narrower.get(name) == value
        for name, value in wider.items()
    )
