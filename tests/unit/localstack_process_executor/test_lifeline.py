"""The lifeline, with real processes at both ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from localstack_process_executor import lifeline
from unit.localstack_process_executor.environments import DEADLINE_SECONDS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# In short turns: a signal between two steps of Python's is only looked at with the next step, and
# signal.pause() would wait for another one.
_UNTIL_SIGNALLED = "while True: time.sleep(0.05)\n"


@contextlib.contextmanager
def _tied(code: str, *, deadline_seconds: float) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Runs code under a lifeline that terminates; gives the process and the lifeline's end."""
    reader, writer = os.pipe()
    prelude = (
        "import os, signal, sys, time\n"
        "from localstack_process_executor import lifeline\n"
        f"thread = lifeline.watch({reader}, lifeline.terminate_or_exit({deadline_seconds}))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", prelude + code],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        pass_fds=(reader,),
        env={"PYTHONPATH": str(ROOT / "scripts" / "localstack_process_executor")},
    )
    os.close(reader)
    with os.fdopen(writer, "wb", 0) as end, process:
        try:
            assert process.stdout is not None
            yield process, end.fileno()
        finally:
            process.kill()


def _close(descriptor: int) -> None:
    # The number stays taken, so that the owner of it may close it once more.
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def test_the_owners_end_asks_for_a_clean_stop() -> None:
    code = (
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(42))\n"
        "print('ready', flush=True)\n"
        f"{_UNTIL_SIGNALLED}"
    )
    with _tied(code, deadline_seconds=DEADLINE_SECONDS) as (process, end):
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert process.poll() is None
        _close(end)
        assert process.wait(DEADLINE_SECONDS) == 42


def test_a_process_that_does_not_stop_is_ended_at_the_deadline() -> None:
    code = (
        # Not print(): the signal may come while "ready" is still being flushed, and a buffer may
        # not be entered twice.
        "signal.signal(signal.SIGTERM, lambda *_: os.write(1, b'asked\\n'))\n"
        "print('ready', flush=True)\n"
        f"{_UNTIL_SIGNALLED}"
    )
    with _tied(code, deadline_seconds=2.0) as (process, end):
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        _close(end)
        assert process.stdout.readline() == b"asked\n"
        assert process.wait(DEADLINE_SECONDS) == 1


def test_a_released_process_lives_on() -> None:
    code = "thread.join()\nprint('released', flush=True)\nprint(sys.stdin.read(), flush=True)\n"
    with _tied(code, deadline_seconds=DEADLINE_SECONDS) as (process, end):
        assert process.stdout is not None
        lifeline.release(end)
        assert process.stdout.readline() == b"released\n"
        _close(end)
        assert process.communicate(b"still here")[0] == b"still here\n"
        assert process.returncode == 0


def test_a_module_run_under_a_lifeline_takes_its_group_with_it(tmp_path: Path) -> None:
    (tmp_path / "tied.py").write_text(
        "import signal, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "print(sys.argv[1:], flush=True)\n"
        "signal.pause()\n"
    )
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-P", lifeline.__file__, str(reader), "tied", "one", "two"],
        stdout=subprocess.PIPE,
        pass_fds=(reader,),
        env={"PYTHONPATH": str(tmp_path)},
        start_new_session=True,
    )
    os.close(reader)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"['one', 'two']\n"
        os.close(writer)
        assert process.wait(DEADLINE_SECONDS) == -signal.SIGKILL
        # The child holds the pipe too, so its end says that the child is gone as well.
        assert process.stdout.read() == b""


def test_the_owners_death_is_told_once_and_a_release_never() -> None:
    told = threading.Event()
    reader, writer = os.pipe()
    thread = lifeline.watch(reader, told.set)
    lifeline.release(writer)
    thread.join(DEADLINE_SECONDS)
    os.close(writer)
    assert not thread.is_alive()
    assert not told.is_set()
    reader, writer = os.pipe()
    thread = lifeline.watch(reader, told.set)
    assert not told.is_set()
    os.close(writer)
    thread.join(DEADLINE_SECONDS)
    assert told.is_set()


def test_what_is_no_pipe_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        with pytest.raises(lifeline.LifelineError, match="is not a pipe"):
            lifeline.watch(file.fileno(), lifeline.end_process_group)
        closed = os.dup(file.fileno())
    os.close(closed)
    with pytest.raises(lifeline.LifelineError, match=f"{closed} is not open"):
        lifeline.watch(closed, lifeline.end_process_group)


@pytest.mark.parametrize("arguments", [[], ["3"], ["x", "module"]])
def test_the_command_line_is_checked(arguments: list[str]) -> None:
    command = [sys.executable, "-P", lifeline.__file__, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "Usage: " in result.stderr
