"""A stack as its users see it: upload at one end, read messages and logs at the other."""

import io
import secrets
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from emulation.stack import Stack
from emulation.waiting import wait_for
from submission.data import write_data
from submission.json_object import read_object
from submission.keys import SubmissionKey

ARRIVAL_SECONDS = 60
ALARM_TOPIC_ARN = "arn:aws:sns:us-east-1:000000000000:course-staff"
"""The topic that the scratch stack's alarms notify."""


def ignore_progress(_line: str) -> None:
    """Ignore a command's progress."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the submitter queue, or of one that it ends in."""

    body: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission's names, with a subid that no other test has."""

    admin: str = "m.soltys"
    event: str = "aws_labs"
    problem: str = "lab5_containers"
    subid: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def key(self) -> SubmissionKey:
        return SubmissionKey(self.admin, self.event, self.problem, self.subid)

    @property
    def folder(self) -> str:
        return self.key.folder.removesuffix("/")

    @property
    def json_key(self) -> str:
        return self.key.data_key

    @property
    def py_key(self) -> str:
        return self.key.code_key

    @property
    def data(self) -> bytes:
        return write_data(self.key, (self.subid[::-1],))

    @property
    def body(self) -> str:
        """The message that announces it, to the letter."""
        return f'{{"subdata": "{self.subid}.json"}}'


