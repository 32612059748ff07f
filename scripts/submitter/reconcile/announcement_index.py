"""Indexes the function's log: the last outcome of each version of a submission.

A version is held as a 16-byte digest and a number, about 150 bytes in a dictionary: 100,000 of
them are some 15 MB, which needs no database. Two versions would share a digest by chance once in
2^64 courses, and the worst of it would be one gap unseen.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING

from submission.log import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from submitter.aws.intake_log import LogLine


class LastOutcome(StrEnum):
    """The log's last outcome for one version of a submission."""

    UNKNOWN = "unknown"
    ANNOUNCED = "announced"
    FAILED = "failed"


class AnnouncementIndex:
    """The log's last outcome for every version in it."""

    def __init__(self) -> None:
        """Know of nothing yet."""
        self._last: dict[bytes, int] = {}
        """By version: the line's time in milliseconds, negative for a failure."""

    @classmethod
    def read(cls, lines: Iterable[LogLine]) -> AnnouncementIndex:
        """Take in the log, in any order of its lines."""
        index = cls()
        for line in lines:
            if line.key is not None and line.version_id is not None:
                index.add(line)
        return index

    def add(self, line: LogLine) -> None:
        """Take in one line; of two at the same time, the announcement counts."""
        if (
            line.outcome not in {Outcome.ANNOUNCED, Outcome.FAILED}
            or not line.key
            or not line.version_id
        ):
            return
        time = int(line.time.timestamp() * 1000)
        version = _digest(line.key, line.version_id)
        known = self._last.get(version, 0)
        is_announced = line.outcome == Outcome.ANNOUNCED
        if time > abs(known) or (is_announced and time == abs(known)):
            self._last[version] = time if is_announced else -time

    def of(self, key: str, version_id: str) -> LastOutcome:
        """Return the last outcome of a version."""
        last = self._last.get(_digest(key, version_id), 0)
        if not last:
            return LastOutcome.UNKNOWN
        return LastOutcome.ANNOUNCED if last > 0 else LastOutcome.FAILED

    def announced_at(self, key: str, version_id: str) -> datetime | None:
        """Return when a version was announced last; None if that is not its last outcome."""
        last = self._last.get(_digest(key, version_id), 0)
        return datetime.fromtimestamp(last / 1000, UTC) if last > 0 else None

    def __len__(self) -> int:
        """Return how many versions are in it."""
        return len(self._last)


def _digest(key: str, version_id: str) -> bytes:
    text = f"{key}\0{version_id}".encode(errors="surrogatepass")
    return blake2b(text, digest_size=16).digest()
