"""The allow-list: what a change may do although the guard would stop it, with reason and end.

A TOML file of entries such as the guard prints with what it stops:

    [[allow]]
    address = 'module.submitter_queue.aws_sqs_queue.this["queue"]'
    digest  = "0f343b0931126a20f133d67c2b018a3b"
    reason  = "The queue is renamed; the front end is closed, and the queue is empty."
    expires = 2027-01-31
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from plan_guard.errors import PlanGuardError
from plan_guard.text_file import read_text

LONGEST = timedelta(days=90)
"""How far an entry's last day may be: what was allowed once must not be allowed for ever."""

NO_REASON = "..."
"""What the guard prints in place of one."""

_TEXTS = ("address", "digest", "reason")
_FIELDS = "address, digest, reason and expires"


@dataclass(frozen=True, slots=True)
class Allowance:
    """One entry: one difference at one address, until a day is over."""

    address: str
    digest: str
    reason: str
    expires: date
    """The last day it holds."""


def load_allowances(path: Path, today: date) -> tuple[Allowance, ...]:
    """Read an allow-list.

    Args:
        path: the TOML file.
        today: the day from which on entries may hold for `LONGEST`.

    Raises:
        PlanGuardError: it cannot be read, or an entry is not complete; nothing is allowed then.
    """
    try:
        document = tomllib.loads(read_text(path))
    except OSError as error:
        raise PlanGuardError(
            f"The allow-list {path} cannot be read: {error.strerror}. Give the path of one, or "
            "leave --allow out to allow nothing."
        ) from error
    except (ValueError, RecursionError) as error:
        raise PlanGuardError(f"The allow-list {path} is not TOML: {error}. Mend it.") from error
    entries = document.pop("allow", [])
    if document or not isinstance(entries, list):
        raise PlanGuardError(
            f"The allow-list {path} has something else than [[allow]] entries: "
            f"{', '.join(document) or 'allow'}. Write each as [[allow]] with {_FIELDS}."
        )
    return tuple(
        _allowance(entry, f"Entry {number} of {path}", today)
        for number, entry in enumerate(entries, 1)
    )


def _allowance(entry: Any, which: str, today: date) -> Allowance:  # noqa: ANN401 - any TOML
    if not isinstance(entry, Mapping) or set(entry) != {*_TEXTS, "expires"}:
        has = ", ".join(sorted(entry)) if isinstance(entry, Mapping) else entry
        raise PlanGuardError(f"{which} has {has}; it has to have {_FIELDS}.")
    for name in _TEXTS:
        if not isinstance(entry[name], str) or entry[name].strip() in {"", NO_REASON}:
            raise PlanGuardError(f"{which} has no {name}. Write it as a text.")
    expires = entry["expires"]
    # A date with a time of day would be one moment of the day, and is a date to Python as well.
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise PlanGuardError(f"{which} expires on no date. Write one without quotes: {today}.")
    if expires > today + LONGEST:
        raise PlanGuardError(
            f"{which} expires on {expires}, more than {LONGEST.days} days from today. "
            f"Write {today + LONGEST} or earlier."
        )
    return Allowance(entry["address"], entry["digest"], entry["reason"], expires)
