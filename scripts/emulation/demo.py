"""The demonstration: the specification's example travels from the bucket to its result."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from emulation import example_course
from emulation.errors import EmulationError
from emulation.stack import Progress, Stack, temporary_stack
from emulation.waiting import wait_for
from submitter.feedback.student_result import read_student_result
from submitter.feedback.view import student_view

_ARRIVAL_SECONDS = 60


def run(progress: Progress) -> str:
    """Bring up a stack with the grader, submit the example, and remove the stack.

    Args:
        progress: receives a line for each step.

    Returns:
        The result, as the student may read it.

    Raises:
        EmulationError: the stack did not come up, or the message or the result did not arrive.
    """
    with temporary_stack(progress, {"grading": {}}) as stack:
        example_course.publish(stack, progress)
        with _grader_held_back(stack):
            progress("Submitting the specification's example, the .py first and the .json last")
            example_course.submit(stack, progress)
            started = time.monotonic()
            body = _wait_for_message(stack)
            progress(f"The message is on the queue after {time.monotonic() - started:.1f} seconds:")
            progress(f"  {body}")
        started = time.monotonic()
        result = _wait_for_result(stack)
        progress(
            f"The grader took it, ran the program in its sandbox, and after "
            f"{time.monotonic() - started:.1f} seconds the student can read:\n"
        )
        return result


@contextmanager
def _grader_held_back(stack: Stack) -> Iterator[None]:
    """Keep the grader from taking messages during a block, which looks at one."""
    functions, uuid = stack.session.client("lambda"), stack.outputs.grader_mapping_uuid

    def switch(*, enabled: bool) -> None:
        state = "Enabled" if enabled else "Disabled"
        functions.update_event_source_mapping(UUID=uuid, Enabled=enabled)
        wait_for(
            f"the event source mapping to be {state}",
            lambda: functions.get_event_source_mapping(UUID=uuid)["State"] == state,
            _ARRIVAL_SECONDS,
        )

    switch(enabled=False)
    yield
    switch(enabled=True)


def _wait_for_message(stack: Stack) -> str:
    """Return the body of a message on the submitter queue, and leave it there.

    Raises:
        EmulationError: no message came within a minute.
    """
    sqs = stack.session.client("sqs")
    deadline = time.monotonic() + _ARRIVAL_SECONDS
    while time.monotonic() < deadline:
        answer = sqs.receive_message(
            QueueUrl=stack.outputs.queue_url, WaitTimeSeconds=10, VisibilityTimeout=0
        )
        for message in answer.get("Messages", []):
            body: str = message["Body"]
            return body
    raise _missing("message", "upload", stack, stack.outputs.function_log_group_name)


def _wait_for_result(stack: Stack) -> str:
    """Return the student's result, as text.

    Raises:
        EmulationError: no result came within a minute.
    """
    s3 = stack.session.client("s3")
    bucket, key = stack.outputs.bucket_name, example_course.example_key().result_key

    def read() -> str | None:
        try:
            answer = s3.get_object(Bucket=bucket, Key=key)
        except s3.exceptions.NoSuchKey:
            return None
        return student_view(read_student_result(json.loads(answer["Body"].read())))

    try:
        return wait_for("the result", read, _ARRIVAL_SECONDS)
    except TimeoutError:
        raise _missing("result", "message", stack, stack.outputs.grader_log_group_name) from None


def _missing(what: str, after: str, stack: Stack, log_group: str | None) -> EmulationError:
    answer = stack.session.client("logs").filter_log_events(logGroupName=log_group)
    lines = [event["message"].strip() for event in answer["events"][-10:]]
    last = "\n".join(lines or ["(the log is empty: the function did not start)"])
    return EmulationError(
        f"No {what} came within {_ARRIVAL_SECONDS} s of the {after}. Look for the cause in the "
        f"last lines of the function's log, then run it again:\n{last}"
    )
