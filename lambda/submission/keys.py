"""The keys of a submission's objects, and the grammar of its key.

A submission's data file is at ``submissions/<admin>/<event>/<problem>/<subid>/<subid>.json``
(specification, "Before the backend runs, a student submission is generated"), its code in the
same folder, its result under the same path in ``output/``.
"""

import re
from enum import StrEnum
from typing import NamedTuple

SUBMISSIONS = "submissions/"
RESULTS = "output/"
EVENTS = "events/"
"""Staff put settings of events, and problems, here; the back end reads them."""
DATA_SUFFIX = ".json"
CODE_SUFFIX = ".py"
STAFF_RESULT = "staff.json"
"""The name of the staff's result."""
ROUND_TRIP_ADMIN = "submitter-doctor"
"""The admin of `submitter doctor --round-trip`'s submissions: announced, but not graded."""
MAX_KEY_BYTES = 1024
"""S3's limit, in bytes of UTF-8."""

_FOLDER_DEPTH = 5
"""Parts of a submission's folder: submissions, admin, event, problem, subid."""

_SUBID = re.compile(r"[0-9a-f]{32}")
_RELATIVE_NAMES = frozenset({"", ".", ".."})
# Control characters (C0, DEL, C1), which nobody types in a name; the backslash, which leads out of
# a folder if a back end on Windows stores keys as files; and what SQS refuses in a message (lone
# surrogates, U+FFFE, U+FFFF), so that it could never be announced.
_UNSAFE_CHARACTER = re.compile("[\x00-\x1f\x7f-\x9f\\\\\ud800-\udfff\ufffe\uffff]")


class IgnoredKey(StrEnum):
    """Why a key is not a submission's data file. The log has these values."""

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
    def folder(self) -> str:
        """The submission's folder, with a slash at the end."""
        return f"{SUBMISSIONS}{self.admin}/{self.event}/{self.problem}/{self.subid}/"

    @property
    def file_name(self) -> str:
        """The data file's name, which the message announces: ``<subid>.json``."""
        return f"{self.subid}{DATA_SUFFIX}"

    @property
    def data_key(self) -> str:
        """The .json's key, decoded, as GetObject takes it."""
        return f"{self.folder}{self.file_name}"

    @property
    def code_key(self) -> str:
        """The .py's key."""
        return f"{self.folder}{self.subid}{CODE_SUFFIX}"

    @property
    def result_key(self) -> str:
        """The result's key."""
        return result_place(self.data_key)

    @property
    def staff_result_key(self) -> str:
        """The key of the staff's result, which students may not read."""
        return f"{result_place(self.folder)}{STAFF_RESULT}"


def is_subid(text: str) -> bool:
    """Return whether a text is a subid: an MD5 digest as 32 lower-case hexadecimal digits."""
    return _SUBID.fullmatch(text) is not None


def parse_key(key: str) -> SubmissionKey | IgnoredKey:
    """Parse an object's key.

    Args:
        key: the key as S3's listings have it; ``s3_event`` decodes an event's key.

    Returns:
        The submission's key, or the first reason why it is none. Checks come in this order:
        prefix, depth, suffix, subid, names, length. Never raises.
    """
    parts = key.split("/")
    if parts[0] != SUBMISSIONS[:-1]:
        return IgnoredKey.NOT_UNDER_SUBMISSIONS
    if len(parts) != _FOLDER_DEPTH + 1:
        return IgnoredKey.WRONG_DEPTH
    _, admin, event, problem, folder, file_name = parts
    subid = file_name.removesuffix(DATA_SUFFIX)
    if subid == file_name:
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


def is_code_key(key: str) -> bool:
    """Return whether a key is that of a submission's .py."""
    stem = key.removesuffix(CODE_SUFFIX)
    return stem != key and isinstance(parse_key(stem + DATA_SUFFIX), SubmissionKey)


def folder_of(key: str) -> str:
    """Return the submission's folder that holds a key; the key itself if no folder does."""
    parts = key.split("/", _FOLDER_DEPTH)
    return "/".join(parts[:_FOLDER_DEPTH]) + "/" if len(parts) > _FOLDER_DEPTH else key


def result_place(place: str) -> str:
    """Return the result's key of a .json, or the results' folder of a folder."""
    return f"{RESULTS}{place.removeprefix(SUBMISSIONS)}"


def submission_place(place: str) -> str:
    """Return what `result_place` made a result's key, or a folder of results, of."""
    return f"{SUBMISSIONS}{place.removeprefix(RESULTS)}"


def event_key(admin: str, event: str) -> str:
    """Return the key of an event's settings, beside the folder of its problems."""
    return f"{EVENTS}{admin}/{event}{DATA_SUFFIX}"


def problem_key(admin: str, event: str, problem: str) -> str:
    """Return the key of a problem's object."""
    return f"{EVENTS}{admin}/{event}/{problem}{DATA_SUFFIX}"


def is_result_key(key: str) -> bool:
    """Return whether a key is that of a submission's result."""
    return key.startswith(RESULTS) and isinstance(parse_key(submission_place(key)), SubmissionKey)
