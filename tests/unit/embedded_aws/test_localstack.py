"""Ports, and what of the user's settings LocalStack's clients may see."""

import os
import socket

import pytest

from embedded_aws.localstack import HOST, forget_aws_settings, free_port, is_port_free


def test_a_port_is_free_when_nobody_listens_there() -> None:
    port = free_port()
    assert is_port_free(port)
    with socket.create_server((HOST, port)):
        assert not is_port_free(port)
    assert is_port_free(port)


def test_a_port_whose_last_connections_linger_is_free() -> None:
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


def test_a_port_that_is_taken_is_never_given_as_free() -> None:
    taken = [socket.create_server((HOST, free_port())) for _ in range(20)]
    ports = {listener.getsockname()[1] for listener in taken}
    try:
        given = free_port()
    finally:
        for listener in taken:
            listener.close()
    assert len(ports) == 20
    assert given not in ports
    assert 1024 <= given <= 65535


def test_the_users_aws_settings_are_forgotten_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
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


def test_a_users_exceptions_from_the_proxy_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"no_proxy": "registry.example.edu"})
    forget_aws_settings()
    assert os.environ["no_proxy"] == f"registry.example.edu,{HOST}"
