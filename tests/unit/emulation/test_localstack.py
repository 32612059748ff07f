"""Ports, and the environment of the emulator and its clients."""

import os
import socket
from pathlib import Path

import pytest

from emulation import localstack
from emulation.emulator_process import emulator_environment
from emulation.endpoint import HOST, forget_aws_settings, free_port, is_port_free, unproxied
from emulation.localstack import LocalStack


def test_port_is_free_unless_a_socket_listens() -> None:
    port = free_port()
    assert is_port_free(port)
    with socket.create_server((HOST, port)):
        assert not is_port_free(port)
    assert is_port_free(port)


def test_port_is_free_while_old_connections_linger() -> None:
    port = free_port()
    with (
        socket.create_server((HOST, port)) as server,
        socket.create_connection((HOST, port)) as client,
    ):
        accepted, _ = server.accept()
        # Who closes first leaves the connection waiting for late packets.
        accepted.close()
        assert client.recv(1) == b""
    assert is_port_free(port)


def test_only_the_users_aws_settings_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    users = {"HOME": "/home/zoe", "MY_AWS_PROFILE": "mine", "AWS": "all", "aws_profile": "lower"}
    settings = ("PROFILE", "ENDPOINT_URL", "ENDPOINT_URL_S3", "SESSION_TOKEN", "")
    monkeypatch.setattr(os, "environ", users | {f"AWS_{name}": "real" for name in settings})
    forget_aws_settings()
    assert os.environ == users | {
        # Without these the SDK would look for settings in the home folder and in the machine.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": HOST,
        "no_proxy": HOST,
    }


@pytest.mark.parametrize(
    ("users", "kept"),
    [
        ({}, "127.0.0.1"),
        ({"NO_PROXY": ""}, "127.0.0.1"),
        ({"NO_PROXY": "registry.example.edu"}, "registry.example.edu,127.0.0.1"),
        ({"no_proxy": "registry.example.edu, .local"}, "registry.example.edu,.local,127.0.0.1"),
        ({"NO_PROXY": "a.edu,127.0.0.1", "no_proxy": "b.edu"}, "a.edu,127.0.0.1,b.edu"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_proxy_exceptions_of_the_user_are_kept(
    users: dict[str, str], kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unproxied(users) == {"NO_PROXY": kept, "no_proxy": kept}
    monkeypatch.setattr(os, "environ", dict(users))
    forget_aws_settings()
    assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == kept


def test_emulator_gets_loader_paths_but_no_user_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = {"LD_LIBRARY_PATH": "/opt/python/lib", "DYLD_LIBRARY_PATH": "/opt/python/lib"}
    users = ("AWS_PROFILE", "HTTP_PROXY", "DEBUG", "PERSISTENCE", "PYTHONWARNINGS", "LC_ALL")
    environment = {"PATH": "/bin", "HOME": "/home/zoe", **loader, **dict.fromkeys(users, "users")}
    monkeypatch.setattr(os, "environ", environment)
    assert emulator_environment(tmp_path) == {
        **loader,
        "PATH": "/bin",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
    }


def test_emulator_starts_on_a_python_that_needs_a_library_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    # As a dynamic loader ends a program one of whose libraries it does not find.
    python.write_text('#!/bin/sh\n[ "$LD_LIBRARY_PATH" ] || exit 127\n: >started\nexec sleep 60\n')
    python.chmod(0o755)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    monkeypatch.setattr(localstack, "LOCALSTACK_PYTHON", python)
    folder = tmp_path / "instance"
    monkeypatch.setattr(localstack, "answers", lambda _url: (folder / "started").exists())
    LocalStack.start(free_port(), folder).stop()
