"""Answers that are not AWS's, and invalid settings: one sentence and exit code 3."""

import json
import os
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.request import proxy_bypass

import pytest

from submitter.stack.context import normalize_environment
from unit.http_stub import Answer, serving
from unit.submitter.contexts import DEPLOYMENT, run_tool

_PROGRAM = "from submitter.cli import main; main()"
PAGE = b"<html>\n<body>Log in to the network.</body></html>"
PARAMETER = json.dumps({"Parameter": {"Value": json.dumps(asdict(DEPLOYMENT))}}).encode()


def answering(
    status: int, body: bytes = PAGE, kind: str = "text/html", *, knows_stack: bool = False
) -> AbstractContextManager[str]:
    """Have a server with one answer, except for the stack's parameter if ``knows_stack``."""

    def answer(request: BaseHTTPRequestHandler, _body: bytes) -> Answer:
        if knows_stack and "/ssm/" in request.headers.get("Authorization", ""):
            return Answer(PARAMETER, headers={"Content-Type": "application/x-amz-json-1.1"})
        location = {"Location": "https://portal.example/"} if status == 302 else {}
        return Answer(body, status, {"Content-Type": kind} | location)

    return serving(answer)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """The least that a command needs, and nothing of the person who runs the tests."""
    for name in os.environ:
        if name.startswith(("AWS_", "SUBMITTER_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "SUBMITTER_STACK": "submitter",
    }.items():
        monkeypatch.setenv(name, value)
    # The SDK waits between attempts.
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    return monkeypatch


def error_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the error of a command that ends with exit code 3."""
    code, output, errors = run_tool(capsys, *arguments)
    assert (code, output) == (3, "")
    return errors


COMMANDS = [("status",), ("why", "f" * 32), ("watch", "--for", "0"), ("reconcile",), ("redrive",)]


@pytest.mark.parametrize("status", [200, 302, 403, 407])
@pytest.mark.parametrize("knows_stack", [False, True])
def test_page_of_a_portal_is_an_error(
    settings: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: int,
    knows_stack: bool,  # noqa: FBT001 - a parameter of pytest's
) -> None:
    with answering(status, knows_stack=knows_stack) as url:
        settings.setenv("AWS_ENDPOINT_URL", url)
        for command in COMMANDS if knows_stack else COMMANDS[:1]:
            said = error_of(capsys, *command)
            assert "error: Something other than AWS answered" in said
            assert "Log in to the network." not in said
            assert "HTTPS_PROXY" in said


@pytest.mark.parametrize(
    ("command", "body"),
    [
        *(
            ("status", body)
            for body in (
                *(b"", b"{}", b"{not json}", b'{"login": "http://portal"}', b'{"Parameter": null}'),
                *(b'{"Parameter": "x"}', b'{"Parameter": {}}', b'{"Parameter": {"Value": 5}}'),
                *(b'{"Parameter": "\xff"}', b"[" * 100_000, b"[1, 2]", b"\xff\xfe", PARAMETER[:-5]),
                *(b"It works!", b"<a><b></b>"),
            )
        ),
        *(("redrive", body) for body in (b"", b"{}", b"{not json}", b'{"Attributes": "x"}')),
        *(("redrive", body) for body in (b"[1, 2]", b"\xff\xfe", b"It works!", b"<a><b></a>")),
    ],
    ids=lambda value: value[:20],
)
def test_other_answer_is_neither_a_stack_nor_a_queue(
    settings: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, body: bytes
) -> None:
    with answering(200, body, "application/json", knows_stack=command == "redrive") as url:
        settings.setenv("AWS_ENDPOINT_URL", url)

        assert "error: Something other than AWS answered" in error_of(capsys, command)


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"AWS_ENDPOINT_URL": "localhost:4566"}, "localhost:4566"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:99999999"}, "Port out of range"),
        ({"AWS_MAX_ATTEMPTS": "many"}, "many"),
        ({"AWS_RETRY_MODE": "foo"}, "foo"),
        ({"AWS_REGION": "us east"}, "us east"),
        ({"AWS_PROFILE": "nobody"}, "profile (nobody) could not be found"),
        ({"AWS_PROFILE": "helper"}, "/nowhere/helper"),
        ({"AWS_PROFILE": "rubbish"}, "credential_process prints something other than JSON"),
        ({"AWS_PROFILE": "list"}, "credential_process prints JSON without credentials"),
        ({"AWS_PROFILE": "number"}, "credential_process prints JSON without credentials"),
        ({"AWS_PROFILE": "failing"}, "custom-process"),
        ({"AWS_PROFILE": "half"}, "aws_secret_access_key"),
        ({"AWS_CONFIG_FILE": "{folder}/broken"}, "/broken"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere", "AWS_ROLE_ARN": "a:role"}, "/nowhere"),
        ({"AWS_DEFAULTS_MODE": "foo"}, "foo"),
    ],
)
def test_invalid_settings_are_named(
    settings: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    variables: dict[str, str],
    says: str,
) -> None:
    (tmp_path / "broken").write_text("[broken")
    (tmp_path / "config").write_text(
        "[profile helper]\ncredential_process = /nowhere/helper\n"
        "[profile rubbish]\ncredential_process = echo rubbish\n"
        "[profile list]\ncredential_process = echo []\n"
        "[profile number]\ncredential_process = echo 5\n"
        "[profile failing]\ncredential_process = false\n"
        "[profile half]\naws_access_key_id = a\n"
    )
    if "AWS_PROFILE" in variables or "AWS_ROLE_ARN" in variables:
        settings.delenv("AWS_ACCESS_KEY_ID")
        settings.delenv("AWS_SECRET_ACCESS_KEY")
    for name, value in variables.items():
        settings.setenv(name, value.format(folder=tmp_path))

    said = error_of(capsys, "status")

    assert "error: The AWS settings can't be used: " in said
    assert says in said


@pytest.mark.parametrize(
    "variables",
    [
        {"HTTPS_PROXY": "http://[bad"},
        {"HTTPS_PROXY": "http://127.0.0.1:9"},
        {"AWS_CA_BUNDLE": "/nowhere"},
        {},
    ],
)
def test_unreachable_aws_is_an_error(
    settings: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variables: dict[str, str]
) -> None:
    settings.setenv("AWS_ENDPOINT_URL", "https://aws.invalid")
    for name, value in variables.items():
        settings.setenv(name, value)

    assert "error: AWS could not be asked: " in error_of(capsys, "status")


@pytest.mark.parametrize("spelling", ["HTTP_PROXY", "http_proxy"])
@pytest.mark.parametrize("exceptions", ["", "example.org"])
def test_proxy_is_not_used_for_local_addresses(
    settings: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spelling: str, exceptions: str
) -> None:
    missing = b'{"__type": "ParameterNotFound"}'
    with answering(502) as proxy, answering(400, missing, "application/json") as aws:
        settings.setenv(spelling, proxy)
        settings.setenv("NO_PROXY", exceptions)
        settings.setenv("AWS_ENDPOINT_URL", aws)

        assert "There is no stack 'submitter'" in error_of(capsys, "status")


def test_no_proxy_for_all_hosts_is_kept(settings: pytest.MonkeyPatch) -> None:
    settings.setenv("NO_PROXY", "*")

    normalize_environment()

    assert proxy_bypass("example.org")


def test_profile_with_mfa_is_an_error_without_a_terminal(
    settings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(
        "[profile course]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = keys\n"
        "mfa_serial = arn:aws:iam::123456789012:mfa/x\n"
        "[profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n"
    )
    settings.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))

    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, "--profile", "course", "status"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        # Without a terminal.
        start_new_session=True,
    )

    assert done.returncode == 3
    assert "error: The profile asks for an MFA code" in done.stderr
    assert "Traceback" not in done.stderr


def test_unexpected_error_shows_its_traceback_only_in_debug_mode(
    settings: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_context: object) -> None:
        raise KeyError("surprise")

    settings.setattr("submitter.status.command.look_at_stack", fail)

    said = error_of(capsys, "status")
    assert "error: Unexpected error: KeyError: 'surprise'." in said

    settings.setenv("SUBMITTER_DEBUG", "1")
    with pytest.raises(AssertionError, match="Traceback"):
        error_of(capsys, "status")
