"""A problem, compiled to the one object that the grader reads.

It holds what the Kattis problem package format 2025-09 says of a problem, as far as a Python
course needs it, under the format's names, with defaults and inheritance resolved:
https://www.kattis.com/problem-package-format/spec/2025-09.html
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any
from uuid import UUID

from grading.document import FORMAT, DocumentError, canonical, decode, fields_of, read_object
from grading.validator import read_flags

PROBLEM_FORMAT = 1
"""The newest version of the object, which this release writes."""
MAX_PROBLEM_BYTES = 32_000_000
"""The grader keeps problems in memory."""
MAX_CASES = 500
"""A result has a line for each case, and a limited size."""
DIGEST = "digest"
ENTRY_POINT = "__main__.py"
"""The module that the format starts a program of several with."""
SAMPLE = "sample"
SECRET = "secret"  # noqa: S105
"""The folders of cases; `secret` is the group of them all as well."""

_MAX_NAME = 255
"""Characters of a case's name."""
_PART = "[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,254}"
_CASE = re.compile(f"({SAMPLE}|{SECRET})(/{_PART})+")
_GROUP = re.compile(f"{SECRET}(/{_PART})?")
_FILE = re.compile(f"{_PART}(/{_PART})*")


class ProblemType(StrEnum):
    """What a submission gets: `type`."""

    PASS_FAIL = "pass-fail"  # noqa: S105
    """A verdict; in a gradebook 1 of 1 or 0 of 1."""
    SCORING = "scoring"
    """A score."""


class Aggregation(StrEnum):
    """How a group's score is made of its cases' or groups': `score_aggregation`."""

    PASS_FAIL = "pass-fail"  # noqa: S105
    SUM = "sum"
    MIN = "min"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of each run, as the format counts them."""

    time_limit: float
    """Seconds of processor time."""
    memory: int
    """MiB."""
    output: int
    """MiB of standard output and standard error together."""


@dataclass(frozen=True, slots=True)
class Group:
    """A test data group: `test_group.yaml` of `secret` or of a folder in it."""

    name: str
    max_score: int
    score_aggregation: Aggregation
    require_pass: tuple[str, ...]
    """Groups, or `sample`, all of whose cases must be accepted, or this one isn't run."""


@dataclass(frozen=True, slots=True)
class Case:
    """A test case."""

    name: str
    """Its path below `data/`, such as `secret/group1/03`."""
    args: tuple[str, ...]
    stdin: str
    """`.in`"""
    answer: str
    """`.ans`"""
    output_validator_args: tuple[str, ...]
    full_feedback: bool
    """Students who fail it see it; they see samples in any case."""
    hint: str | None
    """For students, if they see the case."""
    description: str | None
    """For staff."""

    @property
    def is_sample(self) -> bool:
        """Whether it is in the problem's statement, and worth no points."""
        return self.name.startswith(f"{SAMPLE}/")

    @property
    def is_hidden(self) -> bool:
        """Whether students see nothing of it."""
        return not (self.is_sample or self.full_feedback)


@dataclass(frozen=True, slots=True)
class File:
    """A file that a program finds beside it, and imports if it is a module."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem."""

    name: str
    uuid: str
    type: ProblemType
    limits: Limits
    groups: tuple[Group, ...]
    """For scoring `secret` and each group in it, by name; none for pass-fail."""
    cases: tuple[Case, ...]
    """By name, the order in which they are run."""
    include: tuple[File, ...]
    """Of `include/python3/`. Students can read them: they hold no answers."""
    output_validator: tuple[File, ...] = ()
    """Empty for the default output validator."""


def entry_point(program: Sequence[File]) -> str | None:
    """Return the file that a validator's program starts with: the only module, or `__main__.py`."""
    modules = [file.name for file in program if file.name.endswith(".py")]
    if len(modules) == 1:
        return modules[0]
    return ENTRY_POINT if ENTRY_POINT in modules else None


def contains(group: str, case: str) -> bool:
    """Return whether a group, or `sample`, has a case."""
    return case.startswith(f"{group}/")


def groups_of_cases(problem: Problem) -> dict[str, Group | None]:
    """Return the innermost group of each case, by name; None for samples and without groups."""
    groups = {group.name: group for group in problem.groups}
    folders = {case.name: case.name.split("/")[:-1] for case in problem.cases}
    return {
        name: groups.get("/".join(folder[:2])) or groups.get(folder[0])
        for name, folder in folders.items()
    }


def digest_of(problem: Problem) -> str:
    """Return the SHA-256 of all of a problem, which names what a result was graded with."""
    return hashlib.sha256(canonical(_document(problem))).hexdigest()


