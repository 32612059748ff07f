"""The commands behind make: repeated, interrupted and at the same time."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import psutil
import pytest

from emulation.endpoint import HOST, Endpoint, free_port, is_port_free
from emulation.project import EXECUTOR, INSTANCES, ROOT, SCRIPTS
from emulation.waiting import wait_for

STOP_SECONDS = 30


@contextmanager
def _command(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command of the project as make does, in a new process group."""
    command = [sys.executable, "-m", "emulation", *arguments]
    environment = os.environ | {"PYTHONPATH": f"{SCRIPTS}{os.pathsep}{EXECUTOR}"}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _run(*arguments: str) -> tuple[int, str]:
    with _command(*arguments) as process:
        output, _ = process.communicate()
        return process.returncode, output


def _read_until(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            return
    pytest.fail(f"{text!r} never came:\n{seen}")


def _processes_in(folder: Path) -> list[str]:
    """Return the command lines of all processes that work in a folder of an instance."""
    found = []
    for process in psutil.process_iter(["cwd", "cmdline"]):
        cwd = process.info["cwd"]
        if cwd and Path(cwd).is_relative_to(folder):
            found.append(" ".join(process.info["cmdline"] or ["(no command line)"]))
    return found


def _nothing_is_left(port: int) -> bool:
    """Return whether no process of an instance is left, and its port is free."""
    # Another program's connection may have the number for a moment.
    wait_for("the port to be free", lambda: is_port_free(port), STOP_SECONDS)
    return not _processes_in(INSTANCES / str(port))


STAGES = ("Starting LocalStack", "terraform init", "terraform apply")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
EVERY_TIME = {
    ("Starting LocalStack", signal.SIGHUP),
    ("terraform init", signal.SIGTERM),
    ("terraform apply", signal.SIGKILL),
}
"""Each stage once; the other pairs at night."""


@pytest.mark.parametrize(
    ("stage", "how"),
    [
        pytest.param(
            *pair,
            id=f"{pair[1].name} at {pair[0]}",
            marks=[] if pair in EVERY_TIME else pytest.mark.nightly,
        )
        for pair in product(STAGES, SIGNALS)
    ],
)
def test_stopped_command_leaves_no_process_and_no_port(stage: str, how: signal.Signals) -> None:
    port = free_port()
    with _command("up", "--port", str(port)) as process:
        _read_until(process, stage)
        if stage != "Starting LocalStack":
            assert _processes_in(INSTANCES / str(port)), "no process was running"
        process.send_signal(how)
        process.wait(STOP_SECONDS)

    wait_for("everything to be gone", lambda: _nothing_is_left(port), STOP_SECONDS)
    if how is not signal.SIGKILL:
        assert process.returncode == 130
        assert not (INSTANCES / str(port)).exists()


def test_next_command_cleans_up_after_a_killed_one() -> None:
    port = free_port()
    with _command("up", "--port", str(port)) as process:
        _read_until(process, "LocalStack is up")
    wait_for("LocalStack to die", lambda: is_port_free(port), STOP_SECONDS)

    with _command("up", "--port", str(free_port())) as process:
        _read_until(process, "Starting LocalStack")
        process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)

    assert not (INSTANCES / str(port)).exists()


def test_stack_stays_up_until_it_is_removed() -> None:
    port = free_port()
    endpoint = Endpoint(port)
    for _ in ("first", "second"):
        code, output = _run("up", "--port", str(port))
        assert code == 0, output
        assert f"export AWS_ENDPOINT_URL={endpoint.url}" in output
        [bucket] = endpoint.session().client("s3").list_buckets()["Buckets"]
        assert f"export SUBMITTER_BUCKET={bucket['Name']}" in output
    assert "aws_s3_bucket" not in output, "the second time there was something to create"

    with _command("up", "--port", str(port)) as process:
        _read_until(process, "terraform init")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=STOP_SECONDS)
    assert f"The stack on port {port} is up, and may be half changed" in output

    [localstack] = [
        process
        # Asked for like this, processes that end meanwhile are passed over.
        for process in psutil.process_iter(["cmdline", "cwd"])
        if (process.info["cmdline"] or [])[-1:] == ["localstack_process_executor.localstack_main"]
        and process.info["cwd"] == str(INSTANCES / str(port))
    ]
    localstack.suspend()  # as good as too busy to answer
    for says in ("is stopped", "Nothing is up"):
        code, output = _run("down", "--port", str(port))
        assert code == 0, output
        assert says in output
        assert _nothing_is_left(port)
        assert not (INSTANCES / str(port)).exists()


@pytest.mark.nightly
def test_up_starts_afresh_after_a_killed_renewal() -> None:
    port = free_port()
    code, output = _run("up", "--port", str(port))
    assert code == 0, output
    with _command("up", "--port", str(port)) as process:
        _read_until(process, "terraform apply")
        process.send_signal(signal.SIGKILL)
        process.wait(STOP_SECONDS)

    with _command("up", "--port", str(port)) as process:
        _read_until(process, "starting again from nothing")
        # Only now is it this command's own: interrupted before, it leaves the old one as it was.
        _read_until(process, "LocalStack is up")
        process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)

    assert _nothing_is_left(port)


def test_taken_port_is_an_error() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
        code, output = _run("up", "--port", str(port))

    assert code == 1
    assert f"Port {port} of {HOST} is taken by another program" in output
    assert "Traceback" not in output


def test_second_command_on_one_port_is_refused() -> None:
    port = str(free_port())
    with _command("up", "--port", port) as first:
        _read_until(first, "Starting LocalStack")
        code, output = _run("up", "--port", port)
        first.send_signal(signal.SIGINT)
        first.wait(STOP_SECONDS)

    assert code == 1
    assert f"at work on port {port}" in output


def test_demo_shows_the_message_and_the_result_despite_user_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_PROFILE", "the-users-own")
    monkeypatch.setenv("TF_VAR_name", "somebody-elses")

    code, output = _run("demo")

    assert code == 0, output
    assert '{"subdata": "fc55c0190dde2bc413d8d1e79fb8cca2.json"}\n' in output
    assert "75 of 100 points: 4 of 5 tests passed.\n" in output
