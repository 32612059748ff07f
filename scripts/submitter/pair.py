"""Sorts a submission's files, and judges whether its .json announces its .py, or a result is of it.

S3 gives upload times in whole seconds, so a .py of the same second as its .json counts as before
it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Protocol

from submission.keys import (
    IgnoredKey,
    SubmissionKey,
    folder_of,
    is_code_key,
    is_subid,
    parse_key,
)
from submission.result import ResultDocument

_SECOND = timedelta(seconds=1)
# In any case, with what a browser, an editor or a file manager appends: .JSON, .json.txt, .json~,
# .json (1). A letter or digit makes it another kind of file, such as .jsonl.
_LIKE_DATA = re.compile(r"\.json(?![^\W_])", re.IGNORECASE)
_LIKE_CODE = re.compile(r"\.py(?![^\W_])", re.IGNORECASE)
_FAULTS_OF_A_NAME = frozenset(
    {
        IgnoredKey.NOT_JSON,
        IgnoredKey.SUBID_NOT_A_DIGEST,
        IgnoredKey.SUBID_DIFFERS_FROM_FOLDER,
    }
)


class Pair(StrEnum):
    """Which of a submission's two files exist, and which is newer."""

    NOTHING = "nothing"
    COMPLETE = "complete"
    CODE_ONLY = "code_only"
    DATA_ONLY = "data_only"
    CODE_NEWER = "code_newer"


def judge_pair(code: datetime | None, data: datetime | None) -> Pair:
    """Judge a submission by the upload times of its .py and its .json; None if there is none."""
    if code is None:
        return Pair.NOTHING if data is None else Pair.DATA_ONLY
    if data is None:
        return Pair.CODE_ONLY
    return Pair.CODE_NEWER if _whole(code) > _whole(data) else Pair.COMPLETE


def is_since(upload: datetime, time: datetime | None) -> bool:
    """Return whether a time was surely after an upload, so that a reader then found the object.

    Args:
        upload: when an object was uploaded, in whole seconds, rounded down.
        time: when the submission was announced, or the back end began with it; None if it never
            was, or that is unknown.
    """
    return time is not None and time >= _whole(upload) + _SECOND


def is_of_code(
    document: ResultDocument, version_id: str, code: datetime, data: datetime, written: datetime
) -> bool:
    """Return whether a result is of the current .py.

    It is unless it names another version. If it names none, it is unless the .py is newer than its
    .json and was uploaded after the back end began.

    Args:
        document: the result.
        version_id: the .py's current version.
        code: when the .py was uploaded.
        data: when the .json was uploaded whose version the result judges.
        written: when the result was written; the back end began before.
    """
    if document.code_version_id is not None:
        return document.code_version_id == version_id
    if judge_pair(code, data) is not Pair.CODE_NEWER:
        return True
    return is_since(code, min(document.started_at or written, written))


def _whole(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(microsecond=0)


class Role(StrEnum):
    """Which file of a submission an object is, by its key."""

    DATA = "data"
    CODE = "code"
    LIKE_DATA = "like_data"
    """Nearly the .json: because of its name, it is not announced."""
    LIKE_CODE = "like_code"
    """Nearly the .py: because of its name, the back end does not find it."""
    OTHER = "other"


def role_of(key: str) -> Role:
    """Return which file of a submission an object is.

    It is nearly one if its folder's name is a subid, its name has that subid, in any case, and its
    ending is like the right one.

    Args:
        key: its key, decoded.
    """
    reason = parse_key(key)
    if isinstance(reason, SubmissionKey):
        return Role.DATA
    if is_code_key(key):
        return Role.CODE
    if reason in _FAULTS_OF_A_NAME:
        subid, name = key.casefold().split("/")[-2:]
        if is_subid(subid) and subid in name:
            if _LIKE_DATA.search(name):
                return Role.LIKE_DATA
            if _LIKE_CODE.search(name):
                return Role.LIKE_CODE
    return Role.OTHER


class _WithKey(Protocol):
    @property
    def key(self) -> str: ...


@dataclass(slots=True)
class Folder[Stored: _WithKey]:
    """The objects in one submission's folder by role; or one object outside of any folder."""

    path: str
    data: Stored | None = None
    code: Stored | None = None
    like_data: list[Stored] = field(default_factory=list)
    like_code: list[Stored] = field(default_factory=list)
    others: list[Stored] = field(default_factory=list)
    """Everything else, also in deeper folders."""

    @classmethod
    def of(cls, path: str, objects: Iterable[Stored]) -> Folder[Stored]:
        """Sort the objects of a folder."""
        folder = cls(path)
        for each in objects:
            match role_of(each.key):
                case Role.DATA:
                    folder.data = each
                case Role.CODE:
                    folder.code = each
                case Role.LIKE_DATA:
                    folder.like_data.append(each)
                case Role.LIKE_CODE:
                    folder.like_code.append(each)
                case Role.OTHER:
                    folder.others.append(each)
        return folder


def walk_folders[Stored: _WithKey](listing: Iterable[Stored]) -> Iterator[Folder[Stored]]:
    """Yield the folders of a listing, which is in the order of its keys' bytes, one at a time."""
    for path, objects in groupby(listing, lambda each: folder_of(each.key)):
        yield Folder.of(path, objects)
