"""Verdicts that differ are counted, and no program that keeps a core busy stays."""

import os
import subprocess
import sys
from typing import Any

import psutil
import pytest

from performance.report import render
from performance.summary import load_summaries
from performance.verdicts import Measure, Regrading, State, count_flips, every_core_busy


def test_verdict_that_is_not_the_calibrated_one_is_a_flip() -> None:
    rows = count_flips(
        [
            Regrading(State.IDLE, Measure.FUEL, 0.9, exceeded=False),
            Regrading(State.IDLE, Measure.CPU_TIME, 0.9, exceeded=True),
            Regrading(State.BUSY, Measure.FUEL, 1.03, exceeded=True),
            Regrading(State.BUSY, Measure.FUEL, 1.03, exceeded=False),
            Regrading(State.BUSY, Measure.WALL_CLOCK, 1.03, exceeded=True),
            Regrading(State.BUSY, Measure.WALL_CLOCK, 1.03, exceeded=False),
        ]
    )

    found = {(row["share"], row["state"]): row for row in rows}
    assert len(rows) == len(found) == 8
    idle, busy = found[0.9, State.IDLE], found[1.03, State.BUSY]
    assert [idle[name] for name in ("regradings", *Measure)] == [1, 0, 1, 0]
    assert [busy[name] for name in ("regradings", *Measure)] == [2, 1, 0, 1]
    assert sum(row["regradings"] for row in rows) == 3


def test_report_shows_flips_of_the_sandbox_too() -> None:
    summaries: dict[str, Any] = load_summaries()
    for row in summaries["verdicts"]["flips"]:
        row |= {"regradings": 200, "fuel": 1, "cpu_time": 2, "wall_clock": 3}

    lines = render(summaries).splitlines()

    assert "| 97 % of the limit | busy | 200 | 1 | 2 | 3 |" in lines
    assert "| *all* | | 1,600 | **8** | 16 | 24 |" in lines


@pytest.mark.parametrize("programs", [0, 1, 2])
def test_programs_that_keep_cores_busy_end_with_the_block(programs: int) -> None:
    before = set(psutil.Process().children())
    with every_core_busy(programs):
        spinners = set(psutil.Process().children()) - before
        assert len(spinners) == programs * (os.process_cpu_count() or 1)

    assert not any(spinner.is_running() for spinner in spinners)


def test_programs_that_keep_cores_busy_end_with_the_process_that_started_them() -> None:
    killed = (
        "import os, psutil, signal\n"
        "from performance.verdicts import every_core_busy\n"
        "with every_core_busy():\n"
        "    print(*(each.pid for each in psutil.Process().children()), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", killed]
    printed = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True).stdout

    spinners = [psutil.Process(int(pid)) for pid in printed.split() if psutil.pid_exists(int(pid))]
    _, left = psutil.wait_procs(spinners, timeout=60)
    assert printed
    assert not left
