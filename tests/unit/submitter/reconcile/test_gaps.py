"""Gaps are found by joining listings, and closed by announcing, without being lost or repeated."""

import json
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import pytest

from submission.keys import IgnoredKey, SubmissionKey, parse_key
from submission.result import ResultDocument, parse_result
from submitter.aws.bucket import CurrentVersion, StoredObject
from submitter.aws.function_call import Handled, Refused
from submitter.aws.intake_log import LogLine
from submitter.reconcile.announcement_index import AnnouncementIndex
from submitter.reconcile.announcing import (
    FAILURES_BEFORE_STOPPING,
    Announcer,
    announce_gaps,
)
from submitter.reconcile.gaps import (
    Gap,
    GapKind,
    GapOutcome,
    ReconcileReport,
    Results,
    Search,
    Window,
)
from submitter.reconcile.rate_limit import RateLimit
from submitter.reconcile.view import render_reconcile
from unit.submitter.contexts import NOW, rendered

UPLOADED = NOW - timedelta(hours=1)
SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
REFUSED = Refused("IntakeError", "no queue")


def _folder(problem: str = "lab5", subid: str = SUBID, admin: str = "m.soltys") -> str:
    return f"submissions/{admin}/aws_labs/{problem}/{subid}/{subid}"


KEY = _folder() + ".json"
RESULT_KEY = KEY.replace("submissions/", "output/")


def _stored(
    key: str = KEY,
    version: str = "v1",
    modified: datetime = UPLOADED,
    size: int = 10,
) -> CurrentVersion:
    return CurrentVersion(key, "etag", size, modified, version)


def _pair(stem: str) -> tuple[CurrentVersion, CurrentVersion]:
    return _stored(stem + ".json"), _stored(stem + ".py")


def _line(outcome: str, key: str = KEY, version: str = "v1", time: datetime = UPLOADED) -> LogLine:
    others = (None,) * 6
    request, subid, message, reason, cause, detail = others
    return LogLine(time, outcome, request, key, version, subid, message, reason, cause, detail)


def _in_order[Stored: StoredObject](objects: Iterable[Stored]) -> list[Stored]:
    """Return objects as S3 lists them."""
    return sorted(objects, key=lambda each: each.key.encode())


@dataclass
class _Bucket:
    """A bucket, a log, and the options of a search."""

    objects: Iterable[CurrentVersion]
    results: Iterable[StoredObject] = ()
    log: Iterable[LogLine] = ()
    window: Window = field(default_factory=lambda: Window(NOW, timedelta(minutes=5)))
    no_result: bool = False
    result: bytes = b'{"submissionVersionId": "v1"}'
    read: list[str] = field(default_factory=list)
    report: ReconcileReport = field(default_factory=lambda: ReconcileReport("submitter"))

    def search(self) -> Iterator[Gap]:
        return Search(
            window=self.window,
            announcement_index=AnnouncementIndex.read(self.log),
            results=Results(_in_order(self.results)),
            read_result=self._read,
            no_result=self.no_result,
        ).run(_in_order(self.objects), self.report)

    def gaps(self) -> list[tuple[GapKind, str]]:
        return [(gap.kind, gap.stored.key) for gap in self.search()]

    def _read(self, stored: StoredObject) -> ResultDocument:
        self.read.append(stored.key)
        return parse_result(self.result)


CODE, DATA = _stored(_folder() + ".py"), _stored()
RESULT = _stored(RESULT_KEY, modified=UPLOADED + timedelta(minutes=1))
OLD_RESULT = _stored(RESULT_KEY, modified=UPLOADED - timedelta(minutes=1))
ANNOUNCED, FAILED = _line("announced"), _line("failed")


