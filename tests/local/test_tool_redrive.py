"""Fail in each place where a queue catches it, and move it back."""

import json

import pytest

from emulation.waiting import wait_for
from local.intake import ARRIVAL_SECONDS, Intake, Submission
from local.tool import Completed, interrupt_tool, run_tool

pytestmark = pytest.mark.xdist_group("tool")


@pytest.fixture
def empty(intake: Intake) -> Intake:
    """The stack with nothing in its failure queues."""
    outputs = intake.stack.outputs
    for url in (outputs.intake_failures_queue_url, outputs.dead_letter_queue_url):
        intake.sqs.purge_queue(QueueUrl=url)
    return intake


def _waiting_for(intake: Intake, queue: str, count: int) -> Completed:
    def shown() -> Completed | None:
        done = run_tool(intake.stack, "redrive", queue, "--json")
        return done if len(done.report[0]["messages"]) == count else None

    return wait_for(f"{count} message(s) in {queue}", shown, 2 * ARRIVAL_SECONDS)


def test_failed_event_is_announced_once_the_function_is_fixed(empty: Intake) -> None:
    intake, submission = empty, Submission()
    with intake.function_with_missing_queue():
        intake.put(submission.json_key, submission.data)
        shown = _waiting_for(intake, "intake", 1)
        assert shown.exit_code == 1
        assert list(shown.report[0]["causes"]) == ["RetriesExhausted: IntakeError"]
        too_early = run_tool(intake.stack, "redrive", "intake", "--yes", "--json")
        assert too_early.exit_code == 1
        [left] = too_early.report[0]["messages"]
        assert left["fate"] == "left"
        assert "NonExistentQueue" in left["detail"]

    done = run_tool(intake.stack, "redrive", "intake", "--yes", "--json")

    assert done.exit_code == 0, done.errors
    [message] = done.report[0]["messages"]
    assert (message["keys"], message["fate"]) == ([submission.json_key], "handed_over")
    assert len(intake.messages(submission.json_key)) == 1
    assert run_tool(intake.stack, "redrive", "intake").exit_code == 0


def test_failed_submission_is_also_a_gap_that_reconcile_closes(empty: Intake) -> None:
    intake, submission = empty, Submission(admin="failing")
    intake.put(submission.py_key)
    with intake.function_with_missing_queue():
        intake.put(submission.json_key, submission.data)
        _waiting_for(intake, "intake", 1)
    arguments = ("reconcile", "--older-than", "0s", "--prefix", "submissions/failing/", "--json")

    assert run_tool(intake.stack, *arguments).report["gaps"] == {"failed": 1}
    assert run_tool(intake.stack, *arguments, "--yes").exit_code == 0
    assert len(intake.messages(submission.json_key)) == 1


def test_event_of_a_throttled_function_is_announced(empty: Intake) -> None:
    intake, submission = empty, Submission()
    with intake.function_throttled_to_zero():
        intake.put(submission.json_key, submission.data)
        shown = _waiting_for(intake, "intake", 1)
        assert list(shown.report[0]["causes"]) == [
            "ZeroReservedConcurrency: the function was not run"
        ]
        too_early = run_tool(intake.stack, "redrive", "intake", "--yes", "--json")
        assert too_early.exit_code == 1
        assert "TooManyRequests" in too_early.report[0]["problem"]

    assert run_tool(intake.stack, "redrive", "intake", "--yes").exit_code == 0
    assert len(intake.messages(submission.json_key)) == 1


def _failed_event(intake: Intake, submission: Submission) -> str:
    """Return what Lambda would send to the failures queue of an upload."""
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": intake.bucket}, "object": {"key": submission.json_key}},
    }
    return json.dumps(
        {
            "requestContext": {"condition": "EventAgeExceeded"},
            "requestPayload": {"Records": [record]},
        }
    )


def test_interrupted_redrive_loses_nothing(empty: Intake) -> None:
    intake = empty
    outputs = intake.stack.outputs
    # So many that the run can be interrupted before the last.
    failed = [Submission(admin="interrupted") for _ in range(40)]
    with intake.without_notification():
        for each in failed:
            intake.submit(each)
    for each in failed:
        intake.sqs.send_message(
            QueueUrl=outputs.intake_failures_queue_url, MessageBody=_failed_event(intake, each)
        )

    stopped = interrupt_tool(intake.stack, "[1-9]/40", "redrive", "intake", "--yes", "--json")

    assert stopped.exit_code == 130, stopped.errors
    [report] = stopped.report
    assert report["interrupted"]
    assert 0 < report["moved"] < len(failed)
    rest = run_tool(intake.stack, "redrive", "intake", "--yes", "--json")
    assert rest.exit_code == 0, rest.errors
    # One may have been announced and not deleted, or deleted and not counted.
    assert report["moved"] + rest.report[0]["moved"] in {len(failed) - 1, len(failed)}
    announced = [len(intake.messages(each.json_key)) for each in failed]
    assert sum(announced) <= len(failed) + 1
    assert run_tool(intake.stack, "redrive", "intake").exit_code == 0


def test_dead_letter_is_announced_again(empty: Intake) -> None:
    intake, submission = empty, Submission()
    intake.put(submission.json_key, submission.data)
    dead_letter_queue_url = intake.stack.outputs.dead_letter_queue_url

    def is_dead() -> bool:
        intake.take_one(intake.stack.outputs.queue_url, visibility_timeout=0)
        return intake.take_one(dead_letter_queue_url, visibility_timeout=0) is not None

    wait_for("the dead letter", is_dead, ARRIVAL_SECONDS)
    shown = run_tool(intake.stack, "redrive", "dead-letter", "--json")
    assert list(shown.report[0]["causes"]) == ["m.soltys/aws_labs/lab5_containers"]

    done = run_tool(intake.stack, "redrive", "dead-letter", "--yes", "--json")

    assert done.exit_code == 0, done.output + done.errors
    assert done.report[0]["moved"] == 1
    assert intake.messages(submission.json_key)[0].body == submission.body
