"""What is compared with the sandbox, and when a comparison says nothing."""

import sys
from pathlib import Path

import pytest

from emulation.example_course import PROBLEM
from performance.case import grade_all, refusal_of
from performance.interpreter import compare
from performance.programs import Process, ProgramError
from sandbox import End, Outcome

BURN = "import time\nwhile time.process_time() < 0.2: pass\n"


def outcome(cpu_seconds: float, fuel: int = 0, stdout: bytes = b"") -> Outcome:
    return Outcome(End.EXITED, 0, stdout, fuel=fuel, cpu_seconds=cpu_seconds)


def test_process_ends_as_a_run_of_the_sandbox() -> None:
    code = "import sys; print(input()); print('no', file=sys.stderr); sys.exit(3)"

    found = Process((sys.executable, "-c", code)).run(stdin=b"yes\n")

    assert (found.end, found.status) == (End.FAILED, 3)
    assert (found.stdout, found.stderr) == (b"yes\n", b"no\n")


def test_processor_time_of_a_processs_children_counts() -> None:
    starts_another = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"

    assert Process((sys.executable, "-c", starts_another)).run().cpu_seconds >= 0.2


def test_what_is_not_installed_or_fails_is_not_measured(tmp_path: Path) -> None:
    jail = tmp_path / "jail"
    jail.write_text("#!/bin/sh\necho no namespaces >&2\nexit 1\n", encoding="utf-8")
    jail.chmod(0o755)

    assert refusal_of(("true",)) is None
    assert refusal_of(("no-such-jail", "--run")) == "no-such-jail isn't installed"
    assert refusal_of((str(jail),)) == f"{jail} doesn't run here: no namespaces"


def test_program_that_is_not_accepted_is_not_timed() -> None:
    right = b"import sys; print(sum(int(line) for line in sys.stdin if line.strip()))"

    grade_all(PROBLEM, right, Process((sys.executable, "-c", right.decode())))
    with pytest.raises(ProgramError, match="sample/1 as WA"):
        grade_all(PROBLEM, b"", Process((sys.executable, "-c", "print(8)")))


def test_interpreters_are_compared_without_their_start() -> None:
    inside = {"empty": [outcome(0.1, 500)] * 2, "sort": [outcome(0.7, 4_000_500)] * 2}
    outside = {"empty": [outcome(0.5)] * 2, "sort": [outcome(0.8)] * 2}

    [row] = compare(inside, outside)

    assert row["program"] == "sort"
    assert (row["sandbox_ms"]["median"], row["python_ms"]["median"]) == (600, 300)
    assert row["sandbox_to_python"]["value"] == 2
    assert row["fuel_per_python_second"] == pytest.approx(4_000_000 / 0.3, rel=1e-6)


@pytest.mark.parametrize(
    ("other", "said"),
    [(outcome(0.7, 2), "different fuel"), (outcome(0.7, 1, b"other"), "something else")],
)
def test_interpreters_that_do_different_work_are_not_compared(other: Outcome, said: str) -> None:
    inside = {"empty": [outcome(0.1)] * 2, "sort": [outcome(0.7, 1), other]}
    outside = {"empty": [outcome(0.1)] * 2, "sort": [outcome(0.3)] * 2}

    with pytest.raises(ProgramError, match=said):
        compare(inside, outside)
