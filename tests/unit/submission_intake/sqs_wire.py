"""SQS where the SDK's requests leave the process: every byte of them is seen and checked.

The limits are those of SendMessageBatch and of message attributes; the size is the smaller one, as
a queue keeps the one it was made with:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
"""

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.httpsession import URLLib3Session

MAX_MESSAGE_BYTES = 256 * 1024
MAX_ENTRIES = 10
MAX_ATTRIBUTES = 10
_ATTRIBUTE_NAME = re.compile(r"(?!AWS\.|Amazon\.)[A-Za-z0-9_-]{1,256}")
_NOT_CARRIED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Sent:
    """A message that SQS took."""

    body: str
    attributes: dict[str, str]


@dataclass
class SqsWire:
    """Answers as SQS does, and keeps what it took and what else was asked for."""

    queue_url: str = "https://sqs.us-west-2.amazonaws.com/000000000000/submitter-submissions"
    sent: list[Sent] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """Where each request went, and for what: ``<host> <X-Amz-Target>``."""

    def clear(self) -> None:
        """Forget what was sent."""
        self.sent.clear()
        self.calls.clear()

    @contextmanager
    def connected(self, patch: pytest.MonkeyPatch) -> Iterator["SqsWire"]:
        """Answer every request of the SDK; any other connection fails the test."""

        def connect(_socket: socket.socket, address: object) -> NoReturn:
            pytest.fail(f"something other than the SDK opened a connection to {address}")

        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS"):
            patch.delenv(name, raising=False)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-west-2")
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(
            URLLib3Session, "send", lambda _session, request: self._answer(request), raising=True
        )
        yield self

    def _answer(self, request: AWSPreparedRequest) -> AWSResponse:
        target = request.headers.get("X-Amz-Target", b"")
        name = target.decode() if isinstance(target, bytes) else str(target)
        host = request.url.split("/")[2]
        self.calls.append(f"{host} {name}")
        body = request.body
        assert isinstance(body, bytes)
        entries: list[dict[str, Any]] = json.loads(body)["Entries"]
        assert json.loads(body)["QueueUrl"] == self.queue_url
        assert 1 <= len(entries) <= MAX_ENTRIES
        assert len({entry["Id"] for entry in entries}) == len(entries)
        if sum(map(_size, entries)) > MAX_MESSAGE_BYTES:
            return _response(request, 400, {"__type": "com.amazonaws.sqs#BatchRequestTooLong"})
        successful: list[dict[str, str]] = []
        failed: list[dict[str, object]] = []
        for entry in entries:
            if code := _fault(entry):
                failed.append({"Id": entry["Id"], "SenderFault": True, "Code": code})
                continue
            attributes = entry["MessageAttributes"]
            self.sent.append(
                Sent(
                    entry["MessageBody"],
                    {name: value["StringValue"] for name, value in attributes.items()},
                )
            )
            successful.append({"Id": entry["Id"], "MessageId": f"message-{len(self.sent)}"})
        return _response(request, 200, {"Successful": successful, "Failed": failed})


def _texts(entry: dict[str, Any]) -> Iterator[str]:
    yield entry["MessageBody"]
    for name, value in entry["MessageAttributes"].items():
        assert value.keys() == {"DataType", "StringValue"}
        assert value["DataType"] == "String"
        yield from (name, value["DataType"], value["StringValue"])


def _size(entry: dict[str, Any]) -> int:
    return sum(len(text.encode(errors="surrogatepass")) for text in _texts(entry))


def _fault(entry: dict[str, Any]) -> str | None:
    attributes = entry["MessageAttributes"]
    if len(attributes) > MAX_ATTRIBUTES or not all(map(_ATTRIBUTE_NAME.fullmatch, attributes)):
        return "InvalidParameterValue"
    if not all(_texts(entry)):
        return "InvalidParameterValue"
    if any(map(_NOT_CARRIED.search, _texts(entry))):
        return "InvalidMessageContents"
    return None


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_options: object) -> Iterator[bytes]:
        yield self._body


def _response(request: AWSPreparedRequest, status: int, body: dict[str, Any]) -> AWSResponse:
    return AWSResponse(request.url, status, HTTPHeaders(), _Raw(json.dumps(body).encode()))