@pytest.mark.parametrize(
    ("bucket", "kinds"),
    [
        (_Bucket([CODE, DATA], [RESULT]), []),
        (_Bucket([CODE, DATA], log=[ANNOUNCED]), []),
        (_Bucket([CODE, DATA]), [GapKind.NEVER_ANNOUNCED]),
        (_Bucket([CODE, DATA], log=[_line("announced", version="v0")]), [GapKind.NEVER_ANNOUNCED]),
        (_Bucket([CODE, DATA], log=[FAILED]), [GapKind.FAILED]),
        (_Bucket([CODE, DATA], [RESULT], log=[FAILED]), []),
        (_Bucket([CODE, DATA], log=[ANNOUNCED], no_result=True), [GapKind.NO_RESULT]),
        (_Bucket([CODE, DATA], [OLD_RESULT], [ANNOUNCED]), [GapKind.OLDER_RESULT]),
        (_Bucket([CODE, DATA], [OLD_RESULT]), [GapKind.NEVER_ANNOUNCED]),
        (_Bucket([DATA], log=[ANNOUNCED]), [GapKind.CODE_MISSING]),
        (_Bucket([DATA]), [GapKind.CODE_MISSING, GapKind.NEVER_ANNOUNCED]),
        (_Bucket([CODE]), [GapKind.DATA_MISSING]),
        (_Bucket([]), []),
    ],
)
def test_gap_is_found(bucket: _Bucket, kinds: list[GapKind]) -> None:
    assert [kind for kind, _ in bucket.gaps()] == kinds
    # A result older than its submission is not read.
    assert bucket.read == [RESULT_KEY] * (bucket.results == [RESULT])


@pytest.mark.parametrize(
    ("result", "kinds"),
    [
        ({"submissionVersionId": "v2"}, []),
        ({"submissionVersionId": "v1"}, [GapKind.OLDER_RESULT]),
        ({"submissionVersionId": ""}, [GapKind.UNREADABLE_RESULT]),
        ({"submissionVersionId": 2}, [GapKind.UNREADABLE_RESULT]),
        ([], [GapKind.UNREADABLE_RESULT]),
    ],
)
def test_result_must_judge_the_newest_version(result: object, kinds: list[GapKind]) -> None:
    bucket = _Bucket(
        [CODE, _stored(version="v2")],
        [RESULT],
        [_line("announced", version="v2")],
        result=json.dumps(result).encode(),
    )

    assert [kind for kind, _ in bucket.gaps()] == kinds
    assert bucket.read == [RESULT_KEY]


@pytest.mark.parametrize("no_result", [False, True])
def test_only_gaps_that_an_announcement_closes_can_be_announced(*, no_result: bool) -> None:
    other = _folder("lab6")
    bucket = _Bucket(
        [CODE, DATA, *_pair(other), _stored("stray")],
        [OLD_RESULT],
        [ANNOUNCED],
        no_result=no_result,
    )

    can_announce = {gap.kind: gap.can_announce for gap in bucket.search()}
    assert can_announce == {
        GapKind.OLDER_RESULT: no_result,
        GapKind.NEVER_ANNOUNCED: True,
        GapKind.STRAY: False,
    }


REPLACED = UPLOADED + timedelta(minutes=10)
NEWER_CODE = _stored(CODE.key, "p2", REPLACED)
_updated = partial(_Bucket, [NEWER_CODE, DATA])
ANNOUNCED_SINCE = _line("announced", time=REPLACED + timedelta(seconds=1))
ANNOUNCED_TOO_EARLY = _line("announced", time=REPLACED + timedelta(seconds=0.9))
LATE_RESULT = _stored(RESULT_KEY, modified=REPLACED + timedelta(minutes=1))


def _said(**fields: str) -> bytes:
    return json.dumps({"submissionVersionId": "v1", "status": "completed"} | fields).encode()


STARTED_SINCE = _said(startedAt=(REPLACED + timedelta(seconds=1)).isoformat())
STARTED_BEFORE = _said(startedAt=UPLOADED.isoformat())


