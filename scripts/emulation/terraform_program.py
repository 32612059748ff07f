"""Finds the program to use: Terraform, or OpenTofu in its place."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from emulation.errors import EmulationError

OWN_REGISTRY = {"Terraform": "registry.terraform.io", "OpenTofu": "registry.opentofu.org"}
"""The registry of a provider whose source names no host, such as hashicorp/aws."""

_OLDEST = (1, 11)
"""The oldest release of either that terraform/terraform.tf accepts."""
_VERSION = re.compile(r"^(Terraform|OpenTofu) v((\d+)\.(\d+)\S*)$", re.MULTILINE)
_PLATFORM = re.compile(r"^on (\w+)$", re.MULTILINE)
_ADVICE = (
    "Install Terraform 1.11 or newer (https://developer.hashicorp.com/terraform/install), or set "
    "TERRAFORM to the path of another program, such as TERRAFORM=tofu for OpenTofu."
)


_CLEARED = ("AWS_", "TF_", "TOFU_", "PYTHON")
"""Settings of the account, Terraform, OpenTofu and Python."""
_KEPT = (
    "TF_CLI_CONFIG_FILE",
    "TF_PLUGIN_CACHE_",
    "TF_TOKEN_",
    "TF_REGISTRY_",
    "TF_PROVIDER_DOWNLOAD_",
)
"""Settings of where the user gets providers."""


@dataclass(frozen=True, slots=True)
class Program:
    """An installed Terraform or OpenTofu."""

    path: str
    """Absolute, because it runs in other folders than this process."""
    product: str
    """``Terraform`` or ``OpenTofu``."""
    release: str
    """Its version, such as ``1.11.4``."""
    platform: str
    """Its name for this platform, such as ``linux_amd64``."""


def program_name() -> str:
    """Return the name or path of the program to use, as TERRAFORM gives it."""
    return os.environ.get("TERRAFORM") or "terraform"


def users_environment() -> dict[str, str]:
    """Return the user's environment without settings that would change Terraform's work."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(_KEPT) or not name.startswith(_CLEARED)
    }


def find_program(environment: Mapping[str, str]) -> Program:
    """Find the program, its product and its release.

    Args:
        environment: the environment variables to find and run it with.

    Raises:
        EmulationError: it is not installed, does not run, or is too old.
    """
    name = program_name()
    path = shutil.which(name, path=environment.get("PATH"))
    if path is None:
        raise EmulationError(f"{_missing(name)} {_ADVICE}")
    answer = _ask_version(path, environment)
    version = _VERSION.search(answer)
    if version is None:
        raise EmulationError(
            f"{name} is neither Terraform nor OpenTofu, or does not run. {_ADVICE} "
            f"`{name} version` said:\n{answer.strip()}"
        )
    product, release, major, minor = version.groups()
    if (int(major), int(minor)) < _OLDEST:
        raise EmulationError(
            f"{name} is {product} {release}, which is too old: the configuration needs 1.11. "
            f"{_ADVICE}"
        )
    platform = _PLATFORM.search(answer)
    if platform is None:
        raise EmulationError(
            f"`{name} version` does not name its platform. {_ADVICE} It said:\n{answer.strip()}"
        )
    return Program(os.path.abspath(path), product, release, platform[1])  # noqa: PTH100 - keeps shims' links


def _missing(name: str) -> str:
    if os.path.dirname(name) and os.path.exists(name):  # noqa: PTH110, PTH120 - a name may be both
        return f"{name} is not an executable file."
    return f"{name} is not installed, or not on the PATH."


def _ask_version(path: str, environment: Mapping[str, str]) -> str:
    """Return the output of `version`, or the error that prevents it.

    Not as JSON, which does not name the product and can follow warnings.
    """
    # Without the user's settings, and without asking a server for a newer release.
    settings = {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    try:
        answer = subprocess.run(
            [path, "version"],
            env={**environment, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        return str(error)
    return answer.stdout
