"""Finds gaps in the bucket, such as submissions that were never announced.

Submissions and results are both listed in the order of their keys' bytes, so the two listings are
joined on the way, and neither is in memory as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from submission.keys import IgnoredKey, parse_key, result_place
from submission.result import ResultDocument, Status
from submitter.aws.bucket import CurrentVersion, StoredObject
from submitter.aws.read_ahead import read_ahead
from submitter.pair import Folder, Pair, is_of_code, is_since, judge_pair, walk_folders
from submitter.reconcile.announcement_index import AnnouncementIndex, LastOutcome


class GapKind(StrEnum):
    """What can be wrong in the bucket."""

    NEVER_ANNOUNCED = "never_announced"
    FAILED = "failed"
    CODE_NEWER = "code_newer"
    NO_RESULT = "no_result"
    FAILED_RESULT = "failed_result"
    OLDER_RESULT = "older_result"
    UNREADABLE_RESULT = "unreadable_result"
    CODE_MISSING = "code_missing"
    DATA_MISSING = "data_missing"
    MALFORMED = "malformed"
    STRAY = "stray"


class GapOutcome(StrEnum):
    """The outcome of a gap in this run."""

    LEFT = "left"
    ANNOUNCED = "announced"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something wrong with an object in the bucket."""

    kind: GapKind
    stored: CurrentVersion
    reason: IgnoredKey | None = None
    """Why a malformed or stray object is no submission's file."""
    can_announce: bool = False
    """Whether announcing it closes the gap."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which objects to look at, by their upload times."""

    now: datetime
    older_than: timedelta
    """Younger ones may be uploads under way."""
    since: datetime | None = None
    """Only objects from then on."""
    log_from: datetime | None = None
    """When the log begins, which shows nothing older."""
    retries: timedelta | None = None
    """How long after its announcement a message may come back to the grader; None without one."""

    def includes(self, stored: StoredObject) -> bool:
        """Return whether to look at an object."""
        is_recent = self.since is None or stored.modified >= self.since
        return is_recent and self.is_old_enough(stored)

    def is_old_enough(self, stored: StoredObject) -> bool:
        """Return whether the upload of an object's submission is surely over."""
        return stored.modified <= self.now - self.older_than

    def is_logged(self, stored: StoredObject) -> bool:
        """Return whether the log reaches back to an object."""
        return self.log_from is None or stored.modified >= self.log_from


@dataclass(frozen=True, slots=True)
class NamedGap:
    """A gap in the report."""

    kind: GapKind
    key: str
    version_id: str
    modified: datetime
    reason: IgnoredKey | None
    outcome: GapOutcome


@dataclass(slots=True)
class ReconcileReport:
    """What was found, and what was done; it is true at every moment of a run."""

    stack: str
    submissions: int = 0
    before_log: int = 0
    """Submissions older than the log and without a result: unknown whether announced."""
    gaps: Counter[GapKind] = field(default_factory=Counter)
    outcomes: Counter[GapOutcome] = field(default_factory=Counter)
    named: list[NamedGap] = field(default_factory=list)
    """The first gaps; the counts are of all."""
    refusals: Counter[str] = field(default_factory=Counter)
    """Events that the function refused, by cause."""
    announceable: int = 0
    """Gaps that announcing would close, with this run's options."""
    carried_out: bool = False
    stopped: bool = False
    """Whether it stopped early because the function fails on every event."""
    problem: str | None = None
    """The error that ended it early."""
    interrupted: bool = False
    resume_after: str | None = None
    """The last settled key, for `--after`."""

    @property
    def left(self) -> int:
        """Gaps that were not closed."""
        return self.gaps.total() - self.outcomes[GapOutcome.ANNOUNCED]


class Results:
    """The listing of results, read forward in step with the submissions."""

    def __init__(self, listing: Iterable[StoredObject]) -> None:
        """Take a listing of `output/`, in the order of its keys' bytes."""
        self._listing = iter(listing)
        self._next = next(self._listing, None)

    def of(self, key: str) -> StoredObject | None:
        """Return the result for a .json; call this in the order of the keys' bytes."""
        wanted = result_place(key).encode()
        while self._next is not None and self._next.key.encode() < wanted:
            self._next = next(self._listing, None)
        if self._next is not None and self._next.key.encode() == wanted:
            return self._next
        return None


