"""Starts a function as Lambda does, in a process of AWS's runtime client, and measures it.

This process serves stubs of the Runtime API, of SQS and of S3. SQS and S3 use TLS, so that a call
takes the function as much CPU time as on AWS.
"""

import json
import os
import re
import ssl
import subprocess
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import trustme

from emulation.project import LAMBDA_PYTHON, ROOT, SCRIPTS
from package_function import GRADER, INTAKE, build_package, sources_of, write_package
from performance.programs import cpu_seconds_of

TUTORIAL = SCRIPTS / "performance" / "tutorial" / "lambda_function.py"
"""A tutorial's handler, for comparison."""
EVENT = ROOT / "tests" / "events" / "put.json"

_SDK_AUTHORITIES = "lib/python3.13/site-packages/botocore/cacert.pem"
_BOTO3_CLIENT = """import boto3


def sqs_client():
    return boto3.client("sqs")
"""
BUCKET = "amzn-s3-demo-bucket"
"""The bucket of the stub of S3."""
VERSION = "1"
"""Of each of its objects."""

_ETAG = '"etag"'
_HOST = "127.0.0.1"
_QUEUE_PATH = "/000000000000/queue"
_ARN = "arn:aws:lambda:us-east-1:000000000000:function:measured"
_MESSAGE_ID = "00000000-0000-4000-8000-000000000000"
_DIGEST = "0" * 32
_TIMEOUT_SECONDS = 60.0


class FunctionError(Exception):
    """A function did not do its work, or failed."""


@dataclass(frozen=True, slots=True)
class Package:
    """A function, packaged and unpacked."""

    name: str
    folder: Path
    handler: str
    """`module.function`."""
    zip_bytes: int


@dataclass(frozen=True, slots=True)
class Runs:
    """A function's first run and, if there were more, the average of the others."""

    first_message_ms: float
    """From before the process started until its message's call reached SQS."""
    cpu_ms: float
    """Processor time from the process's start until the first response."""
    peak_mib: float
    """The most memory that the process held."""
    run_cpu_ms: float
    """Average processor time of a further run; 0 if there was none."""
    log: tuple[int, ...]
    """Bytes of each line that the last run logged."""


@dataclass(frozen=True, slots=True)
class Process:
    """A function's process."""

    name: str
    popen: subprocess.Popen[bytes]
    began: float
    """Before it started, on the clock of `time.perf_counter`."""
    log: IO[bytes]
    runtime: "_Stub"

    @property
    def pid(self) -> int:
        """Its id."""
        return self.popen.pid

    def invoke(self, event: bytes) -> None:
        """Invoke the function, and wait for its response.

        Raises:
            FunctionError: it failed, ended or hangs.
        """
        self.runtime.events.put(event)
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while self.popen.poll() is None and time.monotonic() < deadline:
            with suppress(Empty):
                if self.runtime.responses.get(timeout=1) == "response":
                    return
                break
        raise FunctionError(f"{self.name} failed: {self.said()}")

    def said(self, start: int = 0) -> str:
        """Return its log from a place on."""
        self.log.seek(start)
        return self.log.read().decode(errors="replace")


