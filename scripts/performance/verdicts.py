"""Same verdict: programs near a time limit are graded again, idle and with every core busy.

The same programs run in the sandbox, where fuel is the limit, and as a subprocess, as other graders
run them, where the limit is on processor time or on wall-clock time. All take turns.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle, islice, product
from typing import Any

from performance.programs import PYTHON, Process, ProgramError, new_sandbox
from sandbox import End, Limits, Sandbox

SHARES = (0.9, 0.97, 1.03, 1.1)
"""What a program takes of its limit: two are within it, two exceed it."""
PROGRAMS = {
    "loop": "n = 0\nfor i in range(900_000): n += i % 7",
    "calls": "def f(n): return f(n - 1) + f(n - 2) if n > 1 else n\nf(24)",
    "dicts": "for _ in range(4):\n d = {str(i): i for i in range(40_000)}\n sorted(d, key=d.get)",
    "floats": "x = 0.0\nfor i in range(1, 600_000): x += 1 / (i * i + x)",
    "texts": "s = ' '.join(map(str, range(150_000)))\nfor _ in range(5): len(s.split())",
}
"""Each takes some 0.06 seconds of Python outside of the sandbox."""
_REGRADINGS = 500
"""For each state of the machine."""
_QUICK_REGRADINGS = 8
_CALIBRATIONS = 15
_QUICK_CALIBRATIONS = 3
_AMPLE = Limits(fuel=1 << 40)
_SPINNER = """
import os, sys
while os.getppid() == int(sys.argv[1]): pass
"""


class Measure(StrEnum):
    """What a limit is set on."""

    FUEL = "fuel"
    CPU_TIME = "cpu_time"
    WALL_CLOCK = "wall_clock"


class State(StrEnum):
    """How busy the machine is."""

    IDLE = "idle"
    BUSY = "busy"


type Costs = Mapping[Measure, float]
"""What a program takes: fuel, or seconds."""


@dataclass(frozen=True)
class Regrading:
    """One verdict."""

    state: State
    measure: Measure
    share: float
    """What the program takes of the limit, by calibration."""
    exceeded: bool
    """The verdict: whether it exceeded the limit."""


def measure(*, quick: bool) -> dict[str, Any]:
    """Calibrate each program's limits, grade it again and again, and count what differs."""
    count = _QUICK_REGRADINGS if quick else _REGRADINGS
    regradings: list[Regrading] = []
    with new_sandbox() as sandbox:
        runs = _QUICK_CALIBRATIONS if quick else _CALIBRATIONS
        costs = {source: _calibrate(sandbox, source, runs) for source in PROGRAMS.values()}
        for state in State:
            with every_core_busy(1 if state is State.BUSY else 0):
                for source, share in islice(cycle(product(costs, SHARES)), count):
                    regradings += _regrade(sandbox, source, costs[source], state, share)
    return {
        "regradings": count,
        "cores": os.process_cpu_count(),
        "programs": len(PROGRAMS),
        "cpu_ms": round(1000 * statistics.median(it[Measure.CPU_TIME] for it in costs.values())),
        "flips": count_flips(regradings),
    }


def count_flips(regradings: Iterable[Regrading]) -> list[dict[str, Any]]:
    """Return how many verdicts are not the calibrated one, for each share and state.

    By calibration, a program that takes more than its limit exceeds it, and no other does.
    """
    given = list(regradings)
    return [
        {
            "share": share,
            "state": state,
            "regradings": sum(
                (it.share, it.state, it.measure) == (share, state, Measure.FUEL) for it in given
            ),
            **{
                measure: sum(
                    it.exceeded != (share > 1)
                    for it in given
                    if (it.share, it.state, it.measure) == (share, state, measure)
                )
                for measure in Measure
            },
        }
        for share, state in product(SHARES, State)
    ]


@contextmanager
def every_core_busy(programs: int = 1) -> Iterator[None]:
    """Keep every core busy with this many programs for each.

    They also end when this process does.
    """
    command = [sys.executable, "-I", "-S", "-c", _SPINNER, str(os.getpid())]
    with ExitStack() as stack:
        for _ in range(programs * (os.process_cpu_count() or 1)):
            spinner = stack.enter_context(subprocess.Popen(command))
            stack.callback(spinner.kill)
        yield


def _regrade(
    sandbox: Sandbox, source: str, costs: Costs, state: State, share: float
) -> list[Regrading]:
    """Run a program in the sandbox and outside of it, and return a verdict by each measure."""
    limits = {measure: cost / share for measure, cost in costs.items()}
    outcome = sandbox.run(source.encode(), limits=Limits(fuel=round(limits[Measure.FUEL])))
    if outcome.end not in {End.EXITED, End.FUEL}:
        raise ProgramError(f"The program ended as {outcome.end}: {outcome.detail}")
    found = {measure: cost > limits[measure] for measure, cost in _run_outside(source).items()}
    found[Measure.FUEL] = outcome.end is End.FUEL
    return [Regrading(state, measure, share, exceeded) for measure, exceeded in found.items()]


def _calibrate(sandbox: Sandbox, source: str, runs: int) -> dict[Measure, float]:
    """Return the median of what a program takes on the machine as it is."""
    outcome = sandbox.run(source.encode(), limits=_AMPLE)
    if outcome.end is not End.EXITED:
        raise ProgramError(f"The program ended as {outcome.end}: {outcome.detail}")
    outside = [_run_outside(source) for _ in range(runs)]
    return {Measure.FUEL: outcome.fuel} | {
        measure: statistics.median(costs[measure] for costs in outside)
        for measure in (Measure.CPU_TIME, Measure.WALL_CLOCK)
    }


def _run_outside(source: str) -> dict[Measure, float]:
    """Run a program as a subprocess; return what it took.

    Nothing stops it: a limit that it exceeds would have.
    """
    began = time.monotonic()
    outcome = Process((PYTHON, "-I", "-c", source)).run()
    wall_clock = time.monotonic() - began
    if outcome.end is not End.EXITED:
        raise ProgramError(f"The program failed: {outcome}")
    return {Measure.CPU_TIME: outcome.cpu_seconds, Measure.WALL_CLOCK: wall_clock}
