"""What the project rests on: every package locked with its hashes, and audited honestly."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from audit_requirements import PROBE, STRICT, TOLD, Verdict, main, read_report

ROOT = Path(__file__).parents[2]
LOCKED = sorted((ROOT / "requirements").glob("*.txt"))
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.name)
def test_every_package_is_locked_to_a_version_with_hashes(path: Path) -> None:
    text = re.sub(r"^ *#.*\n?", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    blocks = re.split(r"\n(?=\S)", text.strip())
    locked = set()
    for block in blocks:
        first, *hashes = block.split("\n")
        match = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[.*\])?==[^ @]+( ; .+)? \\", first)
        assert match, f"not locked to a version: {first}"
        assert hashes, f"without a hash: {first}"
        assert all(map(HASH.fullmatch, hashes)), f"not only SHA-256 hashes: {block}"
        locked.add(normalised(match[1]))
    wanted = {
        normalised(match[0])
        for line in path.with_suffix(".in").read_text(encoding="utf-8").splitlines()
        if (match := re.match(r"[A-Za-z0-9._-]+", line))
    }
    assert wanted <= locked


def test_every_set_of_requirements_is_locked_and_audited() -> None:
    names = {path.stem for path in (ROOT / "requirements").glob("*.in")}
    assert names == {path.stem for path in LOCKED}
    assert {f"{name}.txt" for name in names} == {PROBE, *STRICT, *TOLD}


def test_nothing_is_installed_without_its_hash() -> None:
    script = (ROOT / "scripts" / "create_environment.sh").read_text(encoding="utf-8")
    commands = re.sub(r"\\\n", " ", script).splitlines()
    installs = [line for line in commands if re.search(r"\bpip (install|sync)\b", line)]
    assert len(installs) == 3
    for line in installs:
        # The project's own folders have no hash, and bring nothing with them.
        assert "--require-hashes" in line or "--no-deps --no-build-isolation" in line
    assert " pip install" not in (ROOT / "Makefile").read_text(encoding="utf-8")


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


ADVISORY = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2.0"]}
SOUND = {"name": "sound", "version": "1.0", "vulns": []}
UNSOUND = {"name": "unsound", "version": "1.0", "vulns": [ADVISORY]}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found on PyPI: unknown (1.0)"}


@pytest.mark.parametrize(
    ("output", "errors", "verdict", "detail"),
    [
        (report(SOUND), "", Verdict.CLEAN, ""),
        (report(SOUND, UNSOUND), "", Verdict.FOUND, "unsound 1.0: PYSEC-2026-1, fixed in 2.0"),
        (report(UNKNOWN, UNSOUND), "", Verdict.FOUND, "unsound 1.0"),
        (report(SOUND, UNKNOWN), "", Verdict.NOT_AUDITED, "not found on PyPI"),
        (report(), "", Verdict.NOT_AUDITED, "no package"),
        ("", "Traceback\nConnectionError: no way\n", Verdict.NOT_AUDITED, "ConnectionError"),
        ("", "", Verdict.NOT_AUDITED, "said nothing"),
        ("[]", "", Verdict.NOT_AUDITED, "said nothing"),
    ],
)
def test_nothing_audited_is_never_nothing_found(
    output: str, errors: str, verdict: Verdict, detail: str
) -> None:
    result = read_report(output, errors)
    assert result.verdict is verdict
    assert detail in "".join(result.details)


def pip_audit_that_says(folder: Path, **reports: str) -> Path:
    """Make a pip-audit that reports on each file as told, and ends like the real one."""
    for name in (PROBE, *STRICT, *TOLD):
        said = reports.get(name.removesuffix(".txt"), report(SOUND))
        (folder / f"{name}.report").write_text(said, encoding="utf-8")
    command = folder / "pip-audit"
    command.write_text(
        '#!/bin/sh\nfor last; do :; done\ncat "$last.report"\n! grep -q PYSEC "$last.report"\n',
        encoding="utf-8",
    )
    command.chmod(0o755)
    return command


@pytest.mark.parametrize(
    ("reports", "code", "said"),
    [
        ({}, 0, "localstack.txt: no known vulnerability"),
        ({"project": report(UNSOUND)}, 1, "error: raise the package"),
        ({"lambda": report(UNSOUND)}, 1, "unsound 1.0: PYSEC-2026-1"),
        ({"bootstrap": report(UNSOUND)}, 1, "bootstrap.txt: known vulnerabilities"),
        ({"localstack": report(UNSOUND)}, 0, "localstack.txt: known vulnerabilities"),
        ({"checks": report(UNSOUND)}, 0, "checks.txt: known vulnerabilities"),
        ({"bootstrap": report(UNKNOWN)}, 0, "NO requirement was audited"),
        ({"bootstrap": "", "project": report(UNSOUND)}, 0, "NO requirement was audited"),
        ({"project": report(UNKNOWN)}, 0, "project.txt: not audited"),
    ],
)
def test_a_finding_in_what_counts_is_an_error_and_no_answer_a_notice(
    reports: dict[str, str],
    code: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(tmp_path, pip_audit_that_says(tmp_path, **reports)) == code
    assert said in capsys.readouterr().out
