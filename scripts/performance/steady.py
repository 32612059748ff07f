"""Memory, descriptors and threads of one sandbox's child, while it runs thousands of programs."""

from itertools import cycle, islice
from typing import Any, NamedTuple

import psutil

from performance.programs import ProgramError, new_sandbox
from sandbox import End, Limits

_RUNS = 10_000
_QUICK_RUNS = 300
_SHOWN = 10
"""Looks at the child, evenly over the runs."""


class Program(NamedTuple):
    """A program, and how it must end."""

    source: bytes
    end: End
    limits: Limits = Limits()


_QUICK_ONES = (
    Program(b"print(input())", End.EXITED),
    Program(b"import sys\nsys.exit('no')", End.FAILED),
    Program(b"1 / 0", End.FAILED),
    Program(b"import colorsys, difflib\nprint(sorted(map(str, range(1000)))[0])", End.EXITED),
)
_SMALL = Limits(memory_bytes=96 << 20)
_LARGE_ONES = (
    Program(b"print(len(bytearray(b'x') * (64 << 20)))", End.EXITED),
    Program(b"print('x' * (1 << 20))", End.EXITED),
    Program(b"kept = []\nwhile True: kept.append(bytes(1 << 20))", End.MEMORY, _SMALL),
    Program(b"while True: print('x' * 1000)", End.OUTPUT, Limits(output_bytes=1 << 20)),
    Program(b"while True: pass", End.FUEL, Limits(fuel=20_000_000)),
    Program(b"nested = []\nfor _ in range(200_000): nested = [nested]\ndel nested", End.TRAPPED),
)
PROGRAMS = tuple(
    program for large in _LARGE_ONES for program in (*islice(cycle(_QUICK_ONES), 9), large)
)
"""One in ten is large."""


def measure(*, quick: bool) -> dict[str, Any]:
    """Run programs in one child; return what it had after a tenth of the runs, two tenths, ..."""
    runs = _QUICK_RUNS if quick else _RUNS
    rows = []
    with new_sandbox() as sandbox:
        sandbox.start()
        child = psutil.Process(sandbox.pid)
        for number, program in enumerate(islice(cycle(PROGRAMS), runs), 1):
            outcome = sandbox.run(program.source, stdin=b"hello\n", limits=program.limits)
            if outcome.end is not program.end:
                raise ProgramError(f"Run {number}, {program}, ended as {outcome}")
            if number % (runs // _SHOWN) == 0:
                rows.append({"runs": number} | _held_by(child))
        if sandbox.pid != child.pid:
            raise ProgramError("The sandbox has another child than at the beginning")
    return {"programs": len({program.source for program in PROGRAMS}), "rows": rows}


def _held_by(process: psutil.Process) -> dict[str, float]:
    with process.oneshot():
        return {
            "mib": round(process.memory_info().rss / (1 << 20), 1),
            "descriptors": process.num_fds(),
            "threads": process.num_threads(),
        }