class Functions:
    """Makes packages and runs them, with stubs of the Runtime API, of SQS and of S3."""

    def __init__(self, folder: Path, sqs: "_Stub", s3: "_Stub", authority: bytes) -> None:
        """Keep files in `folder`; functions trust `authority` and the SDK's own list."""
        self._folder = folder
        self._sqs = sqs
        self._s3 = s3
        self.objects = s3.objects
        """Of the bucket called `BUCKET`, by key."""
        self._authorities = folder / "authorities.pem"
        sdk = (LAMBDA_PYTHON.parent.parent / _SDK_AUTHORITIES).read_bytes()
        self._authorities.write_bytes(sdk + authority)
        self._event = json.dumps(json.loads(EVENT.read_text(encoding="utf-8"))).encode()

    def intake(self) -> Package:
        """Package the intake function as `make package` does."""
        package = self._folder / "intake.zip"
        write_package(sources_of(INTAKE), package)
        return self._unpack("intake", package, f"{INTAKE}.handler.lambda_handler")

    def grader(self) -> Package:
        """Package the grader as `make package` does."""
        return self._unpack("grader", build_package(GRADER), f"{GRADER}.handler.lambda_handler")

    def intake_with_boto3(self) -> Package:
        """Package the intake function with boto3's client for SQS.

        Raises:
            FileNotFoundError: the function has no module `sqs_client` to replace.
        """
        package = replace(self.intake(), name="intake_with_boto3")
        client = package.folder / INTAKE / "sqs_client.py"
        if not client.exists():
            raise FileNotFoundError(
                f"{INTAKE} has no {client.name} to replace. Name the module that makes the client "
                f"in {Path(__file__).name}."
            )
        client.write_text(_BOTO3_CLIENT, encoding="utf-8")
        return package

    def tutorial(self) -> Package:
        """Package the tutorial's handler: one file, zipped."""
        package = self._folder / "tutorial.zip"
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(TUTORIAL, TUTORIAL.name)
        return self._unpack("tutorial", package, f"{TUTORIAL.stem}.lambda_handler")

    def run(self, package: Package, runs: int = 1) -> Runs:
        """Start a function, invoke it ``runs`` times with an upload's event, and end it.

        Raises:
            FunctionError: the function did not send a message each time.
        """
        self._sqs.calls.clear()
        queue = self._sqs.url + _QUEUE_PATH
        variables = {"SUBMITTER_QUEUE_URL": queue, "QUEUE_URL": queue}
        with self.started(package, variables) as process:
            cpu: list[float] = []
            for _ in range(runs):
                log_start = process.log.seek(0, os.SEEK_END)
                process.invoke(self._event)
                cpu.append(cpu_seconds_of(process.pid) * 1000)
            calls = self._sqs.calls
            if len(calls) != runs:
                raise FunctionError(f"{package.name} sent {len(calls)} messages: {process.said()}")
            return Runs(
                first_message_ms=(calls[0] - process.began) * 1000,
                cpu_ms=cpu[0],
                peak_mib=peak_mib(process.pid),
                run_cpu_ms=(cpu[-1] - cpu[0]) / (runs - 1) if runs > 1 else 0,
                log=tuple(len(line.encode()) for line in process.said(log_start).splitlines()),
            )

    @contextmanager
    def started(self, package: Package, variables: Mapping[str, str]) -> Iterator["Process"]:
        """Start a function, and end it after a ``with`` block.

        Args:
            package: the function.
            variables: its own environment variables.
        """
        with _served(_RuntimeApi) as runtime, (self._folder / "log").open("w+b") as log:
            began = time.perf_counter()
            process = subprocess.Popen(
                [LAMBDA_PYTHON, "-m", "awslambdaric", package.handler],
                cwd=package.folder,
                env=self._environment(package, runtime) | dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            try:
                yield Process(package.name, process, began, log, runtime)
            finally:
                process.kill()
                process.wait()
                runtime.events.put(None)

    def _environment(self, package: Package, runtime: "_Stub") -> dict[str, str]:
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "HOME": str(self._folder),
            # As on Lambda, where the code's folder is read-only.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(package.folder),
            "LAMBDA_TASK_ROOT": str(package.folder),
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_NAME": package.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
            "AWS_LAMBDA_RUNTIME_API": runtime.url.removeprefix("http://"),
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
            "AWS_CA_BUNDLE": str(self._authorities),
            "AWS_ENDPOINT_URL_SQS": self._sqs.url,
            "AWS_ENDPOINT_URL_S3": self._s3.url,
            "SUBMITTER_STACK": "submitter",
        }

    def _unpack(self, name: str, package: Path, handler: str) -> Package:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder)
        return Package(name, folder, handler, package.stat().st_size)


@contextmanager
def functions() -> Iterator[Functions]:
    """Serve SQS and S3 during a ``with`` block, and keep files in a temporary folder."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(_HOST).configure_cert(context)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="performance-"))
        sqs = stack.enter_context(_served(_Sqs, context))
        s3 = stack.enter_context(_served(_S3, context))
        yield Functions(Path(folder), sqs, s3, authority.cert_pem.bytes())


def peak_mib(pid: int) -> float:
    """Return a process's peak memory until now.

    Not `ru_maxrss`, which starts at the parent's peak.

    Raises:
        ValueError: the system does not tell.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    match = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if match is None:
        raise ValueError("The process's status has no VmHWM: measure on Linux.")
    return int(match[1]) / 1024


