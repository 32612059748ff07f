"""Compares events and problems. Of a case it says its name and which parts differ, never a part."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from grading.event import Event
from grading.problem import Case, File, Group, Limits, Problem

_PARTS = {
    "stdin": "input",
    "output_validator_args": "validator flags",
}
"""What staff calls a part of a case, where that is not the field's name."""
_ITEMS = frozenset({"cases", "include", "groups", "limits"})
"""Fields of a problem that are compared part by part."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that differs, in words."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Items:
    """Cases or files that differ, by name."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The parts that differ, such as `answer`."""


@dataclass(frozen=True, slots=True)
class Differences:
    """How what is to be published differs from what is published."""

    settings: tuple[Setting, ...] = ()
    cases: Items = Items()
    files: Items = Items()
    """Of `include/`."""


def compare_events(old: Event, new: Event) -> Differences:
    """Return how an event's settings differ."""
    return Differences(tuple(_settings(old, new)))


def compare_problems(old: Problem, new: Problem) -> Differences:
    """Return how a problem differs."""
    return Differences(
        (
            *_settings(old, new, leave_out=_ITEMS),
            *_settings(old.limits, new.limits, "limits."),
            *_groups(old.groups, new.groups),
            *_flags(old.cases, new.cases),
        ),
        _items(old.cases, new.cases),
        _items(old.include, new.include),
    )


def _settings(
    old: object,
    new: Event | Problem | Limits | Group,
    prefix: str = "",
    leave_out: frozenset[str] = frozenset(),
) -> Iterator[Setting]:
    for each in fields(new):
        before, after = getattr(old, each.name), getattr(new, each.name)
        if each.name not in leave_out and before != after:
            yield Setting(prefix + each.name, _words(before), _words(after))


def _groups(old: Sequence[Group], new: Sequence[Group]) -> Iterator[Setting]:
    before = {group.name: group for group in old}
    after = {group.name: group for group in new}
    for name in sorted(before.keys() | after.keys()):
        earlier, later = before.get(name), after.get(name)
        if earlier is None or later is None:
            yield Setting(name, _points(earlier), _points(later))
        else:
            yield from _settings(earlier, later, f"{name}: ")


def _points(group: Group | None) -> str:
    return "no group" if group is None else f"{group.max_score} points"


def _flags(old: Sequence[Case], new: Sequence[Case]) -> Iterator[Setting]:
    """Yield how the flags of cases differ, once for all cases with the same difference."""
    before = {case.name: case.output_validator_args for case in old}
    differing = Counter(
        (before[case.name], case.output_validator_args)
        for case in new
        if before.get(case.name, case.output_validator_args) != case.output_validator_args
    )
    for (earlier, later), count in differing.items():
        cases = "1 case" if count == 1 else f"{count} cases"
        yield Setting(f"validator flags of {cases}", _words(earlier), _words(later))


def _items(old: Sequence[Case] | Sequence[File], new: Sequence[Case] | Sequence[File]) -> Items:
    before = {each.name: each for each in old}
    after = {each.name: each for each in new}
    return Items(
        tuple(name for name in after if name not in before),
        tuple(name for name in before if name not in after),
        {
            name: tuple(
                _PARTS.get(part.name, part.name)
                for part in fields(each)
                if getattr(each, part.name) != getattr(before[name], part.name)
            )
            for name, each in after.items()
            if name in before and each != before[name]
        },
    )


def _words(value: object) -> str:
    match value:
        case None | ():
            return "none"
        case tuple():
            return " ".join(map(str, value))
        case float():
            return f"{value:g}"
        case datetime():
            return value.isoformat()
        case _:
            return str(value)
