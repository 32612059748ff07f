"""SQS as far as sending goes, over TLS: it takes every message and tells when each call came.

A server of the standard library in a thread of this process; what a function's process spends on
its call is the same as with SQS itself, but for the way there.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOST = "127.0.0.1"
_DIGEST = "00000000000000000000000000000000"


@dataclass(slots=True)
class SqsStub:
    """A running stub."""

    url: str
    """Its endpoint: scheme, host and port."""
    authority: bytes
    """The certificate, PEM, that vouches for it."""
    calls: list[tuple[float, int]] = field(default_factory=list)
    """For each call: when it came, on the clock of `time.perf_counter`, and its messages."""


@contextmanager
def sqs_stub() -> Iterator[SqsStub]:
    """Run a stub, on a port of its own."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(_HOST).configure_cert(context)
    calls: list[tuple[float, int]] = []

    server = ThreadingHTTPServer((_HOST, 0), partial(_Handler, calls))
    server.daemon_threads = True
    # The handshake is done where the connection is read: in its own thread.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        url = f"https://{_HOST}:{server.server_address[1]}"
        yield SqsStub(url, authority.cert_pem.bytes(), calls)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(target: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return SQS's answer to a call.

    Args:
        target: the call's ``X-Amz-Target``.
        request: its body.

    Raises:
        ValueError: it is none of the two calls that send.
    """
    match target.removeprefix("AmazonSQS."):
        case "SendMessage":
            return {"MessageId": "0", "MD5OfMessageBody": _DIGEST}
        case "SendMessageBatch":
            return {
                "Successful": [
                    {"Id": entry["Id"], "MessageId": entry["Id"], "MD5OfMessageBody": _DIGEST}
                    for entry in request["Entries"]
                ],
                "Failed": [],
            }
        case _:
            raise ValueError(f"{target} is no call that sends.")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, calls: list[tuple[float, int]], *arguments: Any) -> None:  # noqa: ANN401
        self._calls = calls
        super().__init__(*arguments)

    def do_POST(self) -> None:
        """Answer a call."""
        at = time.perf_counter()
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(answer(self.headers["X-Amz-Target"], request)).encode()
        # Before the answer, so that whoever has the answer finds the call here.
        self._calls.append((at, len(request.get("Entries", [request]))))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""
