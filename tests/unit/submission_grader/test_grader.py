"""One message to its end: both results, the log's line, the metrics, and whether it comes back."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from grading.problem import digest_of, write_problem
from sandbox import End, Outcome
from submission.data import write_data
from submission.message import UploadedObject
from submission.result import MAX_RESULT_BYTES, parse_result
from submission_grader.bucket import Bucket, Stored
from submission_grader.ends import Rejection
from submission_grader.grader import Grader
from submission_grader.inputs import MAX_CODE_BYTES
from unit.grading.examples import HIDDEN_CASES, OWN_VALIDATOR, PASS_FAIL_PROBLEM, PROBLEM
from unit.submission_grader.course import (
    BROKEN,
    BUCKET,
    DAY,
    EVENT_KEY,
    KEY,
    PROBLEM_KEY,
    PROGRAM,
    RIGHT,
    WRONG,
    Course,
    ScriptedRunner,
    an_event,
    unhurried,
)

STAFF_KEY = KEY.staff_result_key


class Lines:
    """The log's lines: what Lambda would write as JSON."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog

    @property
    def last(self) -> dict[str, Any]:
        fields = vars(self._caplog.records[-1])
        names = (
            *("outcome", "subid", "key", "versionId", "codeVersionId", "reason", "cause"),
            *("detail", "seconds", "levelname"),
        )
        return {name: fields[name] for name in names if name in fields}

    @property
    def text(self) -> str:
        return "\n".join(repr(vars(record)) for record in self._caplog.records)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    return Lines(caplog)


@pytest.fixture
def runner() -> ScriptedRunner:
    return ScriptedRunner()


@pytest.fixture
def grader(course: Course, runner: ScriptedRunner) -> Grader:
    return Grader(course.bucket, runner, "submitter")


def test_a_right_program_is_graded(
    course: Course, grader: Grader, lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    course.publish()
    upload = course.submit()
    assert grader.take(upload, unhurried)
    student, staff = course.result(), course.result(STAFF_KEY)
    for result in (student, staff):
        assert result["subid"] == KEY.subid
        assert result["submissionVersionId"] == upload.version_id
        assert result["codeVersionId"] == course.bucket.head(KEY.code_key).version_id
        assert result["problemVersionId"] == course.bucket.head(PROBLEM_KEY).version_id
        assert result["eventVersionId"] == course.bucket.head(EVENT_KEY).version_id
        assert result["problemDigest"] == digest_of(PROBLEM)
        assert (result["status"], result["verdict"]) == ("completed", "AC")
        assert (result["score"], result["max_score"]) == (100, 100)
        assert (result["timing"], len(result["tests"])) == ("in_time", len(PROBLEM.cases))
        assert "reason" not in result
        started, finished = (result[name] for name in ("startedAt", "finishedAt"))
        assert datetime.fromisoformat(started) <= datetime.fromisoformat(finished)
        assert finished.endswith("+00:00")
    assert parse_result(course.text(KEY.result_key).encode()).status == "completed"
    line = lines.last
    assert 0 <= line.pop("seconds") < 60
    assert line == {
        "outcome": "graded",
        "subid": KEY.subid,
        "key": KEY.data_key,
        "versionId": upload.version_id,
        "codeVersionId": student["codeVersionId"],
        "levelname": "INFO",
    }
    [metrics] = map(json.loads, capsys.readouterr().out.splitlines())
    assert (metrics["Stack"], metrics["Graded"]) == ("submitter", 1)
    assert metrics["GradingSeconds"] >= 0
    assert metrics["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "Submitter",
            "Dimensions": [["Stack"]],
            "Metrics": [
                {"Name": "Graded", "Unit": "Count"},
                {"Name": "GradingSeconds", "Unit": "Seconds"},
            ],
        }
    ]


def test_the_students_result_is_written_last(course: Course, grader: Grader) -> None:
    course.publish()
    upload = course.submit()
    course.calls.clear()
    grader.take(upload, unhurried)
    assert course.calls == [
        ("GetObject", KEY.data_key),
        ("HeadObject", KEY.code_key),
        ("GetObject", KEY.code_key),
        ("GetObject", EVENT_KEY),
        ("GetObject", PROBLEM_KEY),
        ("PutObject", STAFF_KEY),
        ("PutObject", KEY.result_key),
    ]