@pytest.mark.parametrize(
    ("bucket", "kinds"),
    [
        (_updated(log=[ANNOUNCED]), [GapKind.CODE_NEWER]),
        (_updated([RESULT], [ANNOUNCED]), [GapKind.CODE_NEWER]),
        (_updated(log=[ANNOUNCED_TOO_EARLY]), [GapKind.CODE_NEWER]),
        (_updated(log=[ANNOUNCED], no_result=True), [GapKind.CODE_NEWER]),
        (_updated([LATE_RESULT], [ANNOUNCED], result=STARTED_SINCE), []),
        (_updated([LATE_RESULT], [ANNOUNCED], result=STARTED_BEFORE), [GapKind.CODE_NEWER]),
        (_updated([RESULT], [ANNOUNCED], result=STARTED_SINCE), [GapKind.CODE_NEWER]),
        (_updated([RESULT], [ANNOUNCED], result=_said(codeVersionId="p2")), []),
        (_updated(), [GapKind.NEVER_ANNOUNCED]),
        (_updated(log=[FAILED]), [GapKind.FAILED]),
        (_updated([RESULT], [FAILED]), [GapKind.CODE_NEWER]),
        (_updated(log=[ANNOUNCED_SINCE]), []),
        (_updated([RESULT], [ANNOUNCED_SINCE]), []),
        (_updated([RESULT], [ANNOUNCED_SINCE], no_result=True), [GapKind.OLDER_RESULT]),
        (
            _updated([RESULT], [ANNOUNCED_SINCE], result=_said(codeVersionId="v1")),
            [GapKind.OLDER_RESULT],
        ),
        (
            _Bucket([CODE, DATA], [RESULT], [ANNOUNCED], result=_said(codeVersionId="p0")),
            [GapKind.OLDER_RESULT],
        ),
        (_Bucket([CODE, DATA], [RESULT], [ANNOUNCED], result=_said(codeVersionId="v1")), []),
    ],
)
def test_newer_code_is_a_gap_until_it_is_announced_or_judged(
    bucket: _Bucket, kinds: list[GapKind]
) -> None:
    assert [kind for kind, _ in bucket.gaps()] == kinds


def test_newer_code_of_a_recent_upload_is_no_gap() -> None:
    young = _stored(CODE.key, "p2", NOW - timedelta(minutes=4))

    assert _Bucket([young, DATA], [RESULT], [ANNOUNCED]).gaps() == []
    assert _Bucket([young, DATA], [RESULT], result=_said(codeVersionId="p1")).gaps() == []


@pytest.mark.parametrize(("since", "is_gap"), [(REPLACED, True), (NOW, False)])
def test_newer_code_is_found_by_its_time_with_since(since: datetime, *, is_gap: bool) -> None:
    window = Window(NOW, timedelta(minutes=5), since=since)
    # The log is read from there on, so it has no line about the .json.
    kinds = [kind for kind, _ in _updated([RESULT], window=window).gaps()]

    assert kinds == [GapKind.CODE_NEWER] * is_gap
    told = _updated([RESULT], [ANNOUNCED_SINCE], window)
    assert told.gaps() == []


@pytest.mark.parametrize(
    ("log_from", "kinds", "unknown"),
    [
        (UPLOADED + timedelta(seconds=1), [GapKind.CODE_NEWER], 0),
        (REPLACED + timedelta(seconds=1), [], 1),
    ],
)
def test_newer_code_is_unknown_when_older_than_the_log(
    log_from: datetime, kinds: list[GapKind], unknown: int
) -> None:
    window = Window(NOW, timedelta(minutes=5), log_from=log_from)
    bucket = _updated(window=window)

    assert [kind for kind, _ in bucket.gaps()] == kinds
    assert bucket.report.before_log == unknown


ANNOUNCED_AGAIN = _line("announced", time=RESULT.modified + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("log", "no_result", "gaps"),
    [
        ([ANNOUNCED], False, [(GapKind.FAILED_RESULT, False)]),
        ([ANNOUNCED], True, [(GapKind.FAILED_RESULT, True)]),
        ([], False, [(GapKind.FAILED_RESULT, False)]),
        ([ANNOUNCED_AGAIN], False, []),
        ([ANNOUNCED_AGAIN], True, [(GapKind.FAILED_RESULT, True)]),
    ],
)
def test_failed_result_is_a_gap_until_announced_again(
    log: list[LogLine], gaps: list[tuple[GapKind, bool]], *, no_result: bool
) -> None:
    bucket = _Bucket(
        [CODE, DATA], [RESULT], log, no_result=no_result, result=_said(status="failed")
    )

    assert [(gap.kind, gap.can_announce) for gap in bucket.search()] == gaps


HOUR = timedelta(hours=1)
ANNOUNCED_BEFORE = _line("announced", time=NOW - HOUR)
ANNOUNCED_WITHIN = _line("announced", time=NOW - HOUR + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("results", "said", "kind"),
    [
        ([RESULT], {"status": "failed"}, GapKind.FAILED_RESULT),
        ([RESULT], {"submissionVersionId": "v0"}, GapKind.OLDER_RESULT),
        ([RESULT], {"codeVersionId": "p0"}, GapKind.OLDER_RESULT),
        ([OLD_RESULT], {}, GapKind.OLDER_RESULT),
    ],
)
def test_retried_message_is_no_gap_yet(
    results: list[StoredObject], said: dict[str, str], kind: GapKind
) -> None:
    window = Window(NOW, timedelta(minutes=5), retries=HOUR)
    grade = partial(_Bucket, [CODE, DATA], results, window=window, result=_said(**said))

    assert grade([ANNOUNCED_WITHIN]).gaps() == []
    assert grade([ANNOUNCED_BEFORE]).gaps() == [(kind, KEY)]
    assert grade([ANNOUNCED_WITHIN], no_result=True).gaps() == [(kind, KEY)]


