"""The execution environment, with AWS's own runtime interface client in it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from localstack_process_executor.function_process import (
    EnvironmentStoppedError,
    FunctionProcess,
    FunctionProcessError,
)
from localstack_process_executor.loader import loader_environment
from localstack_process_executor.platform_log import LogFormat
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

ECHO = """
import os
def handler(event, context):
    return {"event": event, "pid": os.getpid()}
"""

FAULTS = """
import os, signal, sys
def handler(event, context):
    print(f"doing {event}")
    if event == "raise":
        raise ValueError("no good")
    if event == "sys.exit":
        sys.exit(7)
    if event == "exit 0":
        os._exit(0)
    if event == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if event == "hang":
        signal.pause()
    return os.getpid()
"""


def test_a_success_carries_response_and_context(tmp_path: Path) -> None:
    code = """
def handler(event, context):
    return [event, context.aws_request_id, context.invoked_function_arn,
            context.get_remaining_time_in_millis()]
"""
    with started(configuration(tmp_path, code, timeout_seconds=20)) as function:
        outcome = invoke(function, {"a": "ü"})
        event, request_id, arn, remaining = value(outcome)
    assert event == {"a": "ü"}
    assert request_id == outcome.request_id
    assert arn == ARN
    assert 0 < remaining <= 20_000


def test_a_warm_environment_keeps_its_process(tmp_path: Path) -> None:
    with started(configuration(tmp_path, ECHO)) as function:
        assert {value(invoke(function, n))["pid"] for n in range(5)} == {function.pid}


def test_a_handler_error_keeps_the_process(tmp_path: Path) -> None:
    with started(configuration(tmp_path, FAULTS)) as function:
        before = function.pid
        outcome = invoke(function, "raise")
        assert error(outcome)["errorType"] == "ValueError"
        assert error(outcome)["errorMessage"] == "no good"
        assert "[ERROR] ValueError: no good" in outcome.logs
        assert value(invoke(function)) == before


@pytest.mark.parametrize(
    ("code", "handler", "error_type"),
    [
        ("import no_such_module_here", "code_under_test.handler", "Runtime.ImportModuleError"),
        ("x = 1", "code_under_test.handler", "Runtime.HandlerNotFound"),
        ("def handler(:", "code_under_test.handler", "Runtime.UserCodeSyntaxError"),
        ("raise KeyError('k')", "code_under_test.handler", "KeyError"),
        ("x = 1", "nodot", "Runtime.MalformedHandlerName"),
    ],
)
def test_an_init_error_is_the_posted_one(
    tmp_path: Path, code: str, handler: str, error_type: str
) -> None:
    with started(configuration(tmp_path, code, handler=handler)) as function:
        for _ in range(2):  # the second one has a fresh process, which fails likewise
            outcome = invoke(function)
            assert error(outcome)["errorType"] == error_type
            assert f"[ERROR] {error_type}" in outcome.logs
            assert "Phase: init\tStatus: error" in outcome.logs


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("import sys; sys.exit(0)", "Runtime exited without providing a reason"),
        ("import os; os.abort()", "Runtime exited with error: signal: aborted"),
    ],
)
def test_an_exit_at_import_is_an_exit_error(tmp_path: Path, code: str, message: str) -> None:
    with started(configuration(tmp_path, f"print('last words')\n{code}")) as function:
        outcome = invoke(function)
    assert error(outcome) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {outcome.request_id} Error: {message}",
    }
    assert "last words\n" in outcome.logs


def test_after_a_failed_init_the_next_invocation_starts_afresh(tmp_path: Path) -> None:
    code = f"""
import pathlib
marker = pathlib.Path({str(tmp_path / "marker")!r})
if not marker.exists():
    marker.touch()
    raise RuntimeError("only once")
def handler(event, context):
    return "recovered"