def test_a_wrong_program_is_graded(
    course: Course, grader: Grader, runner: ScriptedRunner, lines: Lines
) -> None:
    course.publish()
    runner.outcomes = [RIGHT, RIGHT, WRONG, RIGHT]
    assert grader.take(course.submit(), unhurried)
    result = course.result()
    assert (result["status"], result["verdict"]) == ("completed", "WA")
    assert 0 < result["score"] < result["max_score"] == 100
    assert lines.last["outcome"] == "graded"


def test_what_students_may_not_see_is_in_the_staffs_result_alone(
    course: Course, grader: Grader, runner: ScriptedRunner, lines: Lines
) -> None:
    course.publish()
    leaks = [
        *(b"ROSEBUD", b"secret"),
        *(part for name in HIDDEN_CASES for part in (name.encode(), f"{name} input".encode())),
    ]
    # The program prints what it was given, and everything else that it might know.
    runner.outcomes = [
        RIGHT,
        RIGHT,
        replace(WRONG, stdout=b"; ".join(leaks), stderr=b"; ".join(leaks)),
        RIGHT,
    ]
    grader.take(course.submit(), unhurried)
    student, staff = course.text(KEY.result_key), course.text(STAFF_KEY)
    for name in HIDDEN_CASES:
        assert f"{name} input" in staff
        assert name not in student
    assert "ROSEBUD" in staff
    assert "ROSEBUD" not in student
    assert "the smallest" in staff
    assert "the smallest" not in student
    for text in ("ROSEBUD", "input", "student's own words", "Sums"):
        assert text not in lines.text


@pytest.mark.parametrize(
    ("release", "due", "timing"),
    [(-DAY, DAY, "in_time"), (-2 * DAY, -DAY, "late"), (-3 * DAY, -2 * DAY, "closed")],
)
def test_late_is_said_and_graded(
    course: Course, grader: Grader, release: timedelta, due: timedelta, timing: str
) -> None:
    event = an_event(release, due)
    course.publish(event=replace(event, late_due_date=event.due_date + 1.5 * DAY))
    assert grader.take(course.submit(), unhurried)
    result = course.result()
    assert (result["status"], result["timing"], result["score"]) == ("completed", timing, 100)


