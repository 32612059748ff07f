"""Makes a submission of names and tokens: its checks, its subid and its data file.

The specification says that a subid is an MD5 digest "unique to the specific students, admin,
event, and problem", but not of what. docs/submitter.md describes the text that is digested here.
Neither a name nor a token may have a line feed, so different submissions have different texts.
Nothing is trimmed, normalised or put in lower case.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from submission.data import write_data
from submission.keys import IgnoredKey, SubmissionKey, parse_key
from submitter.errors import UsageError
from submitter.submit.spelling import find_name_fault, find_token_fault

_ANY_SUBID = "0" * 32

_NAMES_FAULT = {
    IgnoredKey.WRONG_DEPTH: "has a slash in it",
    IgnoredKey.UNSAFE_NAME: "is `.` or `..`, or has a control character or backslash in it",
    IgnoredKey.TOO_LONG: "makes a key of more than 1,024 bytes",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """Who submits what; ``checked_submission`` makes valid ones."""

    admin: str
    event: str
    problem: str
    tokens: tuple[str, ...]
    """Sorted, so that the same students always make the same data file."""

    @property
    def names(self) -> tuple[str, str, str]:
        """Admin, event and problem."""
        return self.admin, self.event, self.problem

    @property
    def subid(self) -> str:
        """The submission's id."""
        lines = (*self.names, *sorted(self.tokens))
        return hashlib.md5("\n".join(lines).encode(), usedforsecurity=False).hexdigest()

    @property
    def key(self) -> SubmissionKey:
        """Its place in the bucket."""
        return SubmissionKey(self.admin, self.event, self.problem, self.subid)

    @property
    def data(self) -> bytes:
        """The data file's content."""
        return write_data(self.key, self.tokens)


def checked_submission(
    admin: str, event: str, problem: str, tokens: tuple[str, ...] | list[str]
) -> Submission:
    """Make a submission; the tokens may be in any order.

    Raises:
        UsageError: ``find_faults`` finds some.
    """
    if faults := find_faults(admin, event, problem, tokens):
        raise UsageError(" ".join(faults))
    return Submission(admin, event, problem, tuple(sorted(tokens)))


def find_faults(
    admin: str, event: str, problem: str, tokens: tuple[str, ...] | list[str]
) -> list[str]:
    """Return a sentence for each name or token that is surely wrong, or that no key can have."""
    named = {"admin": admin, "event": event, "problem": problem}
    faults = [
        f"The {label} {fault}."
        for label, name in named.items()
        if (fault := find_name_fault(name) or _find_key_fault(**{**_ANY_NAMES, label: name}))
    ]
    if not faults and (fault := _find_key_fault(**named)):
        faults.append(f"The admin, event and problem {fault}.")
    if not tokens:
        faults.append("There is no token: give one for each student.")
    # A token is a secret, so the text has its place and not its value.
    faults += [
        f"Token {number} {fault}."
        for number, token in enumerate(tokens, 1)
        if (fault := find_token_fault(token))
    ]
    if len(set(tokens)) < len(tokens):
        faults.append("A token is given twice: give each student's once.")
    return faults


def find_folder_fault(folder: Path) -> str | None:
    """Return a sentence on what keeps a problem or an event from having its folder's name."""
    name = folder.absolute().name
    fault = find_name_fault(name) or _find_key_fault(**{**_ANY_NAMES, "problem": name})
    return fault and f"The name {fault}."


_ANY_NAMES = {"admin": "a", "event": "e", "problem": "p"}


def _find_key_fault(admin: str, event: str, problem: str) -> str | None:
    if not (admin and event and problem):
        return "is empty"
    found = parse_key(SubmissionKey(admin, event, problem, _ANY_SUBID).data_key)
    if not isinstance(found, IgnoredKey):
        return None
    fault = _NAMES_FAULT.get(found, found.value)
    return f"{fault}, so the submission could never be announced"