@dataclass(frozen=True, slots=True)
class Search:
    """A search for gaps."""

    window: Window
    announcement_index: AnnouncementIndex
    results: Results
    read_result: Callable[[StoredObject], ResultDocument]
    """Reads a result that is not older than its submission; called from threads."""
    no_result: bool
    """Whether an announced submission without a result is a gap."""

    def run(self, listing: Iterable[CurrentVersion], report: ReconcileReport) -> Iterator[Gap]:
        """Yield the gaps in a listing in the order of its keys' bytes; count it in the report."""
        for (folder, result), document in read_ahead(self._with_results(listing), self._read):
            yield from self._misnamed(folder)
            yield from self._look_into(folder, result, document, report)

    def _with_results(self, listing: Iterable[CurrentVersion]) -> Iterator[_Found]:
        for folder in walk_folders(listing):
            yield folder, self.results.of(folder.data.key) if folder.data is not None else None

    def _read(self, found: _Found) -> ResultDocument:
        folder, result = found
        is_included = any(
            each is not None and self.window.includes(each) for each in (folder.data, folder.code)
        )
        if not is_included or result is None or _is_older(result, folder.data):
            return ResultDocument()
        return self.read_result(result)

    def _misnamed(self, folder: Folder[CurrentVersion]) -> Iterator[Gap]:
        for kind, objects in (
            (GapKind.MALFORMED, (*folder.like_data, *folder.like_code)),
            (GapKind.STRAY, folder.others),
        ):
            for each in objects:
                reason = parse_key(each.key)
                # The S3 console makes an empty object for each folder.
                is_folder = each.key.endswith("/") and not each.size
                if isinstance(reason, IgnoredKey) and not is_folder and self.window.includes(each):
                    yield Gap(kind, each, reason)

    def _look_into(
        self,
        folder: Folder[CurrentVersion],
        result: StoredObject | None,
        document: ResultDocument,
        report: ReconcileReport,
    ) -> Iterator[Gap]:
        data, code = folder.data, folder.code
        gap = None
        if data is None:
            if code is not None and self.window.includes(code) and not folder.like_data:
                yield Gap(GapKind.DATA_MISSING, code)
        elif self.window.includes(data):
            report.submissions += 1
            if code is None and not folder.like_code:
                yield Gap(GapKind.CODE_MISSING, data)
            gap = self._judge(_Judged(data, code, result, document), report)
        elif code is not None and self.window.includes(code):
            # The log is not read as far back as the .json.
            gap = self._code_gap(_Judged(data, code, result, document))
        if gap is not None:
            yield gap

    def _judge(self, judged: _Judged, report: ReconcileReport) -> Gap | None:
        data = judged.data
        newer = self._code_gap(judged)
        result_gap = judged.result_gap
        if result_gap is None and judged.result is not None:
            # It has a result, so it was announced.
            return newer or self._judge_result(judged)
        last_outcome = self.announcement_index.of(data.key, data.version_id)
        if last_outcome is LastOutcome.FAILED:
            return Gap(GapKind.FAILED, data, can_announce=True)
        if last_outcome is LastOutcome.UNKNOWN:
            if self.window.is_logged(data):
                return Gap(GapKind.NEVER_ANNOUNCED, data, can_announce=True)
            report.before_log += newer is None
        if newer is not None:
            return newer
        if result_gap is not None:
            is_older = result_gap is GapKind.OLDER_RESULT
            if is_older and self._is_awaited(data):
                return None
            can_announce = self.no_result and is_older
            return Gap(result_gap, data, can_announce=can_announce)
        return Gap(GapKind.NO_RESULT, data, can_announce=True) if self.no_result else None

    def _judge_result(self, judged: _Judged) -> Gap | None:
        """Judge a result of the current .json whose .py was announced."""
        data, code, result = judged.data, judged.code, judged.result
        announced = self.announcement_index.announced_at(data.key, data.version_id)
        kind = None
        names_code = judged.document.code_version_id is not None
        if code is not None and self.window.is_old_enough(code) and not judged.is_of_code:
            kind = GapKind.OLDER_RESULT if names_code or self.no_result else None
        elif judged.document.status == Status.FAILED:
            # Then the back end may be working on it.
            is_announced_again = result is not None and is_since(result.modified, announced)
            kind = GapKind.FAILED_RESULT if self.no_result or not is_announced_again else None
        if kind is None or self._is_awaited(data):
            return None
        return Gap(kind, data, can_announce=self.no_result)

    def _is_awaited(self, data: CurrentVersion) -> bool:
        """Return whether a .json's message may come back to the grader: then it is no gap yet."""
        announced = self.announcement_index.announced_at(data.key, data.version_id)
        retries = self.window.retries
        if self.no_result or announced is None or retries is None:
            return False
        return self.window.now - announced < retries

    def _code_gap(self, judged: _Judged) -> Gap | None:
        """Return the gap of a .py that is newer than its .json and was not announced."""
        data, code = judged.data, judged.code
        if (
            code is None
            or judge_pair(code.modified, data.modified) is not Pair.CODE_NEWER
            or not self.window.is_old_enough(code)
            or not self.window.is_logged(code)
            or is_since(
                code.modified, self.announcement_index.announced_at(data.key, data.version_id)
            )
        ):
            return None
        if judged.result is not None and judged.result_gap is None and judged.is_of_code:
            return None
        return Gap(GapKind.CODE_NEWER, data, can_announce=True)


type _Found = tuple[Folder[CurrentVersion], StoredObject | None]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A submission with a .json, and its result."""

    data: CurrentVersion
    code: CurrentVersion | None
    result: StoredObject | None
    document: ResultDocument

    @property
    def result_gap(self) -> GapKind | None:
        """What is wrong with the result's version; None if it is of the current .json."""
        if self.result is None:
            return None
        if _is_older(self.result, self.data):
            return GapKind.OLDER_RESULT
        version = self.document.judged_version_id
        if version is None:
            return GapKind.UNREADABLE_RESULT
        return None if version == self.data.version_id else GapKind.OLDER_RESULT

    @property
    def is_of_code(self) -> bool:
        """Whether the result is of the current .py."""
        if self.code is None or self.result is None:
            return True
        return is_of_code(
            self.document,
            self.code.version_id,
            self.code.modified,
            self.data.modified,
            self.result.modified,
        )


def _is_older(result: StoredObject, data: StoredObject | None) -> bool:
    return data is not None and result.modified < data.modified
