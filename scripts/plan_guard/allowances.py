"""The allow-list: what a change may do although the guard would stop it, by name and with reason.

A TOML file of entries such as

    [[allow]]
    rule    = "data_loss"
    address = "module.submitter_queue.module.queue.aws_sqs_queue.this"
    reason  = "The queue is renamed; the front end is closed, and the queue is empty."
    expires = 2027-01-31
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from plan_guard.errors import PlanGuardError
from plan_guard.findings import Finding, Rule

_FIELDS = {"rule", "address", "reason", "expires"}


@dataclass(frozen=True, slots=True)
class Allowance:
    """One entry: a rule that one resource may break until a day is over."""

    rule: Rule
    address: str
    reason: str
    expires: date
    """The last day it holds: what was allowed once must not be allowed for ever."""

    def allows(self, finding: Finding, today: date) -> bool:
        """Tell whether it lets the finding pass on that day."""
        return (self.rule, self.address) == (finding.rule, finding.address) and (
            today <= self.expires
        )


def load_allowances(path: Path) -> tuple[Allowance, ...]:
    """Read an allow-list.

    Args:
        path: the TOML file.

    Raises:
        PlanGuardError: it cannot be read, or an entry is not complete; nothing is allowed then.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanGuardError(
            f"The allow-list {path} cannot be read: {error.strerror}. Give the path of one, or "
            "leave --allow out to allow nothing."
        ) from error
    except ValueError as error:
        raise PlanGuardError(f"The allow-list {path} is not TOML: {error}. Mend it.") from error
    entries = document.pop("allow", [])
    if document or not isinstance(entries, list):
        raise PlanGuardError(
            f"The allow-list {path} has something else than [[allow]] entries: "
            f"{', '.join(document) or 'allow'}. Write each as [[allow]] with {_fields()}."
        )
    return tuple(_allowance(entry, f"Entry {n} of {path}") for n, entry in enumerate(entries, 1))


def _allowance(entry: Mapping[str, Any], which: str) -> Allowance:
    if set(entry) != _FIELDS:
        raise PlanGuardError(f"{which} has {', '.join(sorted(entry))}; it has to have {_fields()}.")
    rules = ", ".join(Rule)
    if entry["rule"] not in list(Rule):
        raise PlanGuardError(f"{which} allows {entry['rule']!r}, which is no rule: {rules}.")
    for name in ("address", "reason"):
        if not isinstance(entry[name], str) or not entry[name].strip():
            raise PlanGuardError(f"{which} has no {name}. Say it as a text.")
    # A date with a time of day would be one moment of the day, and is a date to Python as well.
    if not isinstance(entry["expires"], date) or isinstance(entry["expires"], datetime):
        raise PlanGuardError(f"{which} expires on no date. Write one without quotes: 2027-01-31.")
    return Allowance(Rule(entry["rule"]), entry["address"], entry["reason"], entry["expires"])


def _fields() -> str:
    return "rule, address, reason and expires"
