"""What differs in a resource: each value by itself, however deep in blocks and lists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from plan_guard.plan import Action, Change, Plan, any_true, part
from plan_guard.resource_types import without_indexes

_EMPTY: tuple[object, ...] = (None, "", 0, [], {})


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that changes."""

    path: str  # its place, such as ``rule[].filter[].prefix``
    before: Any
    after: Any  # none too if it is unknown
    is_unknown: bool = False  # whether it, or a part of it, is known only after the apply

    @property
    def attribute(self) -> str:
        """The name of the resource's attribute that it is in."""
        return self.path.partition(".")[0].partition("[")[0]


def differences(change: Change) -> tuple[Difference, ...]:
    """Return all values that a change changes; for a new resource, those that it sets."""
    return tuple(_differences("", change.before, change.after, change.unknown))


def _differences(path: str, before: Any, after: Any, unknown: Any) -> Iterator[Difference]:  # noqa: ANN401 - any JSON
    # A missing map equals an empty one.
    old, new = ({} if it is None else it for it in (before, after))
    if isinstance(old, Mapping) and isinstance(new, Mapping) and unknown is not True:
        marks = unknown if isinstance(unknown, Mapping) else {}
        for name in sorted({*old, *new, *marks}):
            yield from _differences(
                f"{path}.{name}" if path else name, old.get(name), new.get(name), marks.get(name)
            )
    elif _are_alike(before, after, unknown):
        for mine, theirs, mark in zip_longest(before, after, unknown or ()):
            yield from _differences(f"{path}[]", mine, theirs, mark)
    elif any_true(unknown):
        yield Difference(path, before, after, is_unknown=True)
    elif before != after or isinstance(before, bool) is not isinstance(after, bool):
        yield Difference(path, before, after)


def _are_alike(before: object, after: object, unknown: object) -> bool:
    """Return whether both are lists of as many blocks, to be compared one by one."""
    return (
        isinstance(before, list)
        and isinstance(after, list)
        and len(before) == len(after)
        and (not unknown or (isinstance(unknown, list) and len(unknown) <= len(after)))
        and any(isinstance(it, Mapping) for it in (*before, *after))
    )


def drifted(plan: Plan) -> Iterator[str]:
    """Yield what was changed outside Terraform: deleted resources, and configured values.

    Values that AWS computes are only as old as the last apply, and an empty value that was filled
    in means nothing. Without a configuration, every value counts as configured.
    """
    for change in plan.drift:
        if change.action is Action.DELETE:
            yield f"{change.address}, which is gone"
            continue
        own = plan.configured.get(without_indexes(change.address))
        for it in differences(change):
            is_set = own is None or it.attribute in part(own, "expressions")
            if is_set and (it.before is False or it.before not in _EMPTY):
                yield f"{change.address} {it.path}"
