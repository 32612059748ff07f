"""Reads `data/`: the cases, the groups, and what cases inherit from them.

https://www.kattis.com/problem-package-format/spec/2025-09.html#test-data
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from yaml.nodes import Node, ScalarNode

from grading.problem import SAMPLE, SECRET, Aggregation, Case, Group, ProblemType
from grading.validator import read_flags
from submitter.problems.package import Package
from submitter.problems.yaml_file import (
    Convert,
    Mapping,
    as_boolean,
    as_one_of,
    as_one_or_more_texts,
    as_text,
    as_texts,
    as_whole_number,
    parse_mapping,
)

DATA = "data"
GROUP_FILE = "test_group.yaml"
OLD_GROUP_FILE = "testdata.yaml"
"""Its name in earlier versions of the format."""
INPUT, ANSWER, SETTINGS = ".in", ".ans", ".yaml"

_DEFAULT_MAX_SCORE = 100
_DISPLAY = (
    *(".in.statement", ".ans.statement", ".in.download", ".ans.download"),
    *(".out", ".interaction", ".png", ".jpg", ".jpeg", ".svg"),
)
_ENDINGS = (*_DISPLAY, INPUT, ANSWER, SETTINGS)
"""The longer before the shorter."""
_FILES = ".files"
_VALIDATION = frozenset({"invalid_input", "invalid_output", "valid_output"})
_SCORING = ("max_score", "score_aggregation", "require_pass")
_STATIC = ("static_validation_score", "static_validator_args")
_UNUSED = ("input_validator_args", "input_visualizer_args", "output_visualizer_args")

type _Files = dict[str, PurePosixPath]
"""A case's files by their endings."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a case has from its group's file, or from that of `sample` or `secret`."""

    args: tuple[str, ...] = ()
    output_validator_args: tuple[str, ...] = ()
    full_feedback: bool = False


def input_path(case: str) -> PurePosixPath:
    """Return the path of a case's input in the package."""
    return PurePosixPath(DATA, f"{case}{INPUT}")


def answer_path(case: str) -> PurePosixPath:
    """Return the path of a case's answer in the package."""
    return PurePosixPath(DATA, f"{case}{ANSWER}")


def read_test_data(
    package: Package, kind: ProblemType, *, has_validator: bool
) -> tuple[tuple[Group, ...], tuple[Case, ...]]:
    """Read the groups of a scoring problem, and the cases of any, both in their order.

    Args:
        package: the folder.
        kind: the problem's type.
        has_validator: whether the problem has its own output validator, which knows its arguments.
    """
    as_flags = as_texts if has_validator else _as_flags
    names = _group_names(package)
    inherited: dict[str, Inherited] = {}
    groups: dict[str, Group] = {}
    for name in (SAMPLE, SECRET, *names):
        settings = _group_settings(package, name)
        inherited[name] = _read_inherited(
            settings, Inherited(full_feedback=name == SAMPLE), as_flags
        )
        if name == SECRET and names and inherited[name] != Inherited():
            text = "These settings are for cases in no group: groups do not inherit them."
            package.findings.warn(settings.file, None, text)
        if name == SAMPLE or kind is ProblemType.PASS_FAIL:
            why = "samples are worth no points" if name == SAMPLE else "type is pass-fail"
            settings.forbid(*_SCORING, why=why)
        else:
            groups[name] = _read_scoring(settings, name, groups)
        settings.forbid(*_STATIC, why="static validators are not supported")
        settings.ignore(*_UNUSED, why="validators of inputs, and visualizers, are not run")
        settings.close()
    _check_scores(package, groups)
    files = _case_files(package, has_groups=bool(names))
    cases = [
        _read_case(package, base, files[base], inherited, as_flags)
        for base in sorted(files, key=lambda base: base.split("/"))
    ]
    _check_filled(package, names, cases)
    return tuple(groups.values()), tuple(cases)


def _group_names(package: Package) -> list[str]:
    """Return the names of the groups; a misplaced group's file is an error."""
    names = []
    for path in package.below(DATA):
        if path.name != GROUP_FILE:
            continue
        match path.parts[1:-1]:
            case ("sample",) | ("secret",):
                pass
            case ("secret", group):
                names.append(f"{SECRET}/{group}")
            case _:
                text = "Only data/sample, data/secret and the folders in data/secret have this."
                package.findings.error(package.place(path), None, text)
    return sorted(names)


