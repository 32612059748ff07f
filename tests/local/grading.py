"""A stack with grading as its users see it: hand in at one end, read results at the other."""

import json
from collections.abc import Callable
from typing import Any

import psutil

from emulation.example_course import PROBLEM
from emulation.localstack import LocalStack
from emulation.waiting import wait_for
from grading.problem import Problem, write_problem
from local.intake import ARRIVAL_SECONDS, Intake, Submission
from submission.keys import SubmissionKey, problem_key
from submission.message import Announcement, UploadedObject

SOON_SECONDS = 15
"""Long enough that a grading ends before its message comes back."""
_BUSY_SECONDS = 0.5
"""More than a sandbox's start takes."""


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

    def is_queue_empty(self) -> bool:
        """Return whether no message waits or is being graded."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(
            QueueUrl=self.stack.outputs.queue_url, AttributeNames=names
        )
        return set(answer["Attributes"].values()) == {"0"}

    def wait_until_queue_is_empty(self) -> None:
        """Wait until no message waits or is being graded."""
        wait_for("an empty queue", self.is_queue_empty, ARRIVAL_SECONDS)

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
