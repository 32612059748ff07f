"""`submitter report`: its numbers are those of the results, and nothing in a result is markup."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import fmean, median
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from grading.event import Event, Rule, write_event
from grading.report import staff_report
from grading.score import is_blocked, score
from grading.verdict import Verdict, judge
from submission.keys import SubmissionKey, event_key
from submission.result import MAX_RESULT_BYTES
from submitter.cli import app
from submitter.errors import SubmitterError
from unit.grading.examples import PASS_FAIL_PROBLEM, PROBLEM, RUNS
from unit.submitter.contexts import DEPLOYMENT
from unit.submitter.mocked_aws import client, intercept, mocked_bucket
from unit.submitter.pages import check_page

ADMIN, EVENT = "m.soltys", "aws_labs"
DUE = datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
SETTINGS = Event(DUE - timedelta(days=7), DUE, DUE + timedelta(days=1), 1, Rule.LAST)
PROBLEMS = {"lab5": PROBLEM, "lab6": PASS_FAIL_PROBLEM}
VERDICTS = [each for each in Verdict if each is not Verdict.JE]


@pytest.fixture(autouse=True)
def _stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mocked_bucket(monkeypatch):
        yield


def key_of(number: int, problem: str = "lab5") -> SubmissionKey:
    return SubmissionKey(ADMIN, EVENT, problem, f"{number:032x}")


def put(key: str, content: object) -> None:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    client("s3").put_object(Bucket=DEPLOYMENT.bucket_name, Key=key, Body=body)


def put_event(event: Event = SETTINGS) -> None:
    put(event_key(ADMIN, EVENT), write_event(event))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", *(arguments or (ADMIN, EVENT))])


def numbers(*, exit_code: int = 0) -> dict[str, Any]:
    result = run(ADMIN, EVENT, "--json")
    assert result.exit_code == exit_code
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def failure(result: Result) -> SubmitterError:
    assert isinstance(result.exception, SubmitterError)
    assert not result.stdout
    return result.exception


def graded(seed: int, problem: str) -> dict[str, Any]:
    """Return the staff's result of a program that did something with each case."""
    random = Random(seed)  # noqa: S311 - a test's
    asked, results = PROBLEMS[problem], []
    verdicts: dict[str, Verdict] = {}
    right = random.random()
    for case in asked.cases:
        if not is_blocked(asked, case, verdicts):
            verdict = Verdict.AC if random.random() < right else random.choice(VERDICTS)
            if case.name == "secret/hard/3":
                verdict = Verdict.WA
            verdicts[case.name] = verdict
            results.append(judge(case, RUNS[verdict]))
    found = score(asked, results)
    report = staff_report(asked, results, found)
    return report | {
        "status": "completed",
        "verdict": found.verdict,
        "submittedAt": (DUE + timedelta(hours=random.randint(-100, 30))).isoformat(),
        "timing": random.choice(["in_time", "late"]),
        "problemDigest": random.choice("ab"),
        "execution_time": random.random(),
    }


def test_numbers_are_those_of_the_results() -> None:
    results = {
        key_of(number, problem): graded(number, problem)
        for problem in PROBLEMS
        for number in range(12)
    }
    put_event()
    for key, result in results.items():
        put(key.staff_result_key, result)
        # The student's says less, and does not count.
        put(key.result_key, {"status": "failed"})
        put(key.staff_result_key.replace("staff.json", "logs/staff.json"), {"status": "failed"})

    document = numbers()
    page = check_page(run().stdout)

    assert document["results"] == 24
    assert document["statuses"] == {"completed": 24}
    assert document["timings"] == Counter(each["timing"] for each in results.values())
    assert datetime.fromisoformat(document["settings"]["due_date"]) == DUE
    for step in document["timeline"]["steps"]:
        after, until = map(datetime.fromisoformat, (step["after"], step["until"]))
        times = [datetime.fromisoformat(each["submittedAt"]) for each in results.values()]
        assert step["count"] == sum(after < time <= until for time in times)
        [row] = [row for row in page.rows if row[1:2] == [f"{until:%Y-%m-%d %H:%M}"]]
        assert row[2] == str(step["count"])
        assert ("due date" in row[4].split(", ")) == (until == DUE)
    assert sum(step["count"] for step in document["timeline"]["steps"]) == 24
    slowest = sorted(results, key=lambda key: -results[key]["execution_time"])[:20]
    assert [each["subid"] for each in document["slowest"]] == [key.subid for key in slowest]
    assert all(key.subid in page.text for key in slowest)
    for name, problem in zip(PROBLEMS, document["problems"], strict=True):
        own = [result for key, result in results.items() if key.problem == name]
        percents = [100 * result["score"] / result["max_score"] for result in own]
        assert problem["name"] == name
        assert (problem["results"], problem["graded"], problem["digests"]) == (12, 12, 2)
        assert problem["lowest"] == pytest.approx(min(percents))
        assert problem["mean"] == pytest.approx(fmean(percents), abs=0.01)
        assert problem["median"] == pytest.approx(median(percents))
        assert problem["highest"] == pytest.approx(max(percents))
        bands = Counter(int(percent / 10) for percent in percents)
        assert problem["distribution"] == [bands[band] for band in range(11)]
        assert problem["verdicts"] == Counter(result["verdict"] for result in own)
        for at, case in enumerate(PROBLEMS[name].cases):
            verdicts = [result["tests"][at]["extra_data"]["verdict"] for result in own]
            counts = Counter(each or "not run" for each in verdicts)
            assert problem["cases"][at] == {"name": case.name, "endings": counts}
            [row] = [
                row
                for row in page.rows
                if row[0] == case.name
                and row[2:]
                == [
                    str(counts[column])
                    for column in ("AC", "WA", "TLE", "MLE", "OLE", "RTE", "other", "not run")
                ]
            ][:1]
        assert problem["nobody_passes"] == ["secret/hard/3"]
    assert page.text.count("Nobody passes: secret/hard/3.") == 2


