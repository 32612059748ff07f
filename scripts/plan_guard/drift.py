"""What was changed outside Terraform since its last apply, and not merely read again."""

from collections.abc import Iterator

from plan_guard.difference import differences
from plan_guard.plan import Action, Plan, configured, part
from plan_guard.stack import without_indexes

_EMPTY: tuple[object, ...] = (None, "", 0, [], {})


def drifted(plan: Plan) -> Iterator[str]:
    """Yield what is gone, and each value of the configuration's that is another one now.

    A value that AWS computes, such as a bucket's policy in the state of the bucket itself, is as
    old as the last apply and says nothing. So does an empty one that was filled in.

    Args:
        plan: a plan; without its configuration, every value counts as set there.
    """
    resources = configured(plan.configuration)
    for change in plan.drift:
        if change.action is Action.DELETE:
            yield f"{change.address}, which is gone"
            continue
        own = resources.get(without_indexes(change.address))
        for it in differences(change):
            is_set = own is None or it.attribute in part(own, "expressions")
            had_a_value = it.before is False or it.before not in _EMPTY
            if had_a_value and is_set:
                yield f"{change.address} {it.path}"
