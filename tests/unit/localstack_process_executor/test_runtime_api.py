"""The Runtime API, as seen through a client's socket."""

from __future__ import annotations

import contextlib
import http.client
import json
import selectors
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from localstack_process_executor.runtime_api import (
    MAX_RESPONSE_BYTES,
    Invocation,
    Outcome,
    OutcomeKind,
    RuntimeApi,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEXT = "/2018-06-01/runtime/invocation/next"
INVOCATION = Invocation("r-1", b'{"a": 1}', "arn:f", "Root=1")


class Server:
    """A Runtime API and the loop that serves it while a client waits for an answer."""

    def __init__(self, selector: selectors.BaseSelector, pool: ThreadPoolExecutor) -> None:
        self.selector = selector
        self.pool = pool
        self.api = RuntimeApi(selector)
        self.host, _, self.port = self.api.address.partition(":")

    def serve_until[T](self, pending: Future[T]) -> T:
        """Serves until the client has its answer."""
        reader, writer = socket.socketpair()
        with reader, writer:
            self.selector.register(reader, selectors.EVENT_READ, lambda _events: None)
            pending.add_done_callback(lambda _future: writer.send(b"."))
            while not pending.done():
                for key, events in self.selector.select(30):
                    key.data(events)
            self.selector.unregister(reader)
        return pending.result()

    def call(
        self, method: str, path: str, body: bytes | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Makes one request with a connection of its own."""

        def request() -> tuple[int, dict[str, str], bytes]:
            client = http.client.HTTPConnection(self.host, int(self.port), timeout=30)
            with contextlib.closing(client):
                client.request(method, path, body)
                reply = client.getresponse()
                return reply.status, dict(reply.getheaders()), reply.read()

        return self.serve_until(self.pool.submit(request))

    def raw(self, data: bytes, replies: Callable[[bytes], bool]) -> bytes:
        """Sends bytes and receives until the replies are complete."""

        def exchange() -> bytes:
            with socket.create_connection((self.host, int(self.port)), timeout=30) as client:
                client.sendall(data)
                received = b""
                while not replies(received) and (part := client.recv(65536)):
                    received += part
                return received

        return self.serve_until(self.pool.submit(exchange))


@pytest.fixture
def server() -> Iterator[Server]:
    with selectors.DefaultSelector() as selector, ThreadPoolExecutor() as pool:
        served = Server(selector, pool)
        yield served
        served.api.close()


def test_next_hands_over_the_invocation_with_its_headers(server: Server) -> None:
    server.api.offer(INVOCATION, 1234)
    assert not server.api.runtime_ready
    status, headers, body = server.call("GET", NEXT)
    assert status == 200
    assert body == INVOCATION.payload
    assert headers == {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": "r-1",
        "Lambda-Runtime-Deadline-Ms": "1234",
        "Lambda-Runtime-Invoked-Function-Arn": "arn:f",
        "Lambda-Runtime-Trace-Id": "Root=1",
        "Content-Length": str(len(INVOCATION.payload)),
    }
    assert server.api.runtime_ready
    assert server.api.delivered


@pytest.mark.parametrize(
    ("what", "kind"), [("response", OutcomeKind.RESPONSE), ("error", OutcomeKind.ERROR)]
)
def test_what_is_posted_is_the_outcome(server: Server, what: str, kind: OutcomeKind) -> None:
    server.api.offer(INVOCATION, 1)
    server.call("GET", NEXT)
    assert server.api.outcome is None
    path = f"/2018-06-01/runtime/invocation/r-1/{what}"
    assert server.call("POST", path, b"42")[0] == 202
    assert server.api.outcome == Outcome(kind, b"42")
    # A second answer to the same invocation is refused and changes nothing.
    assert server.call("POST", path, b"43")[0] == 400
    assert server.api.outcome == Outcome(kind, b"42")


def test_an_answer_to_another_invocation_is_refused(server: Server) -> None:
    server.api.offer(INVOCATION, 1)
    server.call("GET", NEXT)
    status, _, body = server.call("POST", "/2018-06-01/runtime/invocation/r-2/response", b"1")
    assert status == 400
    assert json.loads(body)["errorType"] == "InvalidRequestID"
    assert server.api.outcome is None


def test_next_with_an_open_invocation_is_refused(server: Server) -> None:
    server.api.offer(INVOCATION, 1)
    server.call("GET", NEXT)
    assert server.call("GET", NEXT)[0] == 403


def test_a_response_over_the_limit_is_refused_and_kept_as_an_error(server: Server) -> None:
    server.api.offer(INVOCATION, 1)
    server.call("GET", NEXT)
    body = b"x" * (MAX_RESPONSE_BYTES + 1)
    assert server.call("POST", "/2018-06-01/runtime/invocation/r-1/response", body)[0] == 413
    assert server.api.outcome is not None
    assert server.api.outcome.kind is OutcomeKind.RESPONSE_TOO_LARGE


def test_a_response_of_the_limit_is_taken(server: Server) -> None:
    server.api.offer(INVOCATION, 1)
    server.call("GET", NEXT)
    body = b"x" * MAX_RESPONSE_BYTES
    assert server.call("POST", "/2018-06-01/runtime/invocation/r-1/response", body)[0] == 202
    assert server.api.outcome == Outcome(OutcomeKind.RESPONSE, body)


def test_an_init_error_counts_once_and_only_during_init(server: Server) -> None:
    path = "/2018-06-01/runtime/init/error"
    assert server.call("POST", path, b'{"errorType": "E"}')[0] == 202
    assert server.call("POST", path, b"{}")[0] == 403
    assert server.api.init_error == b'{"errorType": "E"}'


def test_several_requests_on_one_connection_are_answered_in_turn(server: Server) -> None:
    data = b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n" * 3
    replies = server.raw(data, lambda received: received.count(b'"NotFound"') == 3)
    assert replies.count(b"HTTP/1.1 404 Not Found\r\n") == 3


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_what_is_not_understood_is_answered_and_closed(server: Server, data: bytes) -> None:
    replies = server.raw(data, lambda _received: False)
    assert replies.startswith(b"HTTP/1.1 400 ")
    assert server.call("GET", "/x")[0] == 404


def test_a_client_that_goes_away_while_waiting_loses_no_invocation(server: Server) -> None:
    with socket.create_connection((server.host, int(server.port))) as client:
        client.sendall(f"GET {NEXT} HTTP/1.1\r\n\r\n".encode())
        while not server.api.runtime_ready:
            for key, events in server.selector.select(30):
                key.data(events)
    server.call("GET", "/x")  # by then the end of the first connection has been seen
    server.api.offer(INVOCATION, 1)
    assert not server.api.delivered
    assert server.call("GET", NEXT)[2] == INVOCATION.payload


def test_a_header_value_cannot_begin_another_header(server: Server) -> None:
    server.api.offer(Invocation("r", b"1", "arn", "a\r\nInjected: yes"), 1)
    headers = server.call("GET", NEXT)[1]
    assert "Injected" not in headers
    assert headers["Lambda-Runtime-Trace-Id"] == "a  Injected: yes"


def test_close_frees_the_port(server: Server) -> None:
    server.api.close()
    server.api.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, int(server.port)))
