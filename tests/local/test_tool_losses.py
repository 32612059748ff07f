"""Lose a submission in each place where it can be lost, and bring it back.

`submitter why` names the place, and the command that it advises announces the submission.
"""

import shlex
from collections.abc import Callable

import pytest

from emulation.waiting import wait_for
from local.intake import ARRIVAL_SECONDS, Intake, Submission
from local.tool import run_tool

pytestmark = pytest.mark.xdist_group("tool")

AT_ONCE = "0s"
"""No test can wait the minutes that AWS may be silent without a loss."""


def _lose_the_notification(intake: Intake, submission: Submission) -> None:
    with intake.without_notification():
        intake.submit(submission)


def _lose_it_in_a_failing_function(intake: Intake, submission: Submission) -> None:
    with intake.function_with_missing_queue():
        intake.submit(submission)
        _wait_for_a_message(intake, intake.stack.outputs.intake_failures_queue_url)


def _lose_it_before_a_throttled_function(intake: Intake, submission: Submission) -> None:
    with intake.function_throttled_to_zero():
        intake.submit(submission)
        _wait_for_a_message(intake, intake.stack.outputs.intake_failures_queue_url)


def _lose_it_in_a_failing_back_end(intake: Intake, submission: Submission) -> None:
    intake.submit(submission)
    dead_letter_queue_url = intake.stack.outputs.dead_letter_queue_url

    def is_dead() -> bool:
        # A back end that receives and never deletes.
        intake.take_one(intake.stack.outputs.queue_url, visibility_timeout=0)
        return intake.count(dead_letter_queue_url) == 1

    wait_for("the dead letter", is_dead, ARRIVAL_SECONDS)


def _lose_it_in_a_purge(intake: Intake, submission: Submission) -> None:
    intake.submit(submission)
    intake.log_line("announced", key=submission.json_key)
    _wait_for_a_message(intake, intake.stack.outputs.queue_url)
    intake.sqs.purge_queue(QueueUrl=intake.stack.outputs.queue_url)


def _replace_the_code_alone(intake: Intake, submission: Submission) -> None:
    """Resubmit with a tool that leaves out a .json that has not changed."""
    _lose_it_in_a_purge(intake, submission)

    def is_newer() -> bool:
        intake.put(submission.py_key, b"print('better')\n")
        code, data = (
            intake.s3.head_object(Bucket=intake.bucket, Key=key)["LastModified"]
            for key in (submission.py_key, submission.json_key)
        )
        return bool(code > data)

    # S3's times are whole seconds.
    wait_for("a .py of a later second", is_newer, ARRIVAL_SECONDS)


def _wait_for_a_message(intake: Intake, queue_url: str) -> None:
    wait_for(f"a message in {queue_url}", lambda: intake.count(queue_url) > 0, ARRIVAL_SECONDS)


@pytest.mark.parametrize(
    ("lose", "diagnosis", "says", "command"),
    [
        (_lose_the_notification, "never_announced", "notification was missed", "reconcile"),
        (_lose_it_in_a_failing_function, "failed_waiting", "NonExistentQueue", "redrive intake"),
        (
            _lose_it_before_a_throttled_function,
            "failed_waiting",
            "ZeroReservedConcurrency",
            "redrive intake",
        ),
        (
            _lose_it_in_a_failing_back_end,
            "dead_letter",
            "received the message too often",
            "redrive dead-letter",
        ),
        (_lose_it_in_a_purge, "announced_no_result", "the queue was purged", "reconcile"),
        (_replace_the_code_alone, "code_newer", "The .py was replaced", "reconcile"),
    ],
)
def test_lost_submission_is_found_and_announced_again(
    intake: Intake,
    lose: Callable[[Intake, Submission], None],
    diagnosis: str,
    says: str,
    command: str,
) -> None:
    submission = Submission(problem="lab 5, été")
    intake.empty()
    lose(intake, submission)
    why = ("why", submission.subid, "--grace", AT_ONCE, "--json")

    lost = run_tool(intake.stack, *why)

    assert lost.exit_code == 1, lost.errors
    [story] = lost.report["stories"]
    assert (story["diagnosis"], says in story["explanation"]) == (diagnosis, True), story

    next_step = shlex.split(story["next_step"].rpartition("submitter ")[2])
    assert " ".join(next_step).startswith(command)
    # Uploads of the last minutes are skipped without --older-than.
    young = ("--older-than", AT_ONCE) if command == "reconcile" else ()
    repaired = run_tool(intake.stack, *next_step, *young)

    assert repaired.exit_code == 0, repaired.output + repaired.errors
    [message] = intake.messages(submission.json_key)
    assert message.body == submission.body
    again = run_tool(intake.stack, *why).report["stories"][0]
    assert again["diagnosis"] in {"announced_waiting", "announced_no_result"}
