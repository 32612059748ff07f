"""An account with nothing in it, and a checkout of the project that was never used."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from embedded_aws.localstack import forget_aws_settings
from embedded_aws.ministack import MiniStack, temporary_ministack
from embedded_aws.project import EXECUTOR, ROOT, SCRIPTS
from embedded_aws.terraform import terraform_platform
from embedded_aws.terraform_cli import configure_provider_source
from embedded_aws.tether import tethered

_EMULATOR = 'provider "aws" {\n  s3_use_path_style = true\n}\n'
"""What AWS's own addresses need no word about: the bucket's name is a part of the path."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A copy of the project, and an account to ship it to."""

    folder: Path
    ministack: MiniStack
    settings: Mapping[str, str]

    def run(self, script: str, **variables: str) -> tuple[int, str]:
        """Run lines of a shell that stops at the first that fails; answer yes to all questions.

        Args:
            script: the lines.
            variables: the shell's environment variables, beside those that aim it here.

        Returns:
            The exit code, and what was printed.
        """
        command = ["/bin/sh", "-c", 'yes yes | /bin/sh -euc "$0"', script]
        with tethered(command, cwd=self.folder, env={**self.settings, **variables}) as process:
            output = process.stdout.read() if process.stdout else ""
            return process.wait(), output


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    forget_aws_settings()
    folder = tmp_path_factory.mktemp("shipping")
    project = folder / "submitter"
    for name in _project_files():
        target = project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    for root in ("terraform", "terraform/bootstrap"):
        (project / root / "emulator_override.tf").write_text(_EMULATOR)
    with temporary_ministack() as ministack:
        settings = configure_provider_source(
            os.environ,
            terraform_platform(os.environ),
            config_file=folder / "terraform.tfrc",
            plugin_cache=ROOT / "build" / "terraform-plugin-cache",
        )
        settings |= ministack.endpoint.environment
        settings |= {"TF_CLI_ARGS_init": "-backend-config=use_path_style=true", "NO_COLOR": "1"}
        # Settings of the make that runs the tests are none of a new user's.
        for inherited in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
            settings.pop(inherited, None)
        # For the tether; the project's make sets its own.
        settings["PYTHONPATH"] = f"{SCRIPTS}{os.pathsep}{EXECUTOR}"
        yield Checkout(project, ministack, settings)


def _project_files() -> list[str]:
    """Return what a clone would have: what is committed, and what is about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in answer.stdout.splitlines() if (ROOT / name).is_file()]
