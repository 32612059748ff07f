"""What a measurement found, with where, when and on what it was taken.

Standard library only: the report is made in an environment that has no SDK.
"""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from embedded_aws.errors import EmbeddedAwsError
from embedded_aws.project import LAMBDA_PYTHON, ROOT
from embedded_aws.terraform_program import find_program, users_environment

FOLDER = ROOT / "docs" / "performance"
"""Where the records and the plots are kept; the report beside it is made from them alone."""

_MEASURED = ("lambda", "scripts", "terraform", "Makefile", "requirements")
_PACKAGES = ("boto3", "botocore")
_ASK = """
import importlib.metadata, json, platform, sys
versions = {name: importlib.metadata.version(name) for name in sys.argv[1:]}
print(json.dumps({"Python": platform.python_version()} | versions))
"""


@dataclass(frozen=True, slots=True)
class Record:
    """One measurement's result."""

    name: str
    """The measurement's, which is its module's."""
    measured: str
    """When it began; ISO 8601, UTC."""
    seconds: float
    """How long it took, in seconds."""
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    data: Mapping[str, Any]
    """What it measured; the units are in the names."""


def take(name: str, measure: Callable[[], Mapping[str, Any]]) -> Record:
    """Measure, and return the record of it.

    Args:
        name: the measurement's name.
        measure: does it, and returns what JSON can hold.
    """
    began, start = datetime.now(UTC), monotonic()
    data = measure()
    seconds = round(monotonic() - start, 1)
    return Record(name, f"{began:%Y-%m-%dT%H:%M:%SZ}", seconds, _machine(), _versions(), data)


def save(record: Record) -> Path:
    """Keep a record, in place of an older one, and return its file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{record.name}.json"
    file.write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")
    return file


def load(name: str) -> Record | None:
    """Return the record that is kept of a measurement; None if there is none."""
    file = FOLDER / f"{name}.json"
    if not file.exists():
        return None
    return Record(**json.loads(file.read_text(encoding="utf-8")))


def _machine() -> dict[str, str]:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{pages / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
    }


def _processor() -> str:
    """Return the processor's name; its architecture where the system does not tell."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _versions() -> dict[str, str]:
    """Return the versions of what was measured: of the function's Python and SDK, and so on."""
    versions: dict[str, str] = json.loads(_said(LAMBDA_PYTHON, "-c", _ASK, *_PACKAGES))
    with suppress(EmbeddedAwsError):
        program = find_program(users_environment())
        versions[program.product] = program.release
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        commit = _said(git, "rev-parse", "--short", "HEAD")
        changed = _said(git, "status", "--porcelain", "--", *_MEASURED)
        versions["commit"] = f"{commit} with changes" if changed else commit
    return versions


def _said(*command: str | Path) -> str:
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return answer.stdout.strip()
