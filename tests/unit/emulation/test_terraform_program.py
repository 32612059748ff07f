"""Which program does Terraform's work, with stand-ins for it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from emulation.errors import EmulationError
from emulation.terraform_program import Program, find_program

type Install = Callable[..., Path]

WARNING = "\nWarning: Unable to open CLI configuration file\n\nThe file does not exist.\n"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a program on the PATH, and chooses it by its name."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def install(says: str, name: str = "terraform", *, script: str = "") -> Path:
        program = tmp_path / name
        answer = tmp_path / "answer"
        answer.write_text(f"{says}\n", encoding="utf-8")
        echo = f'while read -r line; do echo "$line"; done <"{answer}"'
        program.write_text(f"#!/bin/sh\n{script}\n{echo}\n")
        program.chmod(0o755)
        monkeypatch.setenv("TERRAFORM", name)
        return program

    return install


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ("Terraform v1.11.4\non linux_amd64", ("Terraform", "1.11.4", "linux_amd64")),
        ("Terraform v1.12.0-beta1\non darwin_arm64", ("Terraform", "1.12.0-beta1", "darwin_arm64")),
        ("OpenTofu v1.12.6\non linux_amd64", ("OpenTofu", "1.12.6", "linux_amd64")),
        ("OpenTofu v2.0.0\non linux_amd64", ("OpenTofu", "2.0.0", "linux_amd64")),
        (f"{WARNING}OpenTofu v1.12.6\non linux_amd64", ("OpenTofu", "1.12.6", "linux_amd64")),
        (f"Terraform v1.11.4\non linux_amd64\n{WARNING}", ("Terraform", "1.11.4", "linux_amd64")),
    ],
)
@pytest.mark.parametrize("name", ["terraform", "tofu", "my tofu's"])
def test_program_is_identified_by_its_output(
    says: str, expected: tuple[str, str, str], name: str, install: Install
) -> None:
    path = install(says, name)
    assert find_program(os.environ) == Program(str(path), *expected)


def test_relative_path_is_made_absolute(
    install: Install, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install("Terraform v1.11.4\non linux_amd64")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERRAFORM", "./terraform")
    assert find_program(os.environ).path == str(tmp_path / "terraform")


def test_version_is_read_without_settings_or_network(install: Install) -> None:
    install(
        "Terraform v1.11.4\non linux_amd64",
        script='[ "$TF_CLI_CONFIG_FILE$CHECKPOINT_DISABLE$*" = /dev/null1version ] || exit 1',
    )
    environment = os.environ | {"TF_CLI_CONFIG_FILE": "/missing.tfrc"}
    assert find_program(environment).product == "Terraform"


def refusal() -> str:
    """Return why there is no program."""
    with pytest.raises(EmulationError) as raised:
        find_program(os.environ)
    return str(raised.value)


@pytest.mark.parametrize("release", ["Terraform v0.12.31", "Terraform v1.10.5", "OpenTofu v1.9.4"])
def test_old_release_is_refused(release: str, install: Install) -> None:
    install(f"{release}\non linux_amd64\n", "tofu")
    said = refusal()
    assert said.startswith(f"tofu is {release.replace('v', '', 1)}, which is too old")
    assert "Install Terraform 1.11 or newer" in said


def test_missing_program_is_named(install: Install) -> None:
    install("Terraform v1.11.4\non linux_amd64").unlink()
    assert refusal().startswith("terraform is not installed, or not on the PATH. Install")


def test_file_that_is_not_executable_is_named(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = install("Terraform v1.11.4\non linux_amd64")
    path.chmod(0o644)
    monkeypatch.setenv("TERRAFORM", str(path))
    assert refusal().startswith(f"{path} is not an executable file. Install")


@pytest.mark.parametrize("says", ["No version is set for terraform", "", '{"platform": "linux"}'])
def test_output_of_another_program_is_shown(says: str, install: Install) -> None:
    install(says)
    said = refusal()
    assert said.startswith("terraform is neither Terraform nor OpenTofu, or does not run.")
    assert said.endswith(f"said:\n{says}")


def test_program_for_another_machine_is_an_error(install: Install) -> None:
    install("").write_bytes(b"\x7fELF\x00")
    assert "Exec format error" in refusal()
