"""The Lambda Runtime API for one runtime process, on loopback.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

The server has no thread of its own. Its sockets are registered in the selector of whoever runs the
environment, so that requests, log output, timeouts and the process's exit are seen by one loop, in
an order that loop decides.
"""

from __future__ import annotations

import http.client
import io
import json
import selectors
import socket
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from email.message import Message

VERSION_PREFIX: Final = "/2018-06-01/runtime"
MAX_RESPONSE_BYTES: Final = 6 * 1024 * 1024 + 100
"""AWS's limit of a synchronous invocation's response."""

_MAX_HEAD_BYTES = 2 * 1024 * 1024  # awslambdaric sends up to 1 MiB of X-Ray cause in one header
_RECEIVE_BYTES = 256 * 1024
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation as the runtime receives it from `/runtime/invocation/next`.

    Attributes:
        request_id: AWS's id of the invocation.
        payload: The event, as JSON.
        invoked_function_arn: The ARN the caller named.
        trace_id: The X-Ray trace header; empty when there is none.
    """

    request_id: str
    payload: bytes
    invoked_function_arn: str
    trace_id: str = ""


class OutcomeKind(Enum):
    """What a runtime said of an invocation."""

    RESPONSE = "response"
    ERROR = "error"
    RESPONSE_TOO_LARGE = "response too large"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the runtime posted for an invocation.

    Attributes:
        kind: Which of the outcomes it is.
        payload: The posted body; the error that AWS reports if the response was too large.
    """

    kind: OutcomeKind
    payload: bytes


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    headers: Message
    length: int


@dataclass(slots=True, eq=False)
class _Connection:
    socket: socket.socket
    inbox: bytearray = field(default_factory=bytearray)
    outbox: bytearray = field(default_factory=bytearray)
    request: _Request | None = None
    body: bytearray = field(default_factory=bytearray)
    missing: int = 0
    close_after_reply: bool = False


class _BadRequestError(Exception):
    """A request that HTTP/1.1, or this small part of it, does not allow."""


