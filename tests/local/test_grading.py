"""A submission becomes a result: the real queue, mapping, zip and sandbox."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psutil
import pytest

from emulation import example_course
from emulation.example_course import PROBLEM, example_key
from emulation.localstack import LocalStack
from emulation.stack import provision
from emulation.waiting import wait_for
from grading.problem import Problem, digest_of, write_problem
from local.intake import ARRIVAL_SECONDS, Intake, Submission, ignore_progress
from local.tool import run_tool
from submission.keys import SubmissionKey, problem_key
from submission.message import Announcement, UploadedObject

# One worker runs all that shares the stack.
pytestmark = pytest.mark.xdist_group("grading")

RIGHT = b"import sys\nprint(sum(int(line) for line in sys.stdin if line.strip()))\n"
PROGRAMS = {
    "AC": RIGHT,
    "WA": b"""print('{"status": "completed", "verdict": "AC", "score": 100}')""",
    "TLE": b"while True: pass",
    "MLE": b"x = bytearray(200 << 20)",
    "OLE": b"while True: print('for ever')",
    "RTE": b"import os; os._exit(3)",
}
BUSY = b"for _ in range(60_000_000): pass\n" + RIGHT
"""Takes seconds."""
SLOW = replace(PROBLEM, limits=replace(PROBLEM.limits, time_limit=30.0), cases=PROBLEM.cases[1:2])
"""A problem with one case, and time for it."""
STRICT = replace(PROBLEM, limits=replace(PROBLEM.limits, time_limit=0.2), cases=PROBLEM.cases[:2])
"""A problem that soon ends what never ends."""
_BUSY_SECONDS = 0.5
"""More than a sandbox's start takes."""
_SOON_SECONDS = 15
"""Long enough that a grading ends before its message comes back."""


class Grading(Intake):
    """A stack with grading, and what its grader has written."""

    def publish(self, name: str, problem: Problem = PROBLEM) -> None:
        """Publish a problem, by default the example's, under another name."""
        self.put(problem_key("m.soltys", "aws_labs", name), write_problem(problem))

    def hand_in(self, submission: Submission, program: bytes) -> str:
        """Upload both objects as the front end does; return the .json's version id."""
        self.put(submission.py_key, program)
        return self.put(submission.json_key, submission.data)

    def read(self, key: str) -> dict[str, Any] | None:
        """Return a result; None if there is none."""
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=key)
        except self.s3.exceptions.NoSuchKey:
            return None
        result: dict[str, Any] = json.loads(answer["Body"].read())
        return result

    def newest(self, key: str) -> str:
        """Return an object's newest version."""
        version: str = self.s3.head_object(Bucket=self.bucket, Key=key)["VersionId"]
        return version

    def announce_again(self, submission: Submission, version_id: str) -> None:
        """Put a second message about an upload on the queue, as SQS itself may."""
        uploaded = UploadedObject(self.bucket, submission.json_key, version_id, None, None)
        announcement = Announcement(submission.key, uploaded)
        self.sqs.send_message(
            QueueUrl=self.stack.outputs.queue_url,
            MessageBody=announcement.body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in announcement.attributes.items()
            },
        )

    def result(
        self, submission: SubmissionKey, version_id: str, status: str = "completed"
    ) -> dict[str, Any]:
        """Wait for the student's result of a version of a submission."""

        def arrived() -> dict[str, Any] | None:
            found = self.read(submission.result_key)
            wanted = {"submissionVersionId": version_id, "status": status}
            return found if found and wanted.items() <= found.items() else None

        return wait_for(f"a result: {status}", arrived, ARRIVAL_SECONDS)

    def wait_until_queue_is_empty(self) -> None:
        """Wait until no message waits or is being graded."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

        def is_empty() -> bool:
            answer = self.sqs.get_queue_attributes(
                QueueUrl=self.stack.outputs.queue_url, AttributeNames=names
            )
            return set(answer["Attributes"].values()) == {"0"}

        wait_for("an empty queue", is_empty, ARRIVAL_SECONDS)

    def set_visibility_timeout(self, seconds: int) -> None:
        """Have messages that the grader does not delete come back after this time."""
        self.sqs.set_queue_attributes(
            QueueUrl=self.stack.outputs.queue_url, Attributes={"VisibilityTimeout": str(seconds)}
        )

    def grader_log(self) -> list[dict[str, Any]]:
        """Return the lines of the grader's log that are about messages."""
        return self.log_lines(self.stack.outputs.grader_log_group_name)

    def graders_at_work(self, localstack: LocalStack) -> Callable[[], list[psutil.Process]]:
        """Return a function that returns the graders which have run programs for a while since."""

        def used() -> dict[psutil.Process, float]:
            """Return the processor seconds of each sandbox's child."""
            return {
                process: sum(process.info["cpu_times"][:2])
                for process in psutil.process_iter(["cmdline", "cpu_times"])
                if "sandbox/child.py" in (command := " ".join(process.info["cmdline"] or ()))
                and str(localstack.folder) in command
            }

        before = used()
        return lambda: [
            grader
            for child, seconds in used().items()
            if seconds > before.get(child, 0) + _BUSY_SECONDS and (grader := child.parent())
        ]


