"""Hypothesis's settings: every run the same, unless `make fuzz` asks to find more."""

import contextlib
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

CASES = int(os.environ.get("FUZZ_CASES") or "0")
"""How many cases `make fuzz` asks for, new ones in every run; 0 in an ordinary run."""
ROUND_CASES = 2000
"""Hypothesis remembers all that it has tried, so a long run is made of many that it forgets."""


def load_profile() -> None:
    """Make every run the same, or as `make fuzz` wants it."""
    settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
    settings.register_profile(
        "fuzz",
        max_examples=CASES or 1,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("fuzz" if CASES else "repeatable")


@contextlib.contextmanager
def reported(tally: Counter[str], cases: str, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Print what `make fuzz` tried, and how long it took."""
    begin = time.monotonic()
    yield
    if CASES:
        seconds = time.monotonic() - begin
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(tally.items()))
        with capsys.disabled():
            sys.stdout.write(f"\n{tally[cases]:,} {cases} in {seconds:.0f} s: {counts}\n")
