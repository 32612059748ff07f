"""What is known of one subid, before anything is concluded from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from submission import keys
from submission.keys import SUBMISSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from submitter.aws.bucket import ObjectVersion
    from submitter.aws.intake_log import LogLine
    from submitter.aws.result import StoredResult


@dataclass(frozen=True, slots=True)
class WaitingFailure:
    """An upload that an event in the intake-failures queue tells of."""

    key: str
    version_id: str | None
    time: datetime
    message_id: str
    condition: str
    error: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of the submitter queue that the back end received too often."""

    key: str | None
    """None if the message has no attributes."""
    version_id: str | None
    time: datetime
    """When it was announced."""
    message_id: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one subid."""

    subid: str
    bucket: str
    now: datetime
    versions: tuple[ObjectVersion, ...] = ()
    log_lines: tuple[LogLine, ...] = ()
    failures: tuple[WaitingFailure, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    results: tuple[StoredResult, ...] = ()
    queue_depth: int = 0
    """Messages on the submitter queue, waiting or being worked on; approximate."""
    log_from: datetime | None = None
    """Where the function's log begins; None if it is kept for ever."""
    all_failures_seen: bool = True
    all_dead_letters_seen: bool = True


class _WithKey(Protocol):
    @property
    def key(self) -> str | None: ...


def keys_of(*groups: Iterable[_WithKey]) -> set[str]:
    """Return every key that some evidence names."""
    return {each.key for group in groups for each in group if each.key}


def folder_of(key: str) -> str:
    """Return the submission's folder that a key lies in; outside of any, the folder it lies in."""
    folder = keys.folder_of(key) if key.startswith(SUBMISSIONS) else key
    return folder if folder != key else key.rpartition("/")[0] + "/"


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look, as far as it is known."""

    admin: str | None = None
    event: str | None = None
    problem: str | None = None

    @property
    def prefix(self) -> str:
        """The keys' common start, as far as the names are known from the left."""
        prefix = SUBMISSIONS
        for name in (self.admin, self.event, self.problem):
            if name is None:
                break
            prefix += f"{name}/"
        return prefix

    def has(self, key: str) -> bool:
        """Return whether a key under `submissions/` lies there."""
        wanted = (self.admin, self.event, self.problem)
        names = [*key.split("/")[1:4], "", "", ""]
        return all(want is None or want == name for want, name in zip(wanted, names, strict=False))
