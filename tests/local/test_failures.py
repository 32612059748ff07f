"""What cannot be handled ends whole in a failure queue."""

import json

import pytest

from emulation.waiting import wait_for
from local.intake import ARRIVAL_SECONDS, Intake, Message, Submission

# One worker runs all that shares the stacks, in the order of the files.
pytestmark = pytest.mark.xdist_group("stacks")


def _wait_for_message(intake: Intake, queue_url: str) -> Message:
    return wait_for(
        f"a message on {queue_url}", lambda: intake.take_one(queue_url), ARRIVAL_SECONDS
    )


def test_event_of_a_failing_function_ends_in_intake_failures(scratch_intake: Intake) -> None:
    intake, submission = scratch_intake, Submission()
    with intake.function_with_missing_queue():
        version = intake.put(submission.json_key, submission.data)
        failure = _wait_for_message(intake, intake.stack.outputs.intake_failures_queue_url)

    record = json.loads(failure.body)
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responsePayload"]["errorType"] == "IntakeError"
    assert "NonExistentQueue" in record["responsePayload"]["errorMessage"]
    [uploaded] = record["requestPayload"]["Records"]
    assert uploaded["s3"]["object"]["key"] == submission.json_key
    assert uploaded["s3"]["object"]["versionId"] == version
    assert intake.log_line("failed", subid=submission.subid)["versionId"] == version


def test_function_that_cannot_start_loses_no_event(scratch_intake: Intake) -> None:
    intake, submission = scratch_intake, Submission()
    with intake.function_variables(SUBMITTER_QUEUE_URL=""):
        intake.put(submission.json_key, submission.data)

        def failure() -> dict[str, object] | None:
            message = intake.take_one(intake.stack.outputs.intake_failures_queue_url)
            record = json.loads(message.body) if message else {}
            return record if submission.subid in json.dumps(record) else None

        record = wait_for("the failed event", failure, ARRIVAL_SECONDS)

    assert "SUBMITTER_QUEUE_URL" in json.dumps(record["responsePayload"])


def test_message_received_too_often_ends_in_the_dead_letter_queue(scratch_intake: Intake) -> None:
    intake, submission = scratch_intake, Submission()
    intake.put(submission.json_key, submission.data)
    dead_letter_queue_url = intake.stack.outputs.dead_letter_queue_url

    def dead_letter() -> Message | None:
        # A back end that receives and never deletes.
        intake.take_one(intake.stack.outputs.queue_url, visibility_timeout=0)
        return intake.take_one(dead_letter_queue_url)

    message = wait_for("the dead letter", dead_letter, ARRIVAL_SECONDS)

    assert message.body == submission.body
    assert message.attributes["key"] == submission.json_key
