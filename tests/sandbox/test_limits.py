"""Each limit ends a program, whatever it is doing, and fuel ends it in the same place each time."""

from collections.abc import Callable

import pytest

from sandbox import FUEL_PER_SECOND, End, Limits, Outcome

Run = Callable[..., Outcome]
SMALL = Limits(fuel=FUEL_PER_SECOND // 10, memory_bytes=64 << 20, output_bytes=10_000)

FOR_EVER = {
    "loop": "while True: pass",
    "calls": "def f(n): return f(n - 1) + f(n - 2) if n > 1 else 0\nf(500)",
    "arithmetic": "7 ** 7 ** 9",
    "pattern": "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
    "sum": "sum(range(10**12))",
    "catches everything": "while True:\n try:\n  while True: pass\n except BaseException: pass",
    "generator": "list(x for x in iter(int, 1))",
    "sleeps without end": "import time\nwhile True: time.sleep(0)",
    "at exit": "import atexit\n@atexit.register\ndef f():\n while True: pass",
    "in a finalizer": "class D:\n def __del__(s):\n  while True: pass\nD()",
    "in the exception hook": "import sys\ndef f(*a):\n while True: pass\nsys.excepthook = f\n1/0",
    "compiler": "while True: compile('x = 1\\n' * 1000, '', 'exec')",
}


@pytest.mark.parametrize("program", FOR_EVER.values(), ids=FOR_EVER)
def test_fuel_ends_what_never_ends(run: Run, program: str) -> None:
    outcome = run(program, limits=SMALL)

    assert (outcome.end, outcome.status, outcome.fuel) == (End.FUEL, None, SMALL.fuel)


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


CAUGHT = """
x = []
try:
    while True: x.append(bytes(100_000))
except MemoryError:
    del x
    print("caught")
"""


@pytest.mark.parametrize(
    ("program", "end"),
    [
        ("x = []\nwhile True: x.append(' ' * 100_000)", End.MEMORY),
        ("x = []\nwhile True: x.append([])", End.MEMORY),
        ("x = ' ' * 10**9", End.MEMORY),
        ("x = 1\nwhile True: x <<= x.bit_length()", End.MEMORY),
        ("def f(): return f()\nimport sys; sys.setrecursionlimit(10**9); f()", End.TRAPPED),
        (CAUGHT, End.EXITED),
        ("raise MemoryError", End.MEMORY),
        ("[0] * 10**10", End.FAILED),
    ],
)
def test_memory_ends_as_memory_error(run: Run, program: str, end: End) -> None:
    outcome = run(program, limits=Limits(memory_bytes=64 << 20))

    assert outcome.end == end
    assert outcome.memory_bytes is None or outcome.memory_bytes <= 64 << 20
    assert end != End.MEMORY or outcome.stderr.strip().endswith(b"MemoryError")
    assert end != End.EXITED or outcome.stdout == b"caught\n"


@pytest.mark.parametrize(
    "program",
    [
        "while True: print('x' * 99)",
        "import sys\nwhile True: sys.stderr.write('x' * 99)",
        "import os\nwhile True: os.write(1, b'x' * 99)",
        "import sys\nwhile True:\n try: print('x' * 99, flush=True)\n except BaseException: pass",
        "import sys\nsys.stdout.write('x' * 10_001)",
        "while True:\n try: 1 / 0\n except ZeroDivisionError: __import__('traceback').print_exc()",
    ],
)
def test_output_ends_where_it_is_too_much(run: Run, program: str) -> None:
    outcome = run(program, limits=SMALL)

    assert outcome.end == End.OUTPUT
    assert max(len(outcome.stdout), len(outcome.stderr)) == SMALL.output_bytes


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
