"""Summaries of samples, saved with machine and versions: docs/performance/*.json."""

import json
import random
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pyperf

from emulation.project import LAMBDA_PYTHON, ROOT

MEASUREMENTS = (
    *("cold_start", "warm_path", "case", "interpreter", "steady", "grader_start", "verdicts"),
    *("end_to_end", "storm", "grading", "check", "cost", "grading_cost", "deadline"),
)
"""The modules that measure or model, in the order of the report; each has `measure(quick=...)`."""
FOLDER = ROOT / "docs" / "performance"

_MEASURED = ("lambda", "scripts", "terraform", "Makefile", "requirements")
"""Uncommitted changes here change the measured code."""
_MACHINE = ("date", "cpu_model_name", "cpu_count", "platform", "python_version", "load_avg_1min")
"""The saved part of pyperf's metadata; the rest names paths and hosts."""
_SEED = 7
"""Fixed, so that the same samples give the same interval."""
_RESAMPLES = 2000


def summarize(
    samples: Sequence[float], digits: int = 1, *, with_p99: bool = False
) -> dict[str, float]:
    """Return the number of samples, their extremes, median and 95th percentile.

    Args:
        samples: two or more.
        digits: decimals to keep.
        with_p99: also return the 99th percentile, which says something of 200 samples or more.

    Raises:
        statistics.StatisticsError: there are fewer than two samples.
    """
    hundredths = statistics.quantiles(samples, n=100, method="inclusive")
    found = {
        "min": min(samples, default=0),
        "median": statistics.median(samples),
        "p95": hundredths[94],
        **({"p99": hundredths[98]} if with_p99 else {}),
        "max": max(samples, default=0),
    }
    return {"n": len(samples)} | {name: round(value, digits) for name, value in found.items()}


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """Return the ratio of two sides' medians, with its 95 % interval by the percentile bootstrap.

    Each side is resampled with replacement; the interval spans the middle 95 % of the ratios.

    Args:
        ours: samples of the numerator.
        theirs: samples of the denominator, all above 0.

    Raises:
        statistics.StatisticsError: a side has no samples.
    """
    source = random.Random(_SEED)  # noqa: S311 - no secret
    value = statistics.median(ours) / statistics.median(theirs)
    draws = [
        statistics.median(source.choices(ours, k=len(ours)))
        / statistics.median(source.choices(theirs, k=len(theirs)))
        for _ in range(_RESAMPLES)
    ]
    fortieths = statistics.quantiles(draws, n=40, method="inclusive")
    return {
        "value": round(value, 3),
        "low": round(fortieths[0], 3),
        "high": round(fortieths[-1], 3),
    }


def with_metadata(measure: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """Measure, and return the result with the commit, the versions and the machine.

    Args:
        measure: takes the measurement; its result can be written as JSON.
    """
    machine = pyperf.Run([1.0]).get_metadata()
    began = time.monotonic()
    result = measure()
    return {
        "commit": _commit(),
        **{name: machine[name] for name in _MACHINE if name in machine},
        "botocore_version": _botocore_version(),
        "seconds": round(time.monotonic() - began, 1),
        **result,
    }


def save(name: str, summary: Mapping[str, Any]) -> Path:
    """Save a measurement's summary in place of the older one, and return its file."""
    file = FOLDER / f"{name}.json"
    file.write_text(_lines(summary), encoding="utf-8")
    return file


def load_summaries() -> dict[str, Any]:
    """Return the saved summaries, by measurement.

    Raises:
        FileNotFoundError: a measurement has no summary; the message names the file.
    """
    return {
        name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        for name in MEASUREMENTS
    }


def _lines(summary: Mapping[str, Any]) -> str:
    """Return a summary as JSON with a line for each entry, for short diffs."""
    entries = []
    for name, value in summary.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join(f"  {json.dumps(row)}" for row in value)
            entries.append(f" {json.dumps(name)}: [\n{rows}\n ]")
        else:
            entries.append(f" {json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _commit() -> str:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return "unknown"
    commit = _output(git, "rev-parse", "--short", "HEAD")
    changed = _output(git, "status", "--porcelain", "--", *_MEASURED)
    return f"{commit} with changes" if changed else commit


def _botocore_version() -> str:
    """Return the version of the SDK that the function runs with."""
    packages = LAMBDA_PYTHON.parent.parent / "lib" / "python3.13" / "site-packages"
    found = distributions(name="botocore", path=[str(packages)])
    return next((each.version for each in found), "unknown")


def _output(*command: str) -> str:
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return finished.stdout.strip()
