"""Folders of problems and events, with changes."""

from pathlib import Path

from submitter.problems.event_folder import EVENT_FILE
from submitter.problems.findings import Finding, Severity
from submitter.problems.problem_folder import ProblemFolder, read_problem_folder

UUID = "b2792508-b645-480a-8357-da047d57a17d"
PROBLEM = f"""\
problem_format_version: 2025-09
name: Sums
uuid: {UUID}
type: scoring
limits:
  time_limit: 2
  memory: 128
  output: 1
"""
PASS_FAIL = PROBLEM.replace("type: scoring", "type: pass-fail")
EVENT = """\
release_date: 2026-11-01T00:00:00+01:00
due_date: 2026-11-23T23:59:00+01:00
"""
FILES: dict[str, str | bytes | None] = {
    "problem.yaml": PROBLEM,
    "data/sample/1.in": "1 2\n",
    "data/sample/1.ans": "3\n",
    "data/secret/1.in": "3 4\n",
    "data/secret/1.ans": "7\n",
    "data/secret/2.in": "-3 4\n",
    "data/secret/2.ans": "1\n",
    "submissions/accepted/right.py": "print(sum(map(int, input().split())))\n",
}
"""A problem that is right in everything."""
GROUPS: dict[str, str | bytes | None] = {
    "data/secret/1.in": None,
    "data/secret/1.ans": None,
    "data/secret/2.in": None,
    "data/secret/2.ans": None,
    "data/secret/easy/test_group.yaml": "max_score: 30\n",
    "data/secret/easy/1.in": "3 4\n",
    "data/secret/easy/1.ans": "7\n",
    "data/secret/hard/test_group.yaml": "max_score: 70\nscore_aggregation: sum\n",
    "data/secret/hard/1.in": "-3 4\n",
    "data/secret/hard/1.ans": "1\n",
}
"""Changes that put the cases into groups."""


def write_files(folder: Path, files: dict[str, str | bytes | None]) -> Path:
    """Write files; None leaves one out."""
    for name, content in files.items():
        if content is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def write_problem_folder(folder: Path, files: dict[str, str | bytes | None] | None = None) -> Path:
    """Write the problem with changes to its files."""
    return write_files(folder, FILES | (files or {}))


def write_event_folder(folder: Path, *problems: str, event: str = EVENT) -> Path:
    """Write an event with a folder for each problem."""
    for name in problems:
        write_problem_folder(folder / name)
    return write_files(folder, {EVENT_FILE: event})


def read_changed(
    folder: Path, files: dict[str, str | bytes | None] | None = None, **named: str
) -> ProblemFolder:
    """Write the problem with changes, and read it; `named` changes `problem.yaml` by its texts."""
    text = PROBLEM
    for before, after in named.items():
        assert before in text
        text = text.replace(before, after)
    return read_problem_folder(
        write_problem_folder(folder, {"problem.yaml": text, **(files or {})})
    )


def said(findings: tuple[Finding, ...], severity: Severity, root: Path) -> list[str]:
    """Return places, in the folder, and sentences."""
    return [
        f"{each.place.removeprefix(str(root)).lstrip('/')}: {each.text}"
        for each in findings
        if each.severity is severity
    ]


def errors(read: ProblemFolder) -> list[str]:
    return said(read.findings, Severity.ERROR, read.root)


def warnings(read: ProblemFolder) -> list[str]:
    return said(read.findings, Severity.WARNING, read.root)


def ignored(read: ProblemFolder) -> list[str]:
    return said(read.findings, Severity.IGNORED, read.root)
