"""The clients and back ends of a storm, and what a back end reads from each design's messages."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote

import boto3
import pytest
from moto import mock_aws

from performance.designs import Route, announced_names, notified_names
from performance.traffic import BackEnd, Client, Submission, UploadError, submissions
from submission.keys import SubmissionKey, parse_key


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with mock_aws():
        yield boto3.Session("testing", "testing", region_name="us-east-1")


def test_submissions_have_keys_that_the_function_announces_and_differ_by_series(
    session: boto3.Session,
) -> None:
    s3 = session.client("s3")
    made = [*submissions(s3, "bucket", "one", 2), *submissions(s3, "bucket", "two", 2)]

    assert len({each.subid for each in made}) == 4
    for each in made:
        path, _, query = each.json_path.partition("?")
        key = parse_key(unquote(path)[path.index("submissions/") :])
        assert isinstance(key, SubmissionKey)
        assert key.file_name == each.file_name
        assert "Signature=" in query
        assert each.py_path.partition("?")[0] == path.removesuffix(".json") + ".py"


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


def test_message_that_is_not_deleted_is_an_error(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs: Any = session.client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody='{"subdata": "5a.json"}')
    monkeypatch.setattr(sqs, "delete_message_batch", lambda **_: {"Failed": [{"Id": "0"}]})

    with pytest.raises(RuntimeError, match="did not delete 1"):
        BackEnd(sqs, Route("bucket", url, announced_names)).receive()


def test_message_names_the_files_that_it_announces() -> None:
    keys = ("submissions/a/b/c/5a/5a.json", "submissions/a/b+c/d/6b/6b%2B.json")
    body = json.dumps({"Records": [{"s3": {"object": {"key": key}}} for key in keys]})

    assert announced_names('{"subdata": "5a.json"}') == ["5a.json"]
    assert notified_names(body) == ["5a.json", "6b+.json"]


@pytest.mark.parametrize("read", [announced_names, notified_names])
def test_another_message_is_no_announcement(read: Callable[[str], list[str]]) -> None:
    with pytest.raises(KeyError):
        read('{"Event": "s3:TestEvent"}')


def test_refused_upload_is_an_error_that_says_why() -> None:
    class S3(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.send_error(200 if ".py" in self.path else 403, "said")

        def log_message(self, *arguments: object) -> None:
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), S3) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        client = Client(f"http://127.0.0.1:{server.server_port}")
        submission = Submission("5a", "/bucket/5a.py", "/bucket/5a.json")
        try:
            client.put_py(submission)
            with pytest.raises(UploadError, match=r"403: .*said"):
                client.put_json(submission)
        finally:
            client.close()
            server.shutdown()
