"""Opens a folder that the command line names, and says what is wrong with it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from submitter.errors import UsageError
from submitter.output import Output, first_lines, unbroken
from submitter.problems.event_folder import EventFolder, is_event_folder, read_event_folder
from submitter.problems.findings import Finding, Severity
from submitter.problems.problem_folder import (
    ProblemFolder,
    is_problem_folder,
    read_problem_folder,
)


def open_folder(output: Output, folder: Path) -> EventFolder | ProblemFolder:
    """Read a folder of an event or a problem, and note warnings, and what is ignored.

    Raises:
        UsageError: it is neither, or has errors, which it names.
    """
    if folder.is_file():
        raise UsageError(f"{folder} is a file: name the folder that it is in.")
    opened: EventFolder | ProblemFolder
    if is_event_folder(folder):
        opened = read_event_folder(folder)
    elif is_problem_folder(folder):
        opened = read_problem_folder(folder)
    else:
        raise UsageError(
            f"{folder} has neither a problem.yaml nor an event.yaml. To begin with one that "
            "works: submitter new problem FOLDER"
        )
    findings = [*opened.findings]
    if isinstance(opened, EventFolder):
        findings += [finding for each in opened.problems for finding in each.findings]
    note_lines(output, [*_lines(findings, Severity.WARNING), *_lines(findings, Severity.IGNORED)])
    if errors := [*_lines(findings, Severity.ERROR)]:
        raise UsageError(f"{folder} can't be graded with: correct it first.", first_lines(errors))
    return opened


def note_lines(output: Output, lines: list[str]) -> None:
    """Write the first of some lines to standard error."""
    for line in first_lines(lines):
        output.note(unbroken(line))


def _lines(findings: Sequence[Finding], severity: Severity) -> Iterator[str]:
    for each in findings:
        if each.severity is severity:
            label = "" if severity is Severity.ERROR else f"{severity}: "
            yield f"{label}{each.place}: {each.text}"
