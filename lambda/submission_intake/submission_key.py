"""The grammar of a submission's object key, and nothing else.

A submission's data file lies at
``submissions/<admin>/<event>/<problem>/<subid>/<subid>.json`` (specification,
"Before the backend runs, a student submission is generated").
"""

import re
from enum import StrEnum
from typing import NamedTuple

SUBMISSIONS_FOLDER = "submissions"
MAX_KEY_BYTES = 1024
"""S3's own limit on a key, in bytes of UTF-8."""

_DEPTH = 6
"""Parts of a key between slashes: submissions, admin, event, problem, subid, file."""

_SUBID = re.compile(r"[0-9a-f]{32}")
_RELATIVE_NAMES = frozenset({"", ".", ".."})
# Control characters (C0, DEL, C1), which no name a person types contains; the
# backslash, which leads out of a folder like the slash where a back end on Windows
# keeps keys as files; and what SQS refuses in a message (lone surrogates, U+FFFE,
# U+FFFF), which could therefore never be announced.
_UNSAFE_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f\\\\\ud800-\udfff\ufffe\uffff]")


class IgnoredKey(StrEnum):
    """Why a key is not a submission's data file. The values appear in the logs."""

    NOT_UNDER_SUBMISSIONS = "not_under_submissions"
    WRONG_DEPTH = "wrong_depth"
    NOT_JSON = "not_json"
    SUBID_NOT_A_DIGEST = "subid_not_a_digest"
    SUBID_DIFFERS_FROM_FOLDER = "subid_differs_from_folder"
    UNSAFE_NAME = "unsafe_name"
    TOO_LONG = "too_long"


class SubmissionKey(NamedTuple):
    """A valid key's parts, decoded, as the specification names them."""

    admin: str
    event: str
    problem: str
    subid: str

    @property
    def file_name(self) -> str:
        """The data file's name, which is what the back end is told: ``<subid>.json``."""
        return f"{self.subid}.json"

    @property
    def object_key(self) -> str:
        """The whole key, decoded, as S3's own calls (GetObject and the like) take it."""
        folder = f"{SUBMISSIONS_FOLDER}/{self.admin}/{self.event}/{self.problem}/{self.subid}"
        return f"{folder}/{self.file_name}"


def is_subid(text: str) -> bool:
    """Tell whether a text is a submission's id: a 128-bit MD5 digest in lower-case hexadecimal."""
    return _SUBID.fullmatch(text) is not None


def parse_key(key: str) -> SubmissionKey | IgnoredKey:
    """Parse an object's key.

    Args:
        key: the key as S3's listings give it; one from an event has been decoded
            (``s3_event`` does it, exactly once).

    Returns:
        The submission's key, or the first reason why it is none, in the order of the
        checks: where it lies, how deep, its kind of file, its subid, its names, its
        length. Never raises, whatever the text.
    """
    parts = key.split("/")
    if parts[0] != SUBMISSIONS_FOLDER:
        return IgnoredKey.NOT_UNDER_SUBMISSIONS
    if len(parts) != _DEPTH:
        return IgnoredKey.WRONG_DEPTH
    _, admin, event, problem, folder, file_name = parts
    subid, dot, extension = file_name.rpartition(".")
    if not dot or extension != "json":
        return IgnoredKey.NOT_JSON
    if not is_subid(subid):
        return IgnoredKey.SUBID_NOT_A_DIGEST
    if subid != folder:
        return IgnoredKey.SUBID_DIFFERS_FROM_FOLDER
    if not _RELATIVE_NAMES.isdisjoint((admin, event, problem)) or _UNSAFE_CHARACTER.search(key):
        return IgnoredKey.UNSAFE_NAME
    if len(key.encode()) > MAX_KEY_BYTES:
        return IgnoredKey.TOO_LONG
    return SubmissionKey(admin, event, problem, subid)
