"""Indexes the function's log: the last outcome of each version of a submission.

A version is kept as a 16-byte digest and a number, about 150 bytes in a dictionary, so 100,000 of
them need 15 MB. If two versions ever had the same digest, one gap would stay unseen.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b

from submission.log import Outcome
from submitter.aws.intake_log import LogLine


class LastOutcome(StrEnum):
    """The log's last outcome for one version of a submission."""

    UNKNOWN = "unknown"
    ANNOUNCED = "announced"
    FAILED = "failed"


class AnnouncementIndex:
    """The log's last outcome for every version in it."""

    def __init__(self) -> None:
        self._last: dict[bytes, int] = {}
        """By version: the line's time in milliseconds, negative for a failure."""

    @classmethod
    def read(cls, lines: Iterable[LogLine]) -> AnnouncementIndex:
        """Read log lines, in any order."""
        index = cls()
        for line in lines:
            index.add(line)
        return index

    def add(self, line: LogLine) -> None:
        """Add one line; of two at the same time, the announcement counts."""
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
        """Return when a version was last announced; None if that is not its last outcome."""
        last = self._last.get(_digest(key, version_id), 0)
        return datetime.fromtimestamp(last / 1000, UTC) if last > 0 else None

    def __len__(self) -> int:
        """Return the number of versions."""
        return len(self._last)


def _digest(key: str, version_id: str) -> bytes:
    text = f"{key}\0{version_id}".encode(errors="surrogatepass")
    return blake2b(text, digest_size=16).digest()
