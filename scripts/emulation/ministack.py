"""Starts and stops a MiniStack process, which enforces policies and serves TLS."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class MiniStack:
    """A running MiniStack, and its folder."""

    endpoint: Endpoint
    folder: Path
    _process: ExitStack
    """Ends the process when it is closed."""

    def restart(self) -> None:
        """End the process as a shutdown does, and start another one with its state.

        Resources, objects, messages and logs are kept; running functions, and events that no
        function has received yet, are lost.

        Raises:
            EmulationError: MiniStack ended or did not answer.
        """
        self._process.close()
        self._process.enter_context(_running(self.endpoint, self.folder))

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
        with ExitStack() as process:
            process.enter_context(_running(endpoint, folder))
            yield MiniStack(endpoint, folder, process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(endpoint: Endpoint, folder: Path) -> Iterator[None]:
    trust = create_default_context(cafile=endpoint.ca_bundle)
    settings = _environment(endpoint, folder)
    process, own_end = start_answering(
        f"MiniStack at {endpoint.url}",
        lambda tied_end: (MINISTACK_PYTHON, "-P", lifeline.__file__, str(tied_end), _SERVER),
        lambda _tied_end: settings,
        folder / "ministack.log",
        lambda: answers(f"{endpoint.url}/_ministack/health", trust),
        _START_SECONDS,
    )
    try:
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        # Also kills the function's processes, which are in its group.
        kill_group(process.pid)
        process.wait()
        os.close(own_end)


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
