"""One LocalStack process: started, found again, and stopped without a trace.

LocalStack's settings: https://docs.localstack.cloud/references/configuration/
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from localstack_client.session import Session

from emulation.emulator_process import (
    answers,
    emulator_environment,
    kill_group,
    start_answering,
)
from emulation.errors import EmulationError
from emulation.make_command import make_command
from emulation.project import LAMBDA_PYTHON, LOCALSTACK_PYTHON
from emulation.waiting import wait_for
from localstack_process_executor import lifeline

HOST = "127.0.0.1"
REGION = "us-east-1"
ACCESS_KEY_ID = "test"
SECRET_ACCESS_KEY = "test"  # noqa: S105 - the emulator's own, it opens nothing else

_SERVICES = "s3,s3control,sqs,lambda,iam,sts,logs,cloudwatch,kms,sns,ssm,resourcegroupstaggingapi"
_LAUNCHER = "localstack_process_executor.localstack_main"
_RECORD = "instance.json"
_START_SECONDS = 90
_STOP_SECONDS = 20


def forget_aws_settings() -> None:
    """Keep the user's settings of AWS and of proxies away from what this process does.

    It must never reach a real account, nor another emulator by chance: localstack-client and
    the SDK both prefer AWS_ENDPOINT_URL to what they are told.
    """
    for name in [name for name in os.environ if name.startswith(("AWS_", "USE_SSL", "USE_LEGACY"))]:
        del os.environ[name]
    os.environ |= {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    os.environ |= unproxied(os.environ)


def unproxied(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that keep a client from asking a proxy for the emulator.

    Programs differ in which of the two names they read first, so both have all exceptions.

    Args:
        environment: the user's environment variables; exceptions that it has stay.
    """
    names = ("NO_PROXY", "no_proxy")
    users = [each.strip() for name in names for each in environment.get(name, "").split(",")]
    exceptions = dict.fromkeys(filter(None, [*users, HOST]))
    # The asterisk is for all hosts, to some programs only if it stands alone.
    value = "*" if "*" in exceptions else ",".join(exceptions)
    return dict.fromkeys(names, value)


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def is_port_free(port: int) -> bool:
    """Tell whether a listener can be opened on a TCP port of the loopback address."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an emulator listens, on the loopback address."""

    port: int
    ca_bundle: Path | None = None
    """The certificates to trust, if it is served over TLS."""

    @property
    def url(self) -> str:
        """The endpoint for every AWS service."""
        return f"{'https' if self.ca_bundle else 'http'}://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that aim any AWS client here."""
        trust = {"AWS_CA_BUNDLE": str(self.ca_bundle)} if self.ca_bundle else {}
        return trust | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
        }

    def session(self) -> Session:
        """Return a session whose boto3 clients talk to this emulator."""
        return Session(
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
            region_name=REGION,
            localstack_host=f"{HOST}:{self.port}",
        )


@dataclass(frozen=True, slots=True)
class _Owned:
    """What the process that started a LocalStack has of it."""

    process: subprocess.Popen[bytes]
    lifeline: int
    """The write end of the pipe that keeps it alive."""


