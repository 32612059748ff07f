"""Puts together what is known of one folder of a submission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from submission_intake.submission_key import IgnoredKey, SubmissionKey, parse_key
from submitter.bucket import RESULTS, SUBMISSIONS
from submitter.console import age
from submitter.why.evidence import folder_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from submitter.intake_log import LogLine
    from submitter.why.evidence import (
        DeadLetter,
        Evidence,
        ObjectVersion,
        Result,
        WaitingFailure,
    )


@dataclass(frozen=True, slots=True)
class Trail:
    """The evidence about one folder."""

    folder: str
    subid: str
    bucket: str
    now: datetime
    queue_depth: int
    log_from: datetime | None
    versions: tuple[ObjectVersion, ...]
    log_lines: tuple[LogLine, ...]
    failures: tuple[WaitingFailure, ...]
    dead_letters: tuple[DeadLetter, ...]
    result: Result | None

    @classmethod
    def of(cls, evidence: Evidence, folder: str) -> Trail:
        """Pick what is about one folder."""
        result_folder = f"{RESULTS}{folder.removeprefix(SUBMISSIONS)}"
        return cls(
            folder=folder,
            subid=evidence.subid,
            bucket=evidence.bucket,
            now=evidence.now,
            queue_depth=evidence.queue_depth,
            log_from=evidence.log_from,
            versions=tuple(each for each in evidence.versions if folder_of(each.key) == folder),
            log_lines=tuple(
                each for each in evidence.log_lines if each.key and folder_of(each.key) == folder
            ),
            failures=tuple(each for each in evidence.failures if folder_of(each.key) == folder),
            dead_letters=tuple(
                each
                for each in evidence.dead_letters
                if each.key is None or folder_of(each.key) == folder
            ),
            result=next(
                (each for each in evidence.results if folder_of(each.key) == result_folder), None
            ),
        )

    @property
    def data(self) -> ObjectVersion | None:
        """The newest version of the .json whose key is a submission's, or its deletion."""
        return self._latest(lambda key: isinstance(parse_key(key), SubmissionKey))

    @property
    def code(self) -> ObjectVersion | None:
        """The newest version of the .py, or its deletion."""
        return self._latest(lambda key: key == f"{self.folder}{self.subid}.py")

    @property
    def refused(self) -> IgnoredKey | None:
        """Why a .json that is there is no submission's."""
        reasons = (
            parse_key(each.key)
            for each in self.versions
            if each.is_latest and not each.is_deletion and each.key.endswith(".json")
        )
        return next((each for each in reasons if isinstance(each, IgnoredKey)), None)

    @property
    def lacks_code(self) -> bool:
        """Whether the .json is there and the .py is not."""
        has_code = self.code is not None and not self.code.is_deletion
        return self.data is not None and not self.data.is_deletion and not has_code

    def ago(self, time: datetime) -> str:
        """Put how long ago something was, as a person says it."""
        return age(max((self.now - time).total_seconds(), 0))

    def lines(self, outcome: str, version: ObjectVersion) -> list[LogLine]:
        """The log's lines with an outcome for a version, oldest first."""
        found = [
            line
            for line in self.log_lines
            if line.outcome == outcome and version.is_named_by(line.key, line.version_id)
        ]
        return sorted(found, key=lambda line: line.time)

    def _latest(self, is_it: Callable[[str], bool]) -> ObjectVersion | None:
        return next((each for each in self.versions if each.is_latest and is_it(each.key)), None)
