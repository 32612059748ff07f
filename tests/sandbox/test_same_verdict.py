"""The same program has the same verdict, whenever and wherever it runs.

Programs near each limit are graded again, on this machine as it is and with every core busy.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path

import pytest

from grading.problem import Limits as ProblemLimits
from grading.verdict import CaseResult, Verdict
from performance.verdicts import every_core_busy
from sandbox import FUEL_PER_SECOND, End, Limits, Outcome, Sandbox
from submission_grader.grade import grade
from unit.grading.examples import PASS_FAIL_PROBLEM, a_case

Run = Callable[..., Outcome]

USUAL = ProblemLimits(time_limit=1, memory=48, output=1)
MEBIBYTE = 1 << 20
CALL_FUEL = 100_000
"""The least that a call of the host takes."""

EVERYTHING_THAT_DIFFERS_ELSEWHERE = """
import asyncio, datetime, gc, os, random, secrets, tempfile, threading, time, timeit, uuid
print(time.time(), time.monotonic(), time.perf_counter(), time.process_time(), os.times())
print(datetime.datetime.now(), datetime.date.today(), time.localtime(), time.strftime("%c"))
print(os.urandom(300), secrets.token_hex(), random.SystemRandom().random(), random.random())
random.seed(); print(random.random(), random.Random().random())
print(uuid.uuid1(), uuid.uuid4(), next(tempfile._get_candidate_names()))
print(id(object()), object(), hash("a"), hash(object()), {"a", "b", "c"}, {object(): 1})
print(os.getpid(), threading.get_ident(), [os.fstat(n) for n in range(3)])
print(gc.get_count(), len(gc.get_objects()), gc.collect())
print(timeit.timeit("sum(range(100))", number=100))
async def nap(seconds):
    await asyncio.sleep(seconds)
    print(seconds, asyncio.get_running_loop().time())
async def naps():
    await asyncio.gather(*(nap(random.random()) for _ in range(9)))
