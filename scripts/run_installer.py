"""Runs pip or uv with only those of the user's settings that say where packages come from.

Both read environment variables and files in the user's home. These can name a company's index,
which is needed, or another Python to install into, which must not change.
https://pip.pypa.io/en/stable/topics/configuration/
https://docs.astral.sh/uv/concepts/configuration-files/

Run as ``.venv/bin/python scripts/run_installer.py uv pip sync ...``, or ``pip install ...``.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

_KEPT = (
    # Where packages come from
    *("index", "index-*", "default-index", "extra-index-url", "no-index", "find-links"),
    # How to get there
    *("*cert", "*-certs", "native-tls", "trusted-host", "*insecure-host", "*proxy", "offline"),
    *("*timeout", "*retries", "*-endpoint-url", "concurrent-*", "use-feature", "use-deprecated"),
    *("keyring-provider", "credentials-dir", "no-input"),
    # Where they are cached
    *("cache-dir", "no-cache", "no-cache-dir", "link-mode"),
)
"""The settings that stay, by their names in files: UV_INDEX_URL is ``index-url``."""

_PIP_SETTING = re.compile(r"^(?:global|install)\.([a-z-]+)=(.+)$", re.MULTILINE)


def keep_sources(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that say where packages come from.

    Args:
        settings: a file's settings, by name; uv's ``pip`` table has settings too.
    """
    return {
        name: keep_sources(value) if name == "pip" else value
        for name, value in settings.items()
        if name == "pip" or any(fnmatch(name, pattern) for pattern in _KEPT)
    }


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables without those that say how and where to install."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(("PIP_", "UV_"))
        or keep_sources({name.partition("_")[2].lower().replace("_", "-"): value})
    }


def pip_variables(listing: str) -> dict[str, str]:
    """Return the environment variables for the sources in pip's settings.

    Args:
        listing: the output of ``pip config list``.
    """
    return {
        f"PIP_{name.upper().replace('-', '_')}": ast.literal_eval(value)
        for name, value in keep_sources(dict(_PIP_SETTING.findall(listing))).items()
    }


def merge(files: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Merge settings as uv does: join lists; otherwise keep the first value."""
    merged: dict[str, Any] = {}
    for settings in files:
        for name, value in settings.items():
            if isinstance(value, dict):
                merged[name] = merge([merged.get(name, {}), value])
            elif isinstance(value, list):
                merged[name] = [*merged.get(name, []), *value]
            else:
                merged.setdefault(name, value)
    return merged


def write_toml(value: object) -> str:
    """Return a value in TOML, as it stands after an equals sign."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name} = {write_toml(it)}' for name, it in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(write_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _run_pip(arguments: list[str], environment: dict[str, str]) -> int:
    pip = [sys.executable, "-m", "pip"]
    # A file can name another Python or make pip quiet: these options override both.
    listing = subprocess.run(
        [*pip, "--python", sys.executable, "-vvvv", "config", "list"],
        env=environment | {"PIP_CONFIG_FILE": os.environ.get("PIP_CONFIG_FILE", "")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    environment = pip_variables(listing) | environment | {"PIP_CONFIG_FILE": os.devnull}
    return subprocess.run([*pip, *arguments], env=environment, check=False).returncode


def _run_uv(arguments: list[str], environment: dict[str, str]) -> int:
    settings = merge(map(_read_sources, _uv_files(os.environ)))
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".toml") as file:
        file.writelines(f"{name} = {write_toml(value)}\n" for name, value in settings.items())
        file.flush()
        command = [
            f"{Path(sys.executable).with_name('uv')}",
            "--config-file",
            file.name,
            *arguments,
        ]
        return subprocess.run(command, env=environment, check=False).returncode


def _uv_files(environment: Mapping[str, str]) -> list[Path]:
    """Return the files that uv would read, in order of precedence."""
    if named := environment.get("UV_CONFIG_FILE"):
        return [Path(named)]
    if environment.get("UV_NO_CONFIG"):
        return []
    user = environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    system = [*(environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep), "/etc"]
    systems_files = [Path(folder, "uv", "uv.toml") for folder in system]
    files = [Path("uv.toml"), Path(user, "uv", "uv.toml"), *filter(Path.is_file, systems_files)]
    return [file for file in files[:3] if file.is_file()]


def _read_sources(file: Path) -> dict[str, Any]:
    try:
        return keep_sources(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{file} is not valid TOML: {error}. Fix the file.") from None


def main(tool: str, *arguments: str) -> int:
    """Run the tool.

    Args:
        tool: ``pip`` or ``uv``, of the environment whose Python runs this.
        arguments: the tool's arguments.

    Returns:
        The tool's exit code.

    Raises:
        OSError: a settings file cannot be read, or the tool is not installed.
        ValueError: a settings file is not valid TOML.
        KeyboardInterrupt: the user pressed Ctrl-C.
    """
    run = {"pip": _run_pip, "uv": _run_uv}[tool]
    return run(list(arguments), clean_environment(os.environ))


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, ValueError) as problem:
        sys.exit(f"error: {problem}")
