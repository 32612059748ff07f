"""`reconcile` and `redrive` as commands: exit codes, reports, and continuing when interrupted."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from submitter.aws import failure_queue
from submitter.aws.function_call import Handled, IntakeFunction, Refused
from submitter.errors import ExitCode
from submitter.stack.deployment import Deployment
from unit.submitter.contexts import GRADED, Terminal, run_tool
from unit.submitter.mocked_aws import client, intercept, mocked_stack, set_times

NOW = ("--older-than", "0s")
REFUSED = Refused("IntakeError", "no queue")
THROTTLED = Refused("TooManyRequestsException", "Rate Exceeded.", is_unavailable=True)


def _stem(number: int) -> str:
    return f"submissions/m.soltys/aws_labs/lab5/{number:032x}/{number:032x}"


class _Stack:
    """A stack in a stand-in for AWS, and the function that it calls."""

    longest_call_seconds = 30.0

    def __init__(
        self,
        names: Deployment,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.names = names
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        self._s3 = client("s3")
        self._logs = client("logs")
        self.sqs = client("sqs")
        self._log = names.function_log_group_name
        self._logs.create_log_stream(logGroupName=self._log, logStreamName="one")
        self.announced: list[str] = []
        self.answers: list[Refused | BaseException | None] = []
        """What the next calls return or raise, instead of announcing."""

    def upload(self, count: int) -> None:
        for number in range(count):
            for end in (".py", ".json"):
                self.put(_stem(number) + end)

    def put(self, key: str, body: bytes = b"{}") -> None:
        self._s3.put_object(Bucket=self.names.bucket_name, Key=key, Body=body)

    def age(self, ages: dict[str, timedelta]) -> None:
        """Have objects be so old, by the ends of their keys, in listings."""
        now = datetime.now(UTC)
        set_times(self._monkeypatch, lambda key: now - ages[key.rpartition(".")[2]])

    def version(self, key: str) -> str:
        found = self._s3.head_object(Bucket=self.names.bucket_name, Key=key)
        return str(found["VersionId"])

    def put_result(self, number: int, **said: str) -> None:
        key = _stem(number) + ".json"
        result = {"submissionVersionId": self.version(key)} | said
        self.put(key.replace("submissions/", "output/"), json.dumps(result).encode())

    def log_announced(self, key: str, version: str | None, time: datetime) -> None:
        self.log("announced", key, version, time)

    def log(self, outcome: str, key: str, version: str | None, time: datetime) -> None:
        line = {"outcome": outcome, "key": key, "versionId": version}
        self._logs.put_log_events(
            logGroupName=self._log,
            logStreamName="one",
            logEvents=[{"timestamp": int(time.timestamp() * 1000), "message": json.dumps(line)}],
        )

    def turn_grading_on(self) -> None:
        values = asdict(self.names) | {
            name: value for name, value in asdict(GRADED).items() if name.startswith("grader_")
        }
        client("ssm").put_parameter(
            Name=f"/submitter/{self.names.name}/stack", Value=json.dumps(values), Overwrite=True
        )
        dead_letter = self.sqs.get_queue_attributes(
            QueueUrl=self.names.dead_letter_queue_url, AttributeNames=["QueueArn"]
        )["Attributes"]["QueueArn"]
        target = {"deadLetterTargetArn": dead_letter, "maxReceiveCount": 5}
        self.sqs.set_queue_attributes(
            QueueUrl=self.names.queue_url,
            Attributes={"VisibilityTimeout": "720", "RedrivePolicy": json.dumps(target)},
        )

    def fail(self, count: int) -> None:
        self.upload(count)
        for number in range(count):
            record = {
                "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "bucket": {"name": self.names.bucket_name},
                    "object": {"key": _stem(number) + ".json"},
                },
            }
            self.send(json.dumps({"requestPayload": {"Records": [record]}}))

    def bury(self, **named: str) -> None:
        subid = named["key"].rpartition("/")[2]
        self.sqs.send_message(
            QueueUrl=self.names.dead_letter_queue_url,
            MessageBody=json.dumps({"subdata": subid}),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in named.items()
            },
        )

    def delete_versions(self) -> None:
        bucket = self.names.bucket_name
        for each in self._s3.list_object_versions(Bucket=bucket)["Versions"]:
            self._s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])

    def send(self, body: str) -> None:
        self.sqs.send_message(QueueUrl=self.names.intake_failures_queue_url, MessageBody=body)

    def call(self, event: dict[str, Any]) -> Handled | Refused:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        if answer is not None:
            return answer
        objects = [record["s3"]["object"] for record in event["Records"]]
        for each in objects:
            key = unquote_plus(each["key"])
            self.announced.append(key)
            self.log_announced(key, each.get("versionId"), datetime.now(UTC))
        return Handled(len(objects), 0)

    def deny(self, operation: str, after: int = 0) -> None:
        """Refuse an operation, once it has been allowed so many times."""
        allowed = iter(range(after))

        def handle(name: str, _arguments: object, call: Callable[[], Any]) -> object:
            if name == operation and next(allowed, None) is None:
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no."}}, name)
            return call()

        intercept(self._monkeypatch, handle)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code, output, errors = run_tool(self._capsys, *arguments)
        return code, output, " ".join(errors.split())

    def report(self, *arguments: str) -> tuple[int, Any]:
        code, output, _ = self.run(*arguments, "--json")
        return code, json.loads(output)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[_Stack]:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(failure_queue, "_LONG_POLL_SECONDS", 0)
    with mocked_stack(monkeypatch) as names:
        stack = _Stack(names, capsys, monkeypatch)
        monkeypatch.setattr(IntakeFunction, "deployed", lambda _context: stack)
        yield stack


def test_reconcile_exits_with_1_while_gaps_are_left(stack: _Stack) -> None:
    assert stack.run("reconcile", *NOW)[0] == ExitCode.OK
    stack.upload(3)

    assert stack.run("reconcile", *NOW)[0] == ExitCode.ATTENTION
    assert stack.announced == []
    assert stack.run("reconcile", *NOW, "--yes")[0] == ExitCode.OK
    assert stack.announced == [_stem(number) + ".json" for number in range(3)]
    assert stack.run("reconcile", *NOW, "--yes")[0] == ExitCode.OK
    assert stack.run("reconcile", *NOW)[0] == ExitCode.OK
    assert len(stack.announced) == 3

    stack.put("stray.txt")
    assert stack.run("reconcile", *NOW, "--yes")[0] == ExitCode.ATTENTION


@pytest.mark.parametrize("part", [("--prefix", "submissions/m.soltys/"), ("--after", _stem(0))])
def test_prefix_and_after_leave_the_rest_out(stack: _Stack, part: tuple[str, str]) -> None:
    stack.upload(2)
    stack.put("stray.txt")

    assert "stray" in stack.report("reconcile", *NOW)[1]["gaps"]
    assert set(stack.report("reconcile", *NOW, *part)[1]["gaps"]) == {"never_announced"}


def test_failed_announcement_is_repeated(stack: _Stack) -> None:
    stack.upload(1)
    key = _stem(0) + ".json"
    stack.log("failed", key, stack.version(key), datetime.now(UTC))

    code, output, _ = stack.run("reconcile", *NOW)
    assert code == ExitCode.ATTENTION
    assert "To announce 1 of them, add --yes." in output
    code, output, _ = stack.run("reconcile", *NOW, "--yes")
    assert (code, stack.announced) == (ExitCode.OK, [key])
    assert "add --yes" not in output


def test_code_uploaded_without_data_is_announced_once(stack: _Stack) -> None:
    hour = timedelta(hours=1)
    key = _stem(0) + ".json"
    stack.upload(1)
    stack.log_announced(key, stack.version(key), datetime.now(UTC) - 2 * hour)
    # As a sync does it that leaves out the .json, which has not changed.
    stack.age({"json": 2 * hour, "py": hour})

    code, shown = stack.report("reconcile")
    assert (code, shown["gaps"]) == (ExitCode.ATTENTION, {"code_newer": 1})
    assert shown["named"][0]["key"] == key
    assert stack.announced == []

    assert stack.run("reconcile", "--yes")[0] == ExitCode.OK
    assert stack.announced == [key]
    assert stack.run("reconcile")[0] == ExitCode.OK


def test_failed_result_is_announced_only_with_no_result(stack: _Stack) -> None:
    stack.upload(1)
    stack.run("reconcile", *NOW, "--yes")
    stack.announced.clear()
    stack.put_result(0, status="failed")

    assert stack.report("reconcile", *NOW)[1]["gaps"] == {"failed_result": 1}
    assert stack.run("reconcile", *NOW, "--yes")[0] == ExitCode.ATTENTION
    assert stack.announced == []
    assert stack.run("reconcile", *NOW, "--no-result", "--yes")[0] == ExitCode.OK
    assert stack.announced == [_stem(0) + ".json"]


@pytest.mark.parametrize(("minutes", "gaps"), [(59, {}), (61, {"failed_result": 1})])
def test_failed_result_is_no_gap_while_the_grader_retries(
    stack: _Stack, minutes: float, gaps: dict[str, int]
) -> None:
    stack.turn_grading_on()
    stack.upload(1)
    key = _stem(0) + ".json"
    announced = datetime.now(UTC) - timedelta(minutes=minutes)
    stack.log_announced(key, stack.version(key), announced)
    stack.put_result(0, status="failed")

    assert stack.report("reconcile", *NOW)[1]["gaps"] == gaps
    assert stack.run("reconcile", *NOW, "--no-result", "--yes")[0] == ExitCode.OK
    assert stack.announced == [key]


def test_events_and_problems_are_no_strays(stack: _Stack) -> None:
    stack.put("events/a/e.json")
    stack.put("events/a/e/p.json")

    assert stack.run("reconcile", *NOW)[0] == ExitCode.OK


def test_interrupted_reconcile_continues_after_a_key(stack: _Stack) -> None:
    stack.upload(35)
    stack.answers = [None, KeyboardInterrupt()]

    code, report = stack.report("reconcile", *NOW, "--yes", "--rate", "10000")

    assert code == ExitCode.INTERRUPTED
    assert report["interrupted"]
    after = report["resume_after"]
    assert after == stack.announced[-1] == _stem(9) + ".json"
    code, rest = stack.report(
        "reconcile", *NOW, "--yes", "--rate", "10000", "--after", after, "--no-result"
    )
    assert (code, rest["submissions"]) == (ExitCode.OK, 25)
    assert stack.announced == [_stem(number) + ".json" for number in range(35)]


def test_results_are_found_with_after(stack: _Stack) -> None:
    stack.upload(4)
    for number in range(4):
        stack.put_result(number)

    after = _stem(1) + ".json"
    code, report = stack.report("reconcile", *NOW, "--no-result", "--after", after)

    assert (code, report["submissions"], report["gaps"]) == (ExitCode.OK, 2, {})


@pytest.mark.parametrize(
    "arguments",
    [
        ("--after", "a"),
        ("--prefix", "output/"),
        ("--older-than", "5"),
        ("--older-than", "999999d"),
        ("--since", "yesterday"),
        ("--rate", "0"),
        ("--show", "-1"),
    ],
)
def test_invalid_option_is_a_usage_error(stack: _Stack, arguments: tuple[str, str]) -> None:
    code, _, errors = stack.run("reconcile", *arguments)

    assert code == ExitCode.USAGE
    assert "Error" in errors


@pytest.mark.parametrize(
    ("operation", "command"),
    [
        ("ListObjectVersions", ("reconcile",)),
        ("FilterLogEvents", ("reconcile",)),
        ("DescribeLogGroups", ("reconcile",)),
        ("ListObjectsV2", ("reconcile",)),
        ("GetQueueAttributes", ("redrive",)),
        ("ReceiveMessage", ("redrive", "intake")),
        ("ReceiveMessage", ("redrive", "--yes")),
    ],
)
def test_missing_right_is_an_error_of_one_sentence(
    stack: _Stack, operation: str, command: tuple[str, ...]
) -> None:
    stack.deny(operation)

    code, output, errors = stack.run(*command)

    assert (code, output) == (ExitCode.UNAVAILABLE, "")
    assert f"error: AWS does not let these credentials do this ({operation})" in errors


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (FileNotFoundError(2, "No such file", "helper"), "Unexpected error: FileNotFoundError"),
        (ValueError("malformed XML"), "Unexpected error: ValueError: malformed XML"),
        (RuntimeError("the refreshed credentials are still expired."), "they have expired"),
        (EndpointConnectionError(endpoint_url="https://lambda"), "https://lambda"),
    ],
)
def test_failed_repair_reports_what_it_did(stack: _Stack, error: Exception, says: str) -> None:
    stack.upload(25)
    stack.answers = [None, error]

    code, reconciled = stack.report("reconcile", *NOW, "--yes", "--rate", "10000")

    assert code == ExitCode.UNAVAILABLE
    assert reconciled["outcomes"] == {"announced": 10}
    assert reconciled["resume_after"] == _stem(9) + ".json"
    assert says in reconciled["problem"]
    stack.fail(3)
    stack.answers = [None, error]
    code, [redriven] = stack.report("redrive", "intake", "--yes")
    assert code == ExitCode.UNAVAILABLE
    assert redriven["moved"] == 1
    assert says in redriven["problem"]


def test_redrive_exits_with_1_while_messages_are_left(stack: _Stack) -> None:
    assert stack.run("redrive")[0] == ExitCode.OK
    stack.fail(3)

    assert stack.run("redrive")[0] == ExitCode.ATTENTION
    assert stack.run("redrive", "dead-letter")[0] == ExitCode.OK
    assert stack.run("redrive", "intake", "--yes")[0] == ExitCode.OK
    assert sorted(stack.announced) == [_stem(number) + ".json" for number in range(3)]
    assert stack.run("redrive", "intake")[0] == ExitCode.OK

    stack.send("hello")
    assert stack.run("redrive", "intake", "--yes")[0] == ExitCode.ATTENTION
    assert stack.run("redrive", "intake")[0] == ExitCode.ATTENTION


def test_interrupted_redrive_continues_when_run_again(stack: _Stack) -> None:
    stack.fail(12)
    stack.answers = [None, None, KeyboardInterrupt()]

    code, [report] = stack.report("redrive", "--yes")

    assert code == ExitCode.INTERRUPTED
    assert (report["queue"], report["moved"], report["interrupted"]) == ("intake", 2, True)
    assert stack.run("redrive", "intake", "--yes")[0] == ExitCode.OK
    assert sorted(stack.announced) == [_stem(number) + ".json" for number in range(12)]


def test_failed_redrive_releases_its_messages(stack: _Stack) -> None:
    stack.fail(3)
    stack.deny("DeleteMessage", after=1)

    code, [report] = stack.report("redrive", "--yes")

    assert code == ExitCode.UNAVAILABLE
    assert report["moved"] == 1
    assert "(DeleteMessage)" in report["problem"]
    left = stack.sqs.receive_message(
        QueueUrl=stack.names.intake_failures_queue_url, MaxNumberOfMessages=10
    )
    assert len(left["Messages"]) == 2


def test_dead_letters_are_announced_if_the_bucket_has_their_object(stack: _Stack) -> None:
    stack.upload(3)
    key = _stem(1) + ".json"
    named = {"bucket": stack.names.bucket_name, "key": key, "versionId": stack.version(key)}
    stack.bury(**named)
    stack.bury(**named | {"versionId": "forged"})
    stack.bury(**named | {"bucket": "forged"})

    code, [report] = stack.report("redrive", "dead-letter", "--yes")

    assert code == ExitCode.ATTENTION
    assert stack.announced == [key]
    assert (report["moved"], len(report["messages"])) == (1, 3)
    assert {each["detail"] for each in report["messages"]} == {
        None,
        "the bucket has no such version (any more)",
        "names another bucket: forged",
    }
    assert len(stack.report("redrive", "dead-letter")[1][0]["messages"]) == 2


def test_why_ignores_messages_about_another_bucket(stack: _Stack) -> None:
    stack.upload(1)
    key = _stem(0) + ".json"
    stack.log_announced(key, stack.version(key), datetime.now(UTC))
    named = {"key": key, "versionId": stack.version(key)}

    stack.bury(**named, bucket="another")
    _, forged = stack.report("why", "0" * 32)
    stack.bury(**named, bucket=stack.names.bucket_name)
    _, real = stack.report("why", "0" * 32)

    assert forged["stories"][0]["diagnosis"] == "announced_waiting"
    assert real["stories"][0]["diagnosis"] == "dead_letter"


def test_forged_event_is_not_announced(stack: _Stack) -> None:
    stack.fail(1)
    stack.delete_versions()

    code, [report] = stack.report("redrive", "intake", "--yes")

    assert (code, stack.announced) == (ExitCode.ATTENTION, [])
    assert report["messages"][0]["detail"] == "the bucket has no such version (any more)"


@pytest.mark.parametrize(
    ("command", "progress"),
    [
        (("reconcile", *NOW, "--yes"), "3 submissions, 3 gaps, 3 announced"),
        (("redrive", "intake"), "3/3"),
        (("redrive", "intake", "--yes"), "3/3"),
        (("why", "0" * 32), "Reading dead letters"),
        (("doctor",), "Checking: bucket metrics"),
    ],
)
def test_progress_is_shown_on_a_terminal(
    stack: _Stack, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], progress: str
) -> None:
    stack.fail(3)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())

    stack.run(*command)

    assert progress in terminal.getvalue()


def test_messages_are_held_longer_than_the_longest_call(
    stack: _Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds = []

    def handle(name: str, arguments: dict[str, Any], call: Callable[[], Any]) -> object:
        if name == "ReceiveMessage":
            holds.append(arguments["VisibilityTimeout"])
        return call()

    intercept(monkeypatch, handle)
    for seconds in (10.0, 957.0):
        stack.longest_call_seconds = seconds
        stack.run("redrive", "intake", "--yes")
        assert holds.pop() / 2 > seconds