def test_gaps_that_no_retry_closes_are_found_at_once() -> None:
    window = Window(NOW, timedelta(minutes=5), retries=HOUR)
    grade = partial(_Bucket, [CODE, DATA], window=window)

    assert grade().gaps() == [(GapKind.NEVER_ANNOUNCED, KEY)]
    unreadable = grade([RESULT], [ANNOUNCED_WITHIN], result=b"[]")
    assert unreadable.gaps() == [(GapKind.UNREADABLE_RESULT, KEY)]


@pytest.mark.parametrize("status", ["completed", "rejected", "passed"])
def test_other_statuses_are_no_gap(status: str) -> None:
    bucket = _Bucket([CODE, DATA], [RESULT], no_result=True, result=_said(status=status))

    assert bucket.gaps() == []


STEM = _folder()
UPPER = SUBID.upper()
MISNAMED = [
    *(f"{STEM}.JSON", f"{STEM}.Json", f"{STEM}.json.txt", f"{STEM}.json.bak", f"{STEM}.json~"),
    *(f"{STEM}.json ", f"{STEM} (1).json", f"{STEM}.json (1)"),
    *(f"{STEM.removesuffix(SUBID)}{UPPER}.json", f"{STEM.removesuffix(SUBID)} {SUBID}.json"),
]


@pytest.mark.parametrize("key", MISNAMED)
def test_misnamed_data_is_the_only_gap_of_its_folder(key: str) -> None:
    assert _Bucket([_stored(key), CODE]).gaps() == [(GapKind.MALFORMED, key)]


def test_misnamed_code_is_a_gap() -> None:
    key = f"{STEM}.PY"

    assert _Bucket([_stored(key), DATA], log=[ANNOUNCED]).gaps() == [(GapKind.MALFORMED, key)]
    assert _Bucket([_stored(key)]).gaps() == [(GapKind.MALFORMED, key)]


def test_folder_in_capitals_is_malformed() -> None:
    stem = f"submissions/m.soltys/aws_labs/lab5/{UPPER}/{UPPER}"

    gaps = _Bucket([_stored(f"{stem}.json"), _stored(f"{stem}.py")]).gaps()

    assert gaps == [(GapKind.MALFORMED, f"{stem}.json"), (GapKind.MALFORMED, f"{stem}.py")]


PROBLEMS = [
    *("LAB5", "lab 5", "lab5", "lab5!", "lab5-x", "lab5.x", "lab50", "lab5é", "lab5\uff5a"),
    *("lab5\U0001f600", "lab5\U00020000"),
]
"""Names whose order is another by bytes than by UTF-16, by alphabet, or with the slash behind."""


@pytest.mark.parametrize("first", [0, 1])
def test_results_are_found_in_any_order_of_names(first: int) -> None:
    stems = [_folder(problem) for problem in PROBLEMS]
    assert all(isinstance(parse_key(stem + ".json"), SubmissionKey) for stem in stems)
    by_utf16 = sorted(stems, key=lambda stem: stem.encode("utf-16-be"))
    assert by_utf16 != sorted(stems, key=str.encode) != sorted(stems, key=str.casefold)
    judged, others = stems[first::2], stems[1 - first :: 2]
    later = UPLOADED + timedelta(minutes=1)
    results = [_stored(f"output{stem[11:]}.json", modified=later) for stem in judged]
    foreign = [
        _stored(f"output{stem[11:]}{end}", modified=later)
        for stem in others
        for end in (".jso", ".json.bak", ".py", "/x.json")
    ]

    bucket = _Bucket(
        [each for stem in stems for each in _pair(stem)], [*results, *foreign], no_result=True
    )

    gaps = bucket.gaps()
    assert sorted(key for _, key in gaps) == sorted(stem + ".json" for stem in others)
    assert {kind for kind, _ in gaps} == {GapKind.NEVER_ANNOUNCED}
    assert bucket.report.submissions == len(stems)


