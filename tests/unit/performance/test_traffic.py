"""Clients and back ends that a storm is made of."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from embedded_aws.localstack import Endpoint
from performance.flow.designs import Route, announced_names
from performance.flow.flow_account import Receipt
from performance.flow.traffic import (
    BackEnd,
    Client,
    SignedSubmission,
    UploadError,
    signed_submissions,
)
from submission_intake.submission_key import SubmissionKey, parse_key

_ROUTE = Route("bucket", "http://127.0.0.1/queue", announced_names)
_SUBMISSION = SignedSubmission("5a", "/bucket/5a.py?signed", "/bucket/5a.json?signed")


def _signed(series: str, count: int) -> list[SignedSubmission]:
    s3 = Endpoint(4566).session().client("s3")
    return list(signed_submissions(s3, "bucket", series, count))


def test_a_submission_is_one_that_the_function_takes() -> None:
    [submission] = _signed("tried", 1)

    path, _, query = submission.json_path.partition("?")
    key = parse_key(unquote(path).removeprefix("/bucket/"))

    assert isinstance(key, SubmissionKey)
    assert key.file_name == submission.file_name
    assert "Signature=" in query
    assert submission.py_path.partition("?")[0] == path.removesuffix(".json") + ".py"


def test_every_submission_of_every_series_is_another() -> None:
    subids = {each.subid for series in ("one", "two") for each in _signed(series, 3)}

    assert len(subids) == 6


class _S3(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, int]]
    status = 200

    def do_PUT(self) -> None:
        self.seen.append((self.path, self.client_address[1]))
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"said")

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def s3() -> Iterator[tuple[type[_S3], str]]:
    class Handler(_S3):
        seen: list[tuple[str, int]] = []  # noqa: RUF012 - one for each test

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Handler, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_client_uploads_both_files_on_one_connection(s3: tuple[type[_S3], str]) -> None:
    handler, url = s3
    client = Client(url)

    client.put_py(_SUBMISSION)
    client.put_json(_SUBMISSION)
    client.close()

    assert [path for path, _ in handler.seen] == [_SUBMISSION.py_path, _SUBMISSION.json_path]
    assert len({port for _, port in handler.seen}) == 1


def test_a_refused_upload_is_an_error_that_says_why(s3: tuple[type[_S3], str]) -> None:
    handler, url = s3
    handler.status = 403
    client = Client(url)

    with pytest.raises(UploadError, match=r"403: b'said'"):
        client.put_json(_SUBMISSION)
    client.close()


class _Sqs:
    def __init__(self, bodies: list[str], failed: list[dict[str, str]]) -> None:
        self._bodies = bodies
        self._failed = failed
        self.deleted: list[str] = []

    def receive_message(self, **_request: Any) -> dict[str, Any]:  # noqa: ANN401 - as the SDK's
        return {
            "Messages": [
                {"Body": body, "ReceiptHandle": body, "Attributes": {"SentTimestamp": "1500"}}
                for body in self._bodies
            ]
        }

    def delete_message_batch(self, *, Entries: list[dict[str, str]], **_request: Any) -> Any:  # noqa: ANN401, N803 - as the SDK's
        self.deleted = [entry["ReceiptHandle"] for entry in Entries]
        return {"Failed": self._failed}


def test_what_a_back_end_receives_it_deletes() -> None:
    bodies = ['{"subdata": "5a.json"}', '{"subdata": "6b.json"}']
    sqs = _Sqs(bodies, failed=[])

    receipts = BackEnd(sqs, _ROUTE).receive(lambda: 7.0)

    assert receipts == [Receipt("5a.json", 1.5, 7.0), Receipt("6b.json", 1.5, 7.0)]
    assert sqs.deleted == bodies


def test_an_empty_queue_is_asked_to_delete_nothing() -> None:
    sqs = _Sqs([], failed=[{"Id": "0"}])

    assert BackEnd(sqs, _ROUTE).receive() == []


def test_a_message_that_is_not_deleted_is_an_error() -> None:
    sqs = _Sqs(['{"subdata": "5a.json"}'], failed=[{"Id": "0"}])

    with pytest.raises(RuntimeError, match="did not delete 1"):
        BackEnd(sqs, _ROUTE).receive()
