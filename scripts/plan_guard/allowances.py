"""The allow-list: differences that may be applied although the guard would stop them.

A TOML file of entries such as the guard prints with each stop:

    [[allow]]
    address = 'module.submitter_queue.aws_sqs_queue.this["queue"]'
    digest  = "0f343b0931126a20f133d67c2b018a3b"
    reason  = "The queue is renamed; the front end is closed, and the queue is empty."
    expires = 2027-01-31
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from plan_guard.plan import PlanGuardError

LONGEST = timedelta(days=90)
NO_REASON = "..."  # printed in place of a reason

_TEXTS = ("address", "digest", "reason")
_FIELDS = "address, digest, reason and expires"
_DIGITS = 32  # enough that nobody can make two differences with one digest
_PLACES = {
    # Only here: a stack may have the name of something else, such as `root` or `admin`.
    "bucket": r'(?:(?<=:::)|(?<=")){}(?=[/"\\])',
    "parameter": r"(?<=/){}(?![\w/-])",
    "stack": r"(?<![\w.-]){}(?=-)",
    "account": r"(?<!\w){}(?!\w)",
    "region": r"(?<!\w){}(?!\w)",
}
"""The places of the stack's own names, by the word that replaces them."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One entry: one difference at one address."""

    address: str
    digest: str
    reason: str
    expires: date  # the last day it holds


def load_allowances(path: Path, today: date) -> tuple[Allowance, ...]:
    """Read an allow-list in UTF-8, or in UTF-16 as PowerShell's ``>`` writes it.

    Raises:
        PlanGuardError: it cannot be read, or an entry is not complete; nothing is allowed then.
    """
    try:
        content = path.read_bytes()
        document = tomllib.loads(content.decode(json.detect_encoding(content)))
    except OSError as error:
        raise PlanGuardError(f"The allow-list {path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise PlanGuardError(f"The allow-list {path} is not TOML: {error}. Fix it.") from error
    entries = document.pop("allow", [])
    if document or not isinstance(entries, list):
        raise PlanGuardError(
            f"The allow-list {path} has more than [[allow]] entries: "
            f"{', '.join(document) or 'allow'}. Write each as [[allow]] with {_FIELDS}."
        )
    return tuple(
        _allowance(entry, f"Entry {number} of {path}", today)
        for number, entry in enumerate(entries, 1)
    )


def _allowance(entry: Any, which: str, today: date) -> Allowance:  # noqa: ANN401 - any TOML
    if not isinstance(entry, Mapping) or set(entry) != {*_TEXTS, "expires"}:
        has = ", ".join(sorted(entry)) if isinstance(entry, Mapping) else entry
        raise PlanGuardError(f"{which} has {has}; it must have {_FIELDS}.")
    for name in _TEXTS:
        if not isinstance(entry[name], str) or entry[name].strip() in {"", NO_REASON}:
            raise PlanGuardError(f"{which} has no {name}. Write it as a text.")
    expires = entry["expires"]
    # To Python, a date with a time of day is a date too.
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise PlanGuardError(f"{which} expires on no date. Write one without quotes: {today}.")
    if expires > today + LONGEST:
        raise PlanGuardError(
            f"{which} expires on {expires}, more than {LONGEST.days} days from today. "
            f"Write {today + LONGEST} or earlier."
        )
    return Allowance(**entry)


def digest(differences: Iterable[object], names: Mapping[str, str]) -> str:
    """Return the digest of JSON; neither the order in sets nor a stack's `names` change it."""
    alternatives = [
        f"(?P<{word}>{place.format(re.escape(names[word]))})"
        for word, place in _PLACES.items()
        if word in names
    ]
    pattern = re.compile("|".join(alternatives) or "(?!)")

    def text(it: object) -> str:
        """Return JSON with placeholders, and sorted after that: no name decides the order."""
        if isinstance(it, Mapping):
            pairs = []
            for key, value in it.items():
                # This tag is the stack's whole name.
                is_own = key == "Stack" and value == names.get("stack")
                pairs.append(f"{text(key)}:{'\1stack\1' if is_own else text(value)}")
            return f"{{{','.join(sorted(pairs))}}}"
        if isinstance(it, set | frozenset):
            return f"<{','.join(sorted(map(text, it)))}>"
        if isinstance(it, list | tuple):
            return f"[{','.join(map(text, it))}]"
        # JSON escapes what the placeholders are written with, so no value can spell one.
        return pattern.sub(lambda found: f"\1{found.lastgroup}\1", json.dumps(it))

    lines = "\n".join(sorted({text(it) for it in differences}))
    return hashlib.sha256(lines.encode()).hexdigest()[:_DIGITS]