def test_slowest_test_of_a_slow_program_is_named() -> None:
    put_event()
    times = {"a": 0.25, "c": 2, "b": 1.5, "d": None}
    tests = [{"name": name, "extra_data": {"execution_time": each}} for name, each in times.items()]
    fields = {"status": "completed", "verdict": "WA", "execution_time": 1234.5678, "tests": tests}
    put(key_of(1).staff_result_key, fields)
    [slow] = numbers()["slowest"]
    assert (slow["execution_time"], slow["slowest_case"]) == (1234.5678, "c")
    row = [key_of(1).subid, "lab5", "1,234.568", "WA", "c"]
    assert row in check_page(run().stdout).rows


def test_bands_of_scores_include_their_lower_end() -> None:
    put_event()
    for number, points in enumerate((0, 9.99, 10, 29, 30, 99.99, 100, 130, -5)):
        fields = {"status": "completed", "score": points, "max_score": 100}
        put(key_of(number).staff_result_key, fields)
    [problem] = numbers()["problems"]
    assert problem["distribution"] == [3, 1, 1, 1, 0, 0, 0, 0, 0, 1, 2]
    rows = check_page(run().stdout).rows
    assert ["0 to under 10 %", "3", ""] in rows
    assert ["100 %", "2", ""] in rows


def test_event_without_results_has_a_page() -> None:
    put_event()
    put(key_of(1).data_key, {})
    put(key_of(1)._replace(event=f"{EVENT}2").staff_result_key, {"status": "failed"})
    assert numbers()["results"] == 0
    page = check_page(run().stdout)
    assert "There are no results yet." in page.text
    assert "Problems" not in page.text


@pytest.mark.parametrize("place", [(ADMIN, "nothing"), (ADMIN.upper(), EVENT)])
def test_unknown_event_is_an_error(place: tuple[str, str]) -> None:
    put_event()
    error = failure(run(*place))
    assert error.exit_code == 2
    assert "neither settings nor results" in str(error)


@pytest.mark.parametrize("place", [("a/b", "c"), ("", "c"), ("a", ".."), ("a", "b\\c")])
def test_impossible_name_is_an_error(place: tuple[str, str]) -> None:
    assert "can't be the names" in str(failure(run(*place)))


def test_results_that_cannot_be_read_are_counted_and_named() -> None:
    contents = (b"", b"[]", b"{", b"\xff", b"{}", b"[" * 99_999, {"status": 1}, {"status": ""})
    for number, content in enumerate(contents):
        put(key_of(number).staff_result_key, content)
    put(key_of(98).staff_result_key, b'{"status": "completed"}'.ljust(MAX_RESULT_BYTES))
    put(key_of(99).staff_result_key, b'{"status": "completed"}'.ljust(MAX_RESULT_BYTES + 1))
    document = numbers(exit_code=1)
    assert (document["results"], document["unreadable"]) == (1, len(contents) + 1)
    assert document["unreadable_keys"][0] == key_of(0).staff_result_key
    page = check_page(run().stdout)
    assert key_of(99).staff_result_key in page.text
    assert ["not readable, so not in the other numbers", str(len(contents) + 1)] in page.rows
    assert "The event has no settings" in page.text


def test_many_are_counted_and_the_first_are_named() -> None:
    for number in range(21):
        put(key_of(number).staff_result_key, b"")
        fields = {"status": "failed", "reason": "No sandbox."}
        put(key_of(number, "lab6").staff_result_key, fields)
    document = numbers(exit_code=1)
    assert (document["unreadable"], len(document["unreadable_keys"])) == (21, 20)
    [cause] = document["causes"]
    assert (cause["count"], len(cause["subids"])) == (21, 20)
    assert check_page(run().stdout).text.count("and 1 more") == 2


