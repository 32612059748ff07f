"""`submitter check` as a command: what it shows, and its exit codes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from submitter.cli import app
from submitter.errors import ExitCode, SubmitterError, UsageError
from unit.submitter.check.scripted import ScriptedSandbox, scripted_machine
from unit.submitter.problems.folders import (
    GROUPS,
    PASS_FAIL,
    PROBLEM,
    write_event_folder,
    write_files,
    write_problem_folder,
)

Files = dict[str, str | bytes | None]
RIGHT: Files = {"submissions/accepted/right.py": "sum\n"}


@pytest.fixture
def sandbox() -> Iterator[ScriptedSandbox]:
    sandbox = ScriptedSandbox()
    with scripted_machine(sandbox):
        yield sandbox


def check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def checked(*arguments: object) -> dict[str, Any]:
    """Return the programs of the JSON, by the names of their files."""
    done = check(*arguments, "--json")
    return {Path(each["program"]).name: each for each in json.loads(done.stdout)}


@pytest.mark.usefixtures("sandbox")
def test_all_as_promised(tmp_path: Path) -> None:
    files: Files = {
        "submissions/wrong_answer/zero.py": "zero\n",
        "submissions/time_limit_exceeded/slow.py": "slow 9\n",
        "submissions/run_time_error/crash.py": "crash\n",
    }
    done = check(write_problem_folder(tmp_path, RIGHT | files))

    assert done.exit_code == ExitCode.OK, done.output
    assert done.stderr == ""
    assert [line.split()[1:] for line in done.stdout.splitlines()[1:5]] == [
        ["AC", "100", "of", "100", "0.25", "s", "yes"],
        ["RTE", "0", "of", "100", "0.00", "s", "yes"],
        ["TLE", "0", "of", "100", "2.00", "s", "yes"],
        ["WA", "0", "of", "100", "0.00", "s", "yes"],
    ]
    assert done.stdout.splitlines()[-2:] == [
        (
            f"{tmp_path}: The slowest program that must be in time takes 0.25 s, the fastest that "
            "must be too slow more than 3 s. time_limit: 1 is enough."
        ),
        "4 of 4 programs got what they must get.",
    ]


@pytest.mark.usefixtures("sandbox")
def test_json(tmp_path: Path) -> None:
    write_problem_folder(tmp_path, RIGHT | {"submissions/accepted/wrong.py": "zero\n"})
    done = check(tmp_path, "--json")

    right, wrong = json.loads(done.stdout)
    assert right == {
        "program": str(tmp_path / "submissions/accepted/right.py"),
        "verdict": "AC",
        "score": 100.0,
        "max_score": 100.0,
        "cases": [
            {
                "name": name,
                "verdict": "AC",
                "execution_time": 0.0,
                "fuel": 5_000_000_000,
                "memory": 7,
            }
            for name in ("sample/1", "secret/1", "secret/2")
        ],
        "as_promised": True,
        "faults": [],
    }
    assert (wrong["verdict"], wrong["score"], wrong["as_promised"]) == ("WA", 0.0, False)
    assert done.exit_code == ExitCode.ATTENTION


@pytest.mark.usefixtures("sandbox")
def test_a_broken_promise_is_explained(tmp_path: Path) -> None:
    files: Files = {
        "submissions/accepted/zero.py": "zero\n",
        "submissions/wrong_answer/right.py": "sum\n",
    }
    done = check(write_problem_folder(tmp_path, RIGHT | files))

    assert done.exit_code == ExitCode.ATTENTION
    assert (
        f"{tmp_path}/submissions/accepted/zero.py: secret/1 must be AC. Wrong answer. At line 1, "
        'column 1, expected "7", got "0".\n'
    ) in done.stdout
    assert f"{tmp_path}/submissions/wrong_answer/right.py: No case is WA.\n" in done.stdout
    assert done.stdout.endswith("1 of 3 programs got what they must get.\n")


@pytest.mark.usefixtures("sandbox")
def test_scores_of_groups(tmp_path: Path) -> None:
    rules = """\