class RuntimeApi:
    """Serves the Runtime API to one runtime process, one invocation at a time.

    Attributes:
        address: Host and port, for the runtime's AWS_LAMBDA_RUNTIME_API.
        runtime_ready: Whether the runtime asked for an invocation, which ends the init phase.
        init_error: What the runtime posted to `/init/error`, if it did.
        outcome: What the runtime posted for the invocation last offered, once it did.
    """

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._connections: set[_Connection] = set()
        self._waiting: _Connection | None = None
        self._offered: tuple[Invocation, int] | None = None
        self._current: Invocation | None = None
        self.runtime_ready = False
        self.init_error: bytes | None = None
        self.outcome: Outcome | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)  # noqa: FBT003 - the library has no keyword for it
        selector.register(self._listener, selectors.EVENT_READ, self._on_listener)
        host, port = self._listener.getsockname()
        self.address = f"{host}:{port}"

    @property
    def delivered(self) -> bool:
        """Whether the runtime has received the invocation last offered."""
        return self._offered is None

    def offer(self, invocation: Invocation, deadline_milliseconds: int) -> None:
        """Hands an invocation to the runtime, now or when it next asks for one.

        Args:
            invocation: What to run; `outcome` is empty from here until the runtime has posted one.
            deadline_milliseconds: When the invocation times out, in milliseconds since the epoch.
        """
        self.outcome = None
        self._current = None
        self._offered = (invocation, deadline_milliseconds)
        self._deliver()

    def close(self) -> None:
        """Closes the port and every connection."""
        for connection in list(self._connections):
            self._close(connection)
        if self._listener.fileno() >= 0:
            self._selector.unregister(self._listener)
            self._listener.close()

    def _on_listener(self, _events: int) -> None:
        try:
            accepted, _peer = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return  # the client gave up between the event and here
        accepted.setblocking(False)  # noqa: FBT003 - the library has no keyword for it
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(accepted)
        self._connections.add(connection)
        self._selector.register(accepted, selectors.EVENT_READ, self._callback(connection))

    def _callback(self, connection: _Connection) -> Callable[[int], None]:
        def on_event(events: int) -> None:
            try:
                if events & selectors.EVENT_WRITE:
                    self._flush(connection)
                if events & selectors.EVENT_READ and connection in self._connections:
                    self._receive(connection)
            except OSError:
                self._close(connection)  # the runtime is gone; its exit is reported elsewhere

        return on_event

    def _receive(self, connection: _Connection) -> None:
        try:
            data = connection.socket.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._close(connection)
            return
        connection.inbox += data
        try:
            while connection.inbox and connection in self._connections:
                if not self._read_request(connection):
                    return
        except _BadRequestError as error:
            connection.close_after_reply = True
            self._reply_error(connection, HTTPStatus.BAD_REQUEST, "InvalidRequest", str(error))

    def _read_request(self, connection: _Connection) -> bool:
        """Takes what it can from the inbox; returns whether a whole request was handled."""
        if connection.request is None and not self._read_head(connection):
            return False
        taken = connection.inbox[: connection.missing]
        del connection.inbox[: connection.missing]
        connection.missing -= len(taken)
        # What is over the limit is read, or the client would not read the reply, but not kept.
        room = MAX_RESPONSE_BYTES + 1 - len(connection.body)
        connection.body += taken[: max(room, 0)]
        if connection.missing or connection.request is None:
            return False
        request, body = connection.request, bytes(connection.body)
        connection.request = None
        connection.body.clear()
        self._handle(connection, request, body)
        return True

    def _read_head(self, connection: _Connection) -> bool:
        end = connection.inbox.find(b"\r\n\r\n")
        if end < 0:
            if len(connection.inbox) > _MAX_HEAD_BYTES:
                raise _BadRequestError(f"the headers are longer than {_MAX_HEAD_BYTES} bytes")
            return False
        head = bytes(connection.inbox[: end + 4])
        del connection.inbox[: end + 4]
        connection.request = _parse_head(head)
        connection.missing = connection.request.length
        connection.close_after_reply = (
            connection.request.headers.get("Connection", "").lower() == "close"
        )
        if connection.request.headers.get("Expect", "").lower() == "100-continue":
            self._send(connection, b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _handle(self, connection: _Connection, request: _Request, body: bytes) -> None:
        if not request.path.startswith(VERSION_PREFIX):
            self._reply_unknown(connection, request)
            return
        match request.method, request.path.removeprefix(VERSION_PREFIX).strip("/").split("/"):
            case "GET", ["invocation", "next"]:
                self._on_next(connection)
            case "POST", ["invocation", request_id, "response"]:
                self._on_response(connection, request_id, body)
            case "POST", ["invocation", request_id, "error"]:
                self._on_error(connection, request_id, body)
            case "POST", ["init", "error"]:
                self._on_init_error(connection, body)
            case _:
                self._reply_unknown(connection, request)

    def _on_next(self, connection: _Connection) -> None:
        if self._current is not None or self._waiting is not None:
            self._reply_error(
                connection,
                HTTPStatus.FORBIDDEN,
                "InvalidStateTransition",
                "An invocation is still open; post its response or error before asking for more.",
            )
            return
        self.runtime_ready = True
        self._waiting = connection
        self._deliver()

    def _deliver(self) -> None:
        if self._waiting is None or self._offered is None:
            return
        connection, (invocation, deadline) = self._waiting, self._offered
        self._waiting = None
        self._offered = None
        self._current = invocation
        headers = [
            ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
            ("Lambda-Runtime-Deadline-Ms", str(deadline)),
            ("Lambda-Runtime-Invoked-Function-Arn", invocation.invoked_function_arn),
        ]
        if invocation.trace_id:
            headers.append(("Lambda-Runtime-Trace-Id", invocation.trace_id))
        self._reply(connection, HTTPStatus.OK, invocation.payload, headers)

    def _on_response(self, connection: _Connection, request_id: str, body: bytes) -> None:
        if not self._is_current(connection, request_id):
            return
        if len(body) > MAX_RESPONSE_BYTES:
            error = _error_body(
                "Function.ResponseSizeTooLarge",
                "Response payload size exceeded maximum allowed payload size "
                f"({MAX_RESPONSE_BYTES} bytes).",
            )
            self._finish(Outcome(OutcomeKind.RESPONSE_TOO_LARGE, error))
            self._reply(connection, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error)
            return
        self._finish(Outcome(OutcomeKind.RESPONSE, body))
        self._reply_accepted(connection)

    def _on_error(self, connection: _Connection, request_id: str, body: bytes) -> None:
        if self._is_current(connection, request_id):
            self._finish(Outcome(OutcomeKind.ERROR, body))
            self._reply_accepted(connection)

    def _on_init_error(self, connection: _Connection, body: bytes) -> None:
        if self.runtime_ready or self.init_error is not None:
            self._reply_error(
                connection,
                HTTPStatus.FORBIDDEN,
                "InvalidStateTransition",
                "The init phase is over; post the error of an invocation instead.",
            )
            return
        self.init_error = body
        self._reply_accepted(connection)

    def _is_current(self, connection: _Connection, request_id: str) -> bool:
        if self._current is not None and self._current.request_id == request_id:
            return True
        self._reply_error(
            connection,
            HTTPStatus.BAD_REQUEST,
            "InvalidRequestID",
            f"No invocation {request_id} is open; post to the id that came with /next.",
        )
        return False

    def _finish(self, outcome: Outcome) -> None:
        self._current = None
        self.outcome = outcome

    def _reply_accepted(self, connection: _Connection) -> None:
        self._reply(connection, HTTPStatus.ACCEPTED, b'{"status":"OK"}')

    def _reply_unknown(self, connection: _Connection, request: _Request) -> None:
        self._reply_error(
            connection,
            HTTPStatus.NOT_FOUND,
            "NotFound",
            f"The Runtime API has no {request.method} {request.path}; see "
            "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
        )

    def _reply_error(
        self, connection: _Connection, status: HTTPStatus, error_type: str, message: str
    ) -> None:
        self._reply(connection, status, _error_body(error_type, message))

    def _reply(
        self,
        connection: _Connection,
        status: HTTPStatus,
        body: bytes,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        # awslambdaric crashes on a reply to /next that has no Content-Type.
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", f"Content-Type: {_JSON}"]
        lines += [f"{name}: {_header_value(value)}" for name, value in headers]
        lines += [f"Content-Length: {len(body)}"]
        if connection.close_after_reply:
            lines.append("Connection: close")
        self._send(connection, "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body)

    def _send(self, connection: _Connection, data: bytes) -> None:
        connection.outbox += data
        try:
            self._flush(connection)
        except OSError:
            self._close(connection)

    def _flush(self, connection: _Connection) -> None:
        while connection.outbox:
            try:
                sent = connection.socket.send(connection.outbox)
            except BlockingIOError:
                break
            del connection.outbox[:sent]
        if not connection.outbox and connection.close_after_reply and connection.request is None:
            self._close(connection)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.outbox else 0)
        if self._selector.get_key(connection.socket).events != events:
            self._selector.modify(connection.socket, events, self._callback(connection))

    def _close(self, connection: _Connection) -> None:
        if connection not in self._connections:
            return
        self._connections.discard(connection)
        if self._waiting is connection:
            self._waiting = None
        self._selector.unregister(connection.socket)
        connection.socket.close()


def _parse_head(head: bytes) -> _Request:
    request_line, _, header_lines = head.partition(b"\r\n")
    try:
        method, path, _version = request_line.decode("ascii").split(" ")
        headers = http.client.parse_headers(
            io.BytesIO(header_lines), _class=http.client.HTTPMessage
        )
    except (ValueError, http.client.HTTPException) as error:
        raise _BadRequestError(f"the request's head is not HTTP/1.1: {error}") from error
    if "Transfer-Encoding" in headers:
        raise _BadRequestError("a request needs a Content-Length; chunked bodies are not read")
    length = headers.get("Content-Length", "0")
    if not (length.isascii() and length.isdecimal()):
        raise _BadRequestError(f"Content-Length is not a number: {length!r}")
    return _Request(method, path, headers, int(length))


def _header_value(value: str) -> str:
    # A caller's text must not be able to end the header and begin another.
    return value.replace("\r", " ").replace("\n", " ")


def _error_body(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()
