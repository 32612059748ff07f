"""The lines of `make up`, pasted into shells with other settings."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from emulation.endpoint import Endpoint
from emulation.shell_lines import shell_lines
from emulation.stack import Stack
from localstack_process_executor.loader import loader_environment
from unit.http_stub import Answer, serving

NOBODY = "http://127.0.0.1:1"
CLIENT = (
    "import boto3; boto3.client('sqs').list_queues();"
    "from urllib.request import urlopen; import os; urlopen(os.environ['AWS_ENDPOINT_URL'])"
)
"""A user's program, with AWS's library and another HTTP client."""


@pytest.fixture
def port() -> Iterator[int]:
    """An emulator's port, where every request is answered with an empty object."""
    with serving(lambda _request, _body: Answer(b"{}")) as url:
        yield int(url.rpartition(":")[2])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any settings."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def stack_on(port: int) -> Stack:
    """Return all that the lines are made of."""
    outputs = SimpleNamespace(name="submitter", bucket_name="bucket", queue_url="http://queue/1")
    return cast("Stack", SimpleNamespace(endpoint=Endpoint(port), outputs=outputs))


USERS_SETTINGS = [
    {"HTTP_PROXY": NOBODY, "HTTPS_PROXY": NOBODY, "ALL_PROXY": NOBODY},
    {"http_proxy": NOBODY, "NO_PROXY": "registry.example.edu"},
    {"all_proxy": NOBODY, "no_proxy": "registry.example.edu", "NO_PROXY": ""},
    {"AWS_PROFILE": "gone", "AWS_ENDPOINT_URL_SQS": NOBODY, "AWS_CA_BUNDLE": "/gone.pem"},
    {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_MAX_ATTEMPTS": "many"},
]
USERS_FILE = """[default]
ignore_configured_endpoint_urls = true
use_fips_endpoint = true
services = mine

[services mine]
sqs =
  endpoint_url = http://127.0.0.1:1
"""


def run_pasted(shell: dict[str, str], port: int) -> subprocess.CompletedProcess[str]:
    """Run the client in a shell into which the lines were pasted."""
    script = "\n".join([*shell_lines(stack_on(port), shell), 'exec "$@"'])
    return subprocess.run(
        ["/bin/sh", "-euc", script, "sh", sys.executable, "-c", CLIENT],
        # Retry briefly.
        env={"AWS_RETRY_MODE": "standard", **shell, **loader_environment()},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("settings", USERS_SETTINGS, ids=" ".join)
def test_client_reaches_the_stack_despite_shell_settings(
    settings: dict[str, str], port: int, home: Path
) -> None:
    shell = {"HOME": str(home), "PATH": os.defpath} | settings
    done = run_pasted(shell, port)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("file", "variable"), [(".aws/config", None), ("named", "AWS_SHARED_CREDENTIALS_FILE")]
)
def test_client_reaches_the_stack_despite_config_files(
    file: str, variable: str | None, port: int, home: Path
) -> None:
    (home / ".aws").mkdir()
    (home / file).write_text(USERS_FILE, encoding="utf-8")
    shell = {"HOME": str(home), "PATH": os.defpath}
    if variable:
        shell[variable] = str(home / file)
    done = run_pasted(shell, port)
    assert done.returncode == 0, done.stderr


def test_plain_shell_gets_only_the_stacks_variables(home: Path) -> None:
    shell = {"HOME": str(home), "AWS_PAGER": "", "AWS_DEFAULT_OUTPUT": "table", "LANG": "C"}
    assert shell_lines(stack_on(4590), shell) == [
        "export AWS_ENDPOINT_URL=http://127.0.0.1:4590",
        "export AWS_ACCESS_KEY_ID=test",
        "export AWS_SECRET_ACCESS_KEY=test",
        "export AWS_DEFAULT_REGION=us-east-1",
        "export AWS_REGION=us-east-1",
        "export SUBMITTER_STACK=submitter",
        "export SUBMITTER_BUCKET=bucket",
        "export SUBMITTER_QUEUE_URL=http://queue/1",
    ]


def test_settings_of_a_real_account_are_unset(home: Path) -> None:
    names = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_USE_FIPS_ENDPOINT")
    shell = {"HOME": str(home), "AWS_REGION": "eu-west-1"} | dict.fromkeys(names, "users")
    assert shell_lines(stack_on(4566), shell)[0] == f"unset {' '.join(sorted(names))}"
