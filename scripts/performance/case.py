"""A case (start, run, judge) in the sandbox, and the same case in what others use.

For a case, each starts what it starts in use: the sandbox an instance of the frozen interpreter, in
a child that a grader starts once; the others a process.
"""

import random
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from emulation.example_course import PROBLEM, SOLUTION
from grading.problem import Case, Problem
from grading.verdict import Verdict
from performance.programs import (
    PYTHON,
    Process,
    ProgramError,
    cpu_seconds_of,
    ended_cpu_seconds,
    new_sandbox,
)
from performance.summary import ratio, summarize
from submission_grader.grade import Runner, grade

_ROUNDS = 100
_QUICK_ROUNDS = 2
_SEED = 7
_INSTALL = "bubblewrap is a package of Debian, isolate is at https://github.com/ioi/isolate"
_CASES = 5
_MANY = next(case for case in PROBLEM.cases if case.name == "secret/3-many")


def _repeated(case: Case) -> Problem:
    """Return a problem with the same case again and again."""
    return replace(PROBLEM, cases=tuple(replace(case, name=f"secret/{n}") for n in range(_CASES)))


SUBMISSIONS = {
    "echo": (
        b"print(input())\n",
        _repeated(replace(_MANY, stdin="hello\n", answer="hello\n")),
    ),
    "example": (SOLUTION, PROBLEM),
    "sum": (SOLUTION, _repeated(_MANY)),
}
"""Programs, each with its problem of five cases."""


class Way(StrEnum):
    """How a program is run. Summaries have these values as keys."""

    SANDBOX = "sandbox"
    BUBBLEWRAP = "bubblewrap"
    """The least that runs: the program sees the machine's files, /proc and /dev among them.

    As process 1, or bubblewrap would start a process more, and the program's processor time would
    not be known.
    """
    BUBBLEWRAP_PRIVATE = "bubblewrap_private"
    """With /proc, /dev and /tmp of its own, as a judge needs it."""
    ISOLATE = "isolate"
    """In one box for all cases; a new one for each would take longer."""
    SUBPROCESS = "subprocess"
    """No sandbox at all."""


class Sample(NamedTuple):
    """A case, on average of a submission's."""

    wall_ms: float
    cpu_ms: float
    """Of the judge, and of the sandbox's child or the program's processes."""


def measure(*, quick: bool) -> dict[str, Any]:
    """Run each program in each way, in turns; return times, and the sandbox's ratios to others."""
    rounds = _QUICK_ROUNDS if quick else _ROUNDS
    with (
        tempfile.TemporaryDirectory(prefix="performance-") as folder,
        new_sandbox() as sandbox,
        _box() as box_refusal,
    ):
        program_file = Path(folder, "main.py")
        Path(folder).chmod(0o755)  # isolate's user reads it
        runners: dict[Way, Runner] = {Way.SANDBOX: sandbox}
        refusals: dict[Way, str] = {}
        program_file.write_bytes(b"")
        for way, command in commands(program_file).items():
            if refusal := (way is Way.ISOLATE and box_refusal) or refusal_of(command):
                refusals[way] = refusal
                print(f"  notice: {way} is not measured: {refusal} ({_INSTALL})")
            else:
                runners[way] = Process(command)
        sandbox.start()
        assert sandbox.pid  # noqa: S101 - it was started
        child = sandbox.pid

        def cpu_seconds() -> float:
            return time.process_time() + ended_cpu_seconds() + cpu_seconds_of(child)

        found = {}
        for name, (program, problem) in SUBMISSIONS.items():
            program_file.write_bytes(program)
            found[name] = _summary(_in_turns(runners, program, problem, cpu_seconds, rounds))
    return {"cases": _CASES, "not_measured": refusals, **found}


def commands(program_file: Path) -> dict[Way, Sequence[str | Path]]:
    """Return what runs a program's file in each way but the sandbox."""
    folder, inside = program_file.parent, Path("/mnt", program_file.name)
    bubblewrap = ("bwrap", "--unshare-all", "--as-pid-1", "--die-with-parent")
    everything = ("--ro-bind", "/", "/")
    private = ("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp")  # noqa: S108 - its own
    shown = ("--ro-bind", folder, "/mnt")
    isolate = ("isolate", "--silent", "--run", f"--dir={PYTHON.parent.parent}")
    python = (PYTHON, "-I", "-S")
    return {
        Way.BUBBLEWRAP: (*bubblewrap, *everything, *python, program_file),
        Way.BUBBLEWRAP_PRIVATE: (*bubblewrap, *everything, *private, *shown, *python, inside),
        Way.ISOLATE: (*isolate, f"--dir=mnt={folder}", "--", *python, inside),
        Way.SUBPROCESS: (PYTHON, "-I", program_file),
    }


def refusal_of(command: Sequence[str | Path]) -> str | None:
    """Return why a command can't be measured here; None if it can."""
    if shutil.which(command[0]) is None:
        return f"{command[0]} isn't installed"
    outcome = Process(command).run()
    if outcome.status == 0:
        return None
    said = outcome.stderr.decode(errors="replace").strip().splitlines()
    return f"{command[0]} doesn't run here: {said[-1] if said else outcome.status}"


@contextmanager
def _box() -> Iterator[str | None]:
    """Make isolate's box during a ``with`` block; return why that is impossible."""
    refusal = refusal_of(("isolate", "--init"))
    try:
        yield refusal
    finally:
        if refusal is None:
            Process(("isolate", "--cleanup")).run()


def _in_turns(
    runners: Mapping[Way, Runner],
    program: bytes,
    problem: Problem,
    cpu_seconds: Callable[[], float],
    rounds: int,
) -> dict[Way, list[Sample]]:
    samples = defaultdict(list)
    turns = list(runners.items())
    order = random.Random(_SEED)  # noqa: S311 - no secret
    for round_number in range(rounds + 1):
        # In random order, so that none always runs after the same other one.
        order.shuffle(turns)
        for way, runner in turns:
            cpu_began, began = cpu_seconds(), time.perf_counter()
            grade_all(problem, program, runner)
            wall, cpu = time.perf_counter() - began, cpu_seconds() - cpu_began
            if round_number:  # the first reads files from the disk
                samples[way].append(Sample(wall * 1000 / _CASES, cpu * 1000 / _CASES))
    return samples


def grade_all(problem: Problem, program: bytes, runner: Runner) -> None:
    """Grade a program.

    Raises:
        ProgramError: a case is not accepted, so its time says nothing.
    """
    for result in grade(problem, program, runner, lambda: 1e6).results:
        if result.verdict is not Verdict.AC:
            said = f"{result.stderr.text} {result.detail.text}".strip()
            raise ProgramError(f"{runner} ended {result.name} as {result.verdict}: {said}")


def _summary(samples: Mapping[Way, Sequence[Sample]]) -> dict[str, Any]:
    figures = {
        figure: {
            way: [getattr(sample, figure) for sample in taken] for way, taken in samples.items()
        }
        for figure in Sample._fields
    }
    return {
        way: {figure: summarize(by_way[way], 2) for figure, by_way in figures.items()}
        | {
            f"sandbox_to_its_{figure}": ratio(by_way[Way.SANDBOX], by_way[way])
            for figure, by_way in figures.items()
        }
        for way in samples
    }
