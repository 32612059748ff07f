"""The lifeline: what the tied process does when its owner dies or releases it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from localstack_process_executor import lifeline
from unit.localstack_process_executor.environments import DEADLINE_SECONDS


def test_the_owners_death_is_told_once_and_a_release_never() -> None:
    told = threading.Event()
    reader, writer = os.pipe()
    thread = lifeline.watch(reader, told.set)
    lifeline.release(writer)
    thread.join(DEADLINE_SECONDS)
    os.close(writer)
    assert not thread.is_alive()
    assert not told.is_set()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reader)

    reader, writer = os.pipe()
    os.set_inheritable(reader, True)  # noqa: FBT003 - the library has no keyword for it
    thread = lifeline.watch(reader, told.set)
    assert not os.get_inheritable(reader)
    assert not told.is_set()
    os.close(writer)
    thread.join(DEADLINE_SECONDS)
    assert told.is_set()


def test_a_descriptor_that_is_closed_is_an_error() -> None:
    reader, writer = os.pipe()
    os.close(writer)
    os.close(reader)
    with pytest.raises(OSError, match="Bad file descriptor"):
        lifeline.watch(reader, lifeline.end_process_group)


def test_a_clean_stop_is_asked_for_and_enforced_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[tuple[object, ...]] = []
    monkeypatch.setattr(os, "kill", lambda *what: done.append(("kill", *what)))
    monkeypatch.setattr("time.sleep", lambda seconds: done.append(("sleep", seconds)))
    monkeypatch.setattr(os, "_exit", lambda status: done.append(("exit", status)))
    lifeline.terminate_or_exit(2.5)()
    assert done == [("kill", os.getpid(), signal.SIGTERM), ("sleep", 2.5), ("exit", 1)]


@pytest.mark.parametrize("leads", [True, False])
def test_only_the_leader_of_a_group_ends_the_group(
    monkeypatch: pytest.MonkeyPatch, *, leads: bool
) -> None:
    done: list[object] = []
    monkeypatch.setattr(os, "getpgrp", lambda: os.getpid() if leads else 1)
    monkeypatch.setattr(os, "killpg", lambda *what: done.append(what))
    monkeypatch.setattr(os, "_exit", done.append)
    lifeline.end_process_group()
    assert done == [*([(os.getpid(), signal.SIGKILL)] if leads else []), 1]


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
