"""Reads a Terraform configuration's files: its modules, variables, outputs and resources.

The language is HashiCorp's: https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2

_MODES = {"resource": "", "data": "data."}


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource, or a data source."""

    type: str
    """Its type, with ``data.`` in front for a data source."""
    name: str

    @property
    def address(self) -> str:
        """Its address within its module."""
        return f"{self.type}.{self.name}"


@dataclass(frozen=True, slots=True)
class Variable:
    """An input of a module."""

    name: str
    type: str
    description: str
    is_required: bool
    default: str
    """In Terraform's language; empty if the variable is required."""


@dataclass(frozen=True, slots=True)
class Output:
    """An output of a module."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Module:
    """A folder of the configuration."""

    folder: Path
    variables: tuple[Variable, ...]
    outputs: tuple[Output, ...]
    resources: tuple[Resource, ...]
    calls: tuple[str, ...]
    """Names of its module calls."""


def read_modules(folder: Path) -> Iterator[Module]:
    """Yield every module of a configuration, its root first.

    Args:
        folder: the root module's folder.

    Raises:
        OSError: a file cannot be read.
    """
    yield from map(read_module, sorted({file.parent for file in _files(folder)}))


def read_module(folder: Path) -> Module:
    """Return the module in a folder, without the modules that it calls.

    Raises:
        OSError: a file cannot be read.
    """
    contents = [_content(file) for file in _files(folder) if file.parent == folder]
    return Module(
        folder,
        tuple(_variable(name, body) for name, body in _blocks(contents, "variable")),
        tuple(
            Output(name, _unquoted(body.get("description", "")))
            for name, body in _blocks(contents, "output")
        ),
        tuple(_resources(contents)),
        tuple(name for name, _ in _blocks(contents, "module")),
    )


def _content(file: Path) -> Mapping[str, Any]:
    content: dict[str, Any] = hcl2.loads(file.read_text(encoding="utf-8"))
    return content


def _resources(contents: Iterable[Mapping[str, Any]]) -> Iterator[Resource]:
    for kind, prefix in _MODES.items():
        for type_, named in _blocks(contents, kind):
            for name, _ in _members(named):
                if type_.startswith("aws_"):
                    yield Resource(f"{prefix}{type_}", name)


def _blocks(
    contents: Iterable[Mapping[str, Any]], kind: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for content in contents:
        for entry in content.get(kind, ()):
            yield from _members(entry)


def _variable(name: str, body: Mapping[str, Any]) -> Variable:
    is_required = "default" not in body
    return Variable(
        name,
        str(body["type"]).removeprefix("${").removesuffix("}"),
        _unquoted(body.get("description", "")),
        is_required,
        "" if is_required else _written(body["default"]),
    )


def _written(value: object) -> str:
    """Return a value in Terraform's language."""
    if isinstance(value, Mapping):
        members = ", ".join(f"{name} = {_written(it)}" for name, it in _members(value))
        return f"{{ {members} }}" if members else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _unquoted(text: str) -> str:
    """Return the text of a literal."""
    return text.removeprefix('"').removesuffix('"').replace('\\"', '"').replace("\\\\", "\\")


def _files(folder: Path) -> list[Path]:
    """Return the files that Terraform reads: not hidden ones."""
    return sorted(
        file
        for file in folder.rglob("*.tf")
        if not any(name.startswith(".") for name in file.relative_to(folder).parts)
    )


def _members(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in entry.items():
        # The parser's own entries, such as comments.
        if not name.startswith("__"):
            yield name.strip('"'), value
