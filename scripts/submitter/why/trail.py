"""The evidence about one folder of a submission, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from submission.keys import DATA_SUFFIX, result_place
from submission.log import Outcome
from submitter.aws.bucket import ObjectVersion
from submitter.aws.intake_log import LogLine
from submitter.aws.result import StoredResult
from submitter.output import age
from submitter.pair import Folder, Pair, is_of_code, is_since, judge_pair
from submitter.why.evidence import DeadLetter, Evidence, WaitingFailure, containing_folder


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
    result: StoredResult | None

    @classmethod
    def of(cls, evidence: Evidence, folder: str) -> Trail:
        """Select the evidence about one folder."""
        result_folder = result_place(folder)
        return cls(
            folder=folder,
            subid=evidence.subid,
            bucket=evidence.bucket,
            now=evidence.now,
            queue_depth=evidence.queue_depth,
            log_from=evidence.log_from,
            versions=tuple(
                each for each in evidence.versions if containing_folder(each.key) == folder
            ),
            log_lines=tuple(
                each
                for each in evidence.log_lines
                if each.key and containing_folder(each.key) == folder
            ),
            failures=tuple(
                each for each in evidence.failures if containing_folder(each.key) == folder
            ),
            dead_letters=tuple(
                each
                for each in evidence.dead_letters
                if each.key is None or containing_folder(each.key) == folder
            ),
            result=next(
                (each for each in evidence.results if containing_folder(each.key) == result_folder),
                None,
            ),
        )

    @property
    def data(self) -> ObjectVersion | None:
        """The newest version of the .json, or its delete marker."""
        return self._files.data

    @property
    def code(self) -> ObjectVersion | None:
        """The newest version of the .py, or its delete marker."""
        return self._files.code

    @property
    def _files(self) -> Folder[ObjectVersion]:
        return Folder.of(self.folder, (each for each in self.versions if each.is_latest))

    @property
    def misnamed_data(self) -> ObjectVersion | None:
        """The newest object with nearly the .json's name."""
        return _newest(self._files.like_data)

    @property
    def misnamed_code(self) -> ObjectVersion | None:
        """The newest object with nearly the .py's name."""
        return _newest(self._files.like_code)

    @property
    def misplaced_data(self) -> ObjectVersion | None:
        """The newest other .json, where no submission's .json belongs."""
        return _newest(each for each in self._files.others if each.key.endswith(DATA_SUFFIX))

    @property
    def others(self) -> tuple[ObjectVersion, ...]:
        """All other objects."""
        return tuple(each for each in self._files.others if not each.is_deletion)

    @property
    def pair(self) -> Pair:
        """Which of the two files exist now, and which is newer."""
        return judge_pair(_uploaded(self.code), _uploaded(self.data))

    @property
    def lacks_code(self) -> bool:
        """Whether there is a .json without a .py."""
        return self.pair is Pair.DATA_ONLY

    @property
    def has_unannounced_code(self) -> bool:
        """Whether the .py was replaced, and neither announced since nor judged by the result."""
        data, code = self.data, self.code
        if self.pair is not Pair.CODE_NEWER or data is None or code is None:
            return False
        if self.is_before_log(code.time):
            return False
        announced = self.lines(Outcome.ANNOUNCED, data)
        if announced and is_since(code.time, announced[-1].time):
            return False
        return not (self.judges_data and self.judges_code)

    @property
    def judges_data(self) -> bool:
        """Whether there is a result of the newest .json."""
        return (
            self.result is not None
            and self.data is not None
            and self.result.document.judged_version_id == self.data.version_id
        )

    @property
    def judges_code(self) -> bool:
        """Whether there is a result of the newest .py; True also if there is no .py."""
        result, code, data = self.result, self.code, self.data
        if result is None or data is None:
            return False
        if code is None or code.is_deletion:
            return True
        return is_of_code(result.document, code.version_id, code.time, data.time, result.time)

    @property
    def status(self) -> str | None:
        """The result's status."""
        return self.result.document.status if self.result is not None else None

    def ago(self, time: datetime) -> str:
        """Return how long ago a time was, in words."""
        return age(max((self.now - time).total_seconds(), 0))

    def is_before_log(self, time: datetime) -> bool:
        """Return whether a time is before the function's log begins."""
        return self.log_from is not None and time < self.log_from

    def lines(self, outcome: Outcome, version: ObjectVersion) -> list[LogLine]:
        """Return the log's lines with an outcome for a version, oldest first."""
        found = [
            line
            for line in self.log_lines
            if line.outcome == outcome and version.is_named_by(line.key, line.version_id)
        ]
        return sorted(found, key=lambda line: line.time)


def _newest(versions: Iterable[ObjectVersion]) -> ObjectVersion | None:
    existing = (each for each in versions if not each.is_deletion)
    return max(existing, key=lambda each: each.time, default=None)


def _uploaded(version: ObjectVersion | None) -> datetime | None:
    return None if version is None or version.is_deletion else version.time
