"""Asks whether a locked package has a known vulnerability, with pip-audit.

What ends with an error is a finding in what is deployed or holds staff's credentials. Where the
advisory service cannot be asked, as on a machine without internet or behind a mirror that does not
have it, a notice says so: then nothing was audited, which is not the same as nothing found.

Run as ``python scripts/audit_requirements.py``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
PIP_AUDIT = ROOT / ".venv-checks" / "bin" / "pip-audit"

# One package, so that the service is tried before it is asked for hundreds.
PROBE = "bootstrap.txt"
# What Lambda's runtime stands for, and what the project's own commands run on.
STRICT = ("lambda.txt", "project.txt")
# Held back by others: by checkov's own pins, and by an emulator that breaks on newer packages. Both
# read this project's files and listen on this machine alone, so their findings are told, and end
# nothing that nobody here could mend.
TOLD = ("checks.txt", "localstack.txt", "ministack.txt")

ACCEPTED: dict[str, str] = {}
"""Advisories that are no danger here, by their id, each with the reason."""

_MINUTES_PER_FILE = 5
_SHOWN = 20


class Verdict(Enum):
    """What came of a requirements file."""

    CLEAN = "no known vulnerability"
    FOUND = "known vulnerabilities"
    NOT_AUDITED = "not audited"


@dataclass(frozen=True, slots=True)
class Audit:
    """What pip-audit said of one requirements file."""

    verdict: Verdict
    details: tuple[str, ...]
    """Findings, or what was not audited and why, a line each."""


def read_report(output: str, errors: str) -> Audit:
    """Read what pip-audit wrote.

    Args:
        output: its standard output, asked for as JSON.
        errors: its standard error, which tells what happened where there is no JSON.

    Returns:
        ``FOUND`` if any package has an advisory that is not accepted. Else ``NOT_AUDITED`` if it
        wrote no report, or passed over a package: pip-audit itself ends with 0 then.
    """
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = errors.strip().splitlines()[-1:] or ["pip-audit said nothing"]
        return Audit(Verdict.NOT_AUDITED, tuple(reason))
    found = tuple(
        f"{package['name']} {package['version']}: {advisory['id']}, fixed in "
        f"{', '.join(advisory['fix_versions']) or 'no version yet'}"
        for package in packages
        for advisory in package.get("vulns", [])
        if not ACCEPTED.keys() & {advisory["id"], *advisory.get("aliases", [])}
    )
    if found:
        return Audit(Verdict.FOUND, found)
    passed_over = tuple(
        package["skip_reason"] for package in packages if package.get("skip_reason")
    )
    if passed_over or not packages:
        return Audit(Verdict.NOT_AUDITED, passed_over or ("it read no package",))
    return Audit(Verdict.CLEAN, ())


def audit(requirements: Path, pip_audit: Path = PIP_AUDIT) -> Audit:
    """Audit a locked requirements file; every package in it is asked for by name and version.

    Raises:
        OSError: pip-audit cannot be run.
    """
    try:
        result = subprocess.run(
            [
                *(pip_audit, "--disable-pip", "--require-hashes", "--format", "json"),
                *("--progress-spinner", "off", "--timeout", "10", "--requirement", requirements),
            ],
            capture_output=True,
            text=True,
            timeout=_MINUTES_PER_FILE * 60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Audit(
            Verdict.NOT_AUDITED, (f"the service took more than {_MINUTES_PER_FILE} minutes",)
        )
    return read_report(result.stdout, result.stderr)


def main(folder: Path = REQUIREMENTS, pip_audit: Path = PIP_AUDIT) -> int:
    """Audit every requirements file and say what came of it.

    Returns:
        The exit code: 1 if a file that counts has a finding, else 0.
    """
    failed = False
    for name in (PROBE, *STRICT, *TOLD):
        result = audit(folder / name, pip_audit)
        print(f"{name}: {result.verdict.value}")
        for detail in result.details[:_SHOWN]:
            print(f"  {detail}")
        if len(result.details) > _SHOWN:
            print(f"  ... and {len(result.details) - _SHOWN} more")
        if name == PROBE and result.verdict is Verdict.NOT_AUDITED:
            print(
                "notice: the advisory service (PyPI's JSON API) did not answer for the first "
                "package, so NO requirement was audited. Run make lint-vulnerabilities on a "
                "machine that reaches PyPI itself."
            )
            return 0
        failed |= result.verdict is Verdict.FOUND and name not in TOLD
    if failed:
        print(
            "error: raise the package with `make lock`; or, if the advisory is no danger here, "
            "name it in ACCEPTED in scripts/audit_requirements.py with the reason."
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
