"""Starts a LocalStack process, finds a running one, and stops it without leftovers.

LocalStack's settings: https://docs.localstack.cloud/references/configuration/
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from emulation.emulator_process import (
    answers,
    emulator_environment,
    kill_group,
    start_answering,
)
from emulation.endpoint import HOST, Endpoint, free_port, is_port_free
from emulation.errors import EmulationError
from emulation.make_command import make_command
from emulation.project import LAMBDA_PYTHON, LOCALSTACK_PYTHON
from emulation.waiting import wait_for
from localstack_process_executor import lifeline

_SERVICES = "s3,s3control,sqs,lambda,iam,sts,logs,cloudwatch,kms,sns,ssm,resourcegroupstaggingapi"
_LAUNCHER = "localstack_process_executor.localstack_main"
_RECORD = "instance.json"
_START_SECONDS = 90
_STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class _Owned:
    """Handles that only the process which started a LocalStack has."""

    process: subprocess.Popen[bytes]
    lifeline: int
    """The write end of the pipe that keeps LocalStack alive."""


class LocalStack:
    """A LocalStack process and its folder, which ``stop`` removes."""

    def __init__(
        self,
        endpoint: Endpoint,
        folder: Path,
        process: psutil.Process,
        owned: _Owned | None = None,
    ) -> None:
        """Describe a running LocalStack; use ``start`` or ``find``."""
        self.endpoint = endpoint
        self.folder = folder
        self._process = process
        self._owned = owned

    @classmethod
    def start(cls, port: int, folder: Path) -> LocalStack:
        """Start a LocalStack that ends with this process, unless ``release`` is called.

        Args:
            port: the TCP port of the loopback address to listen on.
            folder: the folder for everything that it writes; emptied first.

        Raises:
            EmulationError: the port is taken, or LocalStack ended or did not answer.
        """
        if not is_port_free(port):
            raise EmulationError(
                f"Port {port} of {HOST} is taken by another program. Stop that program, or use "
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
        """Return the released LocalStack of a folder, or None if it does not run.

        It looks for the process, so it also finds one that is too busy to answer.
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
        """Let this LocalStack outlive this process; ``find`` finds it again."""
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

        If interrupted, it kills the processes at once.
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
    """Return LocalStack's whole environment, without the user's settings."""
    return {
        **emulator_environment(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        # LocalStack caches the list of plug-ins there; a new cache is never stale.
        "XDG_CACHE_HOME": str(folder / "cache"),
        "FILESYSTEM_ROOT": str(folder / "root"),
        # LocalStack writes it at its start; two that share a file could read a half-written one.
        "CUSTOM_SSL_CERT_PATH": str(folder / "root" / "certificate.pem"),
        "GATEWAY_LISTEN": f"{HOST}:{port}",
        # Makes queue URLs that the AWS provider accepts and that need no name resolution.
        "LOCALSTACK_HOST": f"{HOST}:{port}",
        "SQS_ENDPOINT_STRATEGY": "off",
        "SERVICES": _SERVICES,
        # At the start, because a service that loads at its first request can refuse a second one.
        "EAGER_SERVICE_LOADING": "1",
        "DNS_ADDRESS": "0",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        # Services call each other as functions. Over HTTP, these calls were a third of LocalStack's
        # work, and slowed down storms of uploads.
        "IN_MEMORY_CLIENT": "1",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "PROCESS_EXECUTOR_PYTHON": str(LAMBDA_PYTHON),
        # Seconds before the retry of a failed asynchronous invocation; AWS waits a minute.
        "LAMBDA_RETRY_BASE_DELAY": "1",
        # A mapping's poller itself waits for messages; a pause would only hold them up.
        "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0",
    }


def _is_running(process: psutil.Process) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
