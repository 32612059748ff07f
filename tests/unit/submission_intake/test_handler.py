"""The entry point: its settings come from the environment."""

import importlib
import logging
import sys
from collections.abc import Iterator

import pytest

import submission_intake
from unit.submission_intake.examples import BUCKET, event_file, s3_event, s3_record
from unit.submission_intake.receiving_queue import ReceivingQueue

NAME = "submission_intake.handler"


def forget_handler() -> None:
    sys.modules.pop(NAME, None)
    vars(submission_intake).pop("handler", None)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Let each test import the handler as a new execution environment does."""
    sdk_logger = logging.getLogger("botocore")
    level = sdk_logger.level
    forget_handler()
    yield
    forget_handler()
    sdk_logger.setLevel(level)


@pytest.mark.usefixtures("aws")
def test_import_fails_when_no_queue_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUBMITTER_QUEUE_URL", "")
    with pytest.raises(RuntimeError, match="environment variable SUBMITTER_QUEUE_URL is not set"):
        importlib.import_module(NAME)


def test_sdk_logs_nothing_at_info(
    receiving: ReceivingQueue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("SUBMITTER_QUEUE_URL", receiving.url)
    importlib.import_module(NAME).lambda_handler(event_file("put"), None)
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("submission_intake.intake", "announced")
    ]


@pytest.mark.parametrize(
    ("bucket", "announced"), [(BUCKET, 1), ("other", 0), ("", 1)], ids=["own", "other", "none"]
)
def test_only_uploads_to_the_stacks_bucket_are_announced(
    receiving: ReceivingQueue, monkeypatch: pytest.MonkeyPatch, bucket: str, announced: int
) -> None:
    monkeypatch.setenv("SUBMITTER_QUEUE_URL", receiving.url)
    monkeypatch.setenv("SUBMITTER_BUCKET", bucket)
    answer = importlib.import_module(NAME).lambda_handler(s3_event(s3_record()), None)
    assert answer["announced"] == announced
    assert [message["Body"] for message in receiving.receive()] == [
        '{"subdata": "fc55c0190dde2bc413d8d1e79fb8cca2.json"}'
    ] * announced