def test_deeper_objects_do_not_separate_a_pair() -> None:
    nested = [
        _stored(f"{KEY.removesuffix(f'{SUBID}.json')}{name}")
        for name in ("a/b/c.json", f"{SUBID}.json/x", f"{SUBID}.k", f"{SUBID}.json0")
    ]
    bucket = _Bucket([CODE, DATA, *nested], log=[ANNOUNCED])

    assert bucket.gaps() == [(GapKind.STRAY, each.key) for each in _in_order(nested)]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("stray.json", IgnoredKey.NOT_UNDER_SUBMISSIONS),
        (f"/{KEY}", IgnoredKey.NOT_UNDER_SUBMISSIONS),
        (f"submissions/{SUBID}.json", IgnoredKey.WRONG_DEPTH),
        (_folder() + ".txt", IgnoredKey.NOT_JSON),
        (f"submissions/a/b/c/{SUBID}/other.json", IgnoredKey.SUBID_NOT_A_DIGEST),
        (f"submissions/a/b/../{SUBID}/{SUBID}.json", IgnoredKey.UNSAFE_NAME),
    ],
)
def test_stray_is_named_with_its_reason(key: str, reason: IgnoredKey) -> None:
    [gap] = _Bucket([_stored(key)]).search()

    assert (gap.kind, gap.reason) == (GapKind.STRAY, reason)


def test_folder_made_by_the_console_is_no_stray() -> None:
    made = [_stored(f"submissions/m.soltys/{name}", size=0) for name in ("", "new/")]

    assert _Bucket(made).gaps() == []
    assert _Bucket([_stored("submissions/m.soltys/", size=1)]).gaps() != []


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("modified", "is_seen"),
    [
        (NOW - 4 * MINUTE, False),
        (NOW - 5 * MINUTE, True),
        (NOW - 60 * MINUTE, True),
        (NOW - 61 * MINUTE, False),
        (NOW + MINUTE, False),
    ],
)
def test_only_objects_in_the_window_are_checked(modified: datetime, *, is_seen: bool) -> None:
    window = Window(NOW, 5 * MINUTE, since=NOW - 60 * MINUTE)
    for key in (KEY, _folder() + ".py", "stray"):
        assert bool(_Bucket([_stored(key, modified=modified)], window=window).gaps()) is is_seen


def test_time_of_the_data_decides_whether_a_pair_is_in_the_window() -> None:
    young = NOW - MINUTE
    assert _Bucket([CODE, _stored(modified=young)]).gaps() == []
    assert _Bucket([_stored(CODE.key, modified=young), DATA], log=[ANNOUNCED]).gaps() == []


@pytest.mark.parametrize("no_result", [False, True])
def test_submission_older_than_the_log_is_no_gap(*, no_result: bool) -> None:
    window = Window(NOW, 5 * MINUTE, log_from=UPLOADED + MINUTE)
    bucket = _Bucket([CODE, DATA], window=window, no_result=no_result)

    assert bucket.gaps() == ([(GapKind.NO_RESULT, KEY)] if no_result else [])
    assert bucket.report.before_log == 1


class _Function:
    """A function with scripted answers, which keeps the keys of its events."""

    def __init__(self, *answers: Handled | Refused | type[BaseException] | None) -> None:
        self._answers = list(answers)
        self.told: list[list[str]] = []
        self.waited: list[float] = []
        self.seconds = 0.0

    def announcer(self, rate: float = 10) -> Announcer:
        limit = RateLimit(rate, lambda: self.seconds, self._sleep)

        def announce(versions: tuple[CurrentVersion, ...]) -> Handled | Refused:
            limit.wait(len(versions))
            return self._call(versions)

        return announce

    @property
    def announced(self) -> list[str]:
        return [key for keys in self.told for key in keys]

    def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.seconds += seconds

    def _call(self, versions: tuple[CurrentVersion, ...]) -> Handled | Refused:
        answer = self._answers.pop(0) if self._answers else None
        if isinstance(answer, type):
            raise answer
        if not isinstance(answer, Refused):
            self.told.append([each.key for each in versions])
        return answer or Handled(len(versions), 0)


def _stems(count: int) -> list[str]:
    return [_folder(subid=f"{number:032x}") for number in range(count)]