@pytest.fixture(scope="module")
def grading(localstack: LocalStack) -> Grading:
    """A stack with the grader at its defaults, and the example's event and problem."""
    stack = provision(localstack, ignore_progress, {"name": "grading", "grading": {}})
    assert stack.terraform.planned_changes() == []
    example_course.publish(stack, ignore_progress)
    grading = Grading(stack)
    grading.publish("slow", SLOW)
    grading.publish("strict", STRICT)
    # Terraform sets minutes, and refuses less.
    grading.set_visibility_timeout(_SOON_SECONDS)
    return grading


def test_example_is_graded(grading: Grading) -> None:
    example_course.submit(grading.stack, ignore_progress)
    key = example_key()
    version_id = grading.newest(key.data_key)
    result = grading.result(key, version_id)
    assert (result["score"], result["max_score"], result["verdict"]) == (75, 100, "RTE")
    assert (result["timing"], result["problemDigest"]) == ("in_time", digest_of(PROBLEM))
    assert result["codeVersionId"] == grading.newest(key.code_key)
    staff = grading.read(key.staff_result_key)
    assert staff
    assert staff["submissionVersionId"] == version_id
    assert [test["name"] for test in staff["tests"]] == [case.name for case in PROBLEM.cases]
    hidden = [case.name for case in PROBLEM.cases if case.is_hidden]
    assert [test["name"] for test in result["tests"]].count("hidden") == len(hidden)
    assert not any(name in json.dumps(result) for name in hidden)
    grading.wait_until_queue_is_empty()
    [line] = [each for each in grading.grader_log() if each.get("versionId") == version_id]
    assert (line["outcome"], line["codeVersionId"]) == ("graded", result["codeVersionId"])


def test_each_verdict_is_reached_and_no_program_reaches_the_log(grading: Grading) -> None:
    submissions = {verdict: Submission(problem="strict") for verdict in PROGRAMS}
    syntax_error = Submission(problem="strict")
    versions = {
        verdict: grading.hand_in(submission, PROGRAMS[verdict])
        for verdict, submission in submissions.items()
    }
    wrong = grading.hand_in(syntax_error, b"print('ROSEBUD'")
    results = {
        verdict: grading.result(submission.key, versions[verdict])
        for verdict, submission in submissions.items()
    }
    assert {verdict: result["verdict"] for verdict, result in results.items()} == dict(
        zip(PROGRAMS, PROGRAMS, strict=True)
    )
    sample = grading.result(syntax_error.key, wrong)["tests"][0]
    assert sample["extra_data"]["verdict"] == "RTE"
    assert "SyntaxError: '(' was never closed" in sample["output"]
    assert "ROSEBUD" in sample["extra_data"]["stderr"]["text"]
    grading.wait_until_queue_is_empty()
    assert "ROSEBUD" not in json.dumps(grading.grader_log())


def test_program_that_is_uploaded_after_its_json_is_graded(grading: Grading) -> None:
    submission = Submission()
    version_id = grading.put(submission.json_key, submission.data)
    code = grading.put(submission.py_key, RIGHT)
    assert grading.result(submission.key, version_id)["codeVersionId"] == code


