"""Fuel ends a program in the same place each time; tests/hostile has more for each limit."""

from collections.abc import Callable

import pytest

from sandbox import FUEL_PER_SECOND, End, Limits, Outcome

Run = Callable[..., Outcome]
SMALL = Limits(fuel=FUEL_PER_SECOND // 10, memory_bytes=64 << 20, output_bytes=10_000)


@pytest.mark.parametrize(
    "program",
    [
        "print(sum(range(1000)))",
        "import random, json; print(json.dumps([random.random() for _ in range(100)]))",
        "import time; print(len({str(i) for i in range(5000)})); time.sleep(1)",
        "1 / 0",
    ],
)
def test_fuel_is_the_same_in_each_run(run: Run, program: str) -> None:
    first, other, second = run(program), run("x = 1"), run(program, limits=Limits(fuel=10**12))

    assert first.fuel == second.fuel > other.fuel > 0
    assert first.stdout == second.stdout


def test_program_ends_where_its_fuel_does(run: Run) -> None:
    program = "for i in range(10_000): print(i, flush=True)"
    used = run(program).fuel

    assert run(program, limits=Limits(fuel=used + 1)).end == End.EXITED
    half, again = (run(program, limits=Limits(fuel=used // 2)) for _ in range(2))
    assert half.end == End.FUEL
    assert 1000 < len(half.stdout.splitlines()) < 9000
    assert half.stdout == again.stdout


def test_clocks_end_what_uses_time_but_no_fuel(run: Run) -> None:
    busy = "while True: pass"

    by_cpu = run(busy, limits=Limits(fuel=1 << 62, cpu_seconds=0.05))
    by_wall = run(busy, limits=Limits(fuel=1 << 62, cpu_seconds=0.05, wall_seconds=0.05))

    assert by_cpu.end == End.CPU
    assert by_wall.end in {End.WALL, End.CPU}


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(61)",
        "import time\nwhile True: time.sleep(1)",
        "import time\nwhile True:\n try: time.sleep(1)\n except BaseException: pass",
        "import asyncio; asyncio.run(asyncio.sleep(100))",
        "import wit_world\nwit_world.sleep(2**64 - 1)",
    ],
)
def test_sleeping_too_long_ends_at_once(run: Run, program: str) -> None:
    assert run(program).end == End.SLEPT


def test_sleeping_takes_no_other_limits_time(run: Run) -> None:
    limits = Limits(cpu_seconds=30, wall_seconds=30, sleep_seconds=1000)

    assert run("import time; time.sleep(999.999)", limits=limits).end == End.EXITED


@pytest.mark.parametrize(
    "program",
    [
        "import threading; threading.Event().wait(100)",
        "import select; select.select([], [], [], 100)",
        "import time; time.sleep(-1)",
        "import time; time.sleep(float('nan'))",
        "import time; time.sleep(1e300)",
    ],
)
def test_nothing_else_waits(run: Run, program: str) -> None:
    assert run(program).end in {End.EXITED, End.TRAPPED, End.FAILED}


def test_recursion_without_a_limit_traps(run: Run) -> None:
    outcome = run("import sys; sys.setrecursionlimit(10**9)\ndef f(): return f()\nf()")

    assert (outcome.end, outcome.detail) == (End.TRAPPED, "wasm trap: call stack exhausted")


def test_as_much_output_as_allowed_is_not_too_much(run: Run) -> None:
    outcome = run("print('x' * 9_999)", limits=SMALL)

    assert (outcome.end, len(outcome.stdout)) == (End.EXITED, 10_000)


def test_output_before_the_end_is_kept(run: Run) -> None:
    outcome = run("print('before', flush=True)\nwhile True: pass", limits=SMALL)

    assert (outcome.end, outcome.stdout) == (End.FUEL, b"before\n")


@pytest.mark.parametrize(
    "limits",
    [{"fuel": 0}, {"memory_bytes": 1 << 20}, {"memory_bytes": 1 << 33}, {"output_bytes": -1},
     {"cpu_seconds": 0}, {"sleep_seconds": -1}, {"sleep_seconds": float("nan")},
     {"cpu_seconds": float("nan")}, {"cpu_seconds": 9, "wall_seconds": 8}],
    ids=str,
)  # fmt: skip
def test_limits_that_cant_be_kept_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="can't keep"):
        Limits(**limits)  # type: ignore[arg-type]