def _group_settings(package: Package, name: str) -> Mapping:
    path = PurePosixPath(DATA, name, GROUP_FILE)
    text = package.read_template(path) if package.has(path) else ""
    return parse_mapping(text, package.place(path), package.findings)


def _read_inherited(
    settings: Mapping, default: Inherited, as_flags: Convert[tuple[str, ...]]
) -> Inherited:
    return Inherited(
        settings.take("args", as_texts, default.args),
        settings.take("output_validator_args", as_flags, default.output_validator_args),
        settings.take("full_feedback", as_boolean, default.full_feedback),
    )


def _read_scoring(settings: Mapping, name: str, earlier: dict[str, Group]) -> Group:
    is_secret = name == SECRET
    default = Aggregation.SUM if is_secret else Aggregation.PASS_FAIL
    aggregation = settings.take("score_aggregation", as_one_of(Aggregation), default)
    outer = aggregation if is_secret else earlier[SECRET].score_aggregation
    if outer is Aggregation.PASS_FAIL is not aggregation:
        text = "score_aggregation must be pass-fail, as that of data/secret is."
        settings.error("score_aggregation", text)
    if is_secret:
        max_score = settings.take("max_score", _as_max_score, _DEFAULT_MAX_SCORE)
    else:
        max_score = settings.require("max_score", _as_max_score, 0)
    required = settings.take("require_pass", as_one_or_more_texts, ())
    for other in required:
        group = earlier.get(other) if other != SECRET else None
        if other == SAMPLE:
            continue
        if group is None or group.score_aggregation is not Aggregation.PASS_FAIL:
            text = (
                f"require_pass can name sample, and earlier groups whose score_aggregation is "
                f"pass-fail, such as secret/group1: not {other!r:.40}."
            )
            settings.error("require_pass", text)
    return Group(name, max_score, aggregation, required)


def _as_max_score(node: Node) -> int:
    if isinstance(node, ScalarNode) and node.value == "unbounded":
        raise ValueError("can't be unbounded here: a grade needs to know the most")
    return as_whole_number(node)


def _as_flags(node: Node) -> tuple[str, ...]:
    flags = as_texts(node)
    try:
        read_flags(flags)
    except ValueError as error:
        raise ValueError(f"can't be used: {error}") from None
    return flags


def _check_scores(package: Package, groups: dict[str, Group]) -> None:
    """Compare what the groups give with what `secret` says."""
    inner = [group.max_score for group in groups.values() if group.name != SECRET]
    if not inner or groups[SECRET].score_aggregation is Aggregation.PASS_FAIL:
        return
    most, place = groups[SECRET].max_score, package.place(PurePosixPath(DATA, SECRET, GROUP_FILE))
    reached = sum(inner) if groups[SECRET].score_aggregation is Aggregation.SUM else min(inner)
    says = f"The groups give up to {reached} points, and data/secret has max_score {most}"
    if reached > most:
        package.findings.error(place, None, f"{says}: lower theirs, or set it here.")
    elif reached < most:
        package.findings.warn(place, None, f"{says}: nobody can reach that.")


def _case_files(package: Package, *, has_groups: bool) -> dict[str, _Files]:
    """Return the files of each case in `sample` and `secret`, by the cases' names."""
    found: dict[str, _Files] = {}
    shown: list[PurePosixPath] = []
    for path in package.below(DATA):
        part = path.relative_to(DATA)
        if part.parts[0] in {SAMPLE, SECRET} and path.name != GROUP_FILE:
            name, ending = _split(part)
            if _check_file(package, path, ending):
                found.setdefault(name, {})[ending] = path
            elif ending in _DISPLAY:
                shown.append(path)
    if shown:
        count = f"{len(shown)} file{'s' * (len(shown) > 1)} of data"
        text = f"{count}, for statements, ignored: no statement is made here."
        package.findings.ignore(package.place(shown[0]), None, text)
    for folder in sorted({path.parts[1] for path in package.below(DATA)} - {SAMPLE, SECRET}):
        place = package.place(PurePosixPath(DATA, folder))
        if folder in _VALIDATION:
            package.findings.ignore(place, None, "It is ignored: validators are not tested here.")
        else:
            package.findings.warn(place, None, "It is ignored: cases are in sample and secret.")
    for name in [name for name, files in found.items() if INPUT not in files]:
        place = package.place(next(iter(found.pop(name).values())))
        package.findings.error(place, None, f"It belongs to no case: there is no {name}{INPUT}.")
    _check_layout(package, found, has_groups=has_groups)
    return found


