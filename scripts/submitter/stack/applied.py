"""Chooses the stack that a command uses, from its options and what this checkout applied."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from submitter.errors import ExitCode, SubmitterError
from submitter.stack.deployment import DEFAULT_NAME

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = "build/stacks"
"""Where `make apply` writes Terraform's outputs, a file for each environment."""
_OBJECT = re.compile(r"^\{", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Applied:
    """A stack that was applied from this checkout; it may have been removed since."""

    name: str
    region: str
    account: str
    source: str
    """Where this is recorded, as a person finds it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which stack a command is about, and where it is."""

    name: str
    region: str | None
    """None for the shell's."""
    applied: Applied | None
    """What is known of it in this checkout."""
    is_named: bool
    """Whether a person named it; if not, what is known chose it."""


def choose_stack(name: str | None, region: str | None, project: Path) -> Choice:
    """Choose the stack that a command is about.

    Args:
        name: the stack's name, if one was given.
        region: the region, if one was given on the command line; it counts before the stack's.
        project: the checkout.

    Returns:
        The named stack, else the only one that was applied from the checkout, else the default.

    Raises:
        SubmitterError: several were applied, or it can't be read which.
    """
    if name is not None:
        is_named = True
        places = {(each.region, each.account): each for each in _recorded(project, name)}
        applied = next(iter(places.values())) if len(places) == 1 else None
        regions = {each.region for each in places.values()}
    else:
        is_named = False
        stacks = {(each.name, each.region, each.account): each for each in _all_applied(project)}
        if len(stacks) > 1:
            raise SubmitterError(
                "Several stacks were applied from this checkout. Give one of them: "
                + ", or ".join(_options(each) for each in stacks.values())
                + f". A stack that was removed since is named until its file in {RECORDS} is "
                "deleted.",
                ExitCode.USAGE,
            )
        applied = next(iter(stacks.values()), None)
        name = applied.name if applied else DEFAULT_NAME
        regions = {applied.region} if applied else set()
    recorded = regions.pop() if len(regions) == 1 else None
    return Choice(name, region or recorded, applied, is_named=is_named)


def _options(stack: Applied) -> str:
    return f"--stack {stack.name} --region {stack.region} (account {stack.account})"


def _recorded(project: Path, name: str) -> list[Applied]:
    """Return what is recorded of a stack; nothing is lost by a record that can't be read."""
    found = []
    for file in sorted((project / RECORDS).glob("*.json")):
        try:
            found += _read_record(file)
        except SubmitterError:
            continue
    return [each for each in found if each.name == name]


def _all_applied(project: Path) -> list[Applied]:
    found = []
    for file in sorted((project / RECORDS).glob("*.json")):
        found += _read_record(file)
    return found + _applied_without_make(project / "terraform")


def _read_record(file: Path) -> list[Applied]:
    source = f"{RECORDS}/{file.name}"
    try:
        text = file.read_text(encoding="utf-8")
    except (ValueError, OSError):
        raise _unreadable(source) from None
    return _read(text, source)


def _applied_without_make(terraform: Path) -> list[Applied]:
    """Ask Terraform itself for what `terraform apply` made, where make has no part in it."""
    if not (terraform / ".terraform").is_dir():
        return []
    program = os.environ.get("TERRAFORM") or "terraform"
    # What aims at another folder or another answer is meant for the user's own commands.
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "TF_DATA_DIR" and not name.startswith("TF_CLI_ARGS")
    }
    source = "the state of the folder terraform"
    try:
        answer = subprocess.run(
            [program, f"-chdir={terraform}", "output", "-json"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        states = (".terraform/terraform.tfstate", "terraform.tfstate")
        if not any((terraform / each).exists() for each in states):
            # It was initialised for a check only.
            return []
        raise SubmitterError(
            f"The folder terraform was applied without make, and `{program} output` does not tell "
            f"which stack that is: {_last_line(error)} Give its name with --stack NAME."
        ) from None
    return _read(answer.stdout, source)


def _last_line(error: OSError | subprocess.CalledProcessError) -> str:
    text = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


def _read(text: str, source: str) -> list[Applied]:
    """Read Terraform's outputs as JSON; there are none after a destroy.

    OpenTofu may put warnings before them.
    """
    start = _OBJECT.search(text)
    try:
        outputs: dict[str, Any] = json.loads(text[start.start() :]) if start else {}
        values = {name: output["value"] for name, output in outputs.items()}
        if start and not values:
            return []
        account = values["queue_arn"].split(":")[4]
        return [Applied(values["name"], values["region"], account, source)]
    except (ValueError, LookupError, TypeError, AttributeError):
        raise _unreadable(source) from None


def _unreadable(source: str) -> SubmitterError:
    return SubmitterError(
        f"It can't be read from {source} which stack was applied from this checkout. Apply it "
        "again, or give the stack's name with --stack NAME."
    )
