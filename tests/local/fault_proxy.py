"""A proxy in front of the emulator that refuses requests or holds one up.

The emulator enforces no rights, and is too fast to be interrupted at a place that is known.
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

_MESSAGE = "not authorized to perform this"
_SERVICE = re.compile(r"Credential=[^/]*/[^/]*/[^/]*/([^/]*)/aws4_request")
_HOP_HEADERS = frozenset({"content-length", "transfer-encoding", "connection"})


class Verdict(Enum):
    """What happens to a request."""

    PASS = auto()
    """It goes to the AWS behind."""
    DENY = auto()
    """It is answered as AWS answers one without rights."""
    HOLD = auto()
    """It is never answered."""
    BUSY = auto()
    """It is answered as S3 answers one of too many."""
    CONFLICT = auto()
    """It is answered as S3 answers a conditional write while another one is under way."""
    ANSWER_LOST = auto()
    """It goes to the AWS behind, and is answered as if S3 were busy."""


_STATUSES = {
    Verdict.BUSY: (503, "SlowDown"),
    Verdict.ANSWER_LOST: (503, "SlowDown"),
    Verdict.CONFLICT: (409, "ConditionalRequestConflict"),
    Verdict.DENY: (403, "AccessDenied"),
}
"""How S3 refuses."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the tool's."""

    service: str
    """As its signature has it: s3, sqs, lambda, logs, ssm, monitoring."""
    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class FaultProxy:
    """A proxy that refuses or holds requests."""

    url: str
    held: threading.Event
    """Set as soon as a request is held up."""


@contextmanager
def fault_proxy(upstream: str, judge: Callable[[Request], Verdict]) -> Iterator[FaultProxy]:
    """Judge every request to an AWS, for the length of a block.

    Args:
        upstream: the URL of the AWS behind it.
        judge: decides what happens to a request.

    Yields:
        Where to send requests instead.
    """
    server = _Server(upstream, judge)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield FaultProxy(f"http://127.0.0.1:{server.server_port}", server.held)
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
        server.pool.clear()


class _Server(ThreadingHTTPServer):
    def __init__(self, upstream: str, judge: Callable[[Request], Verdict]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.judge = judge
        self.pool = urllib3.PoolManager()
        self.held = threading.Event()
        self.over = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # with 1.0, the SDK waits a second for leave to send a body
    server: _Server

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        found = _SERVICE.search(self.headers.get("Authorization", ""))
        request = Request(found[1] if found else "", self.command, self.path, body)
        match self.server.judge(request):
            case Verdict.PASS:
                answer = self._ask(body)
                self._reply(answer.status, dict(answer.headers), answer.data)
            case Verdict.HOLD:
                self.server.held.set()
                self.server.over.wait()
            case verdict:
                if verdict is Verdict.ANSWER_LOST:
                    self._ask(body)
                self._refuse(request.service, *_STATUSES[verdict])

    def _ask(self, body: bytes) -> urllib3.BaseHTTPResponse:
        return self.server.pool.request(
            self.command,
            self.server.upstream + self.path,
            body=body,
            headers=dict(self.headers),
            # The checksums in the headers are of the bytes as they were sent.
            decode_content=False,
        )

    def _refuse(self, service: str, status: int, code: str) -> None:
        if service == "s3":
            text = f"<Error><Code>{code}</Code><Message>{_MESSAGE}</Message></Error>"
            self._reply(status, {"Content-Type": "application/xml"}, text.encode())
            return
        text = f'{{"__type": "AccessDeniedException", "message": "{_MESSAGE}"}}'
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "x-amzn-ErrorType": "AccessDeniedException",
        }
        self._reply(403, headers, text.encode())

    def _reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in _HOP_HEADERS:
                self.send_header(name, value)
        is_head = self.command == "HEAD"
        length = headers.get("Content-Length", "0") if is_head else len(body)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if not is_head:
            self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


for _method in ("GET", "POST", "PUT", "HEAD", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler.answer)


def denying_all_but(*services: str) -> Callable[[Request], Verdict]:
    """Deny requests to all but some services."""
    return lambda request: Verdict.PASS if request.service in services else Verdict.DENY
