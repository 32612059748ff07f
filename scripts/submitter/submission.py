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
import json
import unicodedata
from dataclasses import dataclass

from submission_intake.submission_key import IgnoredKey, SubmissionKey, parse_key
from submitter.errors import ExitCode, SubmitterError

_ANY_SUBID = "0" * 32
_UNFIT_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp", "Zs"})
"""Unicode's control characters, lone surrogates and white space."""

_NAMES_FAULT = {
    IgnoredKey.WRONG_DEPTH: "has a slash in it",
    IgnoredKey.UNSAFE_NAME: "is empty, `.` or `..`, or has a control character or backslash in it",
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
    def subid(self) -> str:
        """The submission's id, by the recipe above."""
        lines = (self.admin, self.event, self.problem, *sorted(self.tokens))
        return hashlib.md5("\n".join(lines).encode(), usedforsecurity=False).hexdigest()

    @property
    def key(self) -> SubmissionKey:
        """Where the data file goes."""
        return SubmissionKey(self.admin, self.event, self.problem, self.subid)

    @property
    def code_key(self) -> str:
        """Where the students' .py goes: beside the data file."""
        return f"{self.key.object_key.removesuffix('.json')}.py"

    @property
    def data(self) -> bytes:
        """The data file, with exactly the specification's five keys."""
        fields = {
            "subid": self.subid,
            "admin": self.admin,
            "event": self.event,
            "problem": self.problem,
            "tokens": list(self.tokens),
        }
        return f"{json.dumps(fields, indent=2)}\n".encode()


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
        InvalidSubmissionError: a name is none by the key grammar, or a token is missing, empty,
            given twice, or has white space or a control character in it.
    """
    for label, name in (("admin", admin), ("event", event), ("problem", problem)):
        names = {"admin": "a", "event": "e", "problem": "p"} | {label: name}
        _check_name(label, SubmissionKey(**names, subid=_ANY_SUBID))
    _check_name("admin, event and problem", SubmissionKey(admin, event, problem, _ANY_SUBID))
    if not tokens:
        raise InvalidSubmissionError("There is no token: give one for each student.")
    for number, token in enumerate(tokens, 1):
        # Tokens stand for people, so the text names their place and not their value.
        if not token:
            raise InvalidSubmissionError(f"Token {number} is empty.")
        if any(unicodedata.category(character) in _UNFIT_CATEGORIES for character in token):
            raise InvalidSubmissionError(
                f"Token {number} has white space or a control character in it."
            )
    if len(set(tokens)) < len(tokens):
        raise InvalidSubmissionError("A token is given twice: give each student's once.")
    return Submission(admin, event, problem, tuple(sorted(tokens)))


def _check_name(label: str, key: SubmissionKey) -> None:
    # The grammar that the intake function announces by, so that what passes here is announced.
    found = parse_key(key.object_key)
    if isinstance(found, IgnoredKey):
        raise InvalidSubmissionError(
            f"The {label} {_NAMES_FAULT.get(found, found.value)}, so the submission could never "
            "be announced."
        )
