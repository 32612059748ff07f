"""Writes `make` commands for people to copy, with the settings of the running command."""

import os
import shlex

DEFAULT_PORT = 4566
"""LocalStack's usual port."""


def make_command(target: str, port: int) -> str:
    """Return a command line for a stack on a port, such as ``make down PORT=4590``.

    Args:
        target: ``up`` or ``down``.
        port: the stack's port.
    """
    settings = {"PORT": "" if port == DEFAULT_PORT else str(port)}
    if target == "up":
        settings |= {
            name: os.environ.get(name, "") for name in ("TERRAFORM", "PROVIDER_VERSION", "GRADING")
        }
    is_usual = settings.get("TERRAFORM") == "terraform"
    words = [
        f"{name}={shlex.quote(value)}"
        for name, value in settings.items()
        if value and not (name == "TERRAFORM" and is_usual)
    ]
    return " ".join(("make", target, *words))