def write_problem(problem: Problem) -> bytes:
    """Return a problem's object: the same bytes for the same problem.

    Raises:
        DocumentError: `read_problem` would refuse it.
    """
    data = canonical(_document(problem) | {DIGEST: digest_of(problem)})
    read_problem(data)
    return data


def read_problem(data: bytes) -> Problem:
    """Read a problem's object.

    Raises:
        DocumentError: it is damaged, too large, from a newer release, has an unknown key, differs
            from its digest, or contradicts the package format.
    """
    if len(data) > MAX_PROBLEM_BYTES:
        raise DocumentError(f"it has {len(data):,} bytes; {MAX_PROBLEM_BYTES:,} are allowed")
    fields = read_object(data, PROBLEM_FORMAT)
    digest = fields.pop(DIGEST, None)
    problem = decode(Problem, fields)
    if digest != digest_of(problem):
        raise DocumentError("it is damaged: its content is not that of its digest")
    _check_problem(problem)
    _check_groups(problem)
    return problem


def _document(problem: Problem) -> dict[str, Any]:
    limits = fields_of(problem.limits)
    limits["time_limit"] = float(problem.limits.time_limit)  # 1 and 1.0 are the same limit
    return {FORMAT: PROBLEM_FORMAT, **fields_of(problem), "limits": limits}


def _check_problem(problem: Problem) -> None:
    try:
        UUID(problem.uuid)
    except ValueError:
        raise DocumentError(f"uuid must be a UUID, not {problem.uuid!r:.40}") from None
    for name in ("time_limit", "memory", "output"):
        if getattr(problem.limits, name) <= 0:
            raise DocumentError(f"limits.{name} must be more than 0")
    if len(problem.cases) > MAX_CASES:
        raise DocumentError(f"it has {len(problem.cases)} cases; {MAX_CASES} are allowed")
    _check_names("cases", (case.name for case in problem.cases), _CASE)
    _check_names("groups", (group.name for group in problem.groups), _GROUP)
    for where in ("include", "output_validator"):
        _check_names(where, (file.name for file in getattr(problem, where)), _FILE)
    if all(case.is_sample for case in problem.cases):
        raise DocumentError("cases must have one in secret")
    _check_validator(problem)


def _check_validator(problem: Problem) -> None:
    if problem.output_validator:
        if entry_point(problem.output_validator) is None:
            raise DocumentError(f"output_validator must have one module, or {ENTRY_POINT}")
        return
    for case in problem.cases:
        try:
            read_flags(case.output_validator_args)
        except ValueError as error:
            raise DocumentError(f"output_validator_args of {case.name}: {error}") from error


def _check_names(where: str, names: Iterable[str], grammar: re.Pattern[str]) -> None:
    found = [*names]
    for name in found:
        if len(name) > _MAX_NAME or not grammar.fullmatch(name):
            raise DocumentError(f"{where} has the impossible name {name!r:.40}")
    for earlier, later in pairwise(found):
        # A folder's cases come together: "a/1" before "a-b/1", although "-" comes before "/".
        if not earlier.split("/") < later.split("/"):
            raise DocumentError(f"{where} must be sorted by name, each once: see {later}")


def _check_groups(problem: Problem) -> None:
    groups = {group.name: group for group in problem.groups}
    if problem.type is ProblemType.PASS_FAIL:
        if groups:
            raise DocumentError("groups must be empty if type is pass-fail")
        return
    if SECRET not in groups:
        raise DocumentError("groups must have secret if type is scoring")
    for group in problem.groups:
        _check_group(group, groups)
    secret = groups.pop(SECRET)
    homes = groups_of_cases(problem)
    for name, home in homes.items():
        if home is secret and groups:
            raise DocumentError(f"{name} is in no group, but there are groups")
    if unused := [name for name, group in groups.items() if group not in homes.values()]:
        raise DocumentError(f"{unused[0]} has no case")
    combine = sum if secret.score_aggregation is Aggregation.SUM else min
    most = combine([group.max_score for group in groups.values()] or [0])
    if most > secret.max_score:
        raise DocumentError(
            f"groups give up to {most}, but secret has max_score {secret.max_score}"
        )


def _check_group(group: Group, groups: Mapping[str, Group]) -> None:
    if group.max_score < 0:
        raise DocumentError(f"max_score of {group.name} must be 0 or more")
    pass_fail = Aggregation.PASS_FAIL
    if groups[SECRET].score_aggregation is pass_fail is not group.score_aggregation:
        raise DocumentError(f"score_aggregation of {group.name} must be pass-fail, as secret's")
    for name in group.require_pass:
        required = groups.get(name)
        if name != SAMPLE and (
            required is None
            or not SECRET < required.name < group.name
            or required.score_aggregation is not pass_fail
        ):
            raise DocumentError(
                f"require_pass of {group.name} can name sample and earlier groups with pass-fail, "
                f"not {name!r:.40}"
            )
