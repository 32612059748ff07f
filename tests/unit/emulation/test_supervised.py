"""Supervised commands, as real processes: none outlives its starter."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emulation.supervised import supervised
from emulation.waiting import wait_for
from unit.emulation.processes import ENVIRONMENT
from unit.localstack_process_executor.environments import DEADLINE_SECONDS, is_alive

_WITH_A_CHILD = (
    "import os, signal, subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
    "print(os.getpid(), child.pid, flush=True)\n"
    "signal.pause()\n"
)
WITH_A_CHILD = [sys.executable, "-c", _WITH_A_CHILD]
"""A command that runs until it is killed; its first line says which processes it is."""


def wait_until_gone(pids: str) -> None:
    """Wait for the end of the processes that a command with a child has named."""
    wait_for(
        f"the end of the processes {pids}",
        lambda: not any(is_alive(int(pid)) for pid in pids.split()),
        DEADLINE_SECONDS,
    )


def run(code: str, folder: Path, **environment: str) -> tuple[str, int]:
    """Run Python code under supervision to its end; return its output and exit code."""
    command = [sys.executable, "-c", code]
    with supervised(command, cwd=folder, env=ENVIRONMENT | environment) as process:
        assert process.stdout is not None
        return process.stdout.read(), process.wait(DEADLINE_SECONDS)


@pytest.mark.parametrize("code", [0, 1, 2, 77])
def test_exit_code_is_passed_on(code: int, tmp_path: Path) -> None:
    assert run(f"raise SystemExit({code})", tmp_path) == ("", code)


def test_output_and_errors_share_one_stream(tmp_path: Path) -> None:
    code = (
        "import os\n"
        "os.write(1, 'out Zoë\\n'.encode())\n"
        "os.write(2, b'error \\xff\\n')\n"
        "os.write(1, b'out\\n')\n"
    )
    assert run(code, tmp_path) == ("out Zoë\nerror \N{REPLACEMENT CHARACTER}\nout\n", 0)


def test_command_gets_folder_environment_and_empty_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USERS_OWN", "1")
    code = (
        "import json, os, sys\n"
        "names = ('GIVEN', 'USERS_OWN')\n"
        "print(json.dumps([os.getcwd(), [os.environ.get(n) for n in names], sys.stdin.read()]))\n"
    )
    output, _ = run(code, tmp_path, GIVEN="2")
    assert json.loads(output) == [str(tmp_path), ["2", None], ""]


def test_leaving_the_block_kills_the_command_and_its_children(tmp_path: Path) -> None:
    with supervised(WITH_A_CHILD, cwd=tmp_path, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        pids = process.stdout.readline()
        assert [is_alive(int(pid)) for pid in pids.split()] == [True, True]
    assert process.returncode == -signal.SIGKILL
    wait_until_gone(pids)


def test_error_in_the_block_kills_the_command(tmp_path: Path) -> None:
    seen: list[str] = []

    def interrupted() -> None:
        with supervised(WITH_A_CHILD, cwd=tmp_path, env=ENVIRONMENT) as process:
            assert process.stdout is not None
            seen.append(process.stdout.readline())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (pids,) = seen
    assert len(pids.split()) == 2
    wait_until_gone(pids)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_killing_the_starter_kills_the_command_and_its_children(
    how: signal.Signals, tmp_path: Path
) -> None:
    code = (
        "import json, os, pathlib, signal, sys\n"
        "from emulation.supervised import supervised\n"
        "command = json.loads(sys.argv[1])\n"
        "with supervised(command, cwd=pathlib.Path.cwd(), env=os.environ) as process:\n"
        "    print(process.pid, process.stdout.readline(), flush=True)\n"
        "    signal.pause()\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(WITH_A_CHILD)],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with starter:
        assert starter.stdout is not None
        pids = starter.stdout.readline()
        assert [is_alive(int(pid)) for pid in pids.split()] == [True] * 3
        starter.send_signal(how)
        assert starter.wait(DEADLINE_SECONDS) == -how
    wait_until_gone(pids)
