"""Real processes, with AWS's own runtime client in them: what no script can stand for."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localstack_process_executor import runtime_process
from localstack_process_executor.function_process import EnvironmentStoppedError, FunctionProcess
from unit.localstack_process_executor.environments import (
    ARN,
    LAMBDA_PYTHON,
    ROOT,
    configuration,
    error,
    invoke,
    is_alive,
    started,
    until,
    value,
)

ANSWERS = """
import os, sys

def context(event, context):
    return [event, context.aws_request_id, context.invoked_function_arn,
            context.get_remaining_time_in_millis(), os.getcwd(), sys.path[0],
            sys.stdout.encoding]

def fail(event, context):
    raise ValueError("x" * event)

def long(event, context):
    return "x" * event

def write(event, context):
    print("größe 日本 🎉")
    with open("/dev/stdout", "a") as by_path:
        by_path.write("by path\\n")
    os.write(1, bytes([0xff]) + b" not UTF-8\\n")
    print("to stderr", file=sys.stderr)
    print("x" * event, end="")

def handler(event, context):
    return globals()[event[0]](event[1], context)
"""

MISBEHAVES = """
import os, pathlib, signal, subprocess, sys, tempfile
print("at import", tempfile.mkdtemp())
def handler(event, context):
    if event:
        child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        print(f"child={child.pid}")
        pathlib.Path(event).touch()
        signal.pause()
    return os.getpid()
"""


def test_one_process_answers_every_invocation_and_its_output_is_the_invocations_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_process, "MAX_LOG_BYTES", 1000)
    with started(configuration(tmp_path, ANSWERS, timeout_seconds=20)) as function:
        pid = function.pid
        event = "ä" * 2_000_000
        outcome = invoke(function, ["context", event])
        echo, request_id, arn, remaining, *process = value(outcome)
        assert (echo, request_id, arn) == (event, outcome.request_id, ARN)
        assert 0 < remaining <= 20_000
        assert process == [str(tmp_path), str(tmp_path), "utf-8"]

        # Its X-Ray cause is a header of more than http.server reads.
        outcome = invoke(function, ["fail", 100_000])
        assert error(outcome)["errorMessage"] == "x" * 100_000

        outcome = invoke(function, ["write", 10])
        between = re.search(r"START .*\n((?s:.)*?)END ", outcome.logs)
        assert between is not None
        assert between[1] == "größe 日本 🎉\nby path\n\ufffd not UTF-8\nto stderr\nxxxxxxxxxx\n"
        assert "[499050 more bytes of output were not kept]\nEND " in (
            invoke(function, ["write", 500_000]).logs
        )
        assert value(invoke(function, ["long", 3])) == "xxx"
        assert function.pid == pid
        assert re.search(r"Max Memory Used: [1-9]\d* MB", outcome.logs)

        outcome = invoke(function, ["long", 7 * 1024 * 1024])
        assert error(outcome)["errorType"] == "Function.ResponseSizeTooLarge"
        assert value(invoke(function, ["long", 3])) == "xxx"
    assert [entry.name for entry in tmp_path.iterdir()] == ["code_under_test.py"]


def test_nothing_is_left_of_a_process_that_hangs_is_killed_or_stopped(tmp_path: Path) -> None:
    def descriptors() -> set[str]:
        return {entry.name for entry in Path("/dev/fd").iterdir()}

    before, threads = descriptors(), threading.active_count()
    running = tmp_path / "running"
    function = FunctionProcess(configuration(tmp_path, MISBEHAVES, timeout_seconds=1))
    function.start()
    hanging = function.pid
    outcome = invoke(function, str(running))
    assert error(outcome)["errorType"] == "Sandbox.Timedout"
    made = re.search(r"at import (.*)\n", outcome.logs)
    child = re.search(r"child=(\d+)\n", outcome.logs)
    assert hanging is not None
    assert made is not None
    assert child is not None
    assert not is_alive(hanging)
    until(lambda: not is_alive(int(child[1])), "the handler's own child ended")

    pid = value(invoke(function))
    assert pid == function.pid
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    fresh = value(invoke(function))
    assert fresh == function.pid != pid

    running.unlink()
    with ThreadPoolExecutor() as pool:
        stopped = pool.submit(invoke, function, str(running))
        until(running.exists, "the handler runs")
        function.stop()
        with pytest.raises(EnvironmentStoppedError):
            stopped.result()
    assert not is_alive(fresh)
    assert not Path(made[1]).exists()
    until(lambda: threading.active_count() == threads, "the threads ended")
    until(lambda: descriptors() == before, "the descriptors are closed")


def test_two_environments_run_at_once_and_an_import_that_fails_says_so(tmp_path: Path) -> None:
    # Each handler waits for the other one's file, so that one after the other would time out.
    code = f"""
import os, pathlib, time
folder = pathlib.Path({str(tmp_path)!r})
(folder / "imported").touch(exist_ok=os.environ["MAY_EXIST"] == "1")
def handler(event, context):
    (folder / event["mine"]).touch()
    while not (folder / event["other"]).exists():
        time.sleep(0.01)
    return os.getpid()
"""
    settings = configuration(tmp_path, code, environment={"MAY_EXIST": "1"})
    with started(settings) as one, started(settings) as two, ThreadPoolExecutor() as pool:
        first = pool.submit(invoke, one, {"mine": "a", "other": "b"})
        second = pool.submit(invoke, two, {"mine": "b", "other": "a"})
        assert [value(first.result()), value(second.result())] == [one.pid, two.pid]
        assert one.pid != two.pid
    with started(configuration(tmp_path, code, environment={"MAY_EXIST": "0"})) as failing:
        outcome = invoke(failing)
    assert error(outcome)["errorType"] == "FileExistsError"
    assert re.search(r"\[ERROR\] FileExistsError.*\n((?s:.)*)INIT_REPORT ", outcome.logs)


def test_a_killed_owner_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "code_under_test.py").write_text("def handler(event, context): ...")
    owner_code = """
import pathlib, sys
from localstack_process_executor.function_process import FunctionConfiguration, FunctionProcess
function = FunctionProcess(FunctionConfiguration(
    pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), "code_under_test.handler", {}, 30, 128))
function.start()
print(function.pid, flush=True)
sys.stdin.read()
"""
    owner = subprocess.Popen(
        [sys.executable, "-c", owner_code, str(LAMBDA_PYTHON), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={
            "PYTHONPATH": str(ROOT / "scripts" / "localstack_process_executor"),
            "TMPDIR": str(tmp_path),
        },
    )
    with owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert is_alive(pid)
        owner.kill()
        until(lambda: not is_alive(pid), "the function's process ended with its owner")
