"""The clients and back ends of a storm, and what a back end reads from each design's messages."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from performance.designs import Route, announced_names, notified_names
from performance.traffic import BackEnd, submissions


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with mock_aws():
        yield boto3.Session("testing", "testing", region_name="us-east-1")


def test_back_end_deletes_what_it_receives(session: boto3.Session) -> None:
    sqs: Any = session.client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    back_end = BackEnd(sqs, Route("bucket", url, announced_names))
    sqs.send_message(QueueUrl=url, MessageBody='{"subdata": "5a.json"}')

    [receipt] = back_end.receive(lambda: 7.0)

    assert (receipt.file_name, receipt.received) == ("5a.json", 7.0)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    assert set(left.values()) == {"0"}


def test_message_names_its_files() -> None:
    keys = ("submissions/a/b/c/5a/5a.json", "submissions/a/b+c/d/6b/6b%2B.json")
    body = json.dumps({"Records": [{"s3": {"object": {"key": key}}} for key in keys]})

    assert announced_names('{"subdata": "5a.json"}') == ["5a.json"]
    assert notified_names(body) == ["5a.json", "6b+.json"]


def test_submissions_are_different_and_have_programs_in_turns(session: boto3.Session) -> None:
    taken = list(submissions(session.client("s3"), "bucket", "series", 3, (b"one", b"two")))

    assert [each.code for each in taken] == [b"one", b"two", b"one"]
    assert len({each.key.subid for each in taken}) == 3
    for each in taken:
        assert each.key.code_key in each.py_path
        assert each.key.data_key in each.json_path
        assert each.key.result_key in each.result_path
