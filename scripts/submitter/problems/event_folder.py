"""Reads an event's folder: `event.yaml`, and a folder for each problem.

The keys are Gradescope's, and `rule`:
https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yaml.nodes import Node

from grading.document import DocumentError
from grading.event import Event, Rule, write_event
from submitter.problems.findings import Finding, Findings
from submitter.problems.package import Package
from submitter.problems.problem_folder import (
    ProblemFolder,
    is_problem_folder,
    read_problem_folder,
)
from submitter.problems.yaml_file import (
    as_one_of,
    as_positive_whole_number,
    as_text,
    parse_mapping,
)
from submitter.submit.submission import find_folder_fault

EVENT_FILE = "event.yaml"
_NEVER = datetime.fromisoformat("1970-01-01T00:00:00Z")


@dataclass(frozen=True, slots=True)
class EventFolder:
    """An event's folder, as far as it could be read."""

    root: Path
    event: Event | None
    """None if its file has errors."""
    problems: tuple[ProblemFolder, ...]
    """By name."""
    findings: tuple[Finding, ...]
    """Of `event.yaml` and the folder; each problem has its own."""

    @property
    def name(self) -> str:
        """The folder's name, which is the event's."""
        return self.root.absolute().name


def is_event_folder(folder: Path) -> bool:
    """Return whether a folder is an event's."""
    return (folder / EVENT_FILE).is_file()


def read_event_folder(root: Path) -> EventFolder:
    """Read an event's folder, and those of its problems."""
    findings = Findings()
    _check_name(root, findings)
    event = _read_event(root, findings)
    folders = [
        each for each in sorted(root.iterdir()) if each.is_dir() and each.name[0] not in "._"
    ]
    problems = []
    for folder in folders:
        if not is_problem_folder(folder):
            findings.warn(folder, None, "It is ignored: it has no problem.yaml.")
            continue
        _check_name(folder, findings)
        problems.append(read_problem_folder(folder))
    if not problems:
        text = "The event has no problem: `submitter new problem` makes a folder for one."
        findings.warn(root, None, text)
    return EventFolder(root, event, tuple(problems), tuple(findings.found))


def _check_name(folder: Path, findings: Findings) -> None:
    """Check that submissions can name an event or a problem as its folder is named."""
    if fault := find_folder_fault(folder):
        findings.error(folder, None, f"Rename the folder. {fault}")


def _read_event(root: Path, findings: Findings) -> Event | None:
    place = root / EVENT_FILE
    top = parse_mapping(Package(root, findings).read_text(EVENT_FILE), place, findings)
    event = Event(
        top.require("release_date", _as_moment, _NEVER),
        top.require("due_date", _as_moment, _NEVER),
        top.take("late_due_date", _as_moment, None),
        top.take("group_size", as_positive_whole_number, 1),
        top.take("rule", as_one_of(Rule), Rule.LAST),
    )
    top.close()
    if findings.has_errors:
        return None
    try:
        write_event(event)
    except DocumentError as error:
        key = str(error).split(" ", 1)[0]
        findings.error(place, top.line_of(key), f"{error}.")
        return None
    return event


def _as_moment(node: Node) -> datetime:
    try:
        moment = datetime.fromisoformat(as_text(node))
    except ValueError:
        raise ValueError("must be a time, such as 2026-11-23T23:59:00+01:00") from None
    if moment.utcoffset() is None:
        raise ValueError("must have its offset from UTC, such as +01:00 or Z")
    return moment
