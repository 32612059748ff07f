"""`submitter check` with the sandbox, from the command line to what it shows."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import psutil
import pytest
from typer.testing import CliRunner, Result

from emulation.waiting import wait_for
from submitter.cli import app
from submitter.errors import ExitCode
from unit.submitter.problems.folders import PASS_FAIL, write_files, write_problem_folder

Files = dict[str, str | bytes | None]

FACTORS = """
import sys
with open(sys.argv[1]) as file:
    product = int(file.read())
a, b = map(int, sys.stdin.read().split())
if a * b == product and min(a, b) > 1:
    sys.exit(42)
with open(sys.argv[3] + "teammessage.txt", "w") as message:
    print(f"{a} and {b} are no factors", file=message)
sys.exit(43)
"""
SEVERAL_ANSWERS: Files = {
    "problem.yaml": PASS_FAIL,
    "output_validator/validate.py": FACTORS,
    "data/sample/1.in": "12\n",
    "data/sample/1.ans": "3 4\n",
    "data/secret/1.in": "30\n",
    "data/secret/1.ans": "5 6\n",
    "data/secret/2.in": "7007\n",
    "data/secret/2.ans": "7 1001\n",
    "submissions/accepted/right.py": (
        "n = int(input())\na = next(a for a in range(2, n) if n % a == 0)\nprint(a, n // a)\n"
    ),
    "submissions/accepted/from_the_top.py": (
        "n = int(input())\na = next(a for a in range(n - 1, 1, -1) if n % a == 0)\n"
        "print(a, n // a)\n"
    ),
    "submissions/wrong_answer/trivial.py": "print(1, input())\n",
}
DRIVER = """
import student
print(student.total([int(word) for word in input().split()]))
"""
DRIVEN: Files = {
    "include/python3/__main__.py": DRIVER,
    "submissions/accepted/right.py": "def total(numbers):\n    return sum(numbers)\n",
    "submissions/wrong_answer/first.py": "def total(numbers):\n    return numbers[0]\n",
    "submissions/run_time_error/other_name.py": "def sum_up(numbers):\n    return sum(numbers)\n",
}


BUSY_SECONDS = 0.5
"""Of processor time: more than a sandbox's start takes."""
BUSY_WITHIN_SECONDS = 60


