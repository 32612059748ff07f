"""The execution environment: what an invocation returns and logs, whatever its process does."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localstack_process_executor import function_process
from localstack_process_executor.function_process import (
    INIT_TIMEOUT_SECONDS,
    EnvironmentStoppedError,
    FunctionProcess,
    FunctionProcessError,
    process_environment,
)
from localstack_process_executor.loader import loader_environment
from localstack_process_executor.platform_log import Failure, LogFormat, Status
from unit.localstack_process_executor.environments import (
    LAMBDA_PYTHON,
    ScriptedProcess,
    configuration,
    error,
    invoke,
    until,
    value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

type Environment = Callable[..., FunctionProcess]

READY: dict[str, Any] = {"runtime_ready": True}
POSTED = b'{"errorType": "ValueError", "errorMessage": "no good"}'
EXITS = [
    (7, "Runtime exited with error: exit status 7"),
    (0, "Runtime exited without providing a reason"),
    (-9, "Runtime exited with error: signal: killed"),
]


def answer(payload: object = 1, **more: object) -> dict[str, Any]:
    """The step of a process that answers an invocation."""
    return {"outcome": json.dumps(payload).encode(), "delivered": True} | more


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Makes an environment that starts these processes one after the other."""

    def make(*processes: ScriptedProcess, **settings: Any) -> FunctionProcess:  # noqa: ANN401
        coming = iter(processes)
        monkeypatch.setattr(function_process, "RuntimeProcess", lambda *_made_of: next(coming))
        return FunctionProcess(configuration(tmp_path, **settings))

    return make


def test_the_log_of_an_invocation_has_the_platforms_lines_around_the_functions(
    environment: Environment,
) -> None:
    process = ScriptedProcess(
        READY | {"output": "at import\n"}, answer(output="one\n"), answer(output="two\n")
    )
    function = environment(process)
    function.start()
    first = invoke(function)
    process.output = "in between\n"
    second = invoke(function)
    assert value(first) == 1
    milliseconds = r"\d+\.\d\d ms"
    report = (
        f"Duration: {milliseconds}\tBilled Duration: \\d+ ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 42 MB"
    )
    assert re.fullmatch(
        "INIT_START Runtime Version: python:3.13\nat import\n"
        rf"START RequestId: {first.request_id} Version: \$LATEST\none\n"
        f"END RequestId: {first.request_id}\n"
        f"REPORT RequestId: {first.request_id}\t{report}\tInit Duration: {milliseconds}\n",
        first.logs,
    )
    assert re.fullmatch(
        rf"in between\nSTART RequestId: {second.request_id} Version: \$LATEST\ntwo\n"
        f"END RequestId: {second.request_id}\nREPORT RequestId: {second.request_id}\t{report}\n",
        second.logs,
    )
    assert not process.is_ended


def test_the_runtime_is_told_when_the_invocation_times_out(environment: Environment) -> None:
    process = ScriptedProcess(READY, answer())
    function = environment(process, timeout_seconds=20)
    before = time.monotonic()
    function.start()
    epoch = time.time()
    invoke(function)
    [(_, deadline)] = process.offered
    assert (epoch + 20) * 1000 - 1 <= deadline <= (time.time() + 20) * 1000
    assert 0 <= process.deadlines[0] - INIT_TIMEOUT_SECONDS - before < 5
    assert 0 <= process.deadlines[1] - 20 - before < 5


def test_a_handlers_error_keeps_the_process(environment: Environment) -> None:
    process = ScriptedProcess(
        READY, answer() | {"outcome": Failure(Status.ERROR, "", posted=POSTED)}, answer(2)
    )
    function = environment(process)
    function.start()
    outcome = invoke(function)
    assert (outcome.is_error, outcome.payload) == (True, POSTED)
    assert "Status:" not in outcome.logs
    assert value(invoke(function)) == 2