def sqs_answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return SQS's answer to SendMessage or SendMessageBatch that accepts every message."""
    if "Entries" not in request:
        return {"MessageId": _MESSAGE_ID, "MD5OfMessageBody": _DIGEST}
    taken = [
        {"Id": entry["Id"], "MessageId": _MESSAGE_ID, "MD5OfMessageBody": _DIGEST}
        for entry in request["Entries"]
    ]
    return {"Successful": taken, "Failed": []}


@dataclass(slots=True)
class _Stub:
    """A running stub, and its requests."""

    url: str = ""
    calls: list[float] = field(default_factory=list)
    """When each call of SQS and each `next` came, on the clock of `time.perf_counter`."""
    objects: dict[str, bytes] = field(default_factory=dict)
    """Of S3, by key."""
    events: "SimpleQueue[bytes | None]" = field(default_factory=SimpleQueue)
    """Events for the Runtime API to hand out, one for each `next`; None ends a waiting `next`."""
    responses: "SimpleQueue[str]" = field(default_factory=SimpleQueue)
    """Last parts of the paths of POST requests: `response` or `error`."""


@contextmanager
def _served(handler: "type[_Handler]", tls: ssl.SSLContext | None = None) -> Iterator[_Stub]:
    stub = _Stub()
    server = ThreadingHTTPServer((_HOST, 0), partial(handler, stub))
    server.daemon_threads = True
    if tls:
        # The handshake runs in the connection's own thread.
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    stub.url = f"{'https' if tls else 'http'}://{_HOST}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else a body waits, for up to 40 ms, until the headers before it are acknowledged.
    disable_nagle_algorithm = True

    def __init__(self, stub: _Stub, *arguments: Any) -> None:  # noqa: ANN401 - as the base's
        self._stub = stub
        super().__init__(*arguments)

    def handle(self) -> None:
        """Serve a connection until the function's process is killed."""
        with suppress(ConnectionError):
            super().handle()

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""


class _Sqs(_Handler):
    def do_POST(self) -> None:
        """Take messages."""
        at = time.perf_counter()
        body = json.dumps(sqs_answer(json.loads(self._body()))).encode()
        # Before the answer, so that the call is recorded when the function responds.
        self._stub.calls.append(at)
        self._answer(200, body, Content_Type="application/x-amz-json-1.0")


class _S3(_Handler):
    """A bucket whose objects have one version each."""

    def do_HEAD(self) -> None:
        """Describe an object."""
        self.do_GET()

    def do_GET(self) -> None:
        """Return an object, unless the client has it."""
        content = self._stub.objects.get(self._key())
        if content is None:
            self._answer(404, b"")
        elif self.headers.get("If-None-Match") == _ETAG:
            self._answer(304, b"")
        else:
            self._answer(
                200,
                content,
                ETag=_ETAG,
                x_amz_version_id=VERSION,
                Last_Modified=formatdate(usegmt=True),
            )

    def do_PUT(self) -> None:
        """Keep an object."""
        self._stub.objects[self._key()] = self._content()
        self._answer(200, b"", ETag=_ETAG, x_amz_version_id=VERSION)

    def _content(self) -> bytes:
        """Return the body, without what the SDK adds to it: sizes of chunks, and a checksum.

        https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
        """
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        # One chunk, because it is small.
        _, _, rest = body.partition(b"\r\n")
        return rest[: int(self.headers["X-Amz-Decoded-Content-Length"])]

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}/")


class _RuntimeApi(_Handler):
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html ."""

    def do_GET(self) -> None:
        """Hand out the next event, when there is one."""
        self._stub.calls.append(time.perf_counter())
        event = self._stub.events.get()
        if event is None:
            self.close_connection = True
            return
        self._answer(
            200,
            event,
            # The runtime client crashes without this header.
            Content_Type="application/json",
            Lambda_Runtime_Aws_Request_Id="00000000-0000-4000-8000-000000000000",
            Lambda_Runtime_Invoked_Function_Arn=_ARN,
            Lambda_Runtime_Deadline_Ms=str(2**41),
        )

    def do_POST(self) -> None:
        """Take the function's response to an event, or its error."""
        self._body()
        self._answer(202, b"")
        self._stub.responses.put(self.path.rpartition("/")[2])
