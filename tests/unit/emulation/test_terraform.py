"""Terraform's working copy, with a stand-in for the program itself."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from emulation.endpoint import Endpoint
from emulation.errors import EmulationError
from emulation.terraform import Terraform
from emulation.terraform_program import users_environment

PROVIDERS = {
    "TF_CLI_CONFIG_FILE": "/home/zoe/.tofurc",
    "TF_PLUGIN_CACHE_DIR": "/var/cache/tofu",
    "TF_TOKEN_registry_example_edu": "secret",
    "TF_REGISTRY_CLIENT_TIMEOUT": "30",
    "TF_PROVIDER_DOWNLOAD_RETRY": "5",
}
NEEDED = {"HOME": "/home/zoe", "HTTPS_PROXY": "http://proxy", "LD_LIBRARY_PATH": "/opt/lib"}


def test_terraform_gets_the_users_settings_except_those_that_redirect_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    redirecting = (
        *("AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "TF_VAR_name", "TF_CLI_ARGS_plan"),
        *("TF_WORKSPACE", "TF_DATA_DIR", "TF_LOG", "TF_ENCRYPTION", "TF_REATTACH_PROVIDERS"),
        *("PYTHONWARNINGS", "PYTHONIOENCODING"),
    )
    environment = PROVIDERS | NEEDED | dict.fromkeys(redirecting, "users")
    monkeypatch.setattr(os, "environ", environment)
    assert users_environment() == PROVIDERS | NEEDED


CHANGE = {
    "type": "planned_change",
    "change": {"action": "update", "resource": {"addr": "aws_sqs_queue.this"}},
}
ERROR = {
    "type": "diagnostic",
    "@level": "error",
    "diagnostic": {"summary": "No such queue", "detail": "It is gone."},
}
NOISE = "\nWarning: {braces} are no JSON\n{\n[1]\n"

type Make = Callable[..., Terraform]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return a function that makes a working copy, whose OpenTofu prints a text."""

    def make(says: str, code: int = 0) -> Terraform:
        (tmp_path / "answer").write_text(says, encoding="utf-8")
        program = tmp_path / "bin" / "my tofu"
        program.parent.mkdir()
        program.write_text(
            f"""#!/bin/sh
case "$*" in
"version -json") echo '{{"terraform_version": "1.12.6"}}' ;;
version) printf 'OpenTofu v1.12.6\\non linux_amd64\\n' ;;
*) while read -r line; do echo "$line"; done <"{tmp_path}/answer"; exit {code} ;;
esac
"""
        )
        program.chmod(0o755)
        monkeypatch.setenv("TERRAFORM", str(program))
        root = tmp_path / "root"
        root.mkdir()
        return Terraform(Endpoint(1), tmp_path / "copy", {}, root)

    return make


def test_noise_around_messages_is_skipped(make: Make) -> None:
    terraform = make(f"{NOISE}{json.dumps(CHANGE)}\n{NOISE}")
    assert terraform.planned_changes() == ["update aws_sqs_queue.this"]


def test_plan_is_found_between_noise(make: Make, tmp_path: Path) -> None:
    plan = '{"format_version":"1.2"}'
    make(f"{NOISE}{plan}\n{NOISE}").plan(tmp_path / "plan.json")
    assert (tmp_path / "plan.json").read_text(encoding="utf-8") == plan


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (f"{NOISE}{json.dumps(ERROR)}\n", "No such queue\nIt is gone."),
        ("No state lock\n", "No state lock\n"),
        ("", "exit code 1"),
    ],
)
def test_failure_names_the_program_and_the_reason(says: str, reason: str, make: Make) -> None:
    terraform = make(says, code=1)
    with pytest.raises(EmulationError) as raised:
        terraform.apply()
    advice = "Fix the error, and run this again:"
    assert str(raised.value) == f"my tofu apply failed. {advice}\n{reason.strip()}"


def test_missing_provider_is_an_error_with_advice(make: Make) -> None:
    terraform = make("Error: hashicorp/aws: no available releases match\n", code=1)
    with pytest.raises(EmulationError) as raised:
        terraform.init()
    said = str(raised.value)
    assert said.startswith(
        "OpenTofu found no AWS provider that fits: neither in a mirror below /opt"
    )
    assert "`my tofu providers mirror`" in said