def _pairs(count: int) -> list[CurrentVersion]:
    return [each for stem in _stems(count) for each in _pair(stem)]


def _run(bucket: _Bucket, function: _Function | None, show: int = 100) -> ReconcileReport:
    report = ReconcileReport("submitter", carried_out=function is not None)
    announcer = function.announcer() if function else None
    try:
        announce_gaps(bucket.search(), report, show=show, announcer=announcer)
    except KeyboardInterrupt:
        report.interrupted = True
    return report


def test_gaps_are_announced_once_ten_at_a_time_at_the_rate() -> None:
    function = _Function()

    report = _run(_Bucket(_pairs(25)), function)

    assert [len(keys) for keys in function.told] == [10, 10, 5]
    assert function.announced == [stem + ".json" for stem in _stems(25)]
    assert function.waited == pytest.approx([1.0, 1.0])
    assert report.outcomes == {GapOutcome.ANNOUNCED: 25}
    assert report.left == 0


def test_other_gaps_are_left_and_the_rest_announced() -> None:
    function = _Function()

    report = _run(_Bucket([*_pairs(2), _stored("stray"), _stored(_folder() + ".py")]), function)

    assert len(function.announced) == 2
    assert report.outcomes == {GapOutcome.ANNOUNCED: 2, GapOutcome.LEFT: 2}
    assert report.left == 2


def test_ignored_event_does_not_count_as_announced() -> None:
    report = _run(_Bucket(_pairs(3)), _Function(Handled(2, 1)))

    assert report.outcomes == {GapOutcome.IGNORED: 3}
    assert report.left == 3


def test_reconcile_stops_after_three_failures_in_a_row() -> None:
    function = _Function(None, *[REFUSED] * FAILURES_BEFORE_STOPPING)

    report = _run(_Bucket(_pairs(100)), function)

    assert report.stopped
    assert report.outcomes == {GapOutcome.ANNOUNCED: 10, GapOutcome.REFUSED: 30}
    assert report.refusals == {"IntakeError: no queue": 3}
    shown = rendered(render_reconcile(report, NOW))
    assert "Stopped: the function failed 3 times in a row" in shown
    assert "refused 3 event(s): IntakeError: no queue" in shown


def test_reconcile_continues_after_scattered_failures() -> None:
    function = _Function(*[REFUSED, REFUSED, None] * 3)

    report = _run(_Bucket(_pairs(100)), function)

    assert not report.stopped
    assert report.outcomes == {GapOutcome.ANNOUNCED: 40, GapOutcome.REFUSED: 60}
    assert report.left == 60
    assert report.resume_after is None


def test_resume_key_is_before_the_first_refused_event() -> None:
    report = _run(_Bucket(_pairs(45)), _Function(None, REFUSED, None, KeyboardInterrupt))

    assert report.outcomes == {GapOutcome.ANNOUNCED: 20, GapOutcome.REFUSED: 10}
    assert report.resume_after == _stems(10)[-1] + ".json"


def test_gaps_beyond_the_limit_are_counted() -> None:
    report = _run(_Bucket(_pairs(25)), None, show=10)

    assert len(report.named) == 10
    assert report.gaps == {GapKind.NEVER_ANNOUNCED: 25}
    assert "and 15 more" in rendered(render_reconcile(report, NOW))


def _peak_bytes(submissions: int) -> int:
    """Return the most memory that a search of so many submissions holds at once."""

    def listing() -> Iterator[CurrentVersion]:
        for number in range(submissions):
            yield from _pair(_folder(subid=f"{number:032x}"))

    def results() -> Iterator[StoredObject]:
        for number in range(0, submissions, 2):
            stem = _folder(subid=f"{number:032x}").replace("submissions/", "output/")
            yield _stored(stem + ".json", modified=UPLOADED + MINUTE)

    search = Search(
        Window(NOW, MINUTE),
        AnnouncementIndex(),
        Results(results()),
        lambda _: ResultDocument(judged_version_id="v1"),
        no_result=True,
    )
    report = ReconcileReport("submitter")
    tracemalloc.start()
    try:
        announce_gaps(search.run(listing(), report), report, show=100, announcer=None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (report.submissions, report.left) == (submissions, submissions // 2)
    return peak


def test_memory_does_not_grow_with_the_bucket() -> None:
    assert _peak_bytes(5_000) < 3 * _peak_bytes(500)
