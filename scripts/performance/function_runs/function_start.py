"""Starts a function as Lambda does, in a process of AWS's runtime client, and times it."""

from __future__ import annotations

import json
import os
import re
import selectors
import shutil
import subprocess
import tempfile
import time
import zipfile
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from embedded_aws.project import ROOT
from localstack_process_executor.runtime_api import Invocation, OutcomeKind, RuntimeApi
from package_function import SOURCE, write_package
from performance.function_runs.client_variants import variant_of
from performance.function_runs.sqs_stub import SqsStub, sqs_stub

if TYPE_CHECKING:
    from collections.abc import Iterator

LAMBDA_PYTHON = ROOT / ".venv-lambda" / "bin" / "python"
HERE = Path(__file__).parent
EVENT = ROOT / "tests" / "events" / "put.json"

_SDK_AUTHORITIES = "lib/python3.13/site-packages/botocore/cacert.pem"
_TIMEOUT_SECONDS = 60.0
_ACCOUNT = "000000000000"


class StartError(Exception):
    """A function did not do what it was started for."""


@dataclass(frozen=True, slots=True)
class Package:
    """A function, packaged and unpacked as Lambda does."""

    name: str
    folder: Path
    """Its unpacked files."""
    handler: str
    """`module.function`."""
    zip_bytes: int

    @property
    def module(self) -> str:
        """The module that the handler is in."""
        return self.handler.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a function, up to its first message."""

    first_message_ms: float
    """From before the process was made until the call with the message was at SQS."""
    cpu_ms: float
    """The processor's time, user and system, until the invocation's response was posted."""
    peak_kib: int
    """The most memory the process held, in KiB, when the response was posted."""


@dataclass(frozen=True, slots=True)
class Import:
    """One start of Python that imports a module, or nothing, and ends."""

    wall_ms: float
    cpu_ms: float


class Surroundings:
    """What functions are started in: a queue, an authority to trust, a place for their files."""

    def __init__(self, folder: Path, stub: SqsStub) -> None:
        """Use `folder` for files, and `stub` for SQS."""
        self._folder = folder
        self._stub = stub
        self._authorities = folder / "authorities.pem"
        # As many as the SDK reads when it talks to AWS, and the stub's.
        sdk = (ROOT / ".venv-lambda" / _SDK_AUTHORITIES).read_bytes()
        self._authorities.write_bytes(sdk + stub.authority)
        self._payload = json.dumps(json.loads(EVENT.read_text(encoding="utf-8"))).encode()

    def intake(self) -> Package:
        """Package the intake function as `make package` does."""
        package = self._folder / "intake.zip"
        write_package(SOURCE, package)
        return self._unpack("intake", package, "submission_intake.handler.lambda_handler")

    def tutorial(self) -> Package:
        """Package the tutorial's handler as its readers do: one file, zipped."""
        package = self._folder / "tutorial.zip"
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(HERE / "tutorial" / "lambda_function.py", "lambda_function.py")
        return self._unpack("tutorial", package, "lambda_function.lambda_handler")

    def variant(self, name: str) -> Package:
        """Package the intake function with another `sqs_client.py`, one of `client_variants`."""
        intake = self.intake()
        folder = self._folder / f"variant-{name}"
        shutil.copytree(intake.folder, folder)
        client = folder / "submission_intake" / "sqs_client.py"
        source = variant_of(client.read_text(encoding="utf-8"), name)
        client.write_text(source, encoding="utf-8")
        return replace(intake, name=name, folder=folder)

    def start(self, package: Package) -> Start:
        """Start a function, have it announce one upload, and end it.

        Raises:
            StartError: it did not send its message, or failed.
        """
        self._stub.calls.clear()
        with selectors.DefaultSelector() as selector, closing(RuntimeApi(selector)) as api:
            arn = f"arn:aws:lambda:us-east-1:{_ACCOUNT}:function:{package.name}"
            api.offer(Invocation("00000000-0000-0000-0000-000000000000", self._payload, arn), 2**41)
            environment = self._environment(package) | {"AWS_LAMBDA_RUNTIME_API": api.address}
            with (self._folder / "output").open("w+b") as output:
                began = time.perf_counter()
                process = subprocess.Popen(
                    [LAMBDA_PYTHON, "-m", "awslambdaric", package.handler],
                    cwd=package.folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
                try:
                    _serve(selector, api, process)
                    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
                finally:
                    process.kill()
                    _, process.returncode, usage = os.wait4(process.pid, 0)
                outcome, calls = api.outcome, self._stub.calls
                if outcome is None or outcome.kind is not OutcomeKind.RESPONSE or not calls:
                    output.seek(0)
                    raise StartError(
                        f"{package.name} sent no message: {outcome}; it wrote "
                        f"{output.read().decode(errors='replace')}"
                    )
        return Start(
            first_message_ms=(calls[0][0] - began) * 1000,
            cpu_ms=(usage.ru_utime + usage.ru_stime) * 1000,
            peak_kib=peak_kib(status),
        )

    def time_import(self, package: Package | None) -> Import:
        """Start Python, import a function's handler or nothing, and end.

        Raises:
            StartError: the import failed.
        """
        code = f"import {package.module}" if package else "pass"
        environment = self._environment(package) if package else {}
        began = time.perf_counter()
        process = subprocess.Popen(
            [LAMBDA_PYTHON, "-c", code],
            cwd=package.folder if package else self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        _, process.returncode, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        if process.returncode:
            raise StartError(f"{code} failed; its error is above.")
        return Import(wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000)

    def _environment(self, package: Package) -> dict[str, str]:
        url = self._stub.url
        queue = f"{url}/{_ACCOUNT}/queue"
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "HOME": str(self._folder),
            # Lambda's place for the code can't be written to, so it keeps no bytecode of it.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(package.folder),
            "LAMBDA_TASK_ROOT": str(package.folder),
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_NAME": package.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",  # nosec B105 - nobody's
            "AWS_SESSION_TOKEN": "test",  # nosec B105 - nobody's
            "AWS_CA_BUNDLE": str(self._authorities),
            "AWS_ENDPOINT_URL_SQS": url,
            "SUBMITTER_QUEUE_URL": queue,
            "SUBMITTER_STACK": "submitter",
            "QUEUE_URL": queue,
        }

    def _unpack(self, name: str, package: Path, handler: str) -> Package:
        folder = self._folder / name
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder)
        return Package(name, folder, handler, package.stat().st_size)


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    """Make the surroundings to start functions in, and remove them afterwards."""
    with tempfile.TemporaryDirectory(prefix="function-start-") as folder, sqs_stub() as stub:
        yield Surroundings(Path(folder), stub)


def _serve(
    selector: selectors.BaseSelector, api: RuntimeApi, process: subprocess.Popen[bytes]
) -> None:
    """Serve the process until it has posted what came of the invocation, ends or takes too long."""
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while api.outcome is None and api.init_error is None and time.monotonic() < deadline:
        # Not without end, because a process that ends by itself makes nothing readable for sure.
        for key, mask in selector.select(1):
            key.data(mask)
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None:
            return


def peak_kib(status: str) -> int:
    """Return a process's peak of memory, in KiB, from its `/proc/<pid>/status`.

    Not `ru_maxrss`: that of a process just made begins with what its maker held.

    Raises:
        ValueError: it does not say.
    """
    match = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if match is None:
        raise ValueError("The process's status has no VmHWM.")
    return int(match[1])
