"""Lines to paste into a shell, so that every AWS client there uses a stack."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from emulation.endpoint import unproxied
from emulation.stack import Stack

_FILES = {
    "AWS_CONFIG_FILE": "~/.aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials",
}
_OUTPUT_SETTINGS = ("AWS_PAGER", "AWS_DEFAULT_OUTPUT", "AWS_CLI_")
"""They change a client's output, not its endpoint."""


def shell_lines(stack: Stack, shell: Mapping[str, str]) -> list[str]:
    """Return the lines to paste.

    Args:
        stack: the stack to use.
        shell: the environment variables of the user's shell. The lines unset or override those
            that would lead a client elsewhere or make it fail.
    """
    settings = {
        **stack.endpoint.environment,
        **{name: os.devnull for name, usual in _FILES.items() if _exists(shell.get(name) or usual)},
        **(unproxied(shell) if _has_proxy(shell) else {}),
        "SUBMITTER_STACK": stack.outputs.name,
        "SUBMITTER_BUCKET": stack.outputs.bucket_name,
        "SUBMITTER_QUEUE_URL": stack.outputs.queue_url,
    }
    misleading = [
        name
        for name in sorted(shell)
        if name.startswith("AWS_")
        and name not in settings | _FILES
        and not name.startswith(_OUTPUT_SETTINGS)
    ]
    unset = [shlex.join(["unset", *misleading])] if misleading else []
    return [*unset, *(f"export {name}={shlex.quote(value)}" for name, value in settings.items())]


def _has_proxy(shell: Mapping[str, str]) -> bool:
    return any(
        value and name.lower().endswith("_proxy") and name.lower() != "no_proxy"
        for name, value in shell.items()
    )


def _exists(file: str) -> bool:
    return Path(os.path.expanduser(file)).is_file()  # noqa: PTH111 - does not need a home
