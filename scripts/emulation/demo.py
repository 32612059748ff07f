"""The demonstration: the specification's example travels from the bucket to the queue."""

import json
import time

from emulation.errors import EmulationError
from emulation.project import EXAMPLE
from emulation.stack import Progress, Stack, temporary_stack
from submission.keys import CODE_SUFFIX, DATA_SUFFIX, SubmissionKey

_ARRIVAL_SECONDS = 60


def run(progress: Progress) -> str:
    """Bring up a stack, submit the example, receive its message, and remove the stack.

    Args:
        progress: receives a line for each step.

    Returns:
        The message's body.

    Raises:
        EmulationError: the stack did not come up, or no message arrived.
    """
    with temporary_stack(progress) as stack:
        progress("Submitting the specification's example, the .py first and the .json last")
        uploaded = submit_example(stack)
        for key in uploaded:
            progress(f"  s3://{stack.outputs.bucket_name}/{key}")
        started = time.monotonic()
        body = receive(stack)
        progress(f"The message is on the queue after {time.monotonic() - started:.1f} seconds")
        return body


def submit_example(stack: Stack) -> list[str]:
    """Upload the example's two files as a front end does; return their keys, in that order."""
    s3 = stack.session.client("s3")
    keys = []
    data, code = next(EXAMPLE.glob(f"*{DATA_SUFFIX}")), next(EXAMPLE.glob(f"*{CODE_SUFFIX}"))
    fields = json.loads(data.read_text(encoding="utf-8"))
    place = SubmissionKey(*(fields[name] for name in SubmissionKey._fields))
    for key, file in ((place.code_key, code), (place.data_key, data)):
        s3.put_object(Bucket=stack.outputs.bucket_name, Key=key, Body=file.read_bytes())
        keys.append(key)
    return keys


def receive(stack: Stack) -> str:
    """Receive one message from the submitter queue as a back end does, and delete it.

    Returns:
        The message's body.

    Raises:
        EmulationError: no message came within a minute.
    """
    sqs = stack.session.client("sqs")
    deadline = time.monotonic() + _ARRIVAL_SECONDS
    while time.monotonic() < deadline:
        answer = sqs.receive_message(QueueUrl=stack.outputs.queue_url, WaitTimeSeconds=10)
        for message in answer.get("Messages", []):
            sqs.delete_message(
                QueueUrl=stack.outputs.queue_url, ReceiptHandle=message["ReceiptHandle"]
            )
            body: str = message["Body"]
            return body
    raise EmulationError(
        f"No message came within {_ARRIVAL_SECONDS} s of the upload. Look for the cause in the "
        f"last lines of the function's log, then run it again:\n{_last_lines(stack)}"
    )


def _last_lines(stack: Stack) -> str:
    logs = stack.session.client("logs")
    answer = logs.filter_log_events(logGroupName=stack.outputs.function_log_group_name)
    messages = [event["message"].strip() for event in answer["events"][-10:]]
    return "\n".join(messages or ["(the log is empty: the function did not start)"])
