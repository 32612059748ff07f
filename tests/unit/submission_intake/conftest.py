"""A queue in memory, and settings that make every run the same."""

from collections.abc import Iterator

import boto3
import pytest
from hypothesis import settings
from moto import mock_aws

from submission_intake.submitter_queue import SubmitterQueue
from unit.submission_intake.receiving_queue import ReceivingQueue

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


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
