"""The Lambda Runtime API for one runtime process, on loopback.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import io
import json
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any, Final

from localstack_process_executor.platform_log import Failure, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

type Outcome = bytes | Failure
"""A response, or the failure of an invocation."""

MAX_RESPONSE_BYTES: Final = 6 * 1024 * 1024 + 100
"""AWS's limit of a synchronous invocation's response."""

_PREFIX = "/2018-06-01/runtime"
_LONGEST_LINE = 65536  # the longest that http.server takes


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation as the runtime receives it from `/runtime/invocation/next`."""

    request_id: str
    payload: bytes  # JSON
    invoked_function_arn: str
    trace_id: str = ""


class RuntimeApi(ThreadingTCPServer):
    """Serves the Runtime API to one runtime process, one invocation at a time.

    Attributes:
        address: Host and port, for the runtime's AWS_LAMBDA_RUNTIME_API.
        changed: Notified when one of the attributes below changes, which it also protects.
        runtime_ready: Whether the runtime asked for an invocation, which ends the init phase.
        init_error: The body that the runtime posted to `/init/error`, if it did.
        outcome: The outcome that the runtime posted for the invocation last offered, if it did.
    """

    daemon_threads = True  # each ends with its connection, at the latest when the process ends

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self._port = self.socket.getsockname()[1]
        self.address = f"127.0.0.1:{self._port}"
        self.changed = threading.Condition()
        self.runtime_ready = False
        self.init_error: bytes | None = None
        self.outcome: Outcome | None = None
        self._offered: tuple[Invocation, int] | None = None
        self._current = ""
        self._closed = False
        self._accepting = threading.Thread(target=self._accept, name=self.address, daemon=True)
        self._accepting.start()

    @property
    def delivered(self) -> bool:
        """Whether the runtime has received the invocation last offered."""
        return self._offered is None

    def offer(self, invocation: Invocation, deadline_milliseconds: int) -> None:
        """Hand an invocation to the runtime, now or when it next asks for one.

        Args:
            invocation: The invocation; `outcome` is None until the runtime has posted one.
            deadline_milliseconds: When it times out, in milliseconds since the epoch.
        """
        with self.changed:
            self.outcome = None
            self._offered = (invocation, deadline_milliseconds)
            self.changed.notify_all()

    def take(self, client: socket.socket) -> tuple[Invocation, int] | None:
        """Wait for an invocation, and take it; return None if the client has gone or at the end."""
        with self.changed:
            self.runtime_ready = True
            self.changed.notify_all()
            self.changed.wait_for(lambda: self._closed or self._offered)
            if self._offered is None or _has_gone(client):
                return None
            taken, self._offered = self._offered, None
            self._current = taken[0].request_id
            return taken

    def post(self, path: str, body: bytes) -> tuple[HTTPStatus, bytes]:
        """Keep what the runtime posted; return the status and the body of the reply."""
        status, reply = HTTPStatus.ACCEPTED, b'{"status":"OK"}'
        with self.changed:
            match path.removeprefix(_PREFIX).split("/"):
                case ["", "init", "error"]:
                    self.init_error = _in_utf_8(body)
                case ["", "invocation", self._current, "error"]:
                    self._finish(Failure(Status.ERROR, "", posted=body))
                case ["", "invocation", self._current, "response"]:
                    if len(body) > MAX_RESPONSE_BYTES:
                        status, reply = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE
                        self._finish(Failure(Status.ERROR, _TOO_LARGE_TYPE, posted=_TOO_LARGE))
                    else:
                        self._finish(body)
                case ["", "invocation", request_id, "error" | "response"]:
                    message = f"No invocation {request_id} is open."
                    return HTTPStatus.BAD_REQUEST, error_body("InvalidRequestID", message)
                case _:
                    return HTTPStatus.NOT_FOUND, error_body("NotFound", f"There is no {path}.")
            self.changed.notify_all()
        return status, reply

    def server_close(self) -> None:
        """Close the port, and end the requests that wait."""
        with self.changed:
            self._closed = True
            self.changed.notify_all()
        # Wakes the thread that accepts connections.
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self._port)).close()
        self._accepting.join()
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its base
        """Log an error, unless the runtime has gone: the exit of its process says so."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def _accept(self) -> None:
        while not self._closed:
            self.handle_request()

    def _finish(self, outcome: Outcome) -> None:
        self._current = ""
        self.outcome = outcome


def _in_utf_8(body: bytes) -> bytes:
    """Return a posted error in UTF-8: the runtime's http.client sends it in Latin-1 if it can."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1").encode()
    return body


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 0
    server: RuntimeApi

    def setup(self) -> None:
        super().setup()
        self.rfile = _Reader(self.rfile)

    def do_GET(self) -> None:
        if self.path != f"{_PREFIX}/invocation/next":
            self._reply(HTTPStatus.NOT_FOUND, error_body("NotFound", f"There is no {self.path}."))
            return
        taken = self.server.take(self.connection)
        if taken is None:
            self.close_connection = True
            return
        invocation, deadline = taken
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.invoked_function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        self._reply(HTTPStatus.OK, invocation.payload, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._reply(*self.server.post(self.path, body))

    def log_message(self, *_arguments: object) -> None:
        """Requests are not logged."""

    def _reply(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str] = {}) -> None:
        self.send_response_only(status)
        # awslambdaric crashes on a reply to /next that has no Content-Type.
        self.send_header("Content-Type", "application/json")
        for name, value in headers.items():
            # A caller's text must not be able to end the header and begin another.
            self.send_header(name, " ".join(value.splitlines()))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Reader(io.BufferedReader):
    """Leaves out longer headers: awslambdaric sends up to 1 MiB of X-Ray cause in one."""

    def readline(self, _size: int | None = -1) -> bytes:
        line = super().readline()
        return line if len(line) <= _LONGEST_LINE else b"Left-Out: yes\r\n"


def _has_gone(client: socket.socket) -> bool:
    try:
        return not client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError as error:
        return not isinstance(error, BlockingIOError)


def error_body(error_type: str, message: str) -> bytes:
    """Return an error as the Runtime API writes it."""
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


_TOO_LARGE_TYPE = "Function.ResponseSizeTooLarge"
_TOO_LARGE = error_body(
    _TOO_LARGE_TYPE,
    f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).",
)
