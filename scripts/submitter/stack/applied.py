"""Chooses the stack that a command uses, from its options and what this checkout applied."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from submitter.errors import SubmitterError, UsageError
from submitter.stack.deployment import DEFAULT_NAME

RECORDS = "build/stacks"
"""Where `make apply` writes Terraform's outputs, a file for each environment."""
_OBJECT = re.compile(r"^\{", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Applied:
    """A stack that was applied from this checkout, and perhaps removed since."""

    name: str
    region: str
    account: str
    source: str
    """Where this is recorded, in words."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The stack that a command uses."""

    name: str
    region: str | None
    """None for the shell's."""
    applied: Applied | None
    """This checkout's record of it."""
    is_named: bool
    """Whether a person named it."""


def choose_stack(name: str | None, region: str | None, project: Path) -> Choice:
    """Choose the stack that a command uses.

    Args:
        name: the stack's name, if one was given.
        region: the region, if one was given; it overrides the record's.
        project: the checkout.

    Returns:
        The named stack, else the only one that was applied from the checkout, else the default.

    Raises:
        SubmitterError: several were applied, or a record can't be read.
    """
    is_named = name is not None
    files = sorted((project / RECORDS).glob("*.json"))
    found = []
    for file in files:
        try:
            found += _read_record(file)
        except SubmitterError:
            if not is_named:
                raise
    if is_named:
        found = [each for each in found if each.name == name]
    else:
        found += _applied_without_make(project / "terraform")
    stacks = list({(each.name, each.region, each.account): each for each in found}.values())
    if len(stacks) > 1 and not is_named:
        raise UsageError(
            "Several stacks were applied from this checkout. Give one of them: "
            + ", or ".join(
                f"--stack {each.name} --region {each.region} (account {each.account})"
                for each in stacks
            )
            + f". A stack that was removed is listed until its file in {RECORDS} is deleted."
        )
    applied = stacks[0] if len(stacks) == 1 else None
    regions = {each.region for each in stacks}
    return Choice(
        name or (applied.name if applied else DEFAULT_NAME),
        region or (regions.pop() if len(regions) == 1 else None),
        applied,
        is_named=is_named,
    )


def _read_record(file: Path) -> list[Applied]:
    source = f"{RECORDS}/{file.name}"
    try:
        text = file.read_text(encoding="utf-8")
    except (ValueError, OSError):
        raise _unreadable(source) from None
    return _read(text, source)


def _applied_without_make(terraform: Path) -> list[Applied]:
    """Ask Terraform for a stack that was applied without make, which records nothing."""
    if not (terraform / ".terraform").is_dir():
        return []
    program = os.environ.get("TERRAFORM") or "terraform"
    # These would choose another folder or other options.
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
            # It was only initialised, such as for a check.
            return []
        raise SubmitterError(
            f"The folder terraform was applied without make, and `{program} output` does not say "
            f"which stack that is: {_last_line(error)} Give its name with --stack NAME."
        ) from None
    return _read(answer.stdout, source)


def _last_line(error: OSError | subprocess.CalledProcessError) -> str:
    text = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


def _read(text: str, source: str) -> list[Applied]:
    """Parse Terraform's outputs, which are empty after a destroy, and may follow warnings."""
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
        f"The stack that was applied from this checkout can't be read from {source}. Apply it "
        "again, or give its name with --stack NAME."
    )
