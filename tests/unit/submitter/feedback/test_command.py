"""`submitter feedback` on a bucket: which result it finds, and what it never reads."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from grading.report import staff_report, student_report
from grading.score import score
from grading.verdict import Verdict
from submission.keys import SubmissionKey
from submission.result import MAX_RESULT_BYTES
from submitter.cli import app
from submitter.errors import SubmitterError
from unit.grading.examples import HIDDEN_CASES, OPEN_CASE, PROBLEM, judged
from unit.submitter.contexts import DEPLOYMENT
from unit.submitter.mocked_aws import client, intercept, mocked_bucket
from unit.submitter.pages import check_page

SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
KEY = SubmissionKey("m.soltys", "aws_labs", "lab5", SUBID)
PLACE = ("--admin", "m.soltys", "--event", "aws_labs", "--problem", "lab5")
RESULTS = judged(PROBLEM, (Verdict.AC, Verdict.AC, Verdict.WA, Verdict.WA, Verdict.RTE))
SCORE = score(PROBLEM, RESULTS)
FIELDS = {
    "subid": SUBID,
    "status": "completed",
    "timing": "late",
    "submittedAt": "2026-11-23T21:15:02.125+01:00",
}


@pytest.fixture(autouse=True)
def _stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mocked_bucket(monkeypatch):
        yield


def put(key: str, content: object) -> None:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    client("s3").put_object(Bucket=DEPLOYMENT.bucket_name, Key=key, Body=body)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["feedback", *arguments])


def failure(result: Result) -> SubmitterError:
    assert isinstance(result.exception, SubmitterError)
    assert not result.stdout
    return result.exception


@pytest.mark.parametrize("place", [(), PLACE[:2], PLACE[2:4], PLACE[4:], PLACE])
def test_result_is_found_and_shown_as_text_page_and_json(place: tuple[str, ...]) -> None:
    put(KEY.result_key, FIELDS | {"score": 3, "max_score": 4, "output": "Well."})
    put(KEY._replace(subid="0" * 32).result_key, {})
    put(f"{KEY.result_key}.txt", b"")

    text, page, document = (run(SUBID, *place, *form) for form in ((), ("--html",), ("--json",)))

    assert [each.exit_code for each in (text, page, document)] == [0, 0, 0]
    assert text.stdout == "3 of 4 points: Well.\n"
    shown = check_page(page.stdout).text
    assert "Result of lab5" in shown
    assert (
        f"m.soltys / aws_labs / lab5, submission {SUBID}, submitted 2026-11-23 20:15:02 UTC, late"
        in shown
    )
    assert json.loads(document.stdout)["points"] == {"score": 3.0, "max_score": 4.0}


def test_nothing_of_a_hidden_test_is_shown_or_read(monkeypatch: pytest.MonkeyPatch) -> None:
    put(KEY.result_key, FIELDS | student_report(PROBLEM, RESULTS, SCORE))
    put(KEY.staff_result_key, FIELDS | staff_report(PROBLEM, RESULTS, SCORE))
    read: list[str] = []

    def handle(name: str, arguments: dict[str, Any], call: Callable[[], Any]) -> object:
        if name == "GetObject":
            read.append(arguments["Key"])
        return call()

    intercept(monkeypatch, handle)

    for form in ((), ("--html",), ("--json",)):
        shown = run(SUBID, *form).stdout
        assert "hidden" in shown
        assert OPEN_CASE in shown
        assert not any(secret in shown for secret in (*HIDDEN_CASES, "smallest", "signs"))
    assert read == [KEY.result_key] * 3


@pytest.mark.parametrize("visibility", ["hidden", "after_due_date", "after_published", None, 1])
@pytest.mark.parametrize("of_all", [True, False])
def test_test_of_another_back_end_that_students_may_not_see_is_left_out(
    visibility: object, *, of_all: bool
) -> None:
    secret: dict[str, Any] = {
        "name": "ROSEBUD",
        "status": "failed",
        "output": "ROSEBUD",
        "extra_data": {"input": {"text": "ROSEBUD"}},
    }
    seen = {"name": "seen", "status": "passed", "visibility": "visible"}
    result: dict[str, Any] = FIELDS | {"score": 1, "tests": [secret, seen]}
    (result if of_all else secret)["visibility"] = visibility
    put(KEY.result_key, result)

    for form in ((), ("--html",), ("--json",)):
        shown = run(SUBID, *PLACE, *form).stdout
        assert "seen" in shown
        assert "ROSEBUD" not in shown


def test_several_results_are_named() -> None:
    keys = [KEY, KEY._replace(problem="lab6")]
    for key in keys:
        put(key.result_key, FIELDS)

    error = failure(run(SUBID))

    assert error.exit_code == 2
    assert error.lines[1:] == tuple(f"  {key.result_key}" for key in keys)
    assert run(SUBID, "--problem", "lab6").exit_code == 0


def test_missing_result_leads_to_why() -> None:
    put(KEY.staff_result_key, FIELDS)
    put(KEY.data_key, FIELDS)

    error = failure(run(SUBID))

    assert error.exit_code == 1
    assert f"submitter why {SUBID}" in str(error)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff", b"{}", b"[" * 100_000, b'{"a": 1}' + b" " * 10**6]
)
def test_unreadable_result_is_an_error(content: bytes) -> None:
    put(KEY.result_key, content)

    error = failure(run(SUBID))

    assert error.exit_code == 1
    assert f"{KEY.result_key} is no result" in str(error)


def test_largest_result_is_read() -> None:
    put(KEY.result_key, b'{"score": 1}'.ljust(MAX_RESULT_BYTES))

    assert run(SUBID).stdout == "1 points\n"


@pytest.mark.parametrize("arguments", [("no-subid",), (SUBID, "--html", "--json")])
def test_command_line_that_makes_no_sense_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    put(KEY.result_key, FIELDS)

    result = run(*arguments)

    assert 2 in {result.exit_code, getattr(result.exception, "exit_code", None)}
    assert not result.stdout