asyncio.run(naps())
"""


def test_nothing_a_program_can_read_differs_from_run_to_run(
    run: Run, image: Path, python: Path
) -> None:
    with Sandbox(image, python) as other:
        runs = [
            run(EVERYTHING_THAT_DIFFERS_ELSEWHERE),
            run(EVERYTHING_THAT_DIFFERS_ELSEWHERE, limits=Limits(fuel=1 << 40, cpu_seconds=60)),
            other.run(EVERYTHING_THAT_DIFFERS_ELSEWHERE.encode()),
        ]

    assert {(each.end, each.stderr) for each in runs} == {(End.EXITED, b"")}
    assert len({(each.stdout, each.fuel, each.memory_bytes) for each in runs}) == 1


def test_random_begins_with_a_seed_and_takes_no_bytes_for_it(run: Run) -> None:
    outcome = run(
        "import random; print(random.random(), random.seed == random._inst.seed);"
        "random.seed(0); print(random.random())"
    )

    first = random.Random(0).random()  # noqa: S311 - the sandbox's
    assert outcome.stdout == f"{first} True\n{first}\n".encode()
    assert outcome.fuel < 20 * CALL_FUEL  # a new seed takes 35


def test_clocks_count_what_the_program_did_and_slept(run: Run) -> None:
    outcome = run(
        "import datetime, time\n"
        "start = time.time(), time.perf_counter()\n"
        "while time.time() < start[0] + 0.01: pass\n"
        "time.sleep(5)\n"
        "spent = time.time() - start[0], time.perf_counter() - start[1]\n"
        "print(datetime.datetime.now(), *(5.01 < each < 5.011 for each in spent))"
    )

    assert outcome.stdout.startswith(b"2026-01-01 00:00:05.01")
    assert outcome.stdout.endswith(b" True True\n")
    assert 0.01 < outcome.fuel / FUEL_PER_SECOND < 0.012


def test_random_bytes_differ_within_a_run(run: Run) -> None:
    outcome = run("import os; print(len({os.urandom(n) for n in (8, 8, 300, 300)}))")

    assert outcome.stdout == b"4\n"


@pytest.mark.parametrize(
    "call",
    [
        *("time.time()", "time.perf_counter()", "time.sleep(1e-9)", "os.urandom(1)"),
        *("os.write(1, b'x')", "print(flush=True)", "print(file=sys.stderr)"),
    ],
)
def test_what_takes_the_hosts_time_takes_fuel(run: Run, call: str) -> None:
    program = "import os, sys, time\nfor i in range({}): " + call
    some, more = run(program.format(10)), run(program.format(210))

    assert 200 * CALL_FUEL < more.fuel - some.fuel < 200 * 6 * CALL_FUEL
    assert run(program.format(210), limits=Limits(fuel=more.fuel - CALL_FUEL)).end == End.FUEL
    assert run(program.format(210), limits=Limits(fuel=more.fuel + 1)).end == End.EXITED


def test_writing_ends_where_the_fuel_for_it_does(run: Run) -> None:
    limits = Limits(fuel=FUEL_PER_SECOND // 10)
    outcome = run("import os\nwhile True: os.write(1, b'x')", limits=limits)

    assert (outcome.end, outcome.fuel) == (End.FUEL, limits.fuel)
    assert len(outcome.stdout) <= limits.fuel // CALL_FUEL + 1


@dataclass(frozen=True)
class Near:
    """A program near a limit, or one whose answer others would give to clocks and chance."""

    program: str
    verdict: Verdict
    limits: ProblemLimits = USUAL


WORK = {
    "loop": "n = 0\nfor i in range(300_000): n += i % 7",
    "dicts": "d = {str(i): i for i in range(20_000)}; sorted(d, key=d.get, reverse=True)",
    "calls": "def f(n): return f(n - 1) + f(n - 2) if n > 1 else n\nf(20)",
    "copies": "for i in range(100): x = b'x' * 1_000_000",
    "clocks": "import time\nwhile time.perf_counter() < 0.01: pass",
    "flushes": "for i in range(500): print(i, flush=True)",
}
MEMORY = {
    "list": "x = list(range({} // 20))",
    "texts": "x = [str(i) * 9 for i in range({} // 100)]",
}
DEPTHS = {
    "recursion": ("def f(n): return n and f(n - 1)\nf({})", 500, 2_000, 1),
    "nesting": ("x = []\nfor i in range({}): x = [x]\ndel x", 100_000, 1_000_000, 4_000),
}
ANSWERS = {
    "time": "import time\nn = 0\nwhile time.time() % 1 < 0.02: n += 1\nprint(n)",
    "seed": "import random, time; random.seed(time.time_ns()); print(random.random())",
    "random": "import secrets, uuid; print(uuid.uuid4(), secrets.randbelow(10**9))",
    "addresses": "print(sorted({str(object()) for _ in range(9)}), {str(n) for n in range(99)})",
}
OUTPUTS = {
    "as much": ("print('x' * (1024**2 - 1))", Verdict.AC),
    "too much": ("print('x' * 1024**2)", Verdict.OLE),
    "both too much": ("import sys\nfor s in (sys.stdout, sys.stderr): s.write('x' * (2**19 + 1))",
                      Verdict.OLE),
}  # fmt: skip


class Judge:
    """Grades programs in one sandbox; the right answer is what each first printed."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.answers: dict[str, str] = {}

    def result(self, near: Near) -> CaseResult:
        """Return all of a result but for the time, which is the machine's."""
        answer = self.answers.get(near.program, "")
        problem = replace(
            PASS_FAIL_PROBLEM,
            limits=near.limits,
            cases=(a_case("secret/1", stdin="", answer=answer),),
            include=(),
        )
        [result] = grade(problem, near.program.encode(), self._sandbox, lambda: 1e6).results
        # wasmtime writes on a thread, so the guest goes on for some instructions meanwhile.
        fuel = 0 if result.verdict is Verdict.OLE else result.fuel
        return replace(result, execution_time=0.0, fuel=fuel)

    def expect(self, program: str) -> int:
        """Take what a program prints for the answer; return its fuel."""
        outcome = self._sandbox.run(program.encode())
        self.answers[program] = outcome.stdout.decode()
        return outcome.fuel

    def border(self, program: str, low: int, high: int, step: int) -> tuple[str, str]:
        """Return the program with a number that is accepted, and with one a step above, that isn't.

        Args:
            program: has a place for a number.
            low: an accepted number.
            high: one that is not accepted.
            step: how near they must be.
        """
        while high - low > step:
            middle = (low + high) // 2
            accepted = self.result(Near(program.format(middle), Verdict.AC)).verdict is Verdict.AC
            low, high = (middle, high) if accepted else (low, middle)
        return program.format(low), program.format(high)

    def near(self) -> dict[str, Near]:
        """Find programs near each limit."""
        found = {}
        for name, program in WORK.items():
            seconds = self.expect(program) / FUEL_PER_SECOND
            limits = [replace(USUAL, time_limit=seconds * share) for share in (1.001, 0.999)]
            found[f"{name} in time"] = Near(program, Verdict.AC, limits[0])
            found[f"{name} too long"] = Near(program, Verdict.TLE, limits[1])
        for name, program in MEMORY.items():
            fits, exceeds = self.border(program, 0, 48 * MEBIBYTE, MEBIBYTE // 4)
            found[f"{name} that fit"] = Near(fits, Verdict.AC)
            found[f"{name} too large"] = Near(exceeds, Verdict.MLE)
        for name, (program, *numbers) in DEPTHS.items():
            fits, exceeds = self.border(program, *numbers)
            found[f"{name} that fits"] = Near(fits, Verdict.AC)
            found[f"{name} too deep"] = Near(exceeds, Verdict.RTE)
        for name, (program, verdict) in OUTPUTS.items():
            self.expect(program)
            found[f"output {name}"] = Near(program, verdict)
        for name, program in ANSWERS.items():
            self.expect(program)
            found[f"answer by {name}"] = Near(program, Verdict.AC)
        found["sleep"] = Near("import time; time.sleep(60)", Verdict.AC)
        found["more sleep"] = Near("import time; time.sleep(60); time.sleep(1e-9)", Verdict.TLE)
        return found


@dataclass(frozen=True)
class Graded:
    """Programs near each limit, their answers and their first results."""

    programs: dict[str, Near]
    answers: dict[str, str]
    results: dict[str, CaseResult]


@pytest.fixture(scope="module")
def graded(sandbox: Sandbox) -> Graded:
    judge = Judge(sandbox)
    programs = judge.near()
    results = {name: judge.result(program) for name, program in programs.items()}
    return Graded(programs, judge.answers, results)


def test_programs_near_a_limit_are_on_their_side_of_it(graded: Graded) -> None:
    found = {name: result.verdict for name, result in graded.results.items()}

    assert found == {name: program.verdict for name, program in graded.programs.items()}
    assert set(found.values()) == {Verdict.AC, Verdict.TLE, Verdict.MLE, Verdict.RTE, Verdict.OLE}


@pytest.mark.parametrize(
    ("busy", "regradings"),
    [
        (False, 50),
        (True, 50),
        pytest.param(False, 1000, marks=pytest.mark.nightly),
        pytest.param(True, 1000, marks=pytest.mark.nightly),
    ],
)
def test_no_regrading_differs(
    graded: Graded,
    image: Path,
    python: Path,
    busy: bool,  # noqa: FBT001
    regradings: int,
) -> None:
    differ = []
    with Sandbox(image, python) as other, every_core_busy(1 if busy else 0):
        judge = Judge(other)
        judge.answers = graded.answers
        for name in islice(cycle(graded.programs), regradings):
            result = judge.result(graded.programs[name])
            if result != graded.results[name]:
                differ.append((name, result, graded.results[name]))

    assert not differ
