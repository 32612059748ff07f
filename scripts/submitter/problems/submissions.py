"""Reads `submissions/`: programs that test the tests, and what each must get.

https://www.kattis.com/problem-package-format/spec/2025-09.html#example-submissions
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath

from yaml.nodes import Node, ScalarNode, SequenceNode

from grading.problem import Case
from grading.verdict import Verdict
from submitter.problems.package import Package
from submitter.problems.yaml_file import (
    Mapping as YamlMapping,
)
from submitter.problems.yaml_file import (
    as_anything,
    as_boolean,
    as_number,
    as_one_or_more_texts,
    as_text,
    parse_mapping,
)

SUBMISSIONS = "submissions"
SUBMISSIONS_FILE = "submissions.yaml"
ACCEPTED = "accepted"

_AC, _WA, _TLE, _RTE = Verdict.AC, Verdict.WA, Verdict.TLE, Verdict.RTE
_NAMED = frozenset({_AC, _WA, _TLE, _RTE})
"""The format's verdicts. Its run-time errors include the other limits."""
_ENDINGS = (".py", ".py3")
_LANGUAGE = "python3"
_ENTRY_POINT = "__main__.py"


class Bound(StrEnum):
    """How a program bounds the time limit: `use_for_time_limit`."""

    LOWER = "lower"
    """The limit must be well above its time."""
    UPPER = "upper"
    """The limit must be well below its time."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a program must get on some cases."""

    cases: str | None = None
    """A pattern of cases and folders below `data/`; None for all cases."""
    permitted: frozenset[Verdict] | None = None
    """All the cases get one of these."""
    required: frozenset[Verdict] | None = None
    """At least one of the cases gets one of these."""
    score: tuple[float, float] | None = None
    """The least and the most of the whole score, or of the group that `cases` names."""
    use_for_time_limit: bool | Bound = True
    """True: as `permitted` and `required` imply."""

    def covers(self, case: str) -> bool:
        """Return whether it is about a case."""
        return self.cases is None or _matches(self.cases, PurePosixPath(case))

    @property
    def promises(self) -> bool:
        """Whether a program can fail it."""
        return (self.permitted, self.required, self.score) != (None, None, None)

    @property
    def bound(self) -> Bound | None:
        """How it bounds the time limit."""
        if isinstance(self.use_for_time_limit, Bound) or not self.use_for_time_limit:
            return self.use_for_time_limit or None
        if self.required == frozenset({_TLE}):
            return Bound.UPPER
        is_lower = self.permitted is not None and _TLE not in self.permitted
        return Bound.LOWER if is_lower else None


DEFAULTS: Mapping[str, Requirement] = {
    ACCEPTED: Requirement(permitted=frozenset({_AC})),
    "rejected": Requirement(required=frozenset({_RTE, _TLE, _WA})),
    "wrong_answer": Requirement(permitted=frozenset({_AC, _WA}), required=frozenset({_WA})),
    "time_limit_exceeded": Requirement(
        permitted=frozenset({_AC, _TLE}), required=frozenset({_TLE})
    ),
    "run_time_error": Requirement(permitted=frozenset({_AC, _RTE}), required=frozenset({_RTE})),
    "brute_force": Requirement(
        permitted=frozenset({_AC, _RTE, _TLE}), required=frozenset({_RTE, _TLE})
    ),
}
"""The format's folders."""


@dataclass(frozen=True, slots=True)
class Example:
    """A program in Python."""

    name: str
    """Its path below `submissions/`."""
    path: Path
    """Of its file or folder."""
    program: bytes
    files: Mapping[str, str]
    """The other files of a program that is a folder."""
    requirements: tuple[Requirement, ...]


@dataclass(slots=True)
class _Rule:
    """What `submissions.yaml`, or the format, says of the programs that a pattern matches."""

    requirements: list[Requirement]
    line: int | None = None
    language: str | None = None
    entry_point: str | None = None
    matches: int = field(default=0)


def read_submissions(package: Package, cases: tuple[Case, ...]) -> tuple[Example, ...]:
    """Read the programs in Python, by name; the others are ignored."""
    rules = _read_rules(package, cases)
    programs: dict[PurePosixPath, list[PurePosixPath]] = {}
    for path in package.below(SUBMISSIONS):
        match path.parts[1:]:
            case (_, _, *_):
                programs.setdefault(PurePosixPath(*path.parts[1:3]), []).append(path)
            case (name,) if name != SUBMISSIONS_FILE:
                text = "It is ignored: programs are in folders, such as submissions/accepted."
                package.findings.warn(package.place(path), None, text)
    examples = [
        example
        for name, files in programs.items()
        if (example := _read_example(package, name, files, rules))
    ]
    place = package.place(PurePosixPath(SUBMISSIONS))
    for pattern, rule in rules.items():
        if rule.line is not None and not rule.matches:
            text = f"No program is called {pattern}."
            package.findings.warn(place / SUBMISSIONS_FILE, rule.line, text)
    if not any(example.name.startswith(f"{ACCEPTED}/") for example in examples):
        text = "No program in Python is in submissions/accepted, so nothing tests the tests."
        package.findings.warn(place if programs else package.root, None, text)
    return tuple(examples)


