"""The facts about one subid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from submission import keys
from submission.keys import SUBMISSIONS
from submitter.aws.bucket import ObjectVersion
from submitter.aws.intake_log import LogLine
from submitter.aws.result import StoredResult


@dataclass(frozen=True, slots=True)
class WaitingFailure:
    """An upload in an event of the intake-failures queue."""

    key: str
    version_id: str | None
    time: datetime
    message_id: str
    condition: str
    error: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of the dead-letter queue."""

    key: str | None
    """None if the message has no attributes."""
    version_id: str | None
    time: datetime
    """When it was announced."""
    message_id: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All facts about one subid."""

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
    """When the function's log begins; None if it is kept forever."""
    all_failures_seen: bool = True
    all_dead_letters_seen: bool = True


class _WithKey(Protocol):
    @property
    def key(self) -> str | None: ...


def keys_of(*groups: Iterable[_WithKey]) -> set[str]:
    """Return all keys in some evidence."""
    return {each.key for group in groups for each in group if each.key}


def containing_folder(key: str) -> str:
    """Return the submission's folder of a key, or else its own folder."""
    folder = keys.folder_of(key) if key.startswith(SUBMISSIONS) else key
    return folder if folder != key else key.rpartition("/")[0] + "/"


@dataclass(frozen=True, slots=True)
class Place:
    """The part of the bucket to look into."""

    admin: str | None = None
    event: str | None = None
    problem: str | None = None

    @property
    def prefix(self) -> str:
        """The start of its keys, up to the first name that is not known."""
        prefix = SUBMISSIONS
        for name in (self.admin, self.event, self.problem):
            if name is None:
                break
            prefix += f"{name}/"
        return prefix

    def has(self, key: str) -> bool:
        """Return whether a key under `submissions/` is in it."""
        wanted = (self.admin, self.event, self.problem)
        names = [*key.split("/")[1:4], "", "", ""]
        return all(want is None or want == name for want, name in zip(wanted, names, strict=False))