def test_failed_and_rejected_have_their_reasons() -> None:
    put_event()
    for number, (status, reason) in enumerate(
        [("failed", "The sandbox broke."), ("rejected", "Empty.")]
        + [("rejected", "There is no .py.")] * 2
    ):
        put(key_of(number).staff_result_key, {"status": status, "reason": reason})
    document = numbers(exit_code=1)
    assert document["statuses"] == {"failed": 1, "rejected": 3}
    assert [(each["reason"], each["count"]) for each in document["causes"]] == [
        ("There is no .py.", 2),
        ("The sandbox broke.", 1),
        ("Empty.", 1),
    ]
    assert document["timeline"] == {"steps": [], "undated": 4}
    page = check_page(run().stdout)
    assert page.rows[-1] == ["Empty.", "rejected", "1", f"lab5/{key_of(1).subid} "]
    assert "4 without a time of submission." in page.text


def test_submission_with_the_students_result_alone_is_counted_apart() -> None:
    put(key_of(1).result_key, {"status": "completed", "score": 1, "max_score": 1})
    document = numbers()
    assert (document["results"], document["without_staff_result"]) == (0, 1)
    assert ["without a staff's result, so not in the other numbers", "1"] in check_page(
        run().stdout
    ).rows


ODD_RESULTS: tuple[dict[str, Any], ...] = (
    {},
    {"tests": None, "score": "1", "extra_data": 3},
    {"tests": [None, 3, {"extra_data": []}], "score": float("nan"), "max_score": 1},
    {"score": 10**400, "execution_time": float("inf"), "submittedAt": "0001-01-01T00:00+14:00"},
    {"score": 1e308, "max_score": 1e-308, "submittedAt": "9999-12-31T23:59-14:00"},
    {"score": 1, "max_score": 0, "submittedAt": "yesterday", "verdict": {}, "timing": []},
    {"score": 1, "max_score": -1, "submittedAt": 3, "problemDigest": 4},
    {"submittedAt": "9999-12-30T00:00:00+00:00"},
    {"submittedAt": "1000-01-01T00:00:00+00:00"},
)


def test_result_of_another_back_end_counts_as_far_as_it_goes() -> None:
    put_event()
    for number, fields in enumerate(ODD_RESULTS):
        put(key_of(number).staff_result_key, {"status": "completed"} | fields)
    put(key_of(99).staff_result_key, graded(1, "lab5"))
    document = numbers()
    assert document["results"] == document["problems"][0]["results"] == len(ODD_RESULTS) + 1
    assert document["problems"][0]["graded"] == 1
    assert document["timeline"]["undated"] == len(ODD_RESULTS)
    check_page(run().stdout)


def test_tests_of_another_back_end_are_counted_by_their_status() -> None:
    tests = [
        {"name": "a", "status": "passed"},
        {"number": "7"},
        {"name": "c", "extra_data": {"verdict": "XX"}},
        {"name": "d", "extra_data": {"verdict": None}},
    ]
    put(key_of(1).staff_result_key, {"status": "completed", "tests": tests})
    [problem] = numbers()["problems"]
    assert problem["cases"] == [
        {"name": "a", "endings": {"AC": 1}},
        {"name": "7", "endings": {"other": 1}},
        {"name": "c", "endings": {"other": 1}},
        {"name": "d", "endings": {"not run": 1}},
    ]
    assert problem["nobody_passes"] == ["7", "c"]


def test_damaged_settings_are_said() -> None:
    put(event_key(ADMIN, EVENT), b'{"format": 1}')
    put(key_of(1).staff_result_key, {"status": "completed"})
    problem = numbers(exit_code=1)["settings_problem"]
    assert event_key(ADMIN, EVENT) in problem
    assert f"settings can't be read: {problem}" in check_page(run().stdout).text


def test_result_that_is_deleted_meanwhile_is_unreadable() -> None:
    put_event()
    put(key_of(1).staff_result_key, {"status": "completed"})
    s3 = client("s3")

    def handle(name: str, arguments: dict[str, Any], call: Callable[[], Any]) -> object:
        if name == "GetObject" and arguments["Key"] == key_of(1).staff_result_key:
            s3.delete_object(Bucket=DEPLOYMENT.bucket_name, Key=arguments["Key"])
        return call()

    with pytest.MonkeyPatch.context() as patch:
        intercept(patch, handle)
        assert numbers(exit_code=1)["unreadable"] == 1


def test_page_is_written_to_a_file(tmp_path: Path) -> None:
    put_event()
    put(key_of(1).staff_result_key, graded(1, "lab5"))
    out = tmp_path / "report.html"
    result = run(ADMIN, EVENT, "--out", str(out))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == f"{ADMIN}/{EVENT}: 1 completed"
    assert result.stdout.splitlines()[-1] == f"The page is in {out}"
    assert "    nobody passes secret/easy/1" in result.stdout
    assert "  lab5: 1 scored, mean 0.0 %" in result.stdout
    check_page(out.read_text(encoding="ascii"))


def test_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    put_event()
    error = failure(run(ADMIN, EVENT, "--out", str(tmp_path / "missing" / "report.html")))
    assert error.exit_code == 2
    assert "can't be written: No such file or directory" in str(error)
