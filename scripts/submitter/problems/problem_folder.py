"""Reads a problem's folder into what the grader grades with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grading.document import DocumentError
from grading.problem import ENTRY_POINT, File, Problem, entry_point, write_problem
from submitter.problems.doubts import find_doubts
from submitter.problems.findings import Finding, Findings
from submitter.problems.package import Package
from submitter.problems.problem_yaml import PROBLEM_FILE, Timing, read_metadata
from submitter.problems.submissions import SUBMISSIONS, Example, read_submissions
from submitter.problems.test_data import DATA, read_test_data

INCLUDE = "include"
VALIDATOR = "output_validator"

_READ = (DATA, INCLUDE, SUBMISSIONS, VALIDATOR)
_LANGUAGES = ("default", "python3")
"""The folders of `include/`, the later before the earlier."""
_IGNORED = {
    "statement": "the grader shows no statement",
    "attachments": "the grader shows no attachments",
    "solution": "the grader shows no solution",
    "generators": "its files must be in data already",
    "input_validators": "inputs are not validated",
    "input_visualizer": "nothing is visualized",
    "output_visualizer": "nothing is visualized",
}
_UNSUPPORTED = ("output_validators", "static_validator")


@dataclass(frozen=True, slots=True)
class ProblemFolder:
    """A problem's folder, as far as it could be read."""

    root: Path
    problem: Problem | None
    """None if there are errors."""
    timing: Timing
    examples: tuple[Example, ...]
    findings: tuple[Finding, ...]

    @property
    def name(self) -> str:
        """The folder's name, which is the problem's in an event."""
        return self.root.absolute().name


def is_problem_folder(folder: Path) -> bool:
    """Return whether a folder is a problem's."""
    return (folder / PROBLEM_FILE).is_file()


def read_problem_folder(root: Path) -> ProblemFolder:
    """Read a problem's folder; its findings say what is wrong, and what changes nothing."""
    findings = Findings()
    package = Package(root, findings, (PROBLEM_FILE, *_READ))
    _check_folders(package)
    metadata = read_metadata(package)
    validator = _read_validator(package)
    groups, cases = read_test_data(package, metadata.type, has_validator=bool(validator))
    problem: Problem | None = Problem(
        metadata.name,
        metadata.uuid,
        metadata.type,
        metadata.limits,
        groups,
        cases,
        _read_include(package),
        validator,
    )
    examples = read_submissions(package, cases)
    if problem and not findings.has_errors:
        find_doubts(package, problem)
        try:
            write_problem(problem)
        except DocumentError as error:
            findings.error(
                package.place(PROBLEM_FILE), None, f"The problem can't be used: {error}."
            )
    if findings.has_errors:
        problem = None
    return ProblemFolder(root, problem, metadata.timing, examples, tuple(findings.found))


def _check_folders(package: Package) -> None:
    for name in package.entries:
        place = package.place(name)
        if not place.is_dir() or name in _READ:
            continue
        if name in _UNSUPPORTED:
            package.findings.error(place, None, "It is not supported: output_validator is.")
        elif why := _IGNORED.get(name):
            package.findings.ignore(place, None, f"It is ignored: {why}.")
        else:
            package.findings.warn(place, None, "It is ignored: the format has no such folder.")


def _read_include(package: Package) -> tuple[File, ...]:
    files: dict[str, str] = {}
    for language in _LANGUAGES:
        for path in package.below(INCLUDE, language):
            name = path.relative_to(PurePosixPath(INCLUDE, language))
            if len(name.parts) > 1 and name.suffix == ".py":
                text = "Programs can't import from folders here: put it beside the others."
                package.findings.error(package.place(path), None, text)
            files[name.as_posix()] = package.read_template(path)
    others = {path.parts[1] for path in package.below(INCLUDE)} - {*_LANGUAGES}
    for language in sorted(others):
        place = package.place(PurePosixPath(INCLUDE, language))
        package.findings.ignore(place, None, "It is ignored: it is not for Python.")
    return _files(files)


def _read_validator(package: Package) -> tuple[File, ...]:
    paths = package.below(VALIDATOR)
    texts = {path.relative_to(VALIDATOR).as_posix(): package.read_template(path) for path in paths}
    # A program of several files can be in a folder of its own.
    folders = {name.partition("/")[0] for name in texts}
    if len(folders) == 1 and all("/" in name for name in texts):
        texts = {name.partition("/")[2]: text for name, text in texts.items()}
    validator = _files(texts)
    if validator and entry_point(validator) is None:
        text = f"It must have one file in Python, or {ENTRY_POINT}: it runs in the sandbox."
        package.findings.error(package.place(VALIDATOR), None, text)
    return validator


def _files(texts: Mapping[str, str]) -> tuple[File, ...]:
    names = sorted(texts, key=lambda name: name.split("/"))
    return tuple(File(name, texts[name]) for name in names)
