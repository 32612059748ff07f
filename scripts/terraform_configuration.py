"""A Terraform configuration as it is written: which resources, with which arguments and blocks.

The language is HashiCorp's: https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2

_MODES = {"resource": "", "data": "data."}
_REFERENCE = re.compile(r"\b((?:data\.)?aws_\w+)\.\w+(?:\[[^]]*\])?\.([a-z]\w*)")
_BLOCK = "__is_block__"


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two braces."""

    arguments: frozenset[str]
    blocks: tuple[tuple[str, "Block"], ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource, or a data source."""

    file: Path
    type: str
    """Its type; a data source's has ``data.`` in front."""
    name: str
    body: Block

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
    """As it would be written; empty if it is required."""


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
    """The modules it is made of, by the names it gives them."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where an attribute of a resource is read."""

    file: Path
    type: str
    attribute: str


def read_resources(folder: Path) -> Iterator[Resource]:
    """Yield every resource and data source of the AWS provider below a folder, file by file.

    Args:
        folder: where the configuration and its modules lie.

    Raises:
        OSError: a file cannot be read.
    """
    for file in _files(folder):
        yield from _resources(file, _content(file))


def read_modules(folder: Path) -> Iterator[Module]:
    """Yield every module of a configuration, its root first.

    Args:
        folder: where the configuration and its modules lie.

    Raises:
        OSError: a file cannot be read.
    """
    files = _files(folder)
    for module in sorted({file.parent for file in files}):
        contents = {file: _content(file) for file in files if file.parent == module}
        yield Module(
            module,
            tuple(_variable(name, body) for name, body in _blocks(contents.values(), "variable")),
            tuple(
                Output(name, _unquoted(body.get("description", "")))
                for name, body in _blocks(contents.values(), "output")
            ),
            tuple(it for file, content in contents.items() for it in _resources(file, content)),
            tuple(name for name, _ in _blocks(contents.values(), "module")),
        )


def _content(file: Path) -> Mapping[str, Any]:
    content: dict[str, Any] = hcl2.loads(file.read_text(encoding="utf-8"))
    return content


def _resources(file: Path, content: Mapping[str, Any]) -> Iterator[Resource]:
    for kind, prefix in _MODES.items():
        for type_, named in _blocks([content], kind):
            for name, body in _members(named):
                if type_.startswith("aws_"):
                    yield Resource(file, f"{prefix}{type_}", name, _block(body))


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
    """Return a value as the configuration has it."""
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


def read_references(folder: Path) -> Iterator[Reference]:
    """Yield every place where an attribute of a resource is read, comments left out.

    Args:
        folder: where the configuration and its modules lie.

    Raises:
        OSError: a file cannot be read.
    """
    for file in _files(folder):
        for line in file.read_text(encoding="utf-8").splitlines():
            for found in _REFERENCE.finditer(line.partition("#")[0]):
                yield Reference(file, found[1], found[2])


def _files(folder: Path) -> list[Path]:
    """Return the files that Terraform reads: it passes over hidden ones."""
    return sorted(
        file
        for file in folder.rglob("*.tf")
        if not any(name.startswith(".") for name in file.relative_to(folder).parts)
    )


def _members(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in entry.items():
        # The parser's own remarks, such as comments.
        if not name.startswith("__"):
            yield name.strip('"'), value


def _block(body: Mapping[str, Any]) -> Block:
    arguments: set[str] = set()
    blocks: list[tuple[str, Block]] = []
    for name, value in _members(body):
        nested = [it for it in value if _is_block(it)] if isinstance(value, list) else []
        if name == "dynamic":
            for entry in value:
                for label, dynamic in _members(entry):
                    blocks += [(label, _block(content)) for content in dynamic["content"]]
        elif nested:
            blocks += [(name, _block(it)) for it in nested]
        else:
            arguments.add(name)
    return Block(frozenset(arguments), tuple(blocks))


def _is_block(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value.get(_BLOCK))
