"""Starts and stops a MiniStack process, which enforces policies and serves TLS."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from ssl import create_default_context

import trustme

from emulation.emulator_process import (
    answers,
    emulator_environment,
    kill_group,
    start_answering,
)
from emulation.endpoint import HOST, Endpoint, free_port
from emulation.project import BUILD, MINISTACK_PYTHON, SCRIPTS
from emulation.stack import stack_settings
from emulation.terraform import Terraform
from localstack_process_executor import lifeline

_SERVER = "emulation.ministack_server"
_START_SECONDS = 60
_STOP_SECONDS = 60
"""It waits for running functions, and then writes its state."""


class MiniStack:
    """A running MiniStack, and its folder."""

    def __init__(self, endpoint: Endpoint, folder: Path) -> None:
        """Start it.

        Raises:
            EmulationError: MiniStack ended or did not answer.
        """
        self.endpoint = endpoint
        self.folder = folder
        self._start()

    def kill(self) -> None:
        """End the process, and the function's processes, which are in its group."""
        kill_group(self._process.pid)
        self._process.wait()
        self._lifeline.close()

    def restart(self) -> None:
        """End the process as a shutdown does, and start another one with its state.

        Resources, objects, messages and logs are kept; running functions, and events that no
        function has received yet, are lost.

        Raises:
            EmulationError: MiniStack ended or did not answer.
        """
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        self.kill()
        self._start()

    def provision(self, variables: Mapping[str, object]) -> Terraform:
        """Apply the production configuration.

        Args:
            variables: values of the root module's variables, in addition to the emulator's;
                stacks on one emulator need different values of ``name``.

        Returns:
            Terraform, in the stack's working copy.

        Raises:
            EmulationError: Terraform failed.
        """
        settings = stack_settings(variables)
        folder = self.folder / "terraform" / str(settings["name"])
        terraform = Terraform(self.endpoint, folder, settings)
        terraform.init()
        terraform.apply()
        return terraform

    def _start(self) -> None:
        trust = create_default_context(cafile=self.endpoint.ca_bundle)
        settings = _environment(self.endpoint, self.folder)
        self._process, own_end = start_answering(
            f"MiniStack at {self.endpoint.url}",
            lambda tied_end: (MINISTACK_PYTHON, "-P", lifeline.__file__, str(tied_end), _SERVER),
            lambda _tied_end: settings,
            self.folder / "ministack.log",
            lambda: answers(f"{self.endpoint.url}/_ministack/health", trust),
            _START_SECONDS,
        )
        self._lifeline = os.fdopen(own_end, "wb")


@contextmanager
def temporary_ministack() -> Iterator[MiniStack]:
    """Provide an empty MiniStack on a free port for a ``with`` block.

    It serves TLS with its own certificate, because the stack's policies refuse plain HTTP. It
    cannot outlive this process.

    Raises:
        EmulationError: MiniStack ended or did not answer.
    """
    BUILD.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="ministack-", dir=BUILD))
    try:
        authority = trustme.CA()
        certificate = authority.issue_cert(HOST)
        authority.cert_pem.write_to_path(folder / "ca.pem")
        certificate.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
        endpoint = Endpoint(free_port(), folder / "ca.pem")
        ministack = MiniStack(endpoint, folder)
        try:
            yield ministack
        finally:
            ministack.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environment(endpoint: Endpoint, folder: Path) -> dict[str, str]:
    """Return MiniStack's whole environment, without the user's settings."""
    for name in ("tmp", "home"):
        (folder / name).mkdir(exist_ok=True)
    return {
        **emulator_environment(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": str(SCRIPTS),
        "AUTH": "true",
        # Kept for a restart.
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "objects"),
        "GATEWAY_PORT": str(endpoint.port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(folder / "server.pem"),
        "MINISTACK_SSL_KEY": str(folder / "server.pem"),
        # The function inherits it, because it must trust the certificate too.
        "AWS_CA_BUNDLE": str(endpoint.ca_bundle),
    }
