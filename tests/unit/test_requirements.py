"""Requirements: every package is locked with its hashes."""

import json
import re
from pathlib import Path

import pytest

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


def test_every_set_of_requirements_is_locked() -> None:
    assert {path.stem for path in (ROOT / "requirements").glob("*.in")} == {
        path.stem for path in LOCKED
    }


def test_every_install_requires_hashes() -> None:
    script = (ROOT / "scripts" / "create_environment.sh").read_text(encoding="utf-8")
    commands = re.sub(r"\\\n", " ", script).splitlines()
    installs = [line for line in commands if re.search(r"\bpip (install|sync)\b", line)]
    assert len(installs) == 3
    for line in installs:
        # The project's own folders have no hash, and bring nothing with them.
        assert "--require-hashes" in line or "--no-deps --no-build-isolation" in line
    assert " pip install" not in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_packages_of_the_browser_are_locked_and_come_from_any_registry() -> None:
    lock = json.loads((ROOT / "requirements/browser/package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