def test_a_program_that_was_replaced_later_counts_from_then(
    course: Course, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.publish()
    upload = course.submit(None)
    course.put(KEY.code_key, PROGRAM)
    head = course.bucket.head
    later = head(KEY.code_key).time + 2 * DAY

    def head_later(key: str, version_id: str | None = None) -> Stored:
        return head(key, version_id)._replace(time=later)

    monkeypatch.setattr(course.bucket, "head", head_later)
    grader.take(upload, unhurried)
    assert course.result()["timing"] == "closed"
    assert datetime.fromisoformat(course.result()["submittedAt"]) == later


def too_early(course: Course) -> UploadedObject:
    course.publish(event=an_event(release=DAY, due=2 * DAY))
    return course.submit()


@pytest.mark.parametrize(
    ("submit", "rejection"),
    [
        (lambda course: course.submit(data=b"not JSON"), Rejection.OTHER_DATA),
        (lambda course: course.submit(b"#" * (MAX_CODE_BYTES + 1)), Rejection.LARGE_CODE),
        (lambda course: course.submit(b""), Rejection.EMPTY),
        (too_early, Rejection.EARLY),
    ],
)
def test_a_submission_at_fault_is_rejected_with_a_reason(
    course: Course,
    grader: Grader,
    lines: Lines,
    submit: Callable[[Course], UploadedObject],
    rejection: Rejection,
) -> None:
    course.publish()
    assert grader.take(submit(course), unhurried)
    for key in (KEY.result_key, STAFF_KEY):
        result = course.result(key)
        assert (result["status"], result["reason"]) == ("rejected", rejection)
        assert not {"score", "tests", "verdict", "output"} & result.keys()
        assert ("codeVersionId" in result) == (rejection is not Rejection.OTHER_DATA)
    assert (lines.last["outcome"], lines.last["reason"]) == ("rejected", rejection.name.lower())


def test_a_missing_program_is_waited_for(course: Course, grader: Grader, lines: Lines) -> None:
    course.publish()
    upload = course.submit(None)
    assert not grader.take(upload, unhurried)
    assert lines.last["outcome"] == "waiting"
    assert not course.written()
    course.put(KEY.code_key, PROGRAM)
    assert grader.take(upload, unhurried)
    assert course.result()["status"] == "completed"


def test_a_program_that_never_comes_is_a_rejection(course: Course, runner: ScriptedRunner) -> None:
    upload = course.submit(None)
    assert Grader(course.bucket, runner, code_grace=timedelta(0)).take(upload, unhurried)
    assert course.result()["reason"] == Rejection.NO_CODE
    assert "codeVersionId" not in course.result()


def test_a_problem_published_later_is_graded_with(
    course: Course, grader: Grader, lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    course.publish()
    course.client.delete_object(Bucket=BUCKET, Key=PROBLEM_KEY)
    upload = course.submit()
    assert not grader.take(upload, unhurried)
    result = course.result()
    assert result["status"] == "failed"
    assert PROBLEM_KEY in result["reason"]
    assert (lines.last["outcome"], lines.last["cause"]) == ("failed", "not_published")
    assert lines.last["levelname"] == "ERROR"
    assert json.loads(capsys.readouterr().out)["GradingFailed"] == 1
    course.publish()
    assert grader.take(upload, unhurried)
    assert course.result()["status"] == "completed"


def test_a_damaged_problem_fails_and_only_staff_are_told_how(
    course: Course, grader: Grader, lines: Lines
) -> None:
    course.publish()
    damaged = write_problem(PROBLEM).replace(b'"stdin":"secret/easy/1', b'"ROSEBUD":"secret/easy/1')
    course.put(PROBLEM_KEY, damaged)
    assert not grader.take(course.submit(), unhurried)
    assert "ROSEBUD" in course.result(STAFF_KEY)["reason"]
    assert "ROSEBUD" not in course.text(KEY.result_key) + lines.text
    assert lines.last["cause"] == "damaged"


def test_a_broken_sandbox_is_a_failure_and_no_score(
    course: Course, grader: Grader, runner: ScriptedRunner, lines: Lines
) -> None:
    course.publish()
    runner.outcomes = [RIGHT, BROKEN]
    assert not grader.take(course.submit(), unhurried)
    assert course.result()["status"] == "failed"
    assert not {"score", "tests", "verdict"} & course.result().keys()
    assert "ROSEBUD" in course.result(STAFF_KEY)["reason"]
    assert "ROSEBUD" not in course.text(KEY.result_key) + lines.text
    assert lines.last["cause"] == "sandbox"


def test_a_validator_that_fails_is_a_failure_and_no_score(
    course: Course, grader: Grader, runner: ScriptedRunner, lines: Lines
) -> None:
    course.publish(replace(PROBLEM, output_validator=OWN_VALIDATOR))
    runner.outcomes = [RIGHT, Outcome(End.FAILED, 1, b"{}", b"KeyError: 'ROSEBUD'")]
    assert not grader.take(course.submit(), unhurried)
    assert course.result()["status"] == "failed"
    assert course.result()["reason"].startswith("The problem's output validator failed.")
    assert not {"score", "tests", "verdict"} & course.result().keys()
    assert "exit status is 1" in course.result(STAFF_KEY)["reason"]
    assert "ROSEBUD" in course.result(STAFF_KEY)["reason"]
    assert "ROSEBUD" not in course.text(KEY.result_key) + lines.text
    assert lines.last["cause"] == "validator"
    assert "On sample/1, its exit status is 1" in lines.last["detail"]


def test_a_failure_leaves_a_completed_result_and_comes_back(
    course: Course, grader: Grader, runner: ScriptedRunner
) -> None:
    course.publish()
    upload = course.submit()
    grader.take(upload, unhurried)
    runner.outcomes = [BROKEN]
    assert not grader.take(upload, unhurried)
    assert course.result()["status"] == course.result(STAFF_KEY)["status"] == "completed"


def test_a_fault_of_ours_fails_without_the_text_of_its_error(
    course: Course, grader: Grader, runner: ScriptedRunner, lines: Lines
) -> None:
    course.publish()

    def fault() -> None:
        raise KeyError(PROGRAM)

    runner.meanwhile = fault
    assert not grader.take(course.submit(), unhurried)
    assert course.result()["reason"] == "The grader has a fault: KeyError."
    assert "in fault" in course.result(STAFF_KEY)["reason"]
    assert lines.last["cause"] == "unexpected"
    assert "in fault" in lines.last["detail"]
    assert "own words" not in lines.text + course.text(STAFF_KEY)


def test_a_message_that_comes_twice_leaves_the_same_result(course: Course, grader: Grader) -> None:
    course.publish()
    upload = course.submit()
    assert grader.take(upload, unhurried)
    first = course.result()
    assert grader.take(upload, unhurried)
    times = {"startedAt", "finishedAt"}
    assert {k: v for k, v in course.result().items() if k not in times} == {
        k: v for k, v in first.items() if k not in times
    }
    assert course.written(STAFF_KEY) == course.written() == 2


def test_a_resubmission_during_the_grading_stands(
    course: Course, grader: Grader, runner: ScriptedRunner, lines: Lines
) -> None:
    course.publish()
    older = course.submit(b"print('older')")
    uploads = []

    def resubmit() -> None:
        uploads.append(course.submit(b"print('newer')"))
        assert grader.take(uploads[0], unhurried)

    runner.meanwhile = resubmit
    runner.outcomes = [WRONG]
    assert grader.take(older, unhurried)
    assert lines.last["outcome"] == "superseded"
    for key in (KEY.result_key, STAFF_KEY):
        assert course.result(key)["submissionVersionId"] == uploads[0].version_id
        assert course.written(key) == 1
    assert [call.files["student.py"] for call in runner.calls[:2]] == [
        b"print('older')",
        b"print('newer')",
    ]


def test_the_grade_by_a_problem_that_is_published_during_the_grading_stands(
    course: Course, grader: Grader, runner: ScriptedRunner, lines: Lines
) -> None:
    course.publish()
    upload = course.submit()
    newer = replace(PROBLEM, name="Corrected")

    def regrade() -> None:
        course.publish(newer)
        assert grader.take(upload, unhurried)

    runner.meanwhile = regrade
    assert grader.take(upload, unhurried)
    assert lines.last["outcome"] == "superseded"
    for key in (KEY.result_key, STAFF_KEY):
        assert course.result(key)["problemDigest"] == digest_of(newer)
        assert course.written(key) == 1


def test_a_failure_of_an_older_upload_does_not_come_back_once_a_newer_one_has_a_result(
    course: Course, grader: Grader, runner: ScriptedRunner
) -> None:
    course.publish()
    older, newer = course.submit(), course.submit()
    grader.take(newer, unhurried)
    runner.outcomes = [BROKEN]
    assert grader.take(older, unhurried)


def test_a_refused_read_fails_and_says_which(course: Course, grader: Grader, lines: Lines) -> None:
    course.publish()
    course.answer("GetObject", EVENT_KEY, 503)
    assert not grader.take(course.submit(), unhurried)
    assert (lines.last["outcome"], lines.last["cause"]) == ("failed", "s3")
    assert "calling the GetObject operation: it says so" in lines.last["detail"]
    assert course.result()["reason"] == "S3 refused GetObject: Code503."
    assert "it says so" in course.result(STAFF_KEY)["reason"]


def test_a_refused_read_of_the_submission_fails_too(course: Course, grader: Grader) -> None:
    upload = course.submit()
    course.answer("GetObject", KEY.data_key, 503)
    assert not grader.take(upload, unhurried)
    assert course.result()["submissionVersionId"] == upload.version_id
    assert course.result()["status"] == "failed"


def test_a_refused_write_fails_and_says_which(course: Course, grader: Grader, lines: Lines) -> None:
    course.publish()
    course.answer("PutObject", KEY.result_key, 403)
    assert not grader.take(course.submit(), unhurried)
    assert (lines.last["outcome"], lines.last["cause"]) == ("failed", "s3")
    assert "calling the PutObject operation" in lines.last["detail"]
    assert not course.written()


def test_a_message_without_version_is_of_the_newest(
    course: Course, grader: Grader, lines: Lines
) -> None:
    course.publish()
    upload = course.submit()
    assert grader.take(upload._replace(version_id=None), unhurried)
    assert course.result()["submissionVersionId"] == upload.version_id
    assert lines.last["versionId"] == upload.version_id


def test_without_any_version_known_a_failure_has_no_result(
    course: Course, grader: Grader, lines: Lines
) -> None:
    upload = course.submit()
    course.answer("GetObject", KEY.data_key, 503)
    assert not grader.take(upload._replace(version_id=None), unhurried)
    assert lines.last["cause"] == "s3"
    assert not course.written()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bucket": "another"}, "other_bucket"),
        ({"bucket": ""}, "other_bucket"),
        ({"key": KEY._replace(admin="submitter-doctor").data_key}, "round_trip"),
        ({"key": ""}, "not_under_submissions"),
        ({"key": KEY.code_key}, "not_json"),
        ({"key": KEY.data_key.replace("lab5", "\udcff")}, "unsafe_name"),
        ({"key": "x" * 100_000}, "not_under_submissions"),
        ({"version_id": "no such version"}, "gone"),
        ({"key": KEY._replace(problem="lab6").data_key}, "gone"),
    ],
)
def test_a_message_about_nothing_of_ours_is_ignored(
    course: Course, grader: Grader, lines: Lines, change: dict[str, str], reason: str
) -> None:
    course.publish()
    assert grader.take(course.submit()._replace(**change), unhurried)
    assert (lines.last["outcome"], lines.last["reason"]) == ("ignored", reason)
    assert lines.last["levelname"] == "WARNING"
    assert len(json.dumps(lines.last, ensure_ascii=False).encode()) < 10_000
    assert not course.written("output/")


