"""A queue in memory."""

import importlib
import logging
import sys
from collections.abc import Iterator
from types import ModuleType

import boto3
import pytest
from moto import mock_aws

from submission_intake.submitter_queue import SubmitterQueue
from unit.submission_intake.examples import BUCKET
from unit.submission_intake.receiving_queue import ReceivingQueue
from unit.submission_intake.sqs_wire import SqsWire
from unit.submission_intake.written_log import WrittenLog, writing_the_log


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace AWS by moto, with credentials that open nothing."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield


@pytest.fixture
def receiving(aws: None) -> ReceivingQueue:  # noqa: ARG001
    """Return an empty queue in moto."""
    client = boto3.client("sqs")
    return ReceivingQueue(client, client.create_queue(QueueName="submitter")["QueueUrl"])


@pytest.fixture
def queue(receiving: ReceivingQueue) -> SubmitterQueue:
    """Return the same queue, to send to; it fails the test that makes it sleep."""

    def no_sleep(seconds: float) -> None:
        pytest.fail(f"slept {seconds} s, though nothing had failed")

    return SubmitterQueue(receiving.client, receiving.url, no_sleep)


@pytest.fixture
def log() -> Iterator[WrittenLog]:
    """Return what the function logs."""
    with writing_the_log() as written:
        yield written


@pytest.fixture(scope="module")
def wire() -> Iterator[SqsWire]:
    """Return the only way out: it takes what the SDK sends, and nothing else leaves the process."""
    with pytest.MonkeyPatch.context() as patch, SqsWire().connected(patch) as connected:
        yield connected


@pytest.fixture(scope="module")
def wired_handler(wire: SqsWire) -> Iterator[ModuleType]:
    """Return the handler as a new execution environment imports it, with the real SDK."""
    name = "submission_intake.handler"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUBMITTER_QUEUE_URL", wire.queue_url)
        patch.setenv("SUBMITTER_STACK", "fuzzed")
        patch.setenv("SUBMITTER_BUCKET", BUCKET)
        sdk_logger = logging.getLogger("botocore")
        level = sdk_logger.level
        sys.modules.pop(name, None)
        yield importlib.import_module(name)
        sys.modules.pop(name, None)
        sdk_logger.setLevel(level)