"""
    with started(configuration(tmp_path, code)) as function:
        assert error(invoke(function))["errorMessage"] == "only once"
        assert value(invoke(function)) == "recovered"


def test_an_init_over_its_limit_starts_over_in_the_first_invocation(tmp_path: Path) -> None:
    code = f"""
import pathlib, signal
marker = pathlib.Path({str(tmp_path / "marker")!r})
if not marker.exists():
    marker.touch()
    signal.pause()
def handler(event, context):
    return "second try"
"""
    settings = configuration(tmp_path, code, init_timeout_seconds=1.0)
    with started(settings) as function:
        outcome = invoke(function)
    assert value(outcome) == "second try"
    assert "Phase: init\tStatus: timeout" in outcome.logs


def test_a_timeout_ends_the_process_group_and_the_next_invocation_recovers(tmp_path: Path) -> None:
    code = """
import os, signal, subprocess, sys
def handler(event, context):
    if event != "hang":
        return os.getpid()
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    print(f"child={child.pid}")
    signal.pause()
"""
    with started(configuration(tmp_path, code, timeout_seconds=3)) as function:
        before = function.pid
        assert before is not None
        outcome = invoke(function, "hang")
        assert error(outcome) == {
            "errorType": "Sandbox.Timedout",
            "errorMessage": f"RequestId: {outcome.request_id} "
            "Error: Task timed out after 3.00 seconds",
        }
        assert "Status: timeout" in outcome.logs
        assert not is_alive(before)
        found = re.search(r"child=(\d+)", outcome.logs)
        assert found is not None
        until(lambda: not is_alive(int(found[1])), "the handler's own child ended")
        assert value(invoke(function)) == function.pid != before


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("sys.exit", "Runtime exited with error: exit status 7"),
        ("exit 0", "Runtime exited without providing a reason"),
        ("killed", "Runtime exited with error: signal: killed"),
    ],
)
def test_an_exit_in_mid_invocation_is_reported_and_recovered(
    tmp_path: Path, event: str, message: str
) -> None:
    with started(configuration(tmp_path, FAULTS)) as function:
        before = function.pid
        outcome = invoke(function, event)
        assert error(outcome) == {
            "errorType": "Runtime.ExitError",
            "errorMessage": f"RequestId: {outcome.request_id} Error: {message}",
        }
        assert f"doing {event}\n" in outcome.logs
        assert value(invoke(function)) == function.pid != before


def test_a_process_that_dies_between_invocations_fails_none(tmp_path: Path) -> None:
    with started(configuration(tmp_path, ECHO)) as function:
        for n in range(5):
            pid = function.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            assert value(invoke(function, n))["event"] == n


def test_huge_output_is_complete(tmp_path: Path) -> None:
    code = """
def handler(event, context):
    for n in range(60_000):
        print(f"{n:050}")
"""
    with started(configuration(tmp_path, code)) as function:
        lines = invoke(function).logs.splitlines()
    assert [line for line in lines if line.isdecimal()] == [f"{n:050}" for n in range(60_000)]


def test_output_over_the_limit_is_counted_and_the_next_invocation_logs_again(
    tmp_path: Path,
) -> None:
    code = """
def handler(event, context):
    print("x" * event)
"""
    with started(configuration(tmp_path, code, max_log_bytes=1000)) as function:
        first = invoke(function, 500_000).logs
        second = invoke(function, 10).logs
    assert f"{'x' * 1000}\n[499001 more bytes of output were not kept]\n" in first
    assert f"\n{'x' * 10}\n" in second
    assert "not kept" not in second


def test_output_may_be_unicode_lack_a_newline_and_come_from_both_streams(tmp_path: Path) -> None:
    code = """
import os, sys
def handler(event, context):
    print("größe 日本 🎉")
    os.write(1, bytes([0xff]) + b" not UTF-8\\n")
    print("to stderr", file=sys.stderr)
    print("no newline", end="")
