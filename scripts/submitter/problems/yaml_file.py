"""Reads YAML with the lines of its values, so that a finding can say where something is wrong.

Values are read as they are written: `1e-6` is a number and `on` a text, as in YAML 1.2, although
PyYAML reads YAML 1.1.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from submitter.problems.findings import Findings

type Convert[T] = Callable[[Node], T]
"""Returns a value, or raises ValueError with what it must be, such as ``must be a text``."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?")
"""The package format's grammar."""
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False}
_SHOWN = 40


def line_of(node: Node) -> int:
    """Return the line of a value, from 1."""
    line: int = node.start_mark.line
    return line + 1


class Mapping:
    """A mapping of which each known key is taken once; `close` finds the unknown ones."""

    def __init__(self, node: MappingNode | None, file: Path, findings: Findings) -> None:
        """Read the keys; a key that occurs twice is an error.

        Args:
            node: the mapping; None for an empty one.
            file: for the findings.
            findings: gets what is wrong.
        """
        self.file = file
        self.findings = findings
        self.line = line_of(node) if node else 1
        self._values: dict[str, Node] = {}
        self._lines: dict[str, int] = {}
        for key, value in node.value if node else ():
            if not isinstance(key, ScalarNode):
                findings.error(file, line_of(key), "A key must be a text.")
            elif key.value in self._values:
                first = self._lines[key.value]
                text = f"{key.value} is already in line {first}: keep one."
                findings.error(file, line_of(key), text)
            else:
                self._values[key.value] = value
                self._lines[key.value] = line_of(key)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that were not taken yet."""
        return (*self._values,)

    def line_of(self, key: str) -> int:
        """Return the line of a key, or the mapping's if it has no such key."""
        return self._lines.get(key, self.line)

    def take[T, D](self, key: str, convert: Convert[T], default: D) -> T | D:
        """Return a key's value; the default if it is missing, or wrong, which is an error."""
        node = self._values.pop(key, None)
        return default if node is None else self.convert(key, node, convert, default)

    def convert[T, D](self, key: str, node: Node, convert: Convert[T], default: D) -> T | D:
        """Return a value of a key; the default, and an error, if it is wrong."""
        try:
            if _is_null(node):
                raise ValueError("has no value: write one, or remove the key")  # noqa: TRY301
            return convert(node)
        except ValueError as error:
            self.error(key, f"{key} {error}.")
            return default

    def require[T, D](self, key: str, convert: Convert[T], default: D) -> T | D:
        """Return a key's value as `take` does; that it is missing is an error too."""
        if key not in self._lines:
            self.findings.error(self.file, self.line, f"{key} is missing.")
        return self.take(key, convert, default)

    def take_mapping(self, key: str) -> "Mapping":
        """Return a key's mapping; an empty one if it is missing or something else."""
        node = self.take(key, _as_mapping_node, None)
        inner = Mapping(node, self.file, self.findings)
        inner.line = self.line_of(key)
        return inner

    def ignore(self, *keys: str, why: str) -> None:
        """Take keys that change nothing here, and say so."""
        found = [key for key in keys if self._values.pop(key, None) is not None]
        if found:
            text = f"{', '.join(found)} {'is' if len(found) == 1 else 'are'} ignored: {why}."
            self.findings.ignore(self.file, self._lines[found[0]], text)

    def forbid(self, *keys: str, why: str) -> None:
        """Take keys that must not be here."""
        for key in keys:
            if self._values.pop(key, None) is not None:
                self.error(key, f"{key} must not be here: {why}.")

    def close(self) -> None:
        """Find the keys that nobody took."""
        for key in self._values:
            self.error(key, f"The unknown key {_shown(key)}: correct its spelling, or remove it.")

    def error(self, key: str, text: str) -> None:
        """Add an error at a key."""
        self.findings.error(self.file, self.line_of(key), text)


