"""What a change means to people: why it matters, and whether it costs more or less."""

from enum import StrEnum

from plan_guard.difference import differences
from plan_guard.harmless import row_for
from plan_guard.plan import Action, Change
from plan_guard.stack import KINDS


class Cost(StrEnum):
    """Where the bill goes; how far, docs and prices say."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    NONE = "-"


def why_it_matters(change: Change) -> str:
    """Return what the changed resource is for, and what will be different."""
    kind = KINDS.get(change.type)
    role = kind.role if kind else "is not of a type that this stack is known to have"
    rows = [row_for(change, it) for it in differences(change)]
    effects = [row.effect for row in rows if row] if change.action is Action.UPDATE else []
    return "; ".join(dict.fromkeys((role, *effects)))


def cost_direction(change: Change) -> Cost:
    """Return where the bill goes by this change alone, with the same number of submissions."""
    costs = change.type in KINDS and KINDS[change.type].costs
    match change.action:
        case Action.CREATE if costs:
            return Cost.UP
        case Action.DELETE if costs:
            return Cost.DOWN
        case Action.UPDATE:
            return _of_an_update(change)
        case Action.REPLACE:
            return Cost.SAME
        case _:
            return Cost.NONE


def _of_an_update(change: Change) -> Cost:
    for it in differences(change):
        row = row_for(change, it)
        if row and row.costs:
            # CloudWatch's 0 days are for ever.
            return Cost.UP if (it.after or float("inf")) > (it.before or 0) else Cost.DOWN
    return Cost.SAME
