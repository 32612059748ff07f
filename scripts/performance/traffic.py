"""Clients that upload submissions, and back ends that receive them.

As in a browser, an upload is a request to a signed URL on a connection that stays open. The SDK
would need more time for a request than the emulator does.
"""

import hashlib
import http.client
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from performance.designs import Route
from submission.data import write_data
from submission.keys import SubmissionKey

_CODE = b"print('hello')\n"
_SIGNED_SECONDS = 3600
_ANSWER_SECONDS = 120
_LONG_POLL_SECONDS = 1
_MOST_MESSAGES = 10
"""SQS's limit for one request."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission, and the signed paths of its two uploads and of its result."""

    key: SubmissionKey
    code: bytes
    py_path: str
    json_path: str
    result_path: str

    @property
    def file_name(self) -> str:
        """The file name that a message announces."""
        return self.key.file_name


@dataclass(frozen=True, slots=True)
class Receipt:
    """A file name that a back end received."""

    file_name: str
    sent: float
    """When the queue had the message, in seconds since the epoch."""
    received: float
    """When the back end had the message, by the back end's clock."""


class UploadError(Exception):
    """S3 refused an upload."""


class Client:
    """A student's browser: a connection that uploads one object after the other."""

    def __init__(self, url: str) -> None:
        """Upload to the emulator at `url`; the first upload opens the connection."""
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=_ANSWER_SECONDS
        )

    def put_py(self, submission: Submission) -> None:
        """Upload a submission's .py.

        Raises:
            UploadError: S3 refused it.
        """
        self._put(submission.py_path, submission.code)

    def put_json(self, submission: Submission) -> None:
        """Upload a submission's .json, which announces it.

        Raises:
            UploadError: S3 refused it.
        """
        self._put(submission.json_path, write_data(submission.key, (submission.key.subid,)))

    def get_result(self, submission: Submission) -> bytes | None:
        """Return a submission's result; None if there is none yet."""
        status, content = self._ask("GET", submission.result_path)
        return content if status == HTTPStatus.OK else None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _put(self, path: str, body: bytes) -> None:
        status, text = self._ask("PUT", path, body)
        if status != HTTPStatus.OK:
            raise UploadError(f"S3 answered an upload with {status}: {text[:500]!r}")

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        self._connection.request(method, path, body)
        answer = self._connection.getresponse()
        return answer.status, answer.read()


class BackEnd:
    """Receives messages and deletes them."""

    def __init__(self, sqs: Any, route: Route) -> None:  # noqa: ANN401 - a client of LocalStack's session
        """Receive from a route's queue with the SDK's client `sqs`."""
        self._sqs = sqs
        self._route = route

    def receive(self, clock: Callable[[], float] = time.time) -> list[Receipt]:
        """Wait up to a second for messages, delete them, and return what they announced.

        Args:
            clock: returns the time of arrival, in seconds.

        Raises:
            RuntimeError: the queue did not delete a message.
        """
        url = self._route.queue_url
        answer = self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=_MOST_MESSAGES,
            WaitTimeSeconds=_LONG_POLL_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        now = clock()
        messages = answer.get("Messages", [])
        if messages:
            handles = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages)
            ]
            refused = self._sqs.delete_message_batch(QueueUrl=url, Entries=handles).get("Failed")
            if refused:
                raise RuntimeError(f"The queue {url} did not delete {len(refused)} messages.")
        return [
            Receipt(name, int(message["Attributes"]["SentTimestamp"]) / 1000, now)
            for message in messages
            for name in self._route.names(message["Body"])
        ]


def submissions(
    s3: Any,  # noqa: ANN401 - a client of LocalStack's session
    bucket: str,
    series: str,
    count: int,
    codes: Sequence[bytes] = (_CODE,),
) -> Iterator[Submission]:
    """Yield submissions with signed requests.

    Args:
        s3: the SDK's client, which signs.
        bucket: the bucket to upload to.
        series: a name; each series has its own submissions.
        count: the number of submissions.
        codes: the submissions' programs, in turns.
    """
    for number in range(count):
        subid = hashlib.md5(f"{series}\n{number}".encode(), usedforsecurity=False).hexdigest()
        key = SubmissionKey("m.soltys", "aws_labs", "lab5_containers", subid)
        yield Submission(
            key,
            codes[number % len(codes)],
            _signed_path(s3, "put_object", bucket, key.code_key),
            _signed_path(s3, "put_object", bucket, key.data_key),
            _signed_path(s3, "get_object", bucket, key.result_key),
        )


def _signed_path(s3: Any, operation: str, bucket: str, key: str) -> str:  # noqa: ANN401 - a client of LocalStack's session
    url: str = s3.generate_presigned_url(
        operation, Params={"Bucket": bucket, "Key": key}, ExpiresIn=_SIGNED_SECONDS
    )
    address = urlsplit(url)
    return f"{address.path}?{address.query}"
