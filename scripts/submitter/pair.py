"""Judges the two files of a submission as one: the .json announces the .py that came before it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


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
    return Pair.CODE_NEWER if code > data else Pair.COMPLETE
