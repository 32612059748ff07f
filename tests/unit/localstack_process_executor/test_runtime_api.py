"""The Runtime API, as a client sees it."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from localstack_process_executor.platform_log import Failure, Status
from localstack_process_executor.runtime_api import MAX_RESPONSE_BYTES, Invocation, RuntimeApi

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNTIME = "/2018-06-01/runtime"
NEXT = f"{RUNTIME}/invocation/next"
INVOCATION = Invocation("r-1", b'{"a": 1}', "arn:f", "Root=1")


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    with RuntimeApi() as served:
        yield served


@contextlib.contextmanager
def connected(api: RuntimeApi) -> Iterator[http.client.HTTPConnection]:
    with contextlib.closing(http.client.HTTPConnection(api.address, timeout=30)) as client:
        yield client


def call(
    api: RuntimeApi, method: str, path: str, body: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Makes one request with a new connection."""
    with connected(api) as client:
        client.request(method, path, body)
        reply = client.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()


@pytest.fixture
def invoked(api: RuntimeApi) -> RuntimeApi:
    """An API whose client has received the invocation r-1."""
    api.offer(INVOCATION, 1234)
    assert call(api, "GET", NEXT)[2] == INVOCATION.payload
    return api


def test_next_hands_over_the_invocation_with_its_headers(api: RuntimeApi) -> None:
    api.offer(INVOCATION, 1234)
    assert not api.runtime_ready
    assert not api.delivered
    status, headers, body = call(api, "GET", NEXT)
    assert (status, body) == (200, INVOCATION.payload)
    assert headers == {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": "r-1",
        "Lambda-Runtime-Deadline-Ms": "1234",
        "Lambda-Runtime-Invoked-Function-Arn": "arn:f",
        "Lambda-Runtime-Trace-Id": "Root=1",
        "Content-Length": str(len(INVOCATION.payload)),
    }
    assert api.runtime_ready
    assert api.delivered


def test_next_waits_for_an_invocation(api: RuntimeApi) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(call, api, "GET", NEXT)
        with api.changed:
            assert api.changed.wait_for(lambda: api.runtime_ready, 30)
        api.offer(INVOCATION, 1)
        assert waiting.result()[2] == INVOCATION.payload


@pytest.mark.parametrize(
    ("what", "outcome"),
    [("response", b"42"), ("error", Failure(Status.ERROR, "", posted=b"42"))],
)
def test_what_is_posted_is_the_outcome(
    invoked: RuntimeApi, what: str, outcome: bytes | Failure
) -> None:
    path = f"{RUNTIME}/invocation/r-1/{what}"
    assert call(invoked, "POST", path, b"42")[0] == 202
    assert invoked.outcome == outcome
    # A second answer to the same invocation is refused and changes nothing.
    assert call(invoked, "POST", path, b"43")[0] == 400
    assert invoked.outcome == outcome
    invoked.offer(INVOCATION, 1)
    assert invoked.outcome is None


def test_an_answer_to_another_invocation_is_refused(invoked: RuntimeApi) -> None:
    status, _, body = call(invoked, "POST", f"{RUNTIME}/invocation/r-2/response", b"1")
    assert status == 400
    assert json.loads(body)["errorType"] == "InvalidRequestID"
    assert invoked.outcome is None


def test_a_response_over_the_limit_is_refused_and_kept_as_an_error(invoked: RuntimeApi) -> None:
    body = b"x" * (MAX_RESPONSE_BYTES + 1)
    status, _, reply = call(invoked, "POST", f"{RUNTIME}/invocation/r-1/response", body)
    assert status == 413
    assert invoked.outcome == Failure(Status.ERROR, "Function.ResponseSizeTooLarge", posted=reply)
    assert json.loads(reply)["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_response_of_the_limit_is_taken(invoked: RuntimeApi) -> None:
    body = b"x" * MAX_RESPONSE_BYTES
    assert call(invoked, "POST", f"{RUNTIME}/invocation/r-1/response", body)[0] == 202
    assert invoked.outcome == body


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_an_init_error_is_kept_in_utf_8(api: RuntimeApi, encoding: str) -> None:
    error = '{"errorType": "E", "stackTrace": ["/course é/handler.py"]}'
    assert call(api, "POST", f"{RUNTIME}/init/error", error.encode(encoding))[0] == 202
    assert api.init_error == error.encode()
    assert not api.runtime_ready


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_several_requests_on_one_connection_are_answered(api: RuntimeApi, method: str) -> None:
    with connected(api) as client:
        for _ in range(3):
            client.request(method, f"{RUNTIME}/x")
            reply = client.getresponse()
            assert (reply.status, json.loads(reply.read())["errorType"]) == (404, "NotFound")


@pytest.mark.parametrize("data", [b"nonsense\r\n\r\n", b"PATCH /x HTTP/1.1\r\n\r\n"])
def test_what_is_not_understood_ends_its_connection_only(api: RuntimeApi, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", int(api.address.split(":")[1])), 30) as client:
        client.sendall(data)
        while client.recv(65536):
            pass
    assert call(api, "GET", "/x")[0] == 404


def test_a_client_that_goes_away_while_waiting_loses_no_invocation(api: RuntimeApi) -> None:
    with connected(api) as client:
        client.request("GET", NEXT)
        with api.changed:
            assert api.changed.wait_for(lambda: api.runtime_ready, 30)
    api.offer(INVOCATION, 1)
    assert call(api, "GET", NEXT)[2] == INVOCATION.payload


def test_a_header_value_cannot_begin_another_header(api: RuntimeApi) -> None:
    api.offer(Invocation("r", b"1", "arn", "a\r\nInjected: yes"), 1)
    headers = call(api, "GET", NEXT)[1]
    assert "Injected" not in headers
    assert headers["Lambda-Runtime-Trace-Id"] == "a Injected: yes"


def test_close_frees_the_port_and_ends_who_waits(api: RuntimeApi) -> None:
    with connected(api) as client:
        client.request("GET", NEXT)
        with api.changed:
            assert api.changed.wait_for(lambda: api.runtime_ready, 30)
        api.server_close()
        with pytest.raises(http.client.RemoteDisconnected):
            client.getresponse()
    with pytest.raises(ConnectionRefusedError):
        call(api, "GET", NEXT)
