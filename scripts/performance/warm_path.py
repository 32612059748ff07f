"""Warm path: the processor's time for a record, without the SDK's call and the network.

Measured by pyperf, in `warm_path_worker`: each of its processes is one turn of one case.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyperf

from performance.function_runs.warm_path_worker import RECORDS, Case

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORKER = "performance.function_runs.warm_path_worker"

ROUNDS = 6
"""Processes for each case."""

_VALUES = 5
_LOOPS = 500
"""Events of one value. Given, because pyperf would look for a number in a process of its own."""


def measure() -> dict[str, Any]:
    """Measure; see `performance/sections/warm_path.py` for what becomes of it."""
    cases = list(Case)
    samples: dict[str, list[float]] = {case: [] for case in cases}
    for number in range(ROUNDS):
        for case in cases if number % 2 else cases[::-1]:
            samples[case] += _take(case)
    return as_data(samples)


def as_data(seconds: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Return what was measured as JSON can hold it.

    Args:
        seconds: for each case, the processor's time for a record, in seconds.
    """
    return {
        "harness": f"pyperf {pyperf.__version__}",
        "records_per_event": RECORDS,
        "record_us": {
            case: [round(value * 1e6, 3) for value in values] for case, values in seconds.items()
        },
    }


def _take(case: Case) -> list[float]:
    """Run one process of pyperf; return its values, in seconds for a record."""
    with tempfile.TemporaryDirectory(prefix="warm-path-") as folder:
        file = Path(folder) / "benchmark.json"
        subprocess.run(
            [
                *(sys.executable, "-m", _WORKER, case, "--quiet"),
                *("--processes", "1", "--values", str(_VALUES), "--loops", str(_LOOPS)),
                *("--inherit-environ", "PYTHONPATH,PYTHONDONTWRITEBYTECODE", "--output", file),
            ],
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        values: Sequence[float] = pyperf.Benchmark.load(str(file)).get_values()
        return list(values)
