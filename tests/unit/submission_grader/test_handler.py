"""The entry point: messages from the queue, and those that must come back."""

import importlib
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import submission_grader
from submission.message import Announcement, UploadedObject
from unit.submission_grader.course import BROKEN, BUCKET, KEY, RIGHT, Course, ScriptedRunner

NAME = "submission_grader.handler"


class FunctionsTime:
    """Lambda's context: what is left of the function's time."""

    def __init__(self, seconds: float = 120) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Let each test import the handler as a new execution environment does."""
    level = logging.getLogger("botocore").level
    sys.modules.pop(NAME, None)
    yield
    sys.modules.pop(NAME, None)
    vars(submission_grader).pop("handler", None)
    logging.getLogger("botocore").setLevel(level)


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> ScriptedRunner:
    """Return what the handler uses as its sandbox."""
    runner = ScriptedRunner()
    monkeypatch.setattr("sandbox.Sandbox", lambda image: runner if image == Path("/i") else None)
    return runner


@pytest.fixture
def handler(
    course: Course,
    runner: ScriptedRunner,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> ModuleType:
    course.publish()
    monkeypatch.setenv("SUBMITTER_BUCKET", BUCKET)
    monkeypatch.setenv("SUBMITTER_SANDBOX", "/i")
    monkeypatch.setenv("SUBMITTER_STACK", "course")
    return importlib.import_module(NAME)


def message(upload: UploadedObject, message_id: str = "1") -> dict[str, Any]:
    """Return a message as the mapping hands it over.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    announcement = Announcement(KEY, upload)
    return {
        "messageId": message_id,
        "receiptHandle": "handle",
        "body": announcement.body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {
            name: {"stringValue": value, "dataType": "String", "stringListValues": []}
            for name, value in announcement.attributes.items()
        },
        "eventSource": "aws:sqs",
        "awsRegion": "us-east-1",
    }


@pytest.mark.parametrize("name", ["SUBMITTER_BUCKET", "SUBMITTER_SANDBOX"])
def test_without_its_settings_the_import_fails_and_says_which(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for each in ("SUBMITTER_BUCKET", "SUBMITTER_SANDBOX"):
        monkeypatch.setenv(each, "x")
    monkeypatch.setenv(name, "")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with pytest.raises(RuntimeError, match=f"environment variable {name} is not set"):
        importlib.import_module(NAME)


def test_a_message_is_graded_and_done_with(
    handler: ModuleType, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    event = {"Records": [message(course.submit())]}
    assert handler.lambda_handler(event, FunctionsTime()) == {"batchItemFailures": []}
    assert course.result()["status"] == "completed"
    assert json.loads(capsys.readouterr().out)["Stack"] == "course"


def test_of_several_messages_only_the_failed_come_back(
    handler: ModuleType, course: Course, runner: ScriptedRunner
) -> None:
    runner.outcomes = [BROKEN, RIGHT]
    upload = course.submit()
    event = {"Records": [message(upload, "a"), message(upload, "b")]}
    assert handler.lambda_handler(event, FunctionsTime()) == {
        "batchItemFailures": [{"itemIdentifier": "a"}]
    }


def test_a_message_without_attributes_is_ignored(
    handler: ModuleType, course: Course, caplog: pytest.LogCaptureFixture
) -> None:
    record = message(course.submit())
    del record["messageAttributes"]
    assert handler.lambda_handler({"Records": [record]}, FunctionsTime()) == {
        "batchItemFailures": []
    }
    assert [entry.getMessage() for entry in caplog.records] == ["ignored"]


def test_time_for_the_results_is_kept_from_the_runs(
    handler: ModuleType, course: Course, runner: ScriptedRunner
) -> None:
    event = {"Records": [message(course.submit())]}
    handler.lambda_handler(event, FunctionsTime(40))
    assert runner.calls[0].limits.wall_seconds == 30
    assert handler.lambda_handler(event, FunctionsTime(10))["batchItemFailures"]


def test_of_what_lambda_logs_at_info_nothing_is_the_sdks_own(
    handler: ModuleType, course: Course, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    handler.lambda_handler({"Records": [message(course.submit())]}, FunctionsTime())
    assert [record.name for record in caplog.records] == ["submission_grader"]
