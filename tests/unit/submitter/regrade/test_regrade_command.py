"""`submitter regrade` as a command: what is found, shown without a change, and announced."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from grading.event import write_event
from grading.problem import Problem, write_problem
from submission.data import CODE_VERSION_METADATA, write_data
from submission.keys import SubmissionKey, event_key, problem_key
from submission.message import UploadedObject
from submission_grader.bucket import Bucket
from submission_grader.grader import Grader
from submitter.aws.function_call import Handled, IntakeFunction, Refused
from submitter.check.sandboxes import Sandboxes
from submitter.errors import ExitCode
from submitter.problems.problem_folder import read_problem_folder
from unit.submission_grader.course import DAY, an_event
from unit.submitter.check.scripted import ScriptedSandbox, scripted_machine
from unit.submitter.contexts import Terminal, run_tool
from unit.submitter.mocked_aws import client, mocked_bucket
from unit.submitter.problems.folders import write_problem_folder

ADMIN, EVENT = "m.soltys", "labs"
REFUSED = Refused("IntakeError", "no queue")


def key_of(number: int, problem: str = "sums") -> SubmissionKey:
    return SubmissionKey(ADMIN, EVENT, problem, f"{number:032x}")


class Stack:
    """A stack whose intake has the grader grade at once, with a sandbox of a few programs."""

    longest_call_seconds = 30.0

    def __init__(
        self,
        bucket: str,
        right: Problem,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.client = client("s3")
        self.bucket = bucket
        self.right = right
        cases = (*right.cases[:-1], replace(right.cases[-1], answer="2\n"))
        self.wrong = replace(right, cases=cases)
        """The same with a wrong answer."""
        self.sandbox = ScriptedSandbox()
        self.announced: list[str] = []
        self.answers: list[Refused | BaseException | None] = []
        """What the next calls return or raise, instead of announcing."""
        self._capsys = capsys
        self._grader = Grader(
            Bucket(self.client, bucket), ScriptedSandbox(), code_grace=timedelta(days=-1)
        )

    def put(self, key: str, content: bytes, **metadata: str) -> str:
        answer = self.client.put_object(
            Bucket=self.bucket, Key=key, Body=content, Metadata=metadata
        )
        return str(answer["VersionId"])

    def publish(self, problem: Problem, name: str = "sums", release: timedelta = -DAY) -> None:
        self.put(problem_key(ADMIN, EVENT, name), write_problem(problem))
        self.put(event_key(ADMIN, EVENT), write_event(an_event(release, due=2 * DAY)))

    def submit(
        self,
        number: int,
        program: bytes = b"sum",
        problem: str = "sums",
        *,
        names_code: bool = True,
        graded: bool = True,
    ) -> SubmissionKey:
        """Upload a submission, and have it graded."""
        key = key_of(number, problem)
        code = self.put(key.code_key, program)
        named = {CODE_VERSION_METADATA: code} if names_code else {}
        version = self.put(key.data_key, write_data(key, ("token",)), **named)
        if graded:
            self.grade(key.data_key, version)
        return key

    def grade(self, key: str, version: str) -> None:
        self._grader.take(UploadedObject(self.bucket, key, version, None, None), lambda: 1e6)

    def result(self, key: SubmissionKey) -> dict[str, Any]:
        found = self.client.get_object(Bucket=self.bucket, Key=key.result_key)
        fields: dict[str, Any] = json.loads(found["Body"].read())
        return fields

    def versions(self, prefix: str = "") -> list[tuple[str, str]]:
        pages = self.client.get_paginator("list_object_versions").paginate(
            Bucket=self.bucket, Prefix=prefix
        )
        return [
            (each["Key"], each["VersionId"]) for page in pages for each in page.get("Versions", [])
        ]

    def delete(self, key: str, version: str | None = None) -> None:
        named = {"VersionId": version} if version else {}
        self.client.delete_object(Bucket=self.bucket, Key=key, **named)

    def call(self, event: dict[str, Any]) -> Handled | Refused:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        if answer is not None:
            return answer
        for record in event["Records"]:
            uploaded = record["s3"]["object"]
            assert not uploaded["eTag"].startswith('"')
            key = unquote_plus(uploaded["key"])
            self.announced.append(key)
            self.grade(key, uploaded["versionId"])
        return Handled(len(event["Records"]), 0)

    def run(self, *arguments: str, names: tuple[str, ...] = (ADMIN, EVENT)) -> tuple[int, str, str]:
        with scripted_machine(self.sandbox):
            code, output, errors = run_tool(self._capsys, "regrade", *names, *arguments)
        return code, output, " ".join(errors.split())

    def report(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        code, output, _ = self.run(*arguments, "--json")
        return code, json.loads(output)


@pytest.fixture
def stack(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Stack]:
    """A stack with grading; staff have published a problem with a wrong answer."""
    right = read_problem_folder(write_problem_folder(tmp_path / "sums")).problem
    assert right
    monkeypatch.setattr("submission_grader.inputs._LOOK_AGAIN_SECONDS", (0,))
    with mocked_bucket(monkeypatch) as names:
        stack = Stack(names.bucket_name, right, capsys)
        monkeypatch.setattr(IntakeFunction, "deployed", lambda _context: stack)
        stack.publish(stack.wrong)
        yield stack


def test_nothing_is_to_do_while_results_are_of_what_is_published(stack: Stack) -> None:
    stack.submit(1)

    code, output, _ = stack.run()
    assert (code, "There is nothing to do" in output) == (ExitCode.OK, True)
    code, output, _ = stack.run("--yes")
    assert (code, "There is nothing to do" in output) == (ExitCode.OK, True)
    assert (stack.announced, stack.sandbox.runs) == ([], [])


def test_a_corrected_answer_is_shown_before_it_is_applied(stack: Stack) -> None:
    right, lucky = stack.submit(1), stack.submit(2, b"slow 0.5")
    wrong = stack.submit(3, b"zero")
    stack.publish(stack.right)
    before = stack.versions()

    code, report = stack.report()
    assert code == ExitCode.ATTENTION
    assert {
        each["subid"]: (each["changes"], each["old"], each["new"]) for each in report["graded"]
    } == {
        right.subid: (True, worth("WA", 50), worth("AC", 100)),
        lucky.subid: (True, worth("WA", 50), worth("AC", 100)),
        wrong.subid: (False, worth("WA", 0), worth("WA", 0)),
    }
    [counts] = report["problems"]
    assert (counts["results"], counts["why"]) == (3, {"older_problem": 3})
    _, output, _ = stack.run()
    assert "WA 50 of 100" in output
    assert "AC 100 of 100" in output
    assert wrong.subid not in output
    assert "Graded here 3 of 3: 2 would change, 2 to more points and 0 to fewer." in output
    assert f"submitter regrade {ADMIN} {EVENT} --yes" in output
    assert (stack.versions(), stack.announced) == (before, [])


def worth(verdict: str, score: float) -> dict[str, object]:
    return {"status": "completed", "verdict": verdict, "score": score, "max_score": 100.0}


def test_yes_has_the_grader_write_what_was_shown(stack: Stack) -> None:
    keys = [stack.submit(number) for number in range(12)]
    stack.publish(stack.right)
    old = stack.versions("output/")
    _, shown = stack.report("--all")

    code, report = stack.report("--yes")

    assert code == ExitCode.OK
    assert (report["announced"], report["announceable"], report["graded"]) == (12, 12, [])
    assert stack.announced == [key.data_key for key in keys]
    got = {key.subid: (stack.result(key)["verdict"], stack.result(key)["score"]) for key in keys}
    assert got == {
        each["subid"]: (each["new"]["verdict"], each["new"]["score"]) for each in shown["graded"]
    }
    assert {*old} < {*stack.versions("output/")}
    assert stack.run()[0] == ExitCode.OK


def test_fewer_points_are_counted(stack: Stack) -> None:
    stack.publish(stack.right)
    stack.submit(1)
    stack.publish(stack.wrong)

    assert "1 would change, 0 to more points and 1 to fewer." in stack.run()[1]


def test_a_sample_is_graded_the_same_each_time(stack: Stack) -> None:
    keys = [stack.submit(number) for number in range(22)]
    stack.publish(stack.right)

    for arguments, count in (((), 20), (("--sample", "3"), 3), (("--sample", "3"), 3)):
        code, report = stack.report(*arguments)
        assert (code, report["announceable"]) == (ExitCode.ATTENTION, 22)
        assert [each["subid"] for each in report["graded"]] == [key.subid for key in keys[:count]]
    assert len(stack.report("--all")[1]["graded"]) == 22


def test_sample_is_of_each_problem(stack: Stack) -> None:
    stack.publish(stack.wrong, "echo")
    for number in range(3):
        stack.submit(number)
        stack.submit(number, problem="echo")
    stack.publish(stack.right)
    stack.publish(stack.right, "echo")

    _, report = stack.report("--sample", "2")
    assert [each["problem"] for each in report["graded"]] == ["echo", "echo", "sums", "sums"]
    _, report = stack.report("--problem", "sums")
    assert [each["problem"] for each in report["problems"]] == ["sums"]
    assert {each["problem"] for each in report["graded"]} == {"sums"}
    assert f"regrade {ADMIN} {EVENT} --problem sums --yes" in stack.run("--problem", "sums")[1]
    assert stack.run("--problem", "sums", "--yes")[0] == ExitCode.OK
    assert {key.split("/")[3] for key in stack.announced} == {"sums"}
    assert stack.run()[0] == ExitCode.ATTENTION


def test_results_are_in_order_however_long_they_took(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        stack.submit(number)
    stack.publish(stack.right)
    do = Sandboxes.do
    monkeypatch.setattr(
        Sandboxes, "do", lambda machine, jobs, show: do(machine, reversed(jobs), show)
    )

    subids = [each["subid"] for each in stack.report()[1]["graded"]]

    assert subids == [key_of(number).subid for number in range(3)]


def test_only_counting_needs_no_sandbox(stack: Stack) -> None:
    stack.submit(1)
    stack.publish(stack.right)

    code, report = stack.report("--sample", "0")

    assert (code, report["announceable"], report["graded"]) == (ExitCode.ATTENTION, 1, [])
    assert stack.sandbox.runs == []


@pytest.mark.parametrize(
    "arguments",
    [("--sample", "-1"), ("--yes", "--sample", "3"), ("--all", "--sample", "3"), ("--rate", "0")],
)
def test_options_that_contradict_each_other_are_refused(
    stack: Stack, arguments: tuple[str, ...]
) -> None:
    stack.submit(1)
    stack.publish(stack.right)

    assert stack.run(*arguments)[0] == ExitCode.USAGE
    assert stack.announced == []


def test_the_py_that_the_result_names_is_graded(stack: Stack) -> None:
    key = stack.submit(1)
    stack.put(key.code_key, b"zero")
    stack.publish(stack.right)

    _, report = stack.report()

    assert report["graded"][0]["new"]["verdict"] == "AC"
    assert {*stack.sandbox.runs} == {b"sum"}


def test_a_replaced_py_is_not_graded_in_its_place(stack: Stack) -> None:
    """Without the version in the .json, the grader would take the newest, and its time."""
    key = stack.submit(1, names_code=False)
    stack.put(key.code_key, b"zero")
    stack.publish(stack.right)

    assert stack.report()[1]["left"] == [
        {"problem": "sums", "subid": key.subid, "obstacle": "code_replaced"}
    ]
    code, output, _ = stack.run("--yes")
    assert (code, stack.announced, stack.sandbox.runs) == (ExitCode.ATTENTION, [], [])
    assert "1 x code_replaced: the .py was replaced" in output
    assert stack.result(key)["score"] == 50


def test_a_score_whose_py_is_gone_is_kept(stack: Stack) -> None:
    key = stack.submit(1)
    stack.delete(key.code_key, stack.result(key)["codeVersionId"])
    stack.publish(stack.right)

    code, report = stack.report("--yes")

    assert (code, stack.announced) == (ExitCode.ATTENTION, [])
    assert [each["obstacle"] for each in report["left"]] == ["code_gone"]
    assert stack.result(key)["score"] == 50


def test_a_newer_upload_is_left_to_its_own_message(stack: Stack) -> None:
    key = stack.submit(1)
    stack.submit(1, b"zero", graded=False)
    stack.publish(stack.right)

    code, report = stack.report("--yes")

    assert (code, stack.announced) == (ExitCode.ATTENTION, [])
    assert report["left"] == [{"problem": "sums", "subid": key.subid, "obstacle": "resubmitted"}]


def test_a_result_without_its_submission_is_not_listed(stack: Stack) -> None:
    key = stack.submit(1)
    stack.delete(key.data_key)
    stack.publish(stack.right)

    code, report = stack.report("--yes")

    assert (code, report["left"], stack.announced) == (ExitCode.OK, [], [])


def test_failed_results_are_graded_again(stack: Stack) -> None:
    stack.publish(stack.right)
    key = stack.submit(1)
    failed = stack.result(key) | {"status": "failed", "reason": "The sandbox broke."}
    for name in ("verdict", "score", "max_score", "codeVersionId"):
        del failed[name]
    stack.put(key.result_key, json.dumps(failed).encode())

    code, report = stack.report()
    assert code == ExitCode.ATTENTION
    [graded] = report["graded"]
    assert (graded["why"], graded["changes"]) == ("failed", True)
    assert (graded["old"]["status"], graded["new"]) == ("failed", worth("AC", 100))
    assert stack.run("--yes")[0] == ExitCode.OK
    assert stack.result(key)["status"] == "completed"


@pytest.mark.parametrize("names_code", [True, False])
def test_a_failed_result_whose_py_is_gone_would_be_rejected(
    stack: Stack, *, names_code: bool
) -> None:
    key = stack.submit(1, b"break", names_code=names_code)
    assert stack.result(key)["status"] == "failed"
    stack.delete(key.code_key, stack.result(key)["codeVersionId"])

    _, report = stack.report()
    assert report["graded"][0]["new"]["status"] == "rejected"
    stack.run("--yes")
    assert stack.result(key)["status"] == "rejected"


def test_a_failed_result_has_no_score_that_a_newer_py_could_replace(stack: Stack) -> None:
    key = stack.submit(1, b"break", names_code=False)
    stack.put(key.code_key, b"zero")

    _, report = stack.report()

    assert report["left"] == []
    assert report["graded"][0]["new"]["verdict"] == "WA"


def test_a_corrected_release_date_lets_early_submissions_in(stack: Stack) -> None:
    stack.publish(stack.right, release=DAY)
    key = stack.submit(1)
    assert stack.result(key)["status"] == "rejected"
    assert stack.run()[0] == ExitCode.OK

    stack.publish(stack.right)

    code, report = stack.report()
    assert (code, report["graded"][0]["why"]) == (ExitCode.ATTENTION, "too_early")
    assert report["graded"][0]["new"] == worth("AC", 100)
    assert stack.run("--yes")[0] == ExitCode.OK
    assert stack.result(key)["status"] == "completed"


def test_a_later_release_date_shows_that_scores_would_be_lost(stack: Stack) -> None:
    stack.submit(1)
    stack.publish(stack.right, release=DAY)

    [graded] = stack.report()[1]["graded"]

    assert (graded["new"]["status"], graded["changes"]) == ("rejected", True)
    assert "release date" in graded["reason"]


def test_other_rejections_and_other_back_ends_results_stay(stack: Stack) -> None:
    stack.submit(1, b"")
    key = stack.submit(2, graded=False)
    stack.put(key.result_key, b'{"submissionVersionId": "v", "status": "completed"}')
    stack.put(key_of(3).result_key, b"not a result")
    stack.publish(stack.right)

    code, report = stack.report()

    assert (code, report["problems"][0]["results"]) == (ExitCode.OK, 3)


def test_a_grade_that_fails_here_changes_nothing(stack: Stack) -> None:
    stack.submit(1)
    stack.publish(stack.right)
    run = stack.sandbox.run
    stack.sandbox.run = lambda _program, *rest: run(b"break", *rest)  # type: ignore[method-assign]

    code, output, _ = stack.run()
    [graded] = stack.report()[1]["graded"]

    assert code == ExitCode.ATTENTION
    assert (graded["new"]["status"], graded["changes"]) == ("failed", False)
    assert graded["reason"] == "The sandbox broke. This is not the program's fault."
    assert "1 can't be graded" in output
    # What the sandbox says is for staff's results alone.
    assert "the child died" not in output


def test_refusals_are_reported(stack: Stack) -> None:
    for number in range(12):
        stack.submit(number)
    stack.publish(stack.right)
    stack.answers = [REFUSED]

    code, output, _ = stack.run("--yes")

    assert code == ExitCode.ATTENTION
    assert len(stack.announced) == 2
    assert "The function refused 1 event(s): IntakeError: no queue" in output
    assert "2 of 12 announced" in output
    assert stack.run("--yes")[0] == ExitCode.OK


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), ExitCode.INTERRUPTED), (ValueError("odd"), ExitCode.UNAVAILABLE)],
)
def test_the_report_shows_what_was_announced_however_it_ends(
    stack: Stack, error: BaseException, code: ExitCode
) -> None:
    for number in range(12):
        stack.submit(number)
    stack.publish(stack.right)
    stack.answers = [None, error]

    ended, report = stack.report("--yes", "--rate", "100000")

    assert (ended, report["announced"]) == (code, 10)
    assert report["interrupted"] == (code is ExitCode.INTERRUPTED)
    assert stack.report("--yes")[1]["announced"] == 2
    assert stack.run()[0] == ExitCode.OK


def test_an_interruption_shows_what_was_graded(stack: Stack) -> None:
    for number in range(3):
        stack.submit(number)
    stack.publish(stack.right)
    runs = iter(range(4))

    def interrupt() -> None:
        if next(runs, None) is None:
            raise KeyboardInterrupt

    stack.sandbox.on_run = interrupt

    code, report = stack.report()

    assert (code, report["interrupted"]) == (ExitCode.INTERRUPTED, True)
    assert [each["subid"] for each in report["graded"]] == [key_of(0).subid]
    assert stack.sandbox.is_closed


@pytest.mark.parametrize(
    ("names", "arguments", "says"),
    [
        (("m.soltys", "lab"), (), "There is no events/m.soltys/lab.json"),
        ((ADMIN, EVENT), ("--problem", "sum"), "There is no events/m.soltys/labs/sum.json"),
    ],
)
def test_what_is_not_published_is_a_usage_error(
    stack: Stack, names: tuple[str, str], arguments: tuple[str, ...], says: str
) -> None:
    code, _, errors = stack.run(*arguments, names=names)

    assert (code, says in errors) == (ExitCode.USAGE, True)


def test_a_damaged_problem_is_an_error_without_its_content(stack: Stack) -> None:
    stack.put(problem_key(ADMIN, EVENT, "sums"), b'{"format": 1, "ROSEBUD": 1}')

    code, output, errors = stack.run()

    assert (code, output) == (ExitCode.UNAVAILABLE, "")
    assert "labs/sums.json is damaged" in errors
    assert "ROSEBUD" not in errors


@pytest.mark.parametrize(("arguments", "progress"), [((), "Grading"), (("--yes",), "Announcing")])
def test_progress_is_shown_on_a_terminal(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], progress: str
) -> None:
    stack.submit(1)
    stack.publish(stack.right)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())

    stack.run(*arguments)

    assert "Reading results of sums" in terminal.getvalue()
    assert progress in terminal.getvalue()
    assert "1/1" in terminal.getvalue()