class LocalStack:
    """A LocalStack process with a folder of its own, which goes when it stops."""

    def __init__(
        self,
        endpoint: Endpoint,
        folder: Path,
        process: psutil.Process,
        owned: _Owned | None = None,
    ) -> None:
        """Describe a running LocalStack; ``start`` and ``find`` make these."""
        self.endpoint = endpoint
        self.folder = folder
        self._process = process
        self._owned = owned

    @classmethod
    def start(cls, port: int, folder: Path) -> LocalStack:
        """Start a LocalStack that lives as long as this process, or until ``release``.

        Args:
            port: the TCP port of the loopback address to listen on.
            folder: where everything it writes goes; emptied first.

        Raises:
            EmulationError: the port is taken, or LocalStack ended or did not answer.
        """
        if not is_port_free(port):
            raise EmulationError(
                f"Port {port} of {HOST} is taken by another program. Stop that one, or choose "
                f"another port: {make_command('up', free_port())}"
            )
        shutil.rmtree(folder, ignore_errors=True)
        for name in ("root", "tmp", "cache", "home"):
            (folder / name).mkdir(parents=True)
        endpoint = Endpoint(port)
        process, own_end = start_answering(
            f"LocalStack at {endpoint.url}",
            lambda _tied_end: (LOCALSTACK_PYTHON, "-m", _LAUNCHER),
            lambda tied_end: _environment(port, folder) | {"LIFELINE_FD": str(tied_end)},
            folder / "localstack.log",
            lambda: answers(f"{endpoint.url}/_localstack/health"),
            _START_SECONDS,
        )
        return cls(endpoint, folder, psutil.Process(process.pid), _Owned(process, own_end))

    @classmethod
    def find(cls, folder: Path) -> LocalStack | None:
        """Find the released LocalStack that a folder belongs to, if it still runs.

        It is known by its process, so that one too busy to answer is found all the same.
        """
        try:
            record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
            process = psutil.Process(record["pid"])
            is_same = process.create_time() == record["created"]
            endpoint = Endpoint(record["port"])
        except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
            return None
        return cls(endpoint, folder, process) if is_same and _is_running(process) else None

    def release(self) -> None:
        """Let this LocalStack live on after this process; ``find`` finds it again."""
        record = {
            "port": self.endpoint.port,
            "pid": self._process.pid,
            "created": self._process.create_time(),
        }
        (self.folder / _RECORD).write_text(json.dumps(record), encoding="utf-8")
        if self._owned is not None:
            lifeline.release(self._owned.lifeline)

    def stop(self) -> None:
        """End this LocalStack and all it started, and remove its folder.

        An interruption only makes it less gentle.
        """
        try:
            with suppress(psutil.NoSuchProcess):
                self._process.terminate()
            with suppress(TimeoutError):
                wait_for("LocalStack to stop", self._is_gone, _STOP_SECONDS)
        finally:
            if not self._is_gone():
                kill_group(self._process.pid)
                wait_for("LocalStack to stop after a kill", self._is_gone, _STOP_SECONDS)
            if self._owned is not None:
                os.close(self._owned.lifeline)
            shutil.rmtree(self.folder, ignore_errors=True)

    def _is_gone(self) -> bool:
        if self._owned is not None:
            return self._owned.process.poll() is not None
        return not _is_running(self._process)


def _environment(port: int, folder: Path) -> dict[str, str]:
    """Return LocalStack's whole environment: none of the user's settings gets in."""
    return {
        **emulator_environment(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        # Plug-ins found once are remembered there; a memory of its own is never stale.
        "XDG_CACHE_HOME": str(folder / "cache"),
        "FILESYSTEM_ROOT": str(folder / "root"),
        # Made at the start, where two that start at once would otherwise read each other's half.
        "CUSTOM_SSL_CERT_PATH": str(folder / "root" / "certificate.pem"),
        "GATEWAY_LISTEN": f"{HOST}:{port}",
        # Queue URLs of the form that the AWS provider takes, and that need no name resolution.
        "LOCALSTACK_HOST": f"{HOST}:{port}",
        "SQS_ENDPOINT_STRATEGY": "off",
        "SERVICES": _SERVICES,
        # All at the start: loaded at its first request, a service may refuse one that comes beside.
        "EAGER_SERVICE_LOADING": "1",
        "DNS_ADDRESS": "0",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        # Its services call each other as functions. By its own gateway, over HTTP, these calls were
        # a third of all its work, and what a storm of uploads waited for.
        "IN_MEMORY_CLIENT": "1",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "PROCESS_EXECUTOR_PYTHON": str(LAMBDA_PYTHON),
        # AWS waits a minute before it retries a failed asynchronous invocation; here one second.
        "LAMBDA_RETRY_BASE_DELAY": "1",
    }


def _is_running(process: psutil.Process) -> bool:
    """Tell whether a process runs; one that nobody has reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