@pytest.mark.parametrize(
    ("posted", "error_type"),
    [(POSTED, "ValueError"), (b"[]", "Runtime.Unknown"), (b"{}", "Runtime.Unknown")],
)
def test_an_init_error_is_the_posted_one_and_the_next_invocation_starts_afresh(
    environment: Environment, posted: bytes, error_type: str
) -> None:
    failing = ScriptedProcess({"init_error": posted}, {"exit": 1, "output": "[ERROR] words\n"})
    function = environment(failing, ScriptedProcess(READY, answer("recovered")))
    function.start()
    assert failing.is_ended
    outcome = invoke(function)
    assert (outcome.is_error, outcome.payload) == (True, posted)
    assert "[ERROR] words\nINIT_REPORT Init Duration: " in outcome.logs
    assert f"ms\tPhase: init\tStatus: error\tError Type: {error_type}\n" in outcome.logs
    assert "\tInit Duration" not in outcome.logs
    assert value(invoke(function)) == "recovered"


@pytest.mark.parametrize(("code", "message"), EXITS)
def test_an_exit_at_import_is_an_exit_error(
    environment: Environment, code: int, message: str
) -> None:
    function = environment(ScriptedProcess({"exit": code, "output": "last words\n"}))
    function.start()
    outcome = invoke(function)
    expected = f"RequestId: {outcome.request_id} Error: {message}"
    assert error(outcome) == {"errorType": "Runtime.ExitError", "errorMessage": expected}
    assert "last words\n" in outcome.logs
    assert f"\n{expected}\nRuntime.ExitError\nEND RequestId: " in outcome.logs


def test_an_init_over_its_limit_starts_over_in_the_first_invocation(
    environment: Environment,
) -> None:
    slow = ScriptedProcess({"hang": True})
    function = environment(slow, ScriptedProcess(READY, answer("second try")))
    function.start()
    assert slow.is_ended
    outcome = invoke(function)
    assert value(outcome) == "second try"
    assert "ms\tPhase: init\tStatus: timeout\nINIT_START" in outcome.logs
    assert "\tInit Duration" not in outcome.logs


def test_an_init_that_takes_the_whole_invocation_is_its_timeout(environment: Environment) -> None:
    function = environment(ScriptedProcess({"hang": True}), ScriptedProcess({"hang": True}))
    function.start()
    assert error(invoke(function))["errorType"] == "Sandbox.Timedout"


def test_a_timeout_ends_the_process_and_the_next_invocation_has_another(
    environment: Environment,
) -> None:
    hanging = ScriptedProcess(READY, {"hang": True, "delivered": True, "output": "x\n"})
    function = environment(hanging, ScriptedProcess(READY, answer()), timeout_seconds=3)
    function.start()
    outcome = invoke(function)
    message = "Task timed out after 3.00 seconds"
    assert error(outcome) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {outcome.request_id} Error: {message}",
    }
    assert hanging.is_ended
    assert re.search(rf"\nx\n\S+Z {outcome.request_id} {message}\nEND ", outcome.logs)
    assert outcome.logs.endswith("\tStatus: timeout\n")
    assert value(invoke(function)) == 1


@pytest.mark.parametrize(("code", "message"), EXITS)
def test_an_exit_in_mid_invocation_is_reported_and_recovered(
    environment: Environment, code: int, message: str
) -> None:
    crashing = ScriptedProcess(READY, {"exit": code, "delivered": True, "output": "doing\n"})
    function = environment(crashing, ScriptedProcess(READY, answer()))
    function.start()
    outcome = invoke(function)
    assert error(outcome)["errorMessage"] == f"RequestId: {outcome.request_id} Error: {message}"
    assert "doing\n" in outcome.logs
    assert outcome.logs.endswith("\tStatus: error\tError Type: Runtime.ExitError\n")
    assert value(invoke(function)) == 1


@pytest.mark.parametrize("is_seen_before", [True, False])
def test_a_process_that_dies_between_invocations_fails_none(
    environment: Environment, *, is_seen_before: bool
) -> None:
    dead = ScriptedProcess(READY, {"exit": -9})
    dead_steps_used = not is_seen_before
    function = environment(dead, ScriptedProcess(READY, answer()))
    function.start()
    dead.exited = is_seen_before
    outcome = invoke(function)
    assert value(outcome) == 1
    assert outcome.logs.count("START RequestId") == 1
    assert dead.is_ended
    assert bool(dead.offered) is dead_steps_used


