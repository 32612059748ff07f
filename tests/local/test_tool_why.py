"""`submitter why` shows where a submission stopped."""

import json
from typing import Any

import pytest

from emulation.stack import Stack
from emulation.waiting import wait_for
from local.intake import ARRIVAL_SECONDS, Intake, Submission
from local.tool import run_tool

# Not with the tool's other tests, whose worker ends last.
pytestmark = pytest.mark.xdist_group("stacks")


def _submit(intake: Intake) -> tuple[Submission, str]:
    """Submit as a front end does, and wait until it is announced."""
    submission = Submission()
    version = intake.submit(submission)
    intake.log_line("announced", key=submission.json_key, versionId=version)
    return submission, version


def _why(stack: Stack, submission: Submission) -> Any:  # noqa: ANN401 - JSON
    """Return the report, which has one story, after its exit code has been checked."""
    done = run_tool(stack, "why", submission.subid, "--json")
    assert done.exit_code == int(done.report["needs_attention"]), done.errors
    return done.report


def test_announced_submission_is_shown_with_its_ids(intake: Intake) -> None:
    submission, version = _submit(intake)
    line = intake.log_line("announced", key=submission.json_key)

    done = run_tool(intake.stack, "why", submission.subid)

    assert done.exit_code == 0
    assert "ANNOUNCED_WAITING" in done.output
    for text in (submission.folder, version, line["messageId"], line["requestId"]):
        assert text in done.output
    assert "\x1b" not in done.output
    assert submission.data.decode() not in done.output


def test_result_is_done_until_a_resubmission(intake: Intake) -> None:
    submission, version = _submit(intake)
    result = {"subid": submission.subid, "submissionVersionId": version, "status": "passed"}
    key = submission.key.result_key
    intake.put(key, json.dumps(result).encode())

    [story] = _why(intake.stack, submission)["stories"]
    assert (story["diagnosis"], story["needs_attention"]) == ("done", False)

    newer = intake.put(submission.json_key, submission.data)
    intake.log_line("announced", versionId=newer)
    [story] = _why(intake.stack, submission)["stories"]
    assert story["diagnosis"] == "announced_waiting"
    assert f"The result judges an older version ({version})." in story["remarks"]


def test_deleted_submission_is_diagnosed(intake: Intake) -> None:
    submission, _ = _submit(intake)
    intake.s3.delete_object(Bucket=intake.bucket, Key=submission.json_key)

    [story] = _why(intake.stack, submission)["stories"]

    assert story["diagnosis"] == "deleted"
    assert "deleted" in [event["what"] for event in story["timeline"]]


def test_one_subid_under_two_problems_is_a_remark(intake: Intake) -> None:
    submission, _ = _submit(intake)
    double = Submission(problem="lab6", subid=submission.subid)
    intake.put(double.py_key)
    intake.put(double.json_key, double.data)
    intake.log_line("announced", key=double.json_key)

    report = _why(intake.stack, submission)
    assert len(report["stories"]) == 2
    assert report["needs_attention"]
    assert "2 folders" in report["remarks"][0]

    narrowed = run_tool(intake.stack, "why", submission.subid, "--problem", "lab6", "--json")
    assert [story["folder"] for story in narrowed.report["stories"]] == [f"{double.folder}/"]
    assert narrowed.exit_code == 0


def test_failed_event_is_found_and_left_in_its_queue(intake: Intake) -> None:
    submission = Submission()
    intake.put(submission.py_key)
    queue_url = intake.stack.outputs.intake_failures_queue_url
    intake.sqs.purge_queue(QueueUrl=queue_url)  # of what other tests made fail
    with intake.function_with_missing_queue():
        intake.put(submission.json_key, submission.data)
        wait_for("the failure", lambda: intake.count(queue_url) or None, ARRIVAL_SECONDS)

    for _ in range(2):
        [story] = _why(intake.stack, submission)["stories"]
        assert story["diagnosis"] == "failed_waiting"
        assert "NonExistentQueue" in story["explanation"]
        assert "submitter redrive intake" in story["next_step"]
        assert "failed" in [event["what"] for event in story["timeline"]]
    assert intake.count(queue_url) == 1
    intake.sqs.purge_queue(QueueUrl=queue_url)


def test_dead_letter_is_found_and_left_in_its_queue(intake: Intake) -> None:
    submission, _ = _submit(intake)
    queue_url = intake.stack.outputs.dead_letter_queue_url

    def dead_letter() -> bool:
        # A back end that receives and never deletes.
        intake.take_one(intake.stack.outputs.queue_url, visibility_timeout=0)
        found = run_tool(intake.stack, "why", submission.subid, "--json").report["stories"][0]
        diagnosis: str = found["diagnosis"]
        return diagnosis == "dead_letter"

    count = intake.count(intake.stack.outputs.queue_url)
    for _ in range(5 * count):
        intake.take_one(intake.stack.outputs.queue_url, visibility_timeout=0)
    wait_for("the dead letter", dead_letter, ARRIVAL_SECONDS)

    before = intake.count(queue_url)
    assert _why(intake.stack, submission)["stories"][0]["diagnosis"] == "dead_letter"
    assert intake.count(queue_url) == before
    intake.sqs.purge_queue(QueueUrl=queue_url)
