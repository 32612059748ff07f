"""What was changed outside Terraform since its last apply, and not merely read again."""

from collections.abc import Iterator

from plan_guard.difference import differences
from plan_guard.plan import Action, Attributes, Plan, part, parts
from plan_guard.stack import without_indexes

_EMPTY: tuple[object, ...] = (None, "", 0, [], {})


def drifted(plan: Plan) -> Iterator[str]:
    """Yield what is gone, and each value of the configuration's that is another one now.

    A value that AWS computes, such as a bucket's policy in the state of the bucket itself, is as
    old as the last apply and says nothing. So does an empty one that was filled in.

    Args:
        plan: a plan; without its configuration, every value counts as set there.
    """
    configured = dict(_configured(part(plan.configuration, "root_module"), ""))
    for change in plan.drift:
        if change.action is Action.DELETE:
            yield f"{change.address}, which is gone"
            continue
        own = configured.get(without_indexes(change.address))
        for it in differences(change):
            if it.before not in _EMPTY and (own is None or it.attribute in own):
                yield f"{change.address} {it.path}"


def _configured(module: Attributes, prefix: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each resource's address with the attributes that the configuration sets."""
    for resource in parts(module, "resources"):
        yield f"{prefix}{resource['address']}", frozenset(part(resource, "expressions"))
    for name, call in part(module, "module_calls").items():
        yield from _configured(part(call, "module"), f"{prefix}module.{name}.")