def test_resubmission_overtakes_the_submission_that_is_being_graded(
    grading: Grading, localstack: LocalStack
) -> None:
    submission = Submission(problem="slow")
    at_work = grading.graders_at_work(localstack)
    older = grading.hand_in(submission, BUSY)
    wait_for("a grader at work", lambda: at_work() or None, ARRIVAL_SECONDS)

    newer = grading.hand_in(submission, RIGHT)

    assert grading.result(submission.key, newer)["score"] == 100
    grading.wait_until_queue_is_empty()
    outcomes = {
        line["versionId"]: line["outcome"]
        for line in grading.grader_log()
        if line.get("subid") == submission.subid
    }
    assert outcomes == {newer: "graded", older: "superseded"}
    for key in (submission.key.result_key, submission.key.staff_result_key):
        result = grading.read(key)
        assert result
        assert result["submissionVersionId"] == newer


def test_message_that_comes_twice_leaves_one_result(grading: Grading) -> None:
    submission = Submission()
    version_id = grading.hand_in(submission, RIGHT)
    first = grading.result(submission.key, version_id)

    grading.announce_again(submission, version_id)

    wait_for(
        "the second grading",
        lambda: grading.read(submission.key.result_key) != first,
        ARRIVAL_SECONDS,
    )
    grading.wait_until_queue_is_empty()
    second = grading.result(submission.key, version_id)
    assert {name: second[name] for name in ("score", "verdict", "codeVersionId")} == {
        name: first[name] for name in ("score", "verdict", "codeVersionId")
    }
    assert second.keys() == first.keys()
    assert grading.count(grading.stack.outputs.dead_letter_queue_url) == 0


def test_submission_whose_grader_is_killed_is_graded_all_the_same(
    grading: Grading, localstack: LocalStack
) -> None:
    submission = Submission(problem="slow")
    at_work = grading.graders_at_work(localstack)
    version_id = grading.hand_in(submission, BUSY)
    for grader in wait_for("a grader at work", lambda: at_work() or None, ARRIVAL_SECONDS):
        grader.kill()
    assert grading.result(submission.key, version_id)["score"] == 100


def test_problem_that_is_published_after_the_submission_grades_it(grading: Grading) -> None:
    submission = Submission(problem="published_later")
    version_id = grading.hand_in(submission, RIGHT)
    failed = grading.result(submission.key, version_id, "failed")
    assert "published_later.json is not published yet" in failed["reason"]
    grading.publish("published_later")
    result = grading.result(submission.key, version_id)
    assert result["score"] == 100
    assert "reason" not in result


def test_submission_that_always_fails_becomes_a_dead_letter_and_can_be_graded_later(
    grading: Grading,
) -> None:
    submission = Submission(problem="published_too_late")
    grading.set_visibility_timeout(1)
    version_id = grading.hand_in(submission, RIGHT)
    grading.result(submission.key, version_id, "failed")
    wait_for(
        "a dead letter",
        lambda: grading.count(grading.stack.outputs.dead_letter_queue_url) == 1,
        ARRIVAL_SECONDS,
    )
    grading.set_visibility_timeout(_SOON_SECONDS)
    grading.publish("published_too_late")

    done = run_tool(grading.stack, "redrive", "dead-letter", "--yes")

    assert done.exit_code == 0, done.output + done.errors
    assert grading.result(submission.key, version_id)["score"] == 100
    assert grading.count(grading.stack.outputs.dead_letter_queue_url) == 0


def test_stack_with_grading_is_sound_and_hands_on_a_round_trip(grading: Grading) -> None:
    done = run_tool(grading.stack, "doctor", "--round-trip", "--json")
    findings = {each["check"]: each["verdict"] for each in done.report["findings"]}
    assert {"grader", "grader mapping", "round trip to the grader"} <= findings.keys()
    # These tests have it shorter than Terraform would.
    wrong = {name for name, verdict in findings.items() if verdict == "attention"}
    assert wrong == {"queue visibility"}
    found = grading.s3.list_objects_v2(Bucket=grading.bucket, Prefix="output/submitter-doctor/")
    assert found["KeyCount"] == 0


def test_staff_see_the_result_of_a_submission(grading: Grading) -> None:
    submission = Submission()
    version_id = grading.hand_in(submission, RIGHT)
    code = grading.result(submission.key, version_id)["codeVersionId"]

    done = run_tool(grading.stack, "why", submission.subid)

    assert done.exit_code == 0, done.output + done.errors
    for part in ("AC", "100 of 100", version_id, code):
        assert part in done.output