class Intake:
    """A provisioned stack and what has come out of it so far."""

    def __init__(self, stack: Stack, session: Any = None) -> None:  # noqa: ANN401 - clients of any kind
        """Use a stack; with another session if the stack's is not right."""
        session = session or stack.session
        self.stack = stack
        self.bucket = stack.outputs.bucket_name
        self.s3 = session.client("s3")
        self.sqs = session.client("sqs")
        self.functions = session.client("lambda")
        self._logs = session.client("logs")
        self._received: dict[str, list[Message]] = defaultdict(list)

    def put(self, key: str, body: bytes = b"{}") -> str:
        """Upload an object; return its version id."""
        version: str = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)["VersionId"]
        return version

    def submit(self, submission: Submission) -> str:
        """Upload both objects as the front end does; return the .json's version id."""
        self.put(submission.py_key, b"print('hello')\n")
        return self.put(submission.json_key, submission.data)

    def messages(self, key: str, count: int = 1) -> list[Message]:
        """Wait for this many announcements of an object; return all received by then."""

        def arrived() -> list[Message] | None:
            if len(self._received[key]) < count:
                self._receive()
            return self._received[key] if len(self._received[key]) >= count else None

        return wait_for(f"{count} message(s) about {key}", arrived, ARRIVAL_SECONDS)

    def drain(self) -> dict[str, list[Message]]:
        """Receive all that waits now; return every announcement seen so far, by key."""
        while self._receive():
            pass
        return {key: messages for key, messages in self._received.items() if messages}

    def received(self, key: str) -> list[Message]:
        """Return the announcements of an object that have been seen so far."""
        return self._received[key]

    def log_line(self, outcome: str, **fields: object) -> dict[str, Any]:
        """Wait for the function's log line with an outcome and other fields; return it."""

        def written() -> dict[str, Any] | None:
            wanted = {"outcome": outcome, **fields}
            return next((line for line in self.log_lines() if wanted.items() <= line.items()), None)

        return wait_for(f"a log line: {outcome} {fields}", written, ARRIVAL_SECONDS)

    def log_lines(self, log_group: str | None = None) -> list[dict[str, Any]]:
        """Return every JSON line of a log group, by default the intake function's."""
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=log_group or self.stack.outputs.function_log_group_name
        )
        # A runtime that crashes or is killed may write other lines too.
        lines = [read_object(event["message"]) for page in pages for event in page["events"]]
        return [line for line in lines if line]

    def wait_for_earlier_uploads(self) -> None:
        """Wait until the function has announced a submission uploaded only now.

        Notifications come in any order, but an object that was uploaded before this one and
        that triggers nothing had its chance.
        """
        sentinel = Submission()
        self.put(sentinel.json_key, sentinel.data)
        self.messages(sentinel.json_key)
        self.log_line("announced", key=sentinel.json_key)

    @contextmanager
    def function_changed(
        self, name: str, variables: dict[str, str], **settings: object
    ) -> Iterator[None]:
        """Run a function with further environment variables, and settings, in a block."""
        usual = self._configuration(name)
        environment = usual["Environment"]
        settings["Environment"] = {"Variables": environment["Variables"] | variables}
        try:
            self._configure_function(name, **settings)
            yield
        finally:
            self._configure_function(name, **{setting: usual[setting] for setting in settings})

    def function_variables(self, **variables: str) -> AbstractContextManager[None]:
        """Run the function with other environment variables for the length of a block."""
        return self.function_changed(self.stack.outputs.function_name, variables)

    def deploy(self, name: str, package: bytes) -> None:
        """Give a function other code."""
        self.functions.update_function_code(FunctionName=name, ZipFile=package)
        self._wait_until_updated(name)

    @contextmanager
    def badly_deployed(self, name: str, package: bytes) -> Iterator[None]:
        """Deploy a handler that fails on every event, and the right package after a block."""
        module, _, function = self._configuration(name)["Handler"].rpartition(".")
        bad = io.BytesIO()
        with zipfile.ZipFile(bad, "w") as archive:
            # Lambda also gives it a context.
            code = f"def {function}(event):\n    ...\n"
            archive.writestr(f"{module.replace('.', '/')}.py", code)
        try:
            self.deploy(name, bad.getvalue())
            yield
        finally:
            self.deploy(name, package)

    def function_with_missing_queue(self) -> AbstractContextManager[None]:
        """Run the function with a queue that does not exist, for the length of a block."""
        return self.function_variables(SUBMITTER_QUEUE_URL=f"{self.stack.outputs.queue_url}-gone")

    @contextmanager
    def function_throttled_to_zero(self, name: str | None = None) -> Iterator[None]:
        """Let a function, by default the intake, not run at all for the length of a block."""
        name = name or self.stack.outputs.function_name
        usual = self.functions.get_function_concurrency(FunctionName=name)
        self.functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        try:
            yield
        finally:
            limit = usual.get("ReservedConcurrentExecutions")
            if limit is None:
                self.functions.delete_function_concurrency(FunctionName=name)
            else:
                self.functions.put_function_concurrency(
                    FunctionName=name, ReservedConcurrentExecutions=limit
                )

    @contextmanager
    def without_notification(self) -> Iterator[None]:
        """Remove the bucket's notification for the length of a block."""
        usual = self.s3.get_bucket_notification_configuration(Bucket=self.bucket)
        usual.pop("ResponseMetadata", None)
        self._notify({})
        try:
            yield
        finally:
            self._notify(usual)

    def empty(self) -> None:
        """Remove all that was ever uploaded, announced or failed; the log stays."""
        outputs = self.stack.outputs
        for page in self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket):
            found = (*page.get("Versions", []), *page.get("DeleteMarkers", []))
            objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
            if objects:
                self.s3.delete_objects(
                    Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True}
                )
        for url in (
            outputs.queue_url,
            outputs.dead_letter_queue_url,
            outputs.intake_failures_queue_url,
        ):
            self.sqs.purge_queue(QueueUrl=url)

    def count(self, queue_url: str) -> int:
        """Return how many messages of a queue wait to be received."""
        answer = self.sqs.get_queue_attributes(
            QueueUrl=queue_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def take_one(self, queue_url: str, *, visibility_timeout: int | None = None) -> Message | None:
        """Receive one message of any queue, without deleting it."""
        options = {} if visibility_timeout is None else {"VisibilityTimeout": visibility_timeout}
        answer = self.sqs.receive_message(
            QueueUrl=queue_url, MessageAttributeNames=["All"], WaitTimeSeconds=1, **options
        )
        return next(map(_message, answer.get("Messages", [])), None)

    def _notify(self, configuration: dict[str, Any]) -> None:
        self.s3.put_bucket_notification_configuration(
            Bucket=self.bucket,
            NotificationConfiguration=configuration,
            SkipDestinationValidation=True,
        )

    def _configuration(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.functions.get_function_configuration(FunctionName=name)
        return found

    def _configure_function(self, name: str, **settings: Any) -> None:  # noqa: ANN401 - Lambda's
        self.functions.update_function_configuration(FunctionName=name, **settings)
        self._wait_until_updated(name)

    def _wait_until_updated(self, name: str) -> None:
        updated = self.functions.get_waiter("function_updated_v2")
        updated.wait(FunctionName=name, WaiterConfig={"Delay": 1})

    def _receive(self) -> int:
        """Receive and delete up to ten messages; return how many there were."""
        queue_url = self.stack.outputs.queue_url
        answer = self.sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            WaitTimeSeconds=1,
        )
        received = answer.get("Messages", [])
        for raw in received:
            message = _message(raw)
            self._received[message.attributes["key"]].append(message)
            self.sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=raw["ReceiptHandle"])
        return len(received)


def _message(raw: dict[str, Any]) -> Message:
    attributes = raw.get("MessageAttributes", {})
    return Message(raw["Body"], {name: value["StringValue"] for name, value in attributes.items()})
