"""Where a submission's trail ends, and how it is told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from submission.result import ResultDocument
from submitter.aws.bucket import ObjectVersion
from submitter.aws.failure_queue import Waiting
from submitter.aws.intake_log import LogLine
from submitter.aws.queues import QueueDepth
from submitter.aws.result import StoredResult
from submitter.errors import ExitCode, SubmitterError
from submitter.output import to_json
from submitter.stack.context import Context
from submitter.why import gathering
from submitter.why.diagnosis import Diagnosis, Grace
from submitter.why.evidence import DeadLetter, Evidence, Place, WaitingFailure
from submitter.why.gathering import check_subid
from submitter.why.story import Story, WhyReport
from submitter.why.story import tell as tell_within
from submitter.why.view import render_why

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=3)
SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
FOLDER = f"submissions/m.soltys/aws_labs/lab5_containers/{SUBID}/"
JSON_KEY = f"{FOLDER}{SUBID}.json"
PY_KEY = f"{FOLDER}{SUBID}.py"
RESULT_KEY = JSON_KEY.replace("submissions/", "output/")

CODE = ObjectVersion(PY_KEY, "p1", "etag-p", LONG_AGO, is_latest=True)
DATA = ObjectVersion(JSON_KEY, "v1", "etag-j", LONG_AGO, is_latest=True)
BOTH = (CODE, DATA)


def _line(outcome: str, version: str = "v1", time: datetime = LONG_AGO, **fields: Any) -> LogLine:  # noqa: ANN401
    names: dict[str, Any] = dict.fromkeys(("message_id", "reason", "cause", "detail"))
    known = {"key": JSON_KEY, "subid": SUBID, "request_id": "request-1"}
    return LogLine(time=time, outcome=outcome, version_id=version, **(names | known | fields))


def _evidence(**fields: Any) -> Evidence:  # noqa: ANN401
    return Evidence(subid=SUBID, bucket="bucket", now=NOW, **fields)


def tell(evidence: Evidence) -> WhyReport:
    return tell_within(evidence, Grace())


def _story(evidence: Evidence) -> Story:
    [story] = tell(evidence).stories
    return story


def _result(
    judged: str | None = "v1",
    time: datetime = LONG_AGO,
    status: str = "completed",
    **said: Any,  # noqa: ANN401 - whatever a result says
) -> StoredResult:
    document = ResultDocument(judged_version_id=judged, status=status, **said)
    return StoredResult(RESULT_KEY, "r1", "etag-r", time, document)


ANNOUNCED = (_line("announced", message_id="message-1"),)
FAILURE = WaitingFailure(JSON_KEY, "v1", LONG_AGO, "m", "RetriesExhausted", "IntakeError: no queue")
LETTER = DeadLetter(JSON_KEY, "v1", LONG_AGO, "m")
OLDER = replace(DATA, is_latest=False)
NEWER = ObjectVersion(JSON_KEY, "v2", "etag-2", LONG_AGO, is_latest=True)
RECENT = NOW - timedelta(seconds=40)


@pytest.mark.parametrize(
    ("fields", "diagnosis", "needs_attention"),
    [
        ({}, Diagnosis.NOT_UPLOADED, True),
        ({"versions": (CODE,)}, Diagnosis.CODE_ONLY, True),
        ({"versions": (CODE, replace(DATA, etag=None))}, Diagnosis.DELETED, True),
        ({"log_lines": ANNOUNCED}, Diagnosis.DELETED, True),
        ({"versions": (CODE, replace(DATA, time=RECENT))}, Diagnosis.ARRIVING, False),
        ({"versions": BOTH}, Diagnosis.NEVER_ANNOUNCED, True),
        ({"versions": BOTH, "log_from": LONG_AGO}, Diagnosis.NEVER_ANNOUNCED, True),
        ({"versions": BOTH, "log_from": RECENT}, Diagnosis.LOG_EXPIRED, True),
        (
            {"versions": BOTH, "log_from": RECENT, "log_lines": ANNOUNCED, "queue_depth": 1},
            Diagnosis.ANNOUNCED_WAITING,
            False,
        ),
        (
            {"versions": BOTH, "log_lines": (_line("announced", "v0"),)},
            Diagnosis.NEVER_ANNOUNCED,
            True,
        ),
        (
            {"versions": BOTH, "log_lines": (_line("failed", time=RECENT, cause="NoQueue"),)},
            Diagnosis.RETRYING,
            False,
        ),
        (
            {"versions": BOTH, "log_lines": (_line("failed", cause="NoQueue"),)},
            Diagnosis.FAILED,
            True,
        ),
        (
            {
                "versions": BOTH,
                "log_lines": (_line("failed", cause="NoQueue"),),
                "failures": (FAILURE,),
            },
            Diagnosis.FAILED_WAITING,
            True,
        ),
        ({"versions": BOTH, "failures": (FAILURE,)}, Diagnosis.FAILED_WAITING, True),
        (
            {"versions": BOTH, "log_lines": (_line("ignored", reason="not_json"),)},
            Diagnosis.IGNORED,
            True,
        ),
        (
            {"versions": BOTH, "log_lines": ANNOUNCED, "queue_depth": 3},
            Diagnosis.ANNOUNCED_WAITING,
            False,
        ),
        (
            {"versions": BOTH, "log_lines": (_line("announced", time=RECENT),)},
            Diagnosis.ANNOUNCED_WAITING,
            False,
        ),
        ({"versions": BOTH, "log_lines": ANNOUNCED}, Diagnosis.ANNOUNCED_NO_RESULT, True),
        (
            {"versions": BOTH, "log_lines": ANNOUNCED, "dead_letters": (LETTER,)},
            Diagnosis.DEAD_LETTER,
            True,
        ),
        (
            {"versions": BOTH, "log_lines": ANNOUNCED, "results": (_result(),)},
            Diagnosis.DONE,
            False,
        ),
        (
            {"versions": BOTH, "log_lines": ANNOUNCED, "results": (_result(None),)},
            Diagnosis.RESULT_UNREADABLE,
            True,
        ),
        (
            {
                "versions": (CODE, OLDER, NEWER),
                "log_lines": (*ANNOUNCED, _line("announced", "v2")),
                "results": (_result(),),
            },
            Diagnosis.RESULT_OUTDATED,
            True,
        ),
        (
            {"versions": (CODE, OLDER, NEWER), "log_lines": ANNOUNCED, "results": (_result(),)},
            Diagnosis.NEVER_ANNOUNCED,
            True,
        ),
        (
            {"versions": (CODE, OLDER, NEWER), "log_lines": ANNOUNCED, "failures": (FAILURE,)},
            Diagnosis.NEVER_ANNOUNCED,
            True,
        ),
    ],
)
def test_diagnosis_is_where_the_trail_ends(
    fields: dict[str, Any], diagnosis: Diagnosis, *, needs_attention: bool
) -> None:
    report = tell(_evidence(**fields))

    [story] = report.stories
    assert story.diagnosis is diagnosis
    assert report.needs_attention is needs_attention
    assert story.next_step


@pytest.mark.parametrize(
    ("fields", "within", "after"),
    [
        (
            {"versions": (CODE, replace(DATA, time=RECENT))},
            Diagnosis.ARRIVING,
            Diagnosis.NEVER_ANNOUNCED,
        ),
        (
            {"versions": BOTH, "log_lines": (_line("failed", time=RECENT),)},
            Diagnosis.RETRYING,
            Diagnosis.FAILED,
        ),
        (
            {"versions": BOTH, "log_lines": (_line("announced", time=RECENT),)},
            Diagnosis.ANNOUNCED_WAITING,
            Diagnosis.ANNOUNCED_NO_RESULT,
        ),
    ],
)
def test_silence_is_a_loss_once_its_grace_is_over(
    fields: dict[str, Any], within: Diagnosis, after: Diagnosis
) -> None:
    for seconds, expected in ((41, within), (40, after)):
        grace = Grace().at_most(timedelta(seconds=seconds))
        [story] = tell_within(_evidence(**fields), grace).stories
        assert story.diagnosis is expected


REPLACED = LONG_AGO + timedelta(hours=1)
NEWER_CODE = ObjectVersion(PY_KEY, "p2", "etag-q", REPLACED, is_latest=True)
SECOND = timedelta(seconds=1)
UPDATED = {"versions": (replace(CODE, is_latest=False), NEWER_CODE, DATA)}
TOLD_SINCE = _line("announced", time=REPLACED + SECOND)
LATER = REPLACED + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("fields", "diagnosis"),
    [
        ({"log_lines": ANNOUNCED}, Diagnosis.CODE_NEWER),
        ({"log_lines": ANNOUNCED, "queue_depth": 1}, Diagnosis.CODE_NEWER),
        ({"log_lines": ANNOUNCED, "results": (_result(),)}, Diagnosis.CODE_NEWER),
        ({"results": (_result(),)}, Diagnosis.CODE_NEWER),
        (
            {"log_lines": (_line("announced", time=REPLACED + 0.9 * SECOND),)},
            Diagnosis.CODE_NEWER,
        ),
        (
            {
                "log_lines": ANNOUNCED,
                "results": (_result(time=LATER, started_at=REPLACED + SECOND),),
            },
            Diagnosis.DONE,
        ),
        (
            {"log_lines": ANNOUNCED, "results": (_result(time=LATER, started_at=REPLACED),)},
            Diagnosis.CODE_NEWER,
        ),
        (
            # A back end's clock may be wrong; that it wrote before the .py came is S3's word.
            {"log_lines": ANNOUNCED, "results": (_result(started_at=LATER),)},
            Diagnosis.CODE_NEWER,
        ),
        (
            {"log_lines": ANNOUNCED, "results": (_result(code_version_id="p2"),)},
            Diagnosis.DONE,
        ),
        (
            {"log_lines": ANNOUNCED, "results": (_result(time=LATER, code_version_id="p1"),)},
            Diagnosis.CODE_NEWER,
        ),
        ({"log_from": REPLACED - SECOND}, Diagnosis.CODE_NEWER),
        ({"log_from": REPLACED + SECOND}, Diagnosis.LOG_EXPIRED),
        ({"log_from": REPLACED + SECOND, "results": (_result(),)}, Diagnosis.RESULT_OUTDATED),
        ({}, Diagnosis.NEVER_ANNOUNCED),
        ({"log_lines": (_line("failed", cause="NoQueue"),)}, Diagnosis.FAILED),
        ({"log_lines": ANNOUNCED, "dead_letters": (LETTER,)}, Diagnosis.DEAD_LETTER),
        ({"log_lines": (*ANNOUNCED, TOLD_SINCE)}, Diagnosis.ANNOUNCED_NO_RESULT),
        ({"log_lines": (TOLD_SINCE,), "queue_depth": 1}, Diagnosis.ANNOUNCED_WAITING),
        (
            {"log_lines": (TOLD_SINCE,), "results": (_result(),)},
            Diagnosis.RESULT_OUTDATED,
        ),
        (
            {"log_lines": (TOLD_SINCE,), "results": (_result(time=LATER, code_version_id="p1"),)},
            Diagnosis.RESULT_OUTDATED,
        ),
    ],
)
def test_code_that_was_replaced_is_not_done_before_the_back_end_was_told_or_saw_it(
    fields: dict[str, Any], diagnosis: Diagnosis
) -> None:
    story = _story(_evidence(**UPDATED, **fields))

    assert story.diagnosis is diagnosis
    assert story.needs_attention is (diagnosis not in {Diagnosis.DONE, Diagnosis.ANNOUNCED_WAITING})


def test_code_that_was_replaced_is_told_with_what_to_do() -> None:
    story = _story(_evidence(**UPDATED, log_lines=ANNOUNCED, results=(_result(),)))

    assert "replaced 2 h ago, after it was announced" in story.explanation
    assert "have the student submit again" in story.next_step
    assert story.next_step.endswith(f"submitter reconcile --prefix {FOLDER} --yes")


@pytest.mark.parametrize(("seconds", "newer"), [(0.0, False), (0.9, False), (1.0, True)])
def test_code_of_the_same_second_came_before_its_data(seconds: float, *, newer: bool) -> None:
    code = replace(CODE, time=LONG_AGO + timedelta(seconds=seconds))

    story = _story(_evidence(versions=(code, DATA), log_lines=ANNOUNCED, results=(_result(),)))

    assert (story.diagnosis is Diagnosis.CODE_NEWER) is newer


def test_data_may_still_come_after_new_code() -> None:
    fields: dict[str, Any] = {
        "versions": (replace(NEWER_CODE, time=RECENT), DATA),
        "log_lines": ANNOUNCED,
        "results": (_result(),),
    }

    story = _story(_evidence(**fields))
    [at_once] = tell_within(_evidence(**fields), Grace().at_most(timedelta())).stories

    assert (story.diagnosis, story.needs_attention) == (Diagnosis.ARRIVING, False)
    assert "its .json may still come" in story.explanation
    assert at_once.diagnosis is Diagnosis.CODE_NEWER


def test_result_of_another_version_of_the_code_is_outdated() -> None:
    story = _story(
        _evidence(
            versions=BOTH, log_lines=ANNOUNCED, results=(_result(code_version_id="elsewhere"),)
        )
    )

    assert story.diagnosis is Diagnosis.RESULT_OUTDATED
    assert "an older .py" in story.explanation


@pytest.mark.parametrize(
    ("fields", "diagnosis"),
    [
        ({}, Diagnosis.RESULT_FAILED),
        ({"queue_depth": 3}, Diagnosis.RESULT_FAILED),
        ({"log_lines": ()}, Diagnosis.RESULT_FAILED),
        ({"log_lines": (TOLD_SINCE,)}, Diagnosis.RESULT_FAILED),
        ({"log_lines": (TOLD_SINCE,), "queue_depth": 1}, Diagnosis.ANNOUNCED_WAITING),
        ({"dead_letters": (LETTER,)}, Diagnosis.DEAD_LETTER),
    ],
)
def test_result_of_a_back_end_that_failed_is_no_end(
    fields: dict[str, Any], diagnosis: Diagnosis
) -> None:
    result = _result(status="failed", reason="The sandbox did not start.")
    known = {"versions": BOTH, "log_lines": ANNOUNCED, "results": (result,)}

    story = _story(_evidence(**known | fields))

    assert story.diagnosis is diagnosis
    if diagnosis is Diagnosis.RESULT_FAILED:
        assert story.needs_attention
        assert "failed on it: The sandbox did not start." in story.explanation
        assert story.next_step.endswith(f"submitter reconcile --prefix {FOLDER} --no-result --yes")


def test_rejected_submission_is_done_and_says_why() -> None:
    result = _result(status="rejected", reason="The .json is no JSON.")

    story = _story(_evidence(versions=BOTH, log_lines=ANNOUNCED, results=(result,)))

    assert (story.diagnosis, story.needs_attention) == (Diagnosis.DONE, False)
    assert "rejected the newest version: The .json is no JSON." in story.explanation


UPPER = SUBID.upper()
MISNAMED = [
    f"{SUBID}.JSON",
    f"{SUBID}.Json",
    f"{SUBID}.json.txt",
    f"{SUBID} (1).json",
    f"{SUBID}.json.bak",
    f"{UPPER}.json",
    f"deep/{SUBID}.json",
    "submission.json",
]


@pytest.mark.parametrize("name", MISNAMED)
def test_data_under_another_name_is_named_as_the_cause(name: str) -> None:
    versions = (CODE, replace(DATA, key=f"{FOLDER}{name}"))

    story = _story(_evidence(versions=versions))

    assert story.diagnosis is Diagnosis.IGNORED
    assert story.explanation.startswith(f"{name} is not announced, because ")
    assert JSON_KEY in story.next_step


def test_folder_in_capitals_is_named_as_the_cause() -> None:
    folder = FOLDER.replace(SUBID, UPPER)
    versions = tuple(replace(DATA, key=f"{folder}{UPPER}{end}") for end in (".json", ".py"))

    story = _story(_evidence(versions=versions))

    assert story.diagnosis is Diagnosis.IGNORED
    assert story.explanation.startswith(f"{UPPER}.json is not announced")
    assert JSON_KEY in story.next_step


def test_code_alone_names_what_else_is_there() -> None:
    story = _story(_evidence(versions=(CODE, replace(DATA, key=f"{FOLDER}{SUBID}.jsn"))))

    assert story.diagnosis is Diagnosis.CODE_ONLY
    assert f"{SUBID}.jsn" in story.explanation


def test_code_in_capitals_is_named_where_there_is_no_other() -> None:
    code = replace(CODE, key=f"{FOLDER}{SUBID}.PY")

    alone = _story(_evidence(versions=(code,)))
    beside = _story(_evidence(versions=(code, DATA), log_lines=ANNOUNCED, queue_depth=1))

    assert alone.diagnosis is Diagnosis.NOT_UPLOADED
    assert f"{SUBID}.PY is not its .py" in alone.remarks[0]
    assert beside.needs_attention
    assert f"{SUBID}.PY is not its .py" in beside.remarks[1]


def test_both_files_under_nearly_their_names_are_named() -> None:
    data, code = (replace(DATA, key=f"{FOLDER}{SUBID}{end}") for end in (".JSON", " (1).py"))

    story = _story(_evidence(versions=(data, code)))

    assert story.diagnosis is Diagnosis.IGNORED
    assert story.explanation.startswith(f"{SUBID}.JSON is not announced")
    assert f"{SUBID} (1).py is not its .py" in story.remarks[0]


@pytest.mark.parametrize(("later", "needs_attention"), [(SECOND, True), (-SECOND, False)])
def test_misnamed_resubmission_is_not_passed_over(
    later: timedelta, *, needs_attention: bool
) -> None:
    second = replace(DATA, key=f"{FOLDER}{SUBID}.JSON", time=LONG_AGO + later)

    story = _story(_evidence(versions=(*BOTH, second), log_lines=ANNOUNCED, results=(_result(),)))

    assert story.diagnosis is Diagnosis.DONE
    assert story.needs_attention is needs_attention
    assert f"{SUBID}.JSON is there too, and is not announced." in story.remarks


def test_deletion_of_both_files_is_undone_for_both() -> None:
    versions = tuple(replace(each, etag=None) for each in BOTH)

    story = _story(_evidence(versions=versions))

    assert story.diagnosis is Diagnosis.DELETED
    for each in BOTH:
        assert f"--key {each.key} --version-id {each.version_id}" in story.next_step


def test_grace_is_shortened_and_never_made_longer() -> None:
    assert Grace().at_most(timedelta(days=1)) == Grace()
    assert Grace().at_most(timedelta()) == Grace(timedelta(), timedelta(), timedelta())


@pytest.mark.parametrize(
    ("depth", "words"),
    [
        (0, "does not count it yet"),
        (1, "about 1 message, probably this one"),
        (1200, "about 1,200 messages"),
    ],
)
def test_what_the_queue_holds_is_put_in_words(depth: int, words: str) -> None:
    lines = (_line("announced", time=RECENT),)

    story = _story(_evidence(versions=BOTH, log_lines=lines, queue_depth=depth))

    assert words in story.explanation


def test_every_line_of_the_timeline_is_in_order_of_time() -> None:
    story = _story(
        _evidence(
            versions=(replace(NEWER, time=NOW), OLDER, CODE),
            log_lines=ANNOUNCED,
            failures=(FAILURE,),
            dead_letters=(LETTER,),
            results=(_result(),),
        )
    )

    times = [event.time for event in story.timeline]
    assert times == sorted(times)
    assert len(times) == 7
    assert story.timeline[-1].version_id == "v2"


def test_data_without_its_code_is_said_and_wants_attention() -> None:
    report = tell(_evidence(versions=(DATA,), log_lines=ANNOUNCED, queue_depth=1))

    [story] = report.stories
    assert "without its .py" in story.remarks[0]
    assert report.needs_attention
    assert ".py" in story.next_step


def test_older_result_is_said_of_a_version_that_is_on_its_way() -> None:
    story = _story(
        _evidence(
            versions=(CODE, OLDER, NEWER),
            log_lines=(_line("announced", "v2"),),
            results=(_result(),),
            queue_depth=1,
        )
    )

    assert story.diagnosis is Diagnosis.ANNOUNCED_WAITING
    assert "The result judges an older version (v1)." in story.remarks


def test_one_subid_under_two_problems_is_two_stories_and_wants_attention() -> None:
    other = JSON_KEY.replace("lab5_containers", "lab6")
    report = tell(
        _evidence(
            versions=(*BOTH, replace(DATA, key=other), replace(CODE, key=other[:-4] + "py")),
            log_lines=(*ANNOUNCED, _line("announced", key=other)),
            queue_depth=2,
        )
    )

    assert [story.needs_attention for story in report.stories] == [False, False]
    assert report.needs_attention
    assert "2 folders" in report.remarks[0]


@pytest.mark.parametrize(
    "key",
    [f"/{JSON_KEY}", f"submissions/m.soltys/{SUBID}/{SUBID}.json", f"{FOLDER}x/{SUBID}.json"],
)
def test_data_in_the_wrong_place_is_ignored_for_a_reason_in_words(key: str) -> None:
    story = _story(_evidence(versions=(replace(DATA, key=key),)))

    assert story.diagnosis is Diagnosis.IGNORED
    assert "_" not in story.explanation


def test_what_could_not_be_seen_is_said() -> None:
    report = tell(_evidence(all_failures_seen=False, all_dead_letters_seen=False))

    assert len(report.remarks) == 2


def test_version_of_a_bucket_without_versions_is_known_by_its_null() -> None:
    line = replace(_line("announced"), version_id=None)
    story = _story(
        _evidence(
            versions=(CODE, replace(DATA, version_id="null")), log_lines=(line,), queue_depth=1
        )
    )

    assert story.diagnosis is Diagnosis.ANNOUNCED_WAITING


@pytest.mark.parametrize("text", ["", SUBID.upper(), SUBID[:-1], f"{SUBID}\n", f"{SUBID}.json"])
def test_what_is_no_subid_is_a_usage_error(text: str) -> None:
    with pytest.raises(SubmitterError, match="is not a subid") as caught:
        check_subid(text)

    assert caught.value.exit_code is ExitCode.USAGE


def test_place_narrows_the_listing_from_the_left_and_filters_the_rest() -> None:
    assert Place().prefix == "submissions/"
    assert Place("m.soltys", "aws_labs").prefix == "submissions/m.soltys/aws_labs/"
    assert Place("m.soltys", None, "lab6").prefix == "submissions/m.soltys/"
    assert Place(problem="lab5_containers").has(JSON_KEY)
    assert not Place(problem="lab6").has(JSON_KEY)
    assert not Place("other").has("submissions/")


def test_hostile_names_reach_no_terminal() -> None:
    key = JSON_KEY.replace("lab5_containers", "lab\x1b]0;owned\x07\u202e[red]")
    lines = (_line("failed", key=key, cause="\x1b[2J", detail="[bold]x[/bold]\x9b"),)
    report = tell(_evidence(versions=(replace(DATA, key=key),), log_lines=lines))

    shown = StringIO()
    Console(file=shown, width=300, force_terminal=False).print(render_why(report))

    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown.getvalue())
    assert "[bold]x[/bold]" in shown.getvalue()
    json.dumps(to_json(report))


def test_empty_report_is_rendered() -> None:
    shown = StringIO()
    Console(file=shown, width=80).print(render_why(tell(_evidence())))

    assert "NOT_UPLOADED" in shown.getvalue()


class _Listing:
    """A bucket of 100,000 objects, made a page at a time."""

    def get_paginator(self, _name: str) -> "_Listing":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803, ARG002
        for number in range(100 if Prefix == "submissions/" else 0):
            yield {"Versions": [self._version(f"{number:03}{each:03}") for each in range(1000)]}

    @staticmethod
    def _version(name: str) -> dict[str, Any]:
        subid = SUBID if name == "077077" else name.zfill(32)
        return {
            "Key": f"submissions/a/e/p/{subid}/{subid}.json",
            "VersionId": "v1",
            "ETag": '"e"',
            "LastModified": LONG_AGO,
            "IsLatest": True,
        }


def test_one_of_100_000_objects_is_found_and_progress_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stack = dict.fromkeys(
        ("bucket_name", "queue_url", "intake_failures_queue_url", "dead_letter_queue_url"), "a name"
    )
    context = cast("Context", SimpleNamespace(s3=_Listing(), deployment=SimpleNamespace(**stack)))
    monkeypatch.setattr(gathering, "log_start", lambda *_args: None)
    monkeypatch.setattr(gathering, "read_intake_log", lambda *_args, **_options: iter(()))
    monkeypatch.setattr(gathering, "read_waiting", lambda *_args: Waiting((), seen_all=True))
    monkeypatch.setattr(gathering, "queue_depth", lambda *_: QueueDepth("queue", 0, 0, 0, None))
    monkeypatch.setattr(gathering, "fetch_result", lambda *_args: None)
    progress: dict[str, int] = {}

    evidence = gathering.gather(context, SUBID, Place(), on_progress=progress.__setitem__)

    assert [version.key for version in evidence.versions] == [
        f"submissions/a/e/p/{SUBID}/{SUBID}.json"
    ]
    assert progress["object versions"] == 100_000
