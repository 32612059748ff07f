"""`submitter new` writes folders without faults, and nothing over what is there."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from grading.validator import ValidatorFlags, find_difference
from submitter.cli import app
from submitter.errors import UsageError
from submitter.new.templates import event_files
from submitter.problems.event_folder import read_event_folder
from submitter.problems.problem_folder import read_problem_folder
from unit.submitter.problems.folders import write_files


def new(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["new", *map(str, arguments)])


def test_a_new_problem_has_no_faults(tmp_path: Path) -> None:
    done = new("problem", tmp_path / "lab1")
    read = read_problem_folder(tmp_path / "lab1")

    assert done.exit_code == 0
    assert done.stdout.endswith(f"Check it: submitter check {tmp_path}/lab1\n")
    assert read.problem
    assert read.findings == ()


def test_a_new_problems_programs_do_as_they_should(tmp_path: Path) -> None:
    new("problem", tmp_path / "lab1")
    read = read_problem_folder(tmp_path / "lab1")
    assert read.problem
    failed: dict[str, set[str]] = {}
    for example in read.examples:
        failed[example.name] = set()
        for case in read.problem.cases:
            run = subprocess.run(
                [sys.executable, "-I", example.path],
                input=case.stdin,
                capture_output=True,
                text=True,
                check=False,
            )
            if run.returncode:
                failed[example.name].add("RTE")
            elif find_difference(run.stdout, case.answer, ValidatorFlags()):
                failed[example.name].add("WA")

    assert failed == {
        "accepted/solution.py": set(),
        "run_time_error/empty_line.py": {"RTE"},
        "wrong_answer/without_signs.py": {"WA"},
    }


def test_each_new_problem_has_its_own_uuid(tmp_path: Path) -> None:
    uuids = set()
    for name in ("a", "b"):
        new("problem", tmp_path / name)
        read = read_problem_folder(tmp_path / name)
        assert read.problem
        uuids.add(read.problem.uuid)

    assert len(uuids) == 2


def test_a_new_event_has_no_faults(tmp_path: Path) -> None:
    done = new("event", tmp_path / "week1", "--json")
    read = read_event_folder(tmp_path / "week1")

    report = json.loads(done.stdout)
    assert report["folder"] == str(tmp_path / "week1")
    assert all((tmp_path / "week1" / name).is_file() for name in report["files"])
    assert read.event
    assert read.findings == ()
    assert [(each.name, each.findings) for each in read.problems] == [("sums", ())]


@pytest.fixture
def in_zurich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Zurich")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_zurich")
def test_a_new_event_ends_before_midnight_also_in_winter(tmp_path: Path) -> None:
    write_files(tmp_path, {**event_files(date(2026, 10, 20), uuid4())})
    event = read_event_folder(tmp_path).event

    assert event
    assert event.release_date.isoformat() == "2026-10-20T00:00:00+02:00"
    assert event.due_date.isoformat() == "2026-11-03T23:59:59+01:00"
    assert event.late_due_date == event.due_date + timedelta(days=2)


@pytest.mark.parametrize("kind", ["problem", "event"])
def test_nothing_is_written_over(kind: str, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = new(kind, tmp_path)
    below = new(kind, tmp_path / "mine/lab1")

    assert isinstance(done.exception, UsageError)
    assert isinstance(below.exception, UsageError)
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]


def test_a_name_that_submissions_cannot_have(tmp_path: Path) -> None:
    done = new("problem", tmp_path / "lab\\1")

    assert isinstance(done.exception, UsageError)
    assert [*tmp_path.iterdir()] == []
