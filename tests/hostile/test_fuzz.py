"""Random programs: each has one end, the same one again, and leaves the child as it was.

An ordinary run tries 80 programs, the same ones each time. `make fuzz` tries 5,000
(`FUZZ_PROGRAMS`), others in every run.
"""

from collections import Counter
from collections.abc import Callable

import psutil
import pytest
from hypothesis import given, settings

from fuzzing import CASES, ROUND_CASES, reported
from hostile.generator import PROGRAMS
from sandbox import FUEL_PER_SECOND, End, Limits, Sandbox
from sandbox.outcome import SMALLEST_MEMORY_BYTES

ORDINARY_CASES = 80
LIMITS = Limits(
    fuel=FUEL_PER_SECOND // 100, memory_bytes=SMALLEST_MEMORY_BYTES, output_bytes=10_000
)
LARGEST_GROWTH = 16 << 20


def test_every_program_has_one_end_and_leaves_nothing(
    sandbox: Sandbox, check_child: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    tally: Counter[str] = Counter()

    @settings(max_examples=min(ROUND_CASES, CASES or ORDINARY_CASES))
    @given(PROGRAMS)
    def every_program(program: bytes) -> None:
        first, again = (
            sandbox.run(program, {"driver.py": b"X = 1"}, stdin=b"1\n", limits=LIMITS)
            for _ in range(2)
        )
        assert first.end != End.BROKEN, first.detail
        for name in ("end", "status", "stdout", "stderr", "memory_bytes", "detail"):
            assert getattr(first, name) == getattr(again, name)
        # What writes too much is stopped by another thread, some instructions earlier or later.
        assert first.fuel == again.fuel or first.end == End.OUTPUT
        check_child()
        tally.update({"programs": 1, str(first.end): 1})

    check_child()
    child = psutil.Process(sandbox.pid)
    before = child.memory_info().rss, child.num_threads()
    with reported(tally, "programs", capsys):
        while tally["programs"] < (CASES or ORDINARY_CASES):
            every_program()
    assert child.memory_info().rss < before[0] + LARGEST_GROWTH
    assert child.num_threads() <= before[1]
    assert tally.keys() >= {End.EXITED, End.FAILED}
    if CASES >= ROUND_CASES:
        assert tally.keys() >= {End.TRAPPED, End.FUEL}