@pytest.mark.parametrize(
    ("step", "status", "error_type"),
    [
        (answer(), "success", None),
        (answer() | {"outcome": Failure(Status.ERROR, "", posted=POSTED)}, "error", None),
        ({"hang": True, "delivered": True}, "timeout", "Sandbox.Timedout"),
    ],
)
def test_the_json_log_format_has_platform_records(
    environment: Environment, step: dict[str, Any], status: str, error_type: str | None
) -> None:
    function = environment(ScriptedProcess(READY, dict(step)), log_format=LogFormat.JSON)
    function.start()
    outcome = invoke(function)
    init, start, report = map(json.loads, outcome.logs.splitlines())
    assert (init["type"], start["type"]) == ("platform.initStart", "platform.start")
    assert init["record"] == {
        "initializationType": "on-demand",
        "phase": "init",
        "runtimeVersion": "python:3.13",
        "functionName": "function",
        "functionVersion": "$LATEST",
    }
    assert start["record"] == {"requestId": outcome.request_id, "version": "$LATEST"}
    assert report["type"] == "platform.report"
    assert report["record"]["requestId"] == outcome.request_id
    assert report["record"]["status"] == status
    assert report["record"].get("errorType") == error_type
    metrics = report["record"]["metrics"]
    assert metrics["billedDurationMs"] >= metrics["durationMs"] + metrics["initDurationMs"]
    assert (metrics["memorySizeMB"], metrics["maxMemoryUsedMB"]) == (128, 42)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", report["time"])


def test_a_failed_init_is_a_record_too(environment: Environment) -> None:
    function = environment(ScriptedProcess({"exit": 3}), log_format=LogFormat.JSON)
    function.start()
    assert function.pending_logs.count("\n") == 2
    failed = json.loads(invoke(function).logs.splitlines()[1])
    assert failed["type"] == "platform.initReport"
    assert failed["record"].pop("metrics").keys() == {"durationMs"}
    assert failed["record"] == {
        "initializationType": "on-demand",
        "phase": "init",
        "status": "error",
        "errorType": "Runtime.ExitError",
    }


def test_a_stopped_environment_runs_nothing_more(environment: Environment) -> None:
    process = ScriptedProcess(READY)
    function = environment(process)
    function.start()
    function.stop()
    function.stop()
    assert process.is_ended
    with pytest.raises(EnvironmentStoppedError, match="stopped before the invocation ended"):
        invoke(function)
    with pytest.raises(EnvironmentStoppedError):
        function.start()


def test_stop_interrupts_a_running_invocation(environment: Environment) -> None:
    process = ScriptedProcess(READY, {"stop": True, "delivered": True})
    function = environment(process)
    function.start()
    with ThreadPoolExecutor() as pool:
        running = pool.submit(invoke, function)
        until(lambda: bool(process.offered), "the invocation runs")
        function.stop()
        with pytest.raises(EnvironmentStoppedError):
            running.result()
    assert process.is_ended


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    settings = configuration(tmp_path / "bin")
    object.__setattr__(settings, "python", tmp_path / "no-python")
    function = FunctionProcess(settings)
    with pytest.raises(FunctionProcessError, match="no-python"):
        function.start()
    function.stop()


def test_the_environment_holds_only_what_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "developer")
    monkeypatch.setenv("LIFELINE_FD", "9")
    for name in loader_environment():
        monkeypatch.delenv(name)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/lib")
    given = {"MINE": "1", "PYTHONPATH": "/mine", "AWS_EXECUTION_ENV": "AWS_Lambda_rapid"}
    settings = configuration(tmp_path, environment=given)
    assert process_environment(settings, Path("/folder")) == {
        "MINE": "1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "HOME": "/folder",
        "TMPDIR": "/folder",
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": "/lib",
        "LAMBDA_TASK_ROOT": str(tmp_path),
        "PATH": f"{LAMBDA_PYTHON.parent}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": f"{tmp_path}:/mine",
        "_HANDLER": "code_under_test.handler",
    }
