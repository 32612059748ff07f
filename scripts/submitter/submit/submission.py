r"""What a submission is made of before it is uploaded: its subid, its data file, its checks.

The subid's recipe
------------------
The specification says that a subid is an MD5 digest "unique to the specific students, admin,
event, and problem", and leaves open of what. Here it is the MD5 digest, in 32 lower-case
hexadecimal digits, of these lines in UTF-8, joined by one line feed each (U+000A), with none at
the end:

1. the admin,
2. the event,
3. the problem,
4. one line for each token, sorted by code point; the tokens stand for the students.

Neither a name nor a token may hold a line feed, so different submissions have different texts;
sorting makes the order in which students are named irrelevant. Nothing is trimmed, normalised or
put in lower case. As a shell says it::

    printf 'm.soltys\naws_labs\nlab5_containers\n240669d4\nd823640a' | md5sum
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from submission.data import write_data
from submission.keys import IgnoredKey, SubmissionKey, parse_key
from submitter.errors import ExitCode, SubmitterError
from submitter.submit.spelling import find_name_fault, find_token_fault

_ANY_SUBID = "0" * 32

_NAMES_FAULT = {
    IgnoredKey.WRONG_DEPTH: "has a slash in it",
    IgnoredKey.UNSAFE_NAME: "is `.` or `..`, or has a control character or backslash in it",
    IgnoredKey.TOO_LONG: "makes a key of more than 1,024 bytes",
}


class InvalidSubmissionError(SubmitterError):
    """Names or tokens that make no submission; nothing has been uploaded."""

    def __init__(self, text: str) -> None:
        """Fail with a text for the person who gave them."""
        super().__init__(text, ExitCode.USAGE)


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
        """The submission's id, by the recipe above."""
        lines = (*self.names, *sorted(self.tokens))
        return hashlib.md5("\n".join(lines).encode(), usedforsecurity=False).hexdigest()

    @property
    def key(self) -> SubmissionKey:
        """Where the data file goes."""
        return SubmissionKey(self.admin, self.event, self.problem, self.subid)

    @property
    def code_key(self) -> str:
        """Where the students' .py goes: beside the data file."""
        return self.key.code_key

    @property
    def data(self) -> bytes:
        """The data file, with exactly the specification's five keys."""
        return write_data(self.key, self.tokens)


def checked_submission(
    admin: str, event: str, problem: str, tokens: tuple[str, ...] | list[str]
) -> Submission:
    """Make a submission of names and tokens that can be announced.

    Args:
        admin: the admin's identifier.
        event: the event's, unique to the admin.
        problem: the problem's, unique to the event.
        tokens: the students', in any order.

    Returns:
        The submission.

    Raises:
        InvalidSubmissionError: ``find_faults`` finds one.
    """
    if faults := find_faults(admin, event, problem, tokens):
        raise InvalidSubmissionError(" ".join(faults))
    return Submission(admin, event, problem, tuple(sorted(tokens)))


def find_faults(
    admin: str, event: str, problem: str, tokens: tuple[str, ...] | list[str]
) -> list[str]:
    """Find what keeps names and tokens from being a submission, or gives it a wrong subid.

    Args:
        admin: the admin's identifier.
        event: the event's.
        problem: the problem's.
        tokens: the students'.

    Returns:
        A sentence for each name that is none by the key grammar, and for each name and token that
        can't be meant as it is.
    """
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
    # Tokens stand for people, so the text names their place and not their value.
    faults += [
        f"Token {number} {fault}."
        for number, token in enumerate(tokens, 1)
        if (fault := find_token_fault(token))
    ]
    if len(set(tokens)) < len(tokens):
        faults.append("A token is given twice: give each student's once.")
    return faults


_ANY_NAMES = {"admin": "a", "event": "e", "problem": "p"}


def _find_key_fault(admin: str, event: str, problem: str) -> str | None:
    # The grammar that the intake function announces by, so that what passes here is announced.
    if not (admin and event and problem):
        return "is empty"
    found = parse_key(SubmissionKey(admin, event, problem, _ANY_SUBID).data_key)
    if not isinstance(found, IgnoredKey):
        return None
    fault = _NAMES_FAULT.get(found, found.value)
    return f"{fault}, so the submission could never be announced"