mine/a.py:
  score: [0, 30]
  secret/easy:
    permitted: [AC]
    score: 30
  secret/hard:
    score: 70
"""
    files: Files = {
        "data/secret/easy/1.in": "0\n",
        "data/secret/easy/1.ans": "0\n",
        "submissions/submissions.yaml": rules,
        "submissions/mine/a.py": "zero\n",
    }
    write_problem_folder(tmp_path, RIGHT | GROUPS | files)

    assert checked(tmp_path)["a.py"]["faults"] == ["The score of secret/hard is 0, not 70."]


@pytest.mark.usefixtures("sandbox")
def test_too_much_memory_is_a_run_time_error_to_the_format(tmp_path: Path) -> None:
    write_problem_folder(tmp_path, RIGHT | {"submissions/run_time_error/eat.py": "eat\n"})
    eat = checked(tmp_path)["eat.py"]

    assert (eat["verdict"], eat["as_promised"]) == ("MLE", True)


@pytest.mark.usefixtures("sandbox")
def test_a_pass_fail_problem_has_one_point(tmp_path: Path) -> None:
    write_problem_folder(tmp_path, RIGHT | {"problem.yaml": PASS_FAIL})
    right = checked(tmp_path)["right.py"]

    assert (right["score"], right["max_score"]) == (1.0, 1.0)


@pytest.mark.usefixtures("sandbox")
def test_the_judges_error_is_no_score(tmp_path: Path) -> None:
    write_problem_folder(tmp_path, {"submissions/accepted/right.py": "break\n"})
    broken = checked(tmp_path)["right.py"]

    assert (broken["verdict"], broken["score"], broken["cases"]) == ("JE", None, [])
    assert "the child died" in broken["faults"][0]
    assert check(tmp_path).exit_code == ExitCode.ATTENTION


def test_programs_of_the_command_line(tmp_path: Path, sandbox: ScriptedSandbox) -> None:
    folder = write_problem_folder(
        tmp_path / "sums", RIGHT | {"submissions/wrong_answer/zero.py": "zero\n"}
    )
    write_files(tmp_path, {"a.py": "sum\n", "b.py": "zero\n"})
    good = check(folder, tmp_path / "a.py")
    runs = len(sandbox.runs)
    bad = check(folder, tmp_path / "a.py", tmp_path / "b.py")
    own = check(folder, folder / "submissions/wrong_answer/zero.py")

    assert (good.exit_code, bad.exit_code, own.exit_code) == (0, 1, 0)
    assert runs == 3
    assert bad.stdout.endswith("1 of 2 programs got what they must get.\n")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", "sum\n", "is not a .py file"),
        ("a.py", "", "is empty"),
        ("a.py", b"\xff\xfea\x00", "would be rejected: The .py is a text in UTF-16"),
        ("a.py", " \n", "would be rejected: The .py is empty."),
        pytest.param("a.py", "#" * 1_000_001, "has 1,000,001 bytes; the grader", id="large"),
        ("b.py", "sum\n", "There is no file or folder"),
    ],
)
def test_what_is_no_program_is_a_usage_error(
    name: str, content: str | bytes, expected: str, tmp_path: Path, sandbox: ScriptedSandbox
) -> None:
    folder = write_problem_folder(tmp_path / "sums", RIGHT)
    write_files(tmp_path, {name: content})
    done = check(folder, tmp_path / ("a.py" if name == "b.py" else name))

    assert isinstance(done.exception, UsageError)
    assert expected in str(done.exception)
    assert sandbox.runs == []


def test_a_wrong_folder_is_a_usage_error(tmp_path: Path, sandbox: ScriptedSandbox) -> None:
    text = PROBLEM.replace("name", "nmae")
    done = check(write_problem_folder(tmp_path, {"problem.yaml": text, "data/secret/1.in": "1"}))

    assert isinstance(done.exception, UsageError)
    assert done.exception.lines == (
        f"{tmp_path} can't be graded with: correct it first.",
        f"  {tmp_path}/problem.yaml:1: name is missing.",
        (
            f"  {tmp_path}/problem.yaml:2: The unknown key 'nmae': correct its spelling, or "
            "remove it."
        ),
    )
    assert f"warning: {tmp_path}/data/secret/1.in:1: The last line has no end" in done.stderr
    assert sandbox.runs == []


def test_a_folder_of_something_else_is_a_usage_error(tmp_path: Path) -> None:
    done = check(tmp_path)

    assert isinstance(done.exception, UsageError)
    assert "neither a problem.yaml nor an event.yaml" in str(done.exception)
    file = check(write_problem_folder(tmp_path) / "problem.yaml")
    assert isinstance(file.exception, UsageError)
    assert "name the folder that it is in" in str(file.exception)


@pytest.mark.usefixtures("sandbox")
def test_an_event_is_all_its_problems(tmp_path: Path) -> None:
    write_event_folder(tmp_path, "lab1", "lab2")
    for lab in ("lab1", "lab2"):
        write_files(tmp_path / lab, RIGHT)
    write_files(tmp_path / "lab2", {"submissions/accepted/right.py": "slow 0.6\n"})
    good = check(tmp_path)
    named = check(tmp_path, tmp_path / "lab1/submissions/accepted/right.py")
    write_files(tmp_path / "lab2", {"problem.yaml": "name: A\n"})
    bad = check(tmp_path)

    assert good.exit_code == ExitCode.OK
    assert good.stdout.splitlines()[3:] == [
        (
            f"{tmp_path}/lab1: The slowest program that must be in time takes 0.25 s. "
            "time_limit: 1 is enough."
        ),
        (
            f"{tmp_path}/lab2: The slowest program that must be in time takes 0.60 s. "
            "time_limit: 2 is enough."
        ),
        "2 of 2 programs got what they must get.",
    ]
    assert isinstance(named.exception, UsageError)
    assert isinstance(bad.exception, UsageError)
    assert any("lab2/problem.yaml:1: uuid is missing" in each for each in bad.exception.lines)


def test_a_sandbox_that_is_not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("build_sandbox.BUILD", tmp_path)
    done = check(write_problem_folder(tmp_path / "sums"))

    assert isinstance(done.exception, SubmitterError)
    assert "make sandbox" in str(done.exception)


@pytest.mark.usefixtures("sandbox")
def test_a_folder_without_programs(tmp_path: Path) -> None:
    write_problem_folder(tmp_path, {"submissions/accepted/right.py": None})
    done = check(tmp_path, "--json")

    assert (done.exit_code, json.loads(done.stdout)) == (ExitCode.OK, [])
    assert "No program in Python is in submissions/accepted" in done.stderr


@pytest.mark.usefixtures("sandbox")
def test_a_time_limit_to_change_is_a_warning_beside_json(tmp_path: Path) -> None:
    write_problem_folder(tmp_path, {"submissions/accepted/right.py": "slow 1.5\n"})
    done = check(tmp_path, "--json")

    assert done.exit_code == ExitCode.OK
    assert "time_limit: 2 is too near. Set time_limit: 3." in done.stderr


def test_files_beside_a_program(tmp_path: Path, sandbox: ScriptedSandbox) -> None:
    files: Files = {
        "include/python3/given.py": "g\n",
        "submissions/accepted/right.py": None,
        "submissions/accepted/a/__main__.py": "sum\n",
        "submissions/accepted/a/given.py": "mine\n",
        "submissions/accepted/a/main.py": "crash\n",
        "submissions/accepted/a/student.py": "crash\n",
        "submissions/accepted/a/more.py": "more\n",
    }
    done = check(write_problem_folder(tmp_path, files))

    assert done.exit_code == ExitCode.OK, done.output
    assert sandbox.files[0] == {"given.py": b"g\n", "more.py": b"more\n"}
