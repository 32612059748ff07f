"""The interpreter's speed in the sandbox, and CPython's outside of it, on the same programs.

It also tells how much fuel stands for a second outside, on which docs/sandbox.md's time limit
rests.
"""

import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from performance.programs import PYTHON, Process, ProgramError, new_sandbox
from performance.summary import ratio, summarize
from sandbox import End, Limits, Outcome
from submission_grader.grade import Runner

_ROUNDS = 9
_QUICK_ROUNDS = 2
_EMPTY = "empty"
_LIMITS = Limits(fuel=1 << 40)
PROGRAMS = {
    _EMPTY: "",
    "loops": """
def count(n):
    total = 0
    for i in range(n):
        if i % 3:
            total += i * 2
        else:
            total -= i
    return total

print(count(3_000_000))
""",
    "calls": """
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

print(fib(31))
""",
    "dicts and texts": """
words = [f"w{(i * 7919) % 30_011}" for i in range(300_000)]
counts = {}
for word in words:
    counts[word] = counts.get(word, 0) + 1
print(len(counts), max(counts.values()), "".join(words).count("w1"))
""",
    "sorting": """
numbers = [(i * 7919) % 1_000_003 for i in range(300_000)]
texts = [str(number) for number in numbers]
print(sorted(numbers)[:3], sorted(texts)[:3])
""",
    "objects": """
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def plus(self, other):
        return Point(self.x + other.x, self.y + other.y)

at, step = Point(0, 0), Point(1, 2)
for _ in range(600_000):
    at = at.plus(step)
print(at.x, at.y)
""",
    "floats": """
def integral(n):
    total, width = 0.0, 1.0 / n
    for i in range(n):
        x = (i + 0.5) * width
        total += 4.0 / (1.0 + x * x)
    return total * width

print(f"{integral(1_500_000):.6f}")
""",
    "printing": """
for i in range(250_000):
    print(i, "is a number")
""",
    "statements outside of functions": """
total = 0
for i in range(1_500_000):
    if i % 3:
        total += i * 2
print(total)
""",
}
"""Each takes CPython outside of the sandbox about a fifth of a second."""


def measure(*, quick: bool) -> dict[str, Any]:
    """Run each program inside and outside, in turns; return times without an empty program's."""
    inside: dict[str, list[Outcome]] = {name: [] for name in PROGRAMS}
    outside: dict[str, list[Outcome]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory(prefix="performance-") as folder, new_sandbox() as sandbox:
        file = Path(folder, "main.py")
        process = Process((PYTHON, "-I", file))
        for _ in range(_QUICK_ROUNDS if quick else _ROUNDS):
            for name, program in PROGRAMS.items():
                file.write_text(program, encoding="utf-8")
                inside[name].append(_run(sandbox, program))
                outside[name].append(_run(process, program))
    return {"programs": compare(inside, outside)}


def _run(runner: Runner, program: str) -> Outcome:
    outcome = runner.run(program.encode(), {}, (), b"", _LIMITS)
    if outcome.end is not End.EXITED:
        raise ProgramError(f"{runner} ended {program!r} as {outcome}")
    return outcome


def compare(
    inside: Mapping[str, Sequence[Outcome]], outside: Mapping[str, Sequence[Outcome]]
) -> list[dict[str, Any]]:
    """Return a row for each program but the empty one.

    Raises:
        ProgramError: a program took different fuel in two runs, or printed something else inside.
    """
    rows = []
    for name in inside.keys() - {_EMPTY}:
        if len({outcome.fuel for outcome in inside[name]}) > 1:
            raise ProgramError(f"{name} took different fuel in two runs")
        if len({outcome.stdout for outcome in (*inside[name], *outside[name])}) > 1:
            raise ProgramError(f"{name} printed something else in the sandbox")
        ours, theirs = _net_seconds(inside, name), _net_seconds(outside, name)
        fuel = inside[name][0].fuel - inside[_EMPTY][0].fuel
        rows.append(
            {
                "program": name,
                "sandbox_ms": summarize([1000 * seconds for seconds in ours]),
                "python_ms": summarize([1000 * seconds for seconds in theirs]),
                "sandbox_to_python": ratio(ours, theirs),
                "fuel_per_python_second": round(fuel / statistics.median(theirs)),
            }
        )
    return sorted(rows, key=lambda row: row["sandbox_to_python"]["value"])


def _net_seconds(outcomes: Mapping[str, Sequence[Outcome]], name: str) -> list[float]:
    """Return a program's processor times, without what starting takes."""
    empty = statistics.median(outcome.cpu_seconds for outcome in outcomes[_EMPTY])
    return [outcome.cpu_seconds - empty for outcome in outcomes[name]]
