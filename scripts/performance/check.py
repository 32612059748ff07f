"""`submitter check` of a folder with many programs, on one core and on all of them, in turns."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from performance.summary import ratio, summarize
from submitter.new.templates import problem_files

_PROGRAMS = 50
_QUICK_PROGRAMS = 6
_ROUNDS = 5
_QUICK_ROUNDS = 2
_LOOPS = 50_000
_ACCEPTED = "submissions/accepted"
_PROGRAM = f"""\
import sys

total = 0
for number in range({_LOOPS}):
    total += number % 7
print(sum(int(line) for line in sys.stdin if line.strip()))
"""
"""Accepted, after some work."""
_COMMAND = (sys.executable, "-c", "from submitter.cli import main; main()", "check")


def measure(*, quick: bool) -> dict[str, Any]:
    """Check a problem's folder with many programs; return seconds, and the ratio of the two."""
    programs, rounds = (_QUICK_PROGRAMS, _QUICK_ROUNDS) if quick else (_PROGRAMS, _ROUNDS)
    cores = os.sched_getaffinity(0)
    settings = {"one_core": {min(cores)}, "all_cores": cores}
    samples: dict[str, list[float]] = {name: [] for name in settings}
    with tempfile.TemporaryDirectory(prefix="performance-") as folder:
        files = problem_files(UUID(int=0))
        cases = sum(name.endswith(".in") for name in files)
        files = {name: text for name, text in files.items() if not name.startswith("submissions/")}
        files |= {f"{_ACCEPTED}/{number:02}.py": _PROGRAM for number in range(programs)}
        _write(Path(folder), files.items())
        for _ in range(rounds):
            for name, allowed in settings.items():
                samples[name].append(_seconds(folder, allowed))
    return {
        "programs": programs,
        "cases": cases,
        "cores": len(cores),
        "seconds_of": {name: summarize(taken, 2) for name, taken in samples.items()},
        "one_core_to_all": ratio(samples["one_core"], samples["all_cores"]),
    }


def _seconds(folder: str, allowed: set[int]) -> float:
    """Run the command on some cores; return how long it took.

    Raises:
        subprocess.CalledProcessError: a program was not accepted, or the command failed.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, allowed)  # the command and all that it starts inherit it
    try:
        began = time.perf_counter()
        subprocess.run((*_COMMAND, folder), capture_output=True, check=True)
        return time.perf_counter() - began
    finally:
        os.sched_setaffinity(0, before)


def _write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    for name, text in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
