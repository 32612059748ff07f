"""Whether a plan may be applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from plan_guard.allowances import Allowance
from plan_guard.findings import Finding
from plan_guard.plan import Plan
from plan_guard.rules import findings


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a plan, and what of it is allowed."""

    stopped: tuple[Finding, ...]
    """What keeps the plan from being applied."""
    allowed: tuple[tuple[Finding, Allowance], ...]
    """What would, but is allowed by name."""
    expired: tuple[Allowance, ...]
    """Entries of the allow-list that allow nothing any more."""

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
    """
    stopped: list[Finding] = []
    allowed: list[tuple[Finding, Allowance]] = []
    for finding in findings(plan):
        allowance = next((it for it in allowances if it.allows(finding, today)), None)
        if allowance is None:
            stopped.append(finding)
        else:
            allowed.append((finding, allowance))
    expired = tuple(it for it in allowances if it.expires < today)
    return Verdict(tuple(stopped), tuple(allowed), expired)