def _read_example(
    package: Package, name: PurePosixPath, files: list[PurePosixPath], rules: dict[str, _Rule]
) -> Example | None:
    matching = [rule for pattern, rule in rules.items() if _matches(pattern, name)]
    for rule in matching:
        rule.matches += 1
    place = package.place(PurePosixPath(SUBMISSIONS, name))
    language = next((rule.language for rule in matching if rule.language), None)
    sources = [path for path in files if path.suffix in _ENDINGS]
    if not sources or language not in {None, _LANGUAGE}:
        package.findings.ignore(place, None, "It is ignored: it is not in Python.")
        return None
    if not any(each.promises for rule in matching for each in rule.requirements):
        text = f"Nothing says what it must get: the folders that do are {', '.join(DEFAULTS)}."
        package.findings.warn(place, None, text)
    folder = PurePosixPath(SUBMISSIONS, name)
    wanted = next((rule.entry_point for rule in matching if rule.entry_point), _ENTRY_POINT)
    entry = sources[0] if len(sources) == 1 else folder / wanted
    if entry not in sources:
        text = (
            f"It has several files and no {wanted}: name the one to run as entrypoint in "
            f"{SUBMISSIONS}/{SUBMISSIONS_FILE}."
        )
        package.findings.error(place, None, text)
        return None
    others = {
        path.relative_to(folder).as_posix(): package.read_template(path)
        for path in files
        if path != entry
    }
    return Example(
        name.as_posix(),
        place,
        package.read_template(entry).encode(),
        others,
        tuple(each for rule in matching for each in rule.requirements),
    )


def _read_rules(package: Package, cases: tuple[Case, ...]) -> dict[str, _Rule]:
    """Return what applies to programs, by pattern: the format's folders first."""
    rules = {name: _Rule([requirement]) for name, requirement in DEFAULTS.items()}
    path = PurePosixPath(SUBMISSIONS, SUBMISSIONS_FILE)
    if not package.has(path):
        return rules
    top = parse_mapping(package.read_text(path), package.place(path), package.findings)
    for pattern in top.keys:
        line = top.line_of(pattern)
        if not _is_pattern(pattern):
            top.error(pattern, f"{pattern} has a brace that is not closed.")
            continue
        own = top.take_mapping(pattern)
        rules[pattern] = _read_rule(own, DEFAULTS.get(pattern, Requirement()), cases)
        rules[pattern].line = line
    top.close()
    return rules


def _read_rule(own: YamlMapping, default: Requirement, cases: tuple[Case, ...]) -> _Rule:
    rule = _Rule([_read_requirement(own, default)])
    rule.language = own.take("language", as_text, None)
    rule.entry_point = own.take("entrypoint", as_text, None)
    for about in ("authors", "model_solution"):
        own.take(about, as_anything, None)
    for pattern in own.keys:
        inner = own.take_mapping(pattern)
        requirement = replace(_read_requirement(inner, Requirement()), cases=pattern)
        inner.close()
        if not _is_pattern(pattern):
            own.error(pattern, f"{pattern} has a brace that is not closed.")
        elif not any(requirement.covers(case.name) for case in cases):
            text = f"{pattern} is neither a key nor the name of a case or group."
            own.findings.warn(own.file, own.line_of(pattern), text)
        else:
            rule.requirements.append(requirement)
    return rule


def _read_requirement(own: YamlMapping, default: Requirement) -> Requirement:
    own.ignore("message", why="validators' messages are not compared")
    use = own.take("use_for_time_limit", _as_use, default.use_for_time_limit)
    if use is Bound.LOWER:
        default = replace(default, permitted=frozenset({_AC, _WA, _RTE}))
    elif use is Bound.UPPER:
        default = replace(default, required=frozenset({_TLE}))
    return Requirement(
        None,
        own.take("permitted", _as_verdicts, default.permitted),
        own.take("required", _as_verdicts, default.required),
        own.take("score", _as_range, default.score),
        use,
    )


def _as_verdicts(node: Node) -> frozenset[Verdict]:
    names = as_one_or_more_texts(node)
    if unknown := sorted({*names} - _NAMED):
        raise ValueError(f"must be of AC, WA, TLE and RTE, not {unknown[0]!r:.40}")
    return frozenset(map(Verdict, names))


def _as_range(node: Node) -> tuple[float, float]:
    ends = [as_number(each) for each in node.value] if isinstance(node, SequenceNode) else []
    match ends:
        case []:
            number = as_number(node)
            return number, number
        case [least, most]:
            return least, most
        case _:
            raise ValueError("must be a number, or the least and the most, such as [30, 50]")


def _as_use(node: Node) -> bool | Bound:
    if isinstance(node, ScalarNode) and node.value in [*Bound]:
        return Bound(node.value)
    return as_boolean(node)


def _matches(pattern: str, path: PurePosixPath) -> bool:
    """Return whether a pattern matches a path, or a folder that it is in."""
    grammar = re.compile("".join(_grammar(pattern)))
    return any(grammar.fullmatch(each.as_posix()) for each in (path, *path.parents))


def _is_pattern(text: str) -> bool:
    return text.count("{") == text.count("}") == "".join(_grammar(text)).count("(?:")


def _grammar(pattern: str) -> Iterator[str]:
    """Yield a pattern's parts as a regular expression: `*` and braces are special."""
    depth = 0
    for character in pattern:
        if character == "{":
            depth += 1
            yield "(?:"
        elif character == "}" and depth:
            depth -= 1
            yield ")"
        elif character == "," and depth:
            yield "|"
        elif character != " ":  # no name has one
            yield "[^/]*" if character == "*" else re.escape(character)
