"""Judges the two files of a submission as one: the .json announces the .py that came before it.

``status``, ``reconcile``, ``why`` and ``submit`` all judge by this module. S3 tells when an object
was uploaded in whole seconds, so a .py of the same second as its .json counts as before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from submission.keys import (
    IgnoredKey,
    SubmissionKey,
    folder_of,
    is_code_key,
    is_subid,
    parse_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SECOND = timedelta(seconds=1)
# The ending in any case, and whatever a browser, an editor or a file manager appends to it: .JSON,
# .json.txt, .json~, .json (1). A letter or digit makes it another kind of file, such as .jsonl.
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
    """What there is of a submission's two files."""

    NOTHING = "nothing"
    COMPLETE = "complete"
    CODE_ONLY = "code_only"
    DATA_ONLY = "data_only"
    CODE_NEWER = "code_newer"
    """The .py is newer than the .json that announced it."""


def judge_pair(code: datetime | None, data: datetime | None) -> Pair:
    """Judge a submission by the times of its two files.

    Args:
        code: when the current .py was uploaded; None if there is none.
        data: when the current .json was uploaded; None if there is none.

    Returns:
        What there is.
    """
    if code is None:
        return Pair.NOTHING if data is None else Pair.DATA_ONLY
    if data is None:
        return Pair.CODE_ONLY
    return Pair.CODE_NEWER if _whole(code) > _whole(data) else Pair.COMPLETE


def is_since(upload: datetime, moment: datetime | None) -> bool:
    """Return whether a moment was surely after an upload, so that who looked then found it.

    Args:
        upload: when an object was uploaded, with the rest of a second cut off.
        moment: when a submission was announced, say, or when the back end began with it; None if
            that never was, or is not known.
    """
    return moment is not None and moment >= _whole(upload) + _SECOND


def _whole(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(microsecond=0)


class Role(StrEnum):
    """What an object is of a submission, going by its key."""

    DATA = "data"
    CODE = "code"
    LIKE_DATA = "like_data"
    """Nearly the .json: its name keeps it from being announced."""
    LIKE_CODE = "like_code"
    """Nearly the .py: its name keeps it from being found."""
    OTHER = "other"


def role_of(key: str) -> Role:
    """Tell what an object is of a submission.

    Args:
        key: its key, decoded.

    Returns:
        Its role; nearly a file of a submission is what lies in a folder named by a subid and has
        that subid in its name, in whatever case, and an ending like the right one.
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
    """What lies in one submission's folder, sorted by what it is; or one object outside of any."""

    path: str
    data: Stored | None = None
    code: Stored | None = None
    like_data: list[Stored] = field(default_factory=list)
    like_code: list[Stored] = field(default_factory=list)
    others: list[Stored] = field(default_factory=list)
    """Everything else, also what lies deeper."""

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
    """Fold a listing into folders, keeping one of them at a time.

    Args:
        listing: objects in the order of their keys' bytes, so that those of a folder are
            neighbours.

    Yields:
        The folders.
    """
    for path, objects in groupby(listing, lambda each: folder_of(each.key)):
        yield Folder.of(path, objects)