"""
    with started(configuration(tmp_path, code)) as function:
        outcome = invoke(function)
    start = f"START RequestId: {outcome.request_id} Version: $LATEST\n"
    end = f"END RequestId: {outcome.request_id}\n"
    between = outcome.logs.partition(start)[2].partition(end)[0]
    assert between == "größe 日本 🎉\n\ufffd not UTF-8\nto stderr\nno newline\n"


def test_init_output_goes_to_the_first_invocation_only(tmp_path: Path) -> None:
    with started(configuration(tmp_path, f"print('at import')\n{ECHO}")) as function:
        first, second = invoke(function).logs, invoke(function).logs
    assert first.index("INIT_START") < first.index("at import") < first.index("START RequestId")
    assert "Init Duration: " in first
    assert "at import" not in second
    assert "Init Duration: " not in second


def test_log_lines_of_200_invocations_are_complete_and_their_own(tmp_path: Path) -> None:
    code = """
import os
def handler(event, context):
    for n in range(20):
        print(f"line {event}.{n}")
    os.write(2, f"last {event}\\n".encode())
"""
    with started(configuration(tmp_path, code)) as function:
        invoke(function, "first")
        for event in range(200):
            lines = invoke(function, event).logs.splitlines()
            expected = [f"line {event}.{n}" for n in range(20)] + [f"last {event}"]
            assert lines[1:-2] == expected


def test_payloads_of_megabytes_go_both_ways(tmp_path: Path) -> None:
    event = "ä" * 2_000_000
    with started(configuration(tmp_path, ECHO)) as function:
        assert value(invoke(function, event))["event"] == event


def test_a_response_over_the_limit_is_an_error(tmp_path: Path) -> None:
    code = "def handler(event, context):\n    return 'x' * event\n"
    with started(configuration(tmp_path, code)) as function:
        outcome = invoke(function, 7 * 1024 * 1024)
        assert error(outcome)["errorType"] == "Function.ResponseSizeTooLarge"
        assert value(invoke(function, 3)) == "xxx"


def test_two_environments_run_at_once(tmp_path: Path) -> None:
    # Each handler waits for the other one's file, so that one after the other would time out.
    code = f"""
import os, pathlib, time
folder = pathlib.Path({str(tmp_path)!r})
def handler(event, context):
    (folder / event["mine"]).touch()
    while not (folder / event["other"]).exists():
        time.sleep(0.01)
    return os.getpid()
"""
    settings = configuration(tmp_path, code)
    with started(settings) as one, started(settings) as two, ThreadPoolExecutor() as pool:
        first = pool.submit(invoke, one, {"mine": "a", "other": "b"})
        second = pool.submit(invoke, two, {"mine": "b", "other": "a"})
        assert [value(first.result()), value(second.result())] == [one.pid, two.pid]
        assert one.pid != two.pid


def test_the_environment_holds_only_what_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "developer")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "developer")
    monkeypatch.setenv("PYTHONSTARTUP", "developer")
    monkeypatch.setenv("LIFELINE_FD", "9")
    for name in loader_environment():
        monkeypatch.delenv(name)
    code = """
import os, sys
def handler(event, context):
    return {"variables": dict(os.environ), "cwd": os.getcwd(), "path": sys.path[0],
            "encoding": sys.stdout.encoding}