@pytest.fixture(autouse=True)
def _sandbox(image: Path, python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Build what the command looks for in this checkout, and let it use the tests' interpreter."""
    assert image.is_dir()
    monkeypatch.setattr("submitter.check.sandboxes.PYTHON", python)


def submitter(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


def verdicts(done: Result) -> dict[str, str]:
    """Return the verdicts of the JSON, by the names of the programs' files."""
    return {Path(each["program"]).name: each["verdict"] for each in json.loads(done.stdout)}


@pytest.mark.parametrize("kind", ["problem", "event"])
def test_a_new_folder_is_as_promised(kind: str, tmp_path: Path) -> None:
    assert submitter("new", kind, tmp_path / "lab").exit_code == ExitCode.OK
    done = submitter("check", tmp_path / "lab", "--json")

    assert (done.exit_code, done.stderr) == (ExitCode.OK, "")
    expected = {"solution.py": "AC", "without_signs.py": "WA", "empty_line.py": "RTE"}
    assert verdicts(done) == expected


def test_json_has_what_scripts_read(tmp_path: Path) -> None:
    submitter("new", "problem", tmp_path / "lab")
    done = submitter("check", tmp_path / "lab", "--json")

    right, _, wrong = json.loads(done.stdout)
    assert {*right} == {
        *("program", "verdict", "score", "max_score", "cases"),
        *("as_promised", "faults"),
    }
    assert Path(right["program"]) == tmp_path / "lab/submissions/accepted/solution.py"
    assert (right["score"], right["max_score"], wrong["score"]) == (100, 100, 0)
    names = [each["name"] for each in right["cases"]]
    assert names[:2] == ["sample/1", "secret/1-easy/1-one"]
    assert len(names) == len({*names}) == 5
    for each in right["cases"]:
        assert {*each} == {"name", "verdict", "execution_time", "fuel", "memory"}
        assert 0 < each["execution_time"] < 1
        assert each["fuel"] > 0
        assert each["memory"] > 0


def test_an_output_validator_accepts_several_answers(tmp_path: Path) -> None:
    folder = write_problem_folder(tmp_path / "factors", SEVERAL_ANSWERS)
    write_files(tmp_path, {"mine.py": "print(1, input())\n"})
    done = submitter("check", folder, "--json")
    trivial = submitter("check", folder, tmp_path / "mine.py")

    assert done.exit_code == ExitCode.OK, done.output
    assert verdicts(done) == {"from_the_top.py": "AC", "right.py": "AC", "trivial.py": "WA"}
    assert trivial.exit_code == ExitCode.ATTENTION
    assert "secret/1 must be AC. Wrong answer. 1 and 30 are no factors\n" in trivial.stdout


def test_a_driver_calls_the_program(tmp_path: Path) -> None:
    done = submitter("check", write_problem_folder(tmp_path, DRIVEN), "--json")

    assert done.exit_code == ExitCode.OK, done.output
    assert verdicts(done) == {"first.py": "WA", "other_name.py": "RTE", "right.py": "AC"}


def test_a_program_that_is_too_slow_breaks_its_promise(tmp_path: Path) -> None:
    files: Files = {
        "problem.yaml": PASS_FAIL.replace(
            "time_limit: 2", "time_limit: 0.05\n  time_resolution: 0.05"
        ),
        "submissions/accepted/slow.py": "while True:\n    pass\n",
    }
    done = submitter("check", write_problem_folder(tmp_path, files))

    assert done.exit_code == ExitCode.ATTENTION
    assert (
        f"{tmp_path}/submissions/accepted/slow.py: sample/1 must be AC. Time limit exceeded: "
        "0.05 s of processor time.\n"
    ) in done.stdout
    assert "must be in time takes more than 0.5 s: make it faster" in done.stdout
    assert done.stdout.endswith("1 of 2 programs got what they must get.\n")


def test_programs_of_the_command_line_must_be_accepted(tmp_path: Path) -> None:
    folder = write_problem_folder(tmp_path / "sums")
    write_files(
        tmp_path,
        {
            "right.py": "print(sum(int(word) for word in input().split()))\n",
            "wrong.py": "print(3)\n",
            "broken.py": "print(sum(input().split())\n",
        },
    )
    paths = [tmp_path / name for name in ("right.py", "wrong.py", "broken.py")]
    done = submitter("check", folder, *paths)
    as_json = submitter("check", folder, *paths, "--json")

    assert (done.exit_code, as_json.exit_code) == (ExitCode.ATTENTION, ExitCode.ATTENTION)
    assert verdicts(as_json) == {"right.py": "AC", "wrong.py": "WA", "broken.py": "RTE"}
    assert (
        f'{paths[1]}: secret/1 must be AC. Wrong answer. At line 1, column 1, expected "7", '
        in (done.stdout)
    )
    assert f"{paths[2]}: sample/1 must be AC. Run-time error. SyntaxError: " in done.stdout
    assert submitter("check", folder, paths[0]).exit_code == ExitCode.OK


def test_each_core_runs_a_program_at_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # More than some machines have: their children take turns, but all are at work.
    cores = 3
    monkeypatch.setattr(os, "process_cpu_count", lambda: cores)
    endless = {f"submissions/accepted/{name}.py": "while True: pass\n" for name in range(cores)}
    files: Files = {
        "problem.yaml": PASS_FAIL.replace("time_limit: 2", "time_limit: 1000"),
        "submissions/accepted/right.py": None,
        **endless,
    }
    folder = write_problem_folder(tmp_path, files)

    before, over = psutil.Process().children(), Event()

    def children() -> list[psutil.Process]:
        return [each for each in psutil.Process().children() if each not in before]

    def are_busy() -> bool:
        return sum(sum(each.cpu_times()[:2]) > BUSY_SECONDS for each in children()) == cores

    def end_once_all_are_busy() -> None:
        try:
            wait_for("as many busy sandboxes as cores", are_busy, BUSY_WITHIN_SECONDS)
        finally:
            while not over.wait(0.1):
                for each in children():
                    each.kill()

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(end_once_all_are_busy)
        try:
            done = submitter("check", folder, "--json")
        finally:
            over.set()

    watching.result()
    # None ended by itself, so all of them ran at the same time.
    assert set(verdicts(done).values()) == {"JE"}