def parse_mapping(text: str, file: Path, findings: Findings) -> Mapping:
    """Parse a file whose top is a mapping; an empty file is an empty one.

    Args:
        text: the file's content.
        file: its path, for the findings.
        findings: gets what is wrong.

    Returns:
        The mapping; an empty one if the file is not YAML, or something else.
    """
    node = None
    try:
        # A loader that only composes makes no objects.
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        findings.error(file, line, f"This is not YAML: {error.problem or error.context}.")
    except (yaml.YAMLError, RecursionError) as error:
        findings.error(file, None, f"This is not YAML: {str(error).partition('\n')[0]}.")
    if node is not None and not _is_null(node) and not isinstance(node, MappingNode):
        findings.error(file, line_of(node), "The file must have keys and values, such as name: A.")
    return Mapping(node if isinstance(node, MappingNode) else None, file, findings)


def as_text(node: Node) -> str:
    """Convert a text; a number is taken as it is written."""
    if not isinstance(node, ScalarNode) or _is_null(node):
        raise ValueError("must be a text")
    if _is_plain(node) and node.value in _BOOLEANS:
        raise ValueError(f'must be a text: write "{node.value}" if that is one')
    text: str = node.value
    return text


def as_texts(node: Node) -> tuple[str, ...]:
    """Convert a list of texts."""
    if not isinstance(node, SequenceNode):
        raise ValueError("must be a list of texts, such as [a, b]")  # noqa: TRY004 - see Convert
    return tuple(map(as_text, node.value))


def as_one_or_more_texts(node: Node) -> tuple[str, ...]:
    """Convert a list of texts, or a single one."""
    return as_texts(node) if isinstance(node, SequenceNode) else (as_text(node),)


def as_number(node: Node) -> float:
    """Convert a finite number."""
    if not (_is_plain(node) and _NUMBER.fullmatch(node.value)) or "inf" in str(float(node.value)):
        raise ValueError(f"must be a number, such as 1.5, not {_shown_node(node)}")
    return float(node.value)


def as_positive_number(node: Node) -> float:
    """Convert a number above 0."""
    if (number := as_number(node)) <= 0:
        raise ValueError("must be more than 0")
    return number


def as_whole_number(node: Node) -> int:
    """Convert a whole number of 0 or more."""
    if not (_is_plain(node) and _WHOLE_NUMBER.fullmatch(node.value)) or int(node.value) < 0:
        raise ValueError(f"must be a whole number of 0 or more, not {_shown_node(node)}")
    return int(node.value)


def as_positive_whole_number(node: Node) -> int:
    """Convert a whole number of 1 or more."""
    if (number := as_whole_number(node)) < 1:
        raise ValueError("must be 1 or more")
    return number


def as_boolean(node: Node) -> bool:
    """Convert true or false."""
    if not _is_plain(node) or node.value not in _BOOLEANS:
        raise ValueError(f"must be true or false, not {_shown_node(node)}")
    return _BOOLEANS[node.value]


def as_one_of[E: StrEnum](kind: type[E]) -> Convert[E]:
    """Return a conversion to an enumeration's value."""

    def convert(node: Node) -> E:
        values: list[str] = [*kind]
        if not isinstance(node, ScalarNode) or node.value not in values:
            raise ValueError(f"must be one of {', '.join(values)}, not {_shown_node(node)}")
        return kind(node.value)

    return convert


def as_anything(node: Node) -> Node:
    """Convert nothing."""
    return node


def _as_mapping_node(node: Node) -> MappingNode:
    if not isinstance(node, MappingNode):
        raise ValueError("must have keys and values")  # noqa: TRY004 - see Convert
    return node


def _is_plain(node: Node) -> bool:
    """Return whether a value is written without quotation marks."""
    return isinstance(node, ScalarNode) and node.style is None


def _is_null(node: Node) -> bool:
    return _is_plain(node) and node.value in _NULLS


def _shown_node(node: Node) -> str:
    return _shown(node.value) if isinstance(node, ScalarNode) else "several values"


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}..."
