"""An event's folder becomes the event and its problems."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from grading.event import Rule
from submitter.problems.event_folder import EventFolder, read_event_folder
from submitter.problems.findings import Severity
from unit.submitter.problems.folders import EVENT, said, write_event_folder, write_files


def errors(read: EventFolder) -> list[str]:
    return said(read.findings, Severity.ERROR, read.root)


def test_an_event_and_its_problems(tmp_path: Path) -> None:
    more = "late_due_date: '2026-11-24T00:00Z'\ngroup_size: 3\nrule: best\n"
    write_event_folder(tmp_path, "lab2", "lab1", event=EVENT + more)
    write_files(tmp_path, {"notes/a.txt": "a\n", ".git/config": "a\n"})
    read = read_event_folder(tmp_path)

    assert read.event
    assert read.event.due_date == datetime(2026, 11, 23, 22, 59, tzinfo=UTC)
    assert read.event.late_due_date == datetime(2026, 11, 24, tzinfo=UTC)
    assert (read.event.group_size, read.event.rule) == (3, Rule.BEST)
    assert [each.name for each in read.problems] == ["lab1", "lab2"]
    assert all(each.problem for each in read.problems)
    assert said(read.findings, Severity.WARNING, tmp_path) == [
        "notes: It is ignored: it has no problem.yaml."
    ]


def test_defaults(tmp_path: Path) -> None:
    read = read_event_folder(write_event_folder(tmp_path, "lab1"))

    assert read.event
    assert read.findings == ()
    assert (read.event.late_due_date, read.event.group_size, read.event.rule) == (
        None,
        1,
        Rule.LAST,
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("release_date", "released", "event.yaml:1: release_date is missing."),
        ("release_date", "released", "event.yaml:1: The unknown key 'released'"),
        ("+01:00\ndue", "\ndue", "event.yaml:1: release_date must have its offset from UTC"),
        ("2026-11-23T", "23.11.2026 ", "event.yaml:2: due_date must be a time"),
        ("2026-11-23", "2026-10-23", "event.yaml:2: due_date must not be before release_date."),
        ("due_date: 2", "group_size: 0\ndue_date: 2", "event.yaml:2: group_size must be 1 or more"),
        ("due_date: 2", "rule: first\ndue_date: 2", "event.yaml:2: rule must be one of last, best"),
    ],
)
def test_a_mistake_in_event_yaml_is_an_error(
    before: str, after: str, expected: str, tmp_path: Path
) -> None:
    assert before in EVENT
    read = read_event_folder(write_event_folder(tmp_path, event=EVENT.replace(before, after, 1)))

    assert read.event is None
    assert any(each.startswith(expected) for each in errors(read)), errors(read)


def test_a_name_that_no_submission_can_have_is_an_error(tmp_path: Path) -> None:
    read = read_event_folder(write_event_folder(tmp_path, "lab\\1"))

    assert [each[:41] for each in errors(read)] == ["lab\\1: Rename the folder. The name is `.`"]


def test_an_event_without_problems_is_a_warning(tmp_path: Path) -> None:
    read = read_event_folder(write_event_folder(tmp_path))

    assert [each[:24] for each in said(read.findings, Severity.WARNING, tmp_path)] == [
        ": The event has no probl"
    ]
