"""Reads `problem.yaml`.

https://www.kattis.com/problem-package-format/spec/2025-09.html#problem-metadata
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from yaml.nodes import MappingNode, Node

from grading.problem import Limits, ProblemType
from sandbox.outcome import (
    LARGEST_MEMORY_BYTES,
    LARGEST_OUTPUT_BYTES,
    MEBIBYTE,
    SMALLEST_MEMORY_BYTES,
)
from submitter.problems.package import Package
from submitter.problems.yaml_file import (
    Convert,
    Mapping,
    as_anything,
    as_boolean,
    as_number,
    as_one_or_more_texts,
    as_positive_number,
    as_positive_whole_number,
    as_text,
    parse_mapping,
)

PROBLEM_FILE = "problem.yaml"
FORMAT_VERSION = "2025-09"
DEFAULT_LIMITS = Limits(time_limit=1.0, memory=256, output=8)

_UNSUPPORTED_TYPES = frozenset({"multi-pass", "interactive", "submit-answer"})
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_MEMORY = (SMALLEST_MEMORY_BYTES // MEBIBYTE, LARGEST_MEMORY_BYTES // MEBIBYTE)
_OUTPUT = (1, LARGEST_OUTPUT_BYTES // MEBIBYTE)
_ABOUT = ("version", "credits", "source", "license", "rights_owner", "keywords")
_OTHER_LIMITS = (
    "compilation_time",
    "compilation_memory",
    "validation_time",
    "validation_memory",
    "validation_output",
)


@dataclass(frozen=True, slots=True)
class Timing:
    """How the time limit relates to example submissions: `limits`."""

    is_default: bool = True
    """Whether `time_limit` is missing."""
    line: int = 1
    """Of `time_limit`, or where it would be."""
    ac_to_time_limit: float = 2.0
    time_limit_to_tle: float = 1.5
    time_resolution: float = 1.0


_TIMING = Timing()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What `problem.yaml` says."""

    name: str = ""
    uuid: str = ""
    type: ProblemType = ProblemType.PASS_FAIL
    limits: Limits = DEFAULT_LIMITS
    timing: Timing = _TIMING


def read_metadata(package: Package) -> Metadata:
    """Read the file, and keep its constants in the package."""
    place = package.place(PROBLEM_FILE)
    top = parse_mapping(package.read_text(PROBLEM_FILE), place, package.findings)
    version = top.require("problem_format_version", as_text, FORMAT_VERSION)
    if version != FORMAT_VERSION:
        text = f"problem_format_version must be {FORMAT_VERSION}: this reads no other."
        top.error("problem_format_version", text)
    limits, timing = _read_limits(top.take_mapping("limits"))
    metadata = Metadata(
        top.require("name", _as_name, ""),
        top.require("uuid", _as_uuid, ""),
        top.take("type", _as_type, ProblemType.PASS_FAIL),
        limits,
        timing,
    )
    package.constants.update(_read_constants(top.take_mapping("constants")))
    top.take("languages", _as_languages, None)
    if top.take("allow_file_writing", as_boolean, default=False):
        text = "Programs can't write files here, whatever allow_file_writing says."
        package.findings.warn(place, top.line_of("allow_file_writing"), text)
    top.ignore(*_ABOUT, why="grading needs nothing of that")
    top.ignore("embargo_until", why="the event's release_date is what counts")
    # The format's own examples still have this key of an earlier version.
    top.ignore("source_url", why=f"{FORMAT_VERSION} has source instead, with name and url")
    top.close()
    if timing.is_default:
        text = f"limits.time_limit is missing: {limits.time_limit:g} s is taken."
        package.findings.warn(place, timing.line, text)
    return metadata


def _read_limits(limits: Mapping) -> tuple[Limits, Timing]:
    is_default = "time_limit" not in limits.keys
    line = limits.line_of("time_limit")
    multipliers = limits.take_mapping("time_multipliers")
    timing = Timing(
        is_default,
        line,
        multipliers.take("ac_to_time_limit", _as_multiplier, _TIMING.ac_to_time_limit),
        multipliers.take("time_limit_to_tle", _as_multiplier, _TIMING.time_limit_to_tle),
        limits.take("time_resolution", as_positive_number, _TIMING.time_resolution),
    )
    multipliers.close()
    resolution = _fraction(timing.time_resolution)
    default = DEFAULT_LIMITS
    time_limit = limits.take("time_limit", as_positive_number, default.time_limit)
    if _fraction(time_limit) % resolution and not is_default:
        text = (
            f"time_limit must be a multiple of time_resolution, {timing.time_resolution:g} s: "
            "change it, or set limits.time_resolution too."
        )
        limits.error("time_limit", text)
    memory = limits.take("memory", _between(*_MEMORY), default.memory)
    output = limits.take("output", _between(*_OUTPUT), default.output)
    limits.ignore("code", why="a program can have 1,000,000 bytes")
    limits.ignore(*_OTHER_LIMITS, why="nothing is compiled or validated here")
    limits.close()
    return Limits(time_limit, memory, output), timing


def _read_constants(constants: Mapping) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in constants.keys:
        if not _NAME.fullmatch(name):
            constants.error(name, "A constant's name has letters, digits and _ only.")
        node = constants.take(name, as_anything, None)
        if node is None:
            continue
        if isinstance(node, MappingNode):
            variants = Mapping(node, constants.file, constants.findings)
            value = variants.require("value", as_text, "")
            found |= {f"{name}.{key}": variants.take(key, as_text, "") for key in variants.keys}
        else:
            value = constants.convert(name, node, as_text, "")
        found |= {name: value, f"{name}.value": value}
    return found


def _as_name(node: Node) -> str:
    """Convert a name, or the English one of several, or the first."""
    if not isinstance(node, MappingNode):
        return as_text(node)
    names = {key.value: as_text(value) for key, value in node.value}
    if not names:
        raise ValueError("must have a name for a language, such as en: Sums")
    return names.get("en") or next(iter(names.values()))


def _as_uuid(node: Node) -> str:
    try:
        return str(UUID(as_text(node)))
    except ValueError:
        raise ValueError("must be a UUID; `uuidgen` prints a new one") from None


def _as_type(node: Node) -> ProblemType:
    types = as_one_or_more_texts(node)
    if unsupported := _UNSUPPORTED_TYPES.intersection(" ".join(types).split()):
        raise ValueError(f"can't be {min(unsupported)} here: programs run once for each case")
    if len(types) != 1 or types[0] not in [*ProblemType]:
        raise ValueError(f"must be {' or '.join(ProblemType)}")
    return ProblemType(types[0])


def _as_languages(node: Node) -> None:
    if not {"all", "python3"}.intersection(as_one_or_more_texts(node)):
        raise ValueError("must have python3: programs are in nothing else here")


def _as_multiplier(node: Node) -> float:
    if (number := as_number(node)) < 1:
        raise ValueError("must be 1 or more")
    return number


def _between(least: int, most: int) -> Convert[int]:
    def convert(node: Node) -> int:
        number = as_positive_whole_number(node)
        if not least <= number <= most:
            raise ValueError(f"must be from {least} to {most} MiB, as far as the sandbox can go")
        return number

    return convert


def _fraction(number: float) -> Fraction:
    """Return a number as it was written: 0.3 is three times 0.1."""
    return Fraction(repr(number))