def _split(part: PurePosixPath) -> tuple[str, str]:
    """Return the case's name and the ending of a file below `data/`; no ending if it has none."""
    text = part.as_posix()
    ending = next((each for each in _ENDINGS if text.endswith(each)), "")
    return text.removesuffix(ending), ending


def _check_file(package: Package, path: PurePosixPath, ending: str) -> bool:
    """Return whether a file is a part of a case that matters here."""
    place, findings = package.place(path), package.findings
    if any(folder.endswith(_FILES) for folder in path.parts[:-1]):
        text = "Files for a program to open are not supported: put them into the .in."
        findings.error(place, None, text)
        return False
    if path.name == OLD_GROUP_FILE:
        if package.has_content(path):
            text = f"It is ignored, as a file of an earlier format: {GROUP_FILE} replaces it."
            findings.warn(place, None, text)
    elif not ending:
        findings.warn(place, None, "It is ignored: no file of a case has such an ending.")
    return ending in {INPUT, ANSWER, SETTINGS} and path.name != OLD_GROUP_FILE


def _check_layout(package: Package, cases: dict[str, _Files], *, has_groups: bool) -> None:
    findings = package.findings
    folders = {
        folder.relative_to(DATA).as_posix()
        for path in package.below(DATA)
        for folder in path.parents[: len(path.parts) - 2]
    }
    for name, files in cases.items():
        place = package.place(files[INPUT])
        depth = name.count("/")
        if name in folders:
            findings.error(place, None, "A folder beside it has its name: rename one of them.")
        if name.endswith("/test_group"):
            findings.error(place, None, f"A case can't have this name: {GROUP_FILE} is a group's.")
        if has_groups and name.startswith(f"{SECRET}/") and depth == 1:
            text = f"It is in no group, but data/secret has groups (folders with a {GROUP_FILE})."
            findings.error(place, None, text)
    if has_groups:
        for folder in sorted(folders):
            path = PurePosixPath(DATA, folder, GROUP_FILE)
            if folder.startswith(f"{SECRET}/") and folder.count("/") == 1 and not package.has(path):
                text = f"It needs a {GROUP_FILE}, as the other folders of data/secret have."
                findings.error(package.place(path.parent), None, text)


def _read_case(
    package: Package,
    name: str,
    files: _Files,
    inherited: dict[str, Inherited],
    as_flags: Convert[tuple[str, ...]],
) -> Case:
    place = package.place(files[INPUT])
    if ANSWER not in files:
        text = f"It has no answer: add {place.with_suffix(ANSWER).name}."
        package.findings.error(place, None, text)
    parts = name.split("/")
    home = inherited.get("/".join(parts[:2])) or inherited[parts[0]]
    text = package.read_text(files[SETTINGS]) if SETTINGS in files else ""
    settings_place = package.place(files.get(SETTINGS, files[INPUT]))
    settings = parse_mapping(text, settings_place, package.findings)
    own = _read_inherited(settings, home, as_flags)
    hint = settings.take("hint", as_text, None)
    description = settings.take("description", as_text, None)
    settings.ignore(*_UNUSED, why="validators of inputs, and visualizers, are not run")
    settings.close()
    return Case(
        name,
        own.args,
        _read_data(package, files[INPUT]),
        _read_data(package, files[ANSWER]) if ANSWER in files else "",
        own.output_validator_args,
        own.full_feedback,
        hint,
        description,
    )


def _read_data(package: Package, path: PurePosixPath) -> str:
    text, place = package.read_text(path), package.place(path)
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        package.findings.warn(place, line, "Lines end as on Windows: save it with LF line ends.")
    if text and not text.endswith("\n"):
        line = text.count("\n") + 1
        package.findings.warn(place, line, "The last line has no end: add one.")
    return text


def _check_filled(package: Package, groups: list[str], cases: list[Case]) -> None:
    for name in groups or [SECRET]:
        if not any(case.name.startswith(f"{name}/") for case in cases):
            place = package.place(PurePosixPath(DATA, name))
            package.findings.error(place, None, f"It has no case: add a {INPUT} and an {ANSWER}.")