def test_without_its_bucket_a_message_fails(
    course: Course, runner: ScriptedRunner, lines: Lines
) -> None:
    upload = course.submit()._replace(bucket="gone")
    assert not Grader(Bucket(course.client, "gone"), runner).take(upload, unhurried)
    assert lines.last["cause"] == "s3"
    assert "NoSuchBucket" in lines.last["detail"]


def test_without_a_stack_nothing_is_counted(
    course: Course, runner: ScriptedRunner, capsys: pytest.CaptureFixture[str]
) -> None:
    course.publish()
    Grader(course.bucket, runner).take(course.submit(), unhurried)
    assert not capsys.readouterr().out


def test_the_largest_results_can_be_read(
    course: Course, grader: Grader, runner: ScriptedRunner
) -> None:
    case = replace(
        PROBLEM.cases[1],
        args=("x" * 200,),
        stdin="\x01" * 3_000,
        answer="\x02" * 3_000,
        full_feedback=True,
        hint="é" * 3_000,
        description="é" * 3_000,
    )
    cases = tuple(replace(case, name=f"secret/{number:03}") for number in range(500))
    course.publish(replace(PASS_FAIL_PROBLEM, cases=cases))
    runner.outcomes = [replace(WRONG, stdout=b"\xff" * 3_000, stderr=b"\x00" * 3_000)]
    grader.take(course.submit(), unhurried)
    for key in (KEY.result_key, STAFF_KEY):
        assert len(course.text(key)) <= MAX_RESULT_BYTES
        assert course.result(key)["verdict"] == "WA"


def test_the_tokens_are_in_no_result(course: Course, grader: Grader, lines: Lines) -> None:
    course.publish()
    grader.take(course.submit(data=write_data(KEY, ("d823640ab3b0f7a4",))), unhurried)
    everything = course.text(KEY.result_key) + course.text(STAFF_KEY) + lines.text
    assert "d823640ab3b0f7a4" not in everything