"""
    given = {"MINE": "1", "AWS_REGION": "eu-west-1", "AWS_EXECUTION_ENV": "AWS_Lambda_rapid"}
    with started(configuration(tmp_path, code, environment=given)) as function:
        result = value(invoke(function))
    variables = result["variables"]
    assert re.fullmatch(r"127\.0\.0\.1:\d+", variables.pop("AWS_LAMBDA_RUNTIME_API"))
    assert variables.pop("HOME") == variables.pop("TMPDIR")
    variables.pop("PATH")
    variables.pop("LC_CTYPE", None)  # Python's own, where LANG's locale is not installed
    assert variables == {
        **given,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "LANG": "en_US.UTF-8",
        "LAMBDA_TASK_ROOT": str(tmp_path),
        "PYTHONPATH": str(tmp_path),
        "_HANDLER": "code_under_test.handler",
    }
    assert result["cwd"] == result["path"] == str(tmp_path)
    assert result["encoding"] == "utf-8"
    assert [entry.name for entry in tmp_path.iterdir()] == ["code_under_test.py"]


def test_a_python_that_needs_a_library_path_runs_the_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    # As a dynamic loader ends a program one of whose libraries it does not find.
    python.write_text(
        f'#!/bin/sh\n[ "$LD_LIBRARY_PATH" ] || exit 127\nexec "{LAMBDA_PYTHON}" "$@"\n'
    )
    python.chmod(0o755)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    with started(replace(configuration(tmp_path, ECHO), python=python)) as function:
        assert value(invoke(function, 1))["event"] == 1


def test_stop_ends_a_running_invocation(tmp_path: Path) -> None:
    marker = tmp_path / "running"
    code = f"""
import pathlib, signal
def handler(event, context):
    pathlib.Path({str(marker)!r}).touch()
    signal.pause()
"""
    with started(configuration(tmp_path, code)) as function, ThreadPoolExecutor() as pool:
        running = pool.submit(invoke, function)
        until(marker.exists, "the handler runs")
        pid = function.pid
        assert pid is not None
        function.stop()
        with pytest.raises(EnvironmentStoppedError, match="stopped before the invocation ended"):
            running.result()
        assert not is_alive(pid)


def test_stop_leaves_nothing_behind_and_may_be_repeated(tmp_path: Path) -> None:
    def descriptors() -> set[str]:
        return {entry.name for entry in Path("/dev/fd").iterdir()}

    before, threads = descriptors(), threading.active_count()
    code = "import tempfile\ndef handler(event, context):\n    return tempfile.mkdtemp()\n"
    function = FunctionProcess(configuration(tmp_path, code))
    function.start()
    made, pid = Path(value(invoke(function))), function.pid
    assert pid is not None
    assert made.is_dir()
    function.stop()
    function.stop()
    assert not is_alive(pid)
    assert not made.exists()
    assert threading.active_count() == threads
    assert descriptors() == before
    with pytest.raises(EnvironmentStoppedError):
        invoke(function)


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = configuration(tmp_path, ECHO)
    missing = FunctionProcess(
        type(settings)(
            python=tmp_path / "no-python",
            code_folder=tmp_path,
            handler=settings.handler,
            environment={},
            timeout_seconds=1,
            memory_megabytes=128,
        )
    )
    with pytest.raises(FunctionProcessError, match="no-python"):
        missing.start()
    missing.stop()


def test_a_killed_owner_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "code_under_test.py").write_text(ECHO)
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


@pytest.mark.parametrize(
    ("event", "status"), [("fine", "success"), ("raise", "error"), ("hang", "timeout")]
)
def test_the_json_log_format_has_platform_records(tmp_path: Path, event: str, status: str) -> None:
    settings = configuration(tmp_path, FAULTS, timeout_seconds=2, log_format=LogFormat.JSON)
    with started(settings) as function:
        outcome = invoke(function, event)
    lines = [line for line in outcome.logs.splitlines() if line.startswith("{")]
    records = [record for record in map(json.loads, lines) if "type" in record]
    init, start, report = records
    assert init["type"] == "platform.initStart"
    assert start["type"] == "platform.start"
    assert start["record"] == {"requestId": outcome.request_id, "version": "$LATEST"}
    assert report["type"] == "platform.report"
    assert report["record"]["status"] == status
    metrics = report["record"]["metrics"]
    assert metrics["billedDurationMs"] >= metrics["durationMs"] + metrics["initDurationMs"]
    assert metrics["memorySizeMB"] == 128
    assert "maxMemoryUsedMB" in metrics
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", report["time"])
