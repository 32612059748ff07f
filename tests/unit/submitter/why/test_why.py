"""Where a submission stopped, and what is reported."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from rich.console import Console

from submission.result import ResultDocument
from submitter.aws import failure_queue
from submitter.aws.bucket import ObjectVersion
from submitter.aws.failure_queue import read_waiting
from submitter.aws.intake_log import LogLine
from submitter.aws.result import StoredResult
from submitter.doctor.round_trip import remove
from submitter.errors import ExitCode, SubmitterError
from submitter.output import Output, to_json
from submitter.stack.context import Context
from submitter.stack.deployment import Deployment
from submitter.why import gathering
from submitter.why.diagnosis import Diagnosis, Grace
from submitter.why.evidence import DeadLetter, Evidence, Place, WaitingFailure
from submitter.why.gathering import check_subid, gather
from submitter.why.story import Story, WhyReport
from submitter.why.story import tell as tell_within
from submitter.why.view import render_why
from unit.submitter.contexts import rendered
from unit.submitter.mocked_aws import client, mocked_stack, write_log

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
FINE = {Diagnosis.ARRIVING, Diagnosis.RETRYING, Diagnosis.ANNOUNCED_WAITING, Diagnosis.DONE}


@pytest.mark.parametrize(
    ("evidence", "diagnosis"),
    [
        (_evidence(), Diagnosis.NOT_UPLOADED),
        (_evidence(versions=(CODE,)), Diagnosis.CODE_ONLY),
        (_evidence(versions=(CODE, replace(DATA, etag=None))), Diagnosis.DELETED),
        (_evidence(log_lines=ANNOUNCED), Diagnosis.DELETED),
        (_evidence(versions=(CODE, replace(DATA, time=RECENT))), Diagnosis.ARRIVING),
        (_evidence(versions=BOTH), Diagnosis.NEVER_ANNOUNCED),
        (_evidence(versions=BOTH, log_from=LONG_AGO), Diagnosis.NEVER_ANNOUNCED),
        (_evidence(versions=BOTH, log_from=RECENT), Diagnosis.LOG_EXPIRED),
        (
            _evidence(versions=BOTH, log_from=RECENT, log_lines=ANNOUNCED, queue_depth=1),
            Diagnosis.ANNOUNCED_WAITING,
        ),
        (
            _evidence(versions=BOTH, log_lines=(_line("announced", "v0"),)),
            Diagnosis.NEVER_ANNOUNCED,
        ),
        (
            _evidence(versions=BOTH, log_lines=(_line("failed", time=RECENT, cause="NoQueue"),)),
            Diagnosis.RETRYING,
        ),
        (_evidence(versions=BOTH, log_lines=(_line("failed", cause="NoQueue"),)), Diagnosis.FAILED),
        (
            _evidence(
                versions=BOTH, log_lines=(_line("failed", cause="NoQueue"),), failures=(FAILURE,)
            ),
            Diagnosis.FAILED_WAITING,
        ),
        (_evidence(versions=BOTH, failures=(FAILURE,)), Diagnosis.FAILED_WAITING),
        (
            _evidence(versions=BOTH, log_lines=(_line("ignored", reason="not_json"),)),
            Diagnosis.IGNORED,
        ),
        (_evidence(versions=BOTH, log_lines=ANNOUNCED, queue_depth=3), Diagnosis.ANNOUNCED_WAITING),
        (
            _evidence(versions=BOTH, log_lines=(_line("announced", time=RECENT),)),
            Diagnosis.ANNOUNCED_WAITING,
        ),
        (_evidence(versions=BOTH, log_lines=ANNOUNCED), Diagnosis.ANNOUNCED_NO_RESULT),
        (
            _evidence(versions=BOTH, log_lines=ANNOUNCED, dead_letters=(LETTER,)),
            Diagnosis.DEAD_LETTER,
        ),
        (_evidence(versions=BOTH, log_lines=ANNOUNCED, results=(_result(),)), Diagnosis.DONE),
        (
            _evidence(versions=BOTH, log_lines=ANNOUNCED, results=(_result(None),)),
            Diagnosis.RESULT_UNREADABLE,
        ),
        (
            _evidence(
                versions=(CODE, OLDER, NEWER),
                log_lines=(*ANNOUNCED, _line("announced", "v2")),
                results=(_result(),),
            ),
            Diagnosis.RESULT_OUTDATED,
        ),
        (
            _evidence(versions=(CODE, OLDER, NEWER), log_lines=ANNOUNCED, results=(_result(),)),
            Diagnosis.NEVER_ANNOUNCED,
        ),
        (
            _evidence(versions=(CODE, OLDER, NEWER), log_lines=ANNOUNCED, failures=(FAILURE,)),
            Diagnosis.NEVER_ANNOUNCED,
        ),
    ],
)
def test_diagnosis_follows_from_the_evidence(evidence: Evidence, diagnosis: Diagnosis) -> None:
    report = tell(evidence)

    [story] = report.stories
    assert story.diagnosis is diagnosis
    assert report.needs_attention is (diagnosis not in FINE)
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
def test_silence_is_a_loss_after_the_grace_period(
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
ANNOUNCED_SINCE = _line("announced", time=REPLACED + SECOND)
LATER = REPLACED + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("fields", "diagnosis"),
    [
        ({"log_lines": ANNOUNCED}, Diagnosis.CODE_NEWER),
        ({"log_lines": ANNOUNCED, "queue_depth": 1}, Diagnosis.CODE_NEWER),
        ({"log_lines": ANNOUNCED, "results": (_result(),)}, Diagnosis.CODE_NEWER),
        ({"results": (_result(),)}, Diagnosis.CODE_NEWER),
        ({"log_lines": (_line("announced", time=REPLACED + 0.9 * SECOND),)}, Diagnosis.CODE_NEWER),
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
        ({"log_lines": ANNOUNCED, "results": (_result(code_version_id="p2"),)}, Diagnosis.DONE),
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
        ({"log_lines": (*ANNOUNCED, ANNOUNCED_SINCE)}, Diagnosis.ANNOUNCED_NO_RESULT),
        ({"log_lines": (ANNOUNCED_SINCE,), "queue_depth": 1}, Diagnosis.ANNOUNCED_WAITING),
        ({"log_lines": (ANNOUNCED_SINCE,), "results": (_result(),)}, Diagnosis.RESULT_OUTDATED),
        (
            {
                "log_lines": (ANNOUNCED_SINCE,),
                "results": (_result(time=LATER, code_version_id="p1"),),
            },
            Diagnosis.RESULT_OUTDATED,
        ),
    ],
)
def test_replaced_code_is_done_only_when_announced_or_judged(
    fields: dict[str, Any], diagnosis: Diagnosis
) -> None:
    story = _story(_evidence(**UPDATED, **fields))

    assert story.diagnosis is diagnosis
    assert story.needs_attention is (diagnosis not in FINE)


def test_replaced_code_has_advice() -> None:
    story = _story(_evidence(**UPDATED, log_lines=ANNOUNCED, results=(_result(),)))

    assert "replaced 2 h ago, after it was announced" in story.explanation
    assert "have the student submit again" in story.next_step
    assert story.next_step.endswith(f"submitter reconcile --prefix {FOLDER} --yes")


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
        ({"log_lines": (ANNOUNCED_SINCE,)}, Diagnosis.RESULT_FAILED),
        ({"log_lines": (ANNOUNCED_SINCE,), "queue_depth": 1}, Diagnosis.ANNOUNCED_WAITING),
        ({"dead_letters": (LETTER,)}, Diagnosis.DEAD_LETTER),
    ],
)
def test_failed_result_is_not_done(fields: dict[str, Any], diagnosis: Diagnosis) -> None:
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


def test_graded_submission_shows_its_points_and_what_they_are_of() -> None:
    result = replace(
        _result(code_version_id="p1"),
        grade=("verdict WA", "score 40 of 100", "timing late"),
        problem=("problem version q1", "problem digest d1"),
    )

    story = _story(_evidence(versions=BOTH, log_lines=ANNOUNCED, results=(result,)))

    assert (story.diagnosis, story.needs_attention) == (Diagnosis.DONE, False)
    assert story.explanation == (
        "The newest version has a result "
        "(status: completed, verdict WA, score 40 of 100, timing late)."
    )
    assert story.timeline[-1].detail == (
        "status completed, verdict WA, score 40 of 100, timing late, judges version v1, "
        "of the .py p1, problem version q1, problem digest d1"
    )


UPPER = SUBID.upper()
MISNAMED = [
    *(f"{SUBID}.JSON", f"{SUBID}.Json", f"{SUBID}.json.txt", f"{SUBID} (1).json"),
    *(f"{SUBID}.json.bak", f"{UPPER}.json", f"deep/{SUBID}.json", "submission.json"),
]


@pytest.mark.parametrize("name", MISNAMED)
def test_misnamed_data_is_the_cause(name: str) -> None:
    versions = (CODE, replace(DATA, key=f"{FOLDER}{name}"))

    story = _story(_evidence(versions=versions))

    assert story.diagnosis is Diagnosis.IGNORED
    assert story.explanation.startswith(f"{name} is not announced, because ")
    assert JSON_KEY in story.next_step


def test_folder_in_capitals_is_the_cause() -> None:
    folder = FOLDER.replace(SUBID, UPPER)
    versions = tuple(replace(DATA, key=f"{folder}{UPPER}{end}") for end in (".json", ".py"))

    story = _story(_evidence(versions=versions))

    assert story.diagnosis is Diagnosis.IGNORED
    assert story.explanation.startswith(f"{UPPER}.json is not announced")
    assert JSON_KEY in story.next_step


def test_code_alone_names_other_objects() -> None:
    story = _story(_evidence(versions=(CODE, replace(DATA, key=f"{FOLDER}{SUBID}.jsn"))))

    assert story.diagnosis is Diagnosis.CODE_ONLY
    assert f"{SUBID}.jsn" in story.explanation


def test_misnamed_code_is_named_when_there_is_no_other() -> None:
    code = replace(CODE, key=f"{FOLDER}{SUBID}.PY")

    alone = _story(_evidence(versions=(code,)))
    beside = _story(_evidence(versions=(code, DATA), log_lines=ANNOUNCED, queue_depth=1))

    assert alone.diagnosis is Diagnosis.NOT_UPLOADED
    assert f"{SUBID}.PY is not its .py" in alone.remarks[0]
    assert beside.needs_attention
    assert f"{SUBID}.PY is not its .py" in beside.remarks[1]


@pytest.mark.parametrize(("later", "needs_attention"), [(SECOND, True), (-SECOND, False)])
def test_misnamed_resubmission_needs_attention(later: timedelta, *, needs_attention: bool) -> None:
    second = replace(DATA, key=f"{FOLDER}{SUBID}.JSON", time=LONG_AGO + later)

    story = _story(_evidence(versions=(*BOTH, second), log_lines=ANNOUNCED, results=(_result(),)))

    assert story.diagnosis is Diagnosis.DONE
    assert story.needs_attention is needs_attention
    assert f"{SUBID}.JSON is there too, and is not announced." in story.remarks


def test_advice_restores_both_deleted_files() -> None:
    versions = tuple(replace(each, etag=None) for each in BOTH)

    story = _story(_evidence(versions=versions))

    assert story.diagnosis is Diagnosis.DELETED
    for each in BOTH:
        assert f"--key {each.key} --version-id {each.version_id}" in story.next_step


def test_grace_is_never_lengthened() -> None:
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
def test_queue_depth_is_put_in_words(depth: int, words: str) -> None:
    lines = (_line("announced", time=RECENT),)

    story = _story(_evidence(versions=BOTH, log_lines=lines, queue_depth=depth))

    assert words in story.explanation


def test_timeline_is_in_order_of_time() -> None:
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


def test_data_without_its_code_needs_attention() -> None:
    report = tell(_evidence(versions=(DATA,), log_lines=ANNOUNCED, queue_depth=1))

    [story] = report.stories
    assert "without its .py" in story.remarks[0]
    assert report.needs_attention
    assert ".py" in story.next_step


def test_older_result_is_a_remark_while_the_newest_version_waits() -> None:
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


def test_one_subid_under_two_problems_needs_attention() -> None:
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
    "key", [f"/{JSON_KEY}", f"submissions/m.soltys/{SUBID}/{SUBID}.json", f"{FOLDER}x/{SUBID}.json"]
)
def test_misplaced_data_is_ignored_with_a_reason(key: str) -> None:
    story = _story(_evidence(versions=(replace(DATA, key=key),)))

    assert story.diagnosis is Diagnosis.IGNORED
    assert "_" not in story.explanation


def test_unread_messages_are_a_remark() -> None:
    report = tell(_evidence(all_failures_seen=False, all_dead_letters_seen=False))

    assert len(report.remarks) == 2


def test_version_null_of_an_unversioned_bucket_is_recognised() -> None:
    line = replace(_line("announced"), version_id=None)
    story = _story(
        _evidence(
            versions=(CODE, replace(DATA, version_id="null")), log_lines=(line,), queue_depth=1
        )
    )

    assert story.diagnosis is Diagnosis.ANNOUNCED_WAITING


@pytest.mark.parametrize("text", ["", SUBID.upper(), SUBID[:-1], f"{SUBID}\n", f"{SUBID}.json"])
def test_invalid_subid_is_a_usage_error(text: str) -> None:
    with pytest.raises(SubmitterError, match="is not a subid") as caught:
        check_subid(text)

    assert caught.value.exit_code is ExitCode.USAGE


def test_place_narrows_the_listing_and_filters_the_rest() -> None:
    assert Place().prefix == "submissions/"
    assert Place("m.soltys", "aws_labs").prefix == "submissions/m.soltys/aws_labs/"
    assert Place("m.soltys", None, "lab6").prefix == "submissions/m.soltys/"
    assert Place(problem="lab5_containers").has(JSON_KEY)
    assert not Place(problem="lab6").has(JSON_KEY)
    assert not Place("other").has("submissions/")


def test_hostile_names_are_escaped() -> None:
    key = JSON_KEY.replace("lab5_containers", "lab\x1b]0;owned\x07\u202e[red]")
    lines = (_line("failed", key=key, cause="\x1b[2J", detail="[bold]x[/bold]\x9b"),)
    report = tell(_evidence(versions=(replace(DATA, key=key),), log_lines=lines))

    shown = StringIO()
    Console(file=shown, width=300, force_terminal=False).print(render_why(report))

    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown.getvalue())
    assert "[bold]x[/bold]" in shown.getvalue()
    json.dumps(to_json(report))


OTHER = "0" * 32
OTHER_KEY = JSON_KEY.replace(SUBID, OTHER)
LAB6_KEY = JSON_KEY.replace("lab5_containers", "lab6")


def _send(url: str, body: str, **attributes: str) -> None:
    client("sqs").send_message(
        QueueUrl=url,
        MessageBody=body,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    )


def _fill(stack: Deployment) -> None:
    """Put everything into a stack that could be taken for evidence about the subid."""
    s3, logs, now = client("s3"), client("logs"), datetime.now(UTC)
    for key in (
        *(JSON_KEY, PY_KEY, LAB6_KEY, OTHER_KEY, f"{FOLDER}{UPPER}.JSON", f"/{JSON_KEY}"),
        *(RESULT_KEY, OTHER_KEY.replace("submissions/", "output/")),
    ):
        s3.put_object(Bucket=stack.bucket_name, Key=key, Body=b'{"submissionVersionId": "v"}')
    group = stack.function_log_group_name
    logs.put_retention_policy(logGroupName=group, retentionInDays=3)
    lines: list[tuple[int, dict[str, str]]] = [
        (-6, {"outcome": "failed", "key": JSON_KEY}),
        (-4, {"outcome": "announced", "key": JSON_KEY}),
        (-3, {"outcome": "announced", "key": LAB6_KEY}),
        (-2, {"outcome": "ignored", "detail": SUBID}),
        (-1, {"outcome": "announced", "key": OTHER_KEY, "detail": SUBID}),
    ]
    write_log(group, *((now + timedelta(minutes=minutes), line) for minutes, line in lines))
    for key, bucket in (
        *((JSON_KEY, stack.bucket_name), (JSON_KEY, "another")),
        *((LAB6_KEY, stack.bucket_name), (OTHER_KEY, stack.bucket_name)),
    ):
        record = {
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": bucket}, "object": {"key": key, "versionId": "v1"}},
        }
        event = {
            "requestContext": {"condition": "RetriesExhausted"},
            "requestPayload": {"Records": [record]},
            "responsePayload": {"errorType": "IntakeError", "errorMessage": "no queue"},
        }
        _send(stack.intake_failures_queue_url, json.dumps(event))
        body = json.dumps({"subdata": key.rpartition("/")[2]})
        _send(stack.dead_letter_queue_url, body, key=key, bucket=bucket, versionId="v1")
    _send(stack.dead_letter_queue_url, json.dumps({"subdata": f"{SUBID}.json"}))
    _send(stack.queue_url, "one")


@pytest.mark.parametrize(
    ("place", "versions", "keys", "letters"),
    [
        (
            Place(),
            [f"/{JSON_KEY}", f"{FOLDER}{UPPER}.JSON", JSON_KEY, PY_KEY, LAB6_KEY],
            [JSON_KEY, LAB6_KEY],
            [JSON_KEY, LAB6_KEY, None],
        ),
        (
            Place("m.soltys"),
            [f"{FOLDER}{UPPER}.JSON", JSON_KEY, PY_KEY, LAB6_KEY],
            [JSON_KEY, LAB6_KEY],
            [JSON_KEY, LAB6_KEY, None],
        ),
        (Place(problem="lab6"), [LAB6_KEY], [LAB6_KEY], [LAB6_KEY]),
        # A message without a key may be about any place.
        (Place("nobody"), [], [], [None]),
    ],
)
def test_gathering_finds_the_evidence_about_one_subid_in_one_place(
    monkeypatch: pytest.MonkeyPatch,
    place: Place,
    versions: list[str],
    keys: list[str],
    letters: list[str | None],
) -> None:
    monkeypatch.setattr(failure_queue, "_LONG_POLL_SECONDS", 0)
    monkeypatch.setattr(gathering, "_SHOWN_EVERY", 3)
    progress: list[tuple[str, int]] = []
    with mocked_stack(monkeypatch) as stack:
        _fill(stack)
        context = Context(Output(as_json=False), stack_name=stack.name)
        evidence = gather(
            context, SUBID, place, on_progress=lambda what, count: progress.append((what, count))
        )
        read_one = partial(read_waiting, limit=1)
        monkeypatch.setattr("submitter.why.gathering.read_waiting", read_one)
        limited = gather(context, SUBID, place)

    assert sorted(each.key for each in evidence.versions) == sorted(versions)
    # Without a version in the place, the whole log is read; otherwise from 5 minutes before it.
    assert [(each.outcome, each.key) for each in evidence.log_lines] == [
        ("announced", key) for key in keys
    ]
    assert [each.key for each in evidence.failures] == keys
    assert [each.key for each in evidence.dead_letters] == letters
    assert [each.key for each in evidence.results] == [RESULT_KEY] * (JSON_KEY in keys)
    assert evidence.queue_depth == 1
    assert evidence.log_from is not None
    assert evidence.now - evidence.log_from == timedelta(days=3)
    assert (evidence.all_failures_seen, evidence.all_dead_letters_seen) == (True, True)
    assert (limited.all_failures_seen, limited.all_dead_letters_seen) == (False, False)
    for failure in evidence.failures:
        assert (failure.version_id, failure.condition) == ("v1", "RetriesExhausted")
        assert failure.error == "IntakeError: no queue"
    for letter in evidence.dead_letters:
        assert letter.version_id == ("v1" if letter.key else None)
    waiting: list[WaitingFailure | DeadLetter] = [*evidence.failures, *evidence.dead_letters]
    assert all(abs(each.time - evidence.now) < timedelta(minutes=1) for each in waiting)
    assert len({UUID(each.message_id) for each in waiting}) == len(waiting)
    listed = {Place(): 6, Place("nobody"): 0}.get(place, 5)
    assert progress == [
        *(("object versions", count) for count in (*range(3, listed + 1, 3), listed)),
        *(("log lines", count) for count in range(1, len(keys) + 1)),
        *(("intake failures", 0), ("dead letters", 0)),
    ]


def test_gathering_finds_a_removed_submission_in_the_whole_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(failure_queue, "_LONG_POLL_SECONDS", 0)
    with mocked_stack(monkeypatch) as stack:
        _fill(stack)
        context = Context(Output(as_json=False), stack_name=stack.name)
        assert remove(context, "") == 0
        evidence = gather(context, SUBID, Place())

    assert [each.outcome for each in evidence.log_lines] == ["failed", "announced", "announced"]
    assert evidence.versions == ()


GRADE = {
    "status": "completed",
    "submissionVersionId": "v1",
    "codeVersionId": "p1",
    "startedAt": "2026-11-23T09:00:00Z",
    "problemVersionId": "q1",
    "problemDigest": "d1",
    "timing": "late",
    "verdict": "WA\x1b[2J",
    "score": 33.33,
    "max_score": 100.0,
    "output": "ROSEBUD",
    "tests": [{"output": "ROSEBUD", "extra_data": {"stdout": {"text": "ROSEBUD"}}}],
}
FAILED = GRADE | {"status": "failed", "reason": "The sandbox broke.", "score": float("nan")}
STAFFS = FAILED | {"reason": "The sandbox broke. It could not\x1b[2J start."}


@pytest.mark.parametrize(
    ("result", "staff", "shown", "hidden"),
    [
        (
            GRADE,
            GRADE | {"reason": "ROSEBUD"},
            (
                "verdict WA\\x1b[2J, score 33.33 of 100, timing late",
                "problem version q1",
                "digest d1",
            ),
            "because",
        ),
        (FAILED, STAFFS, ("It could not\\x1b[2J start.", "status failed"), "score"),
        (FAILED, None, ("because The sandbox broke., judges",), "score"),
        (FAILED, FAILED | {"reason": ""}, ("because The sandbox broke., judges",), "score"),
        # Of another grading, in the middle of which the two are read.
        *(
            (FAILED, STAFFS | other, ("because The sandbox broke., judges",), "could not")
            for other in (
                {"submissionVersionId": "v2"},
                {"codeVersionId": "p2"},
                {"status": "rejected"},
                {"startedAt": "2026-11-23T09:00:01Z"},
            )
        ),
        (
            STAFFS | {"status": "rejected"},
            STAFFS | {"status": "rejected", "reason": "For staff."},
            ("because For staff.",),
            "could not",
        ),
        *(
            (odd, None, ("status not said, judges version not said",), "score")
            for odd in (
                {"score": True, "max_score": 100, "verdict": ["WA"], "timing": {}},
                {"score": 40, "max_score": 10**400},
                {"score": "40", "max_score": 100},
            )
        ),
    ],
)
def test_result_is_shown_without_tests_and_output(
    monkeypatch: pytest.MonkeyPatch,
    result: dict[str, Any],
    staff: dict[str, Any] | None,
    shown: tuple[str, ...],
    hidden: str,
) -> None:
    monkeypatch.setattr(failure_queue, "_LONG_POLL_SECONDS", 0)
    with mocked_stack(monkeypatch) as stack:
        s3 = client("s3")
        staff_key = RESULT_KEY.replace(f"{SUBID}.json", "staff.json")
        for key, document in ((RESULT_KEY, result), (staff_key, staff), (JSON_KEY, {})):
            if document is not None:
                body = json.dumps(document).encode()
                s3.put_object(Bucket=stack.bucket_name, Key=key, Body=body)
        context = Context(Output(as_json=False), stack_name=stack.name)
        report = tell(gather(context, SUBID, Place()))

    text = rendered(render_why(report), width=1000)
    assert all(each in text for each in shown)
    assert hidden not in text
    for each in (text, json.dumps(to_json(report))):
        assert "ROSEBUD" not in each
