"""Reads the schema out of the CDK Terrain bindings that are generated from it.

The provider itself, hundreds of megabytes for one platform, tells its schema only by running it.
Its bindings are a package like any other; a resource's are in one file of TypeScript declarations,
where each argument's comment links to its documentation by the name that it has in Terraform.
"""

import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from provider_schema.schema import Argument, Schema, Type

_TYPE = re.compile(r'static readonly tfResourceType = "(aws_\w+)"')
_VERSION = re.compile(r"/hashicorp/aws/([0-9.]+)/docs/")
_INTERFACE = re.compile(
    r"^( *)(?:export )?interface (\w+)[^{\n]*\{\n(.*?)^\1\}", re.MULTILINE | re.DOTALL
)
_CLASS = re.compile(
    r"^export declare class \w+ extends cdktn\.Terraform(Resource|DataSource) \{\n(.*?)^\}",
    re.MULTILINE | re.DOTALL,
)
_PROPERTY = re.compile(
    r"docs/(?:resources|data-sources)/\w+#(\w+) .*?readonly \w+(\??): ([^;]+);", re.DOTALL
)
_GETTER = re.compile(r"^ {4}get (\w+)\(\)", re.MULTILINE)


def extract_schema(archive: Path, wanted: Iterable[str]) -> Schema:
    """Return the schema of the types that are wanted, as far as the bindings have them.

    Args:
        archive: the bindings, as the package has them: a tar file of TypeScript declarations.
        wanted: the types' names; a data source's has ``data.`` in front.

    Raises:
        OSError: the archive cannot be read.
    """
    left = set(wanted)
    types: dict[str, Type] = {}
    version = ""
    for text in _declarations(archive):
        found = _TYPE.search(text)
        kind = _CLASS.search(text)
        if found is None or kind is None:
            continue
        name = found[1] if kind[1] == "Resource" else f"data.{found[1]}"
        if name in left:
            types[name] = parse_declaration(text)
            versions = _VERSION.search(text)
            version = versions[1] if versions else version
    return Schema(version, types)


def parse_declaration(text: str) -> Type:
    """Return what one file of declarations says of its resource or data source.

    Raises:
        ValueError: it declares none.
    """
    kind = _CLASS.search(text)
    interfaces = {found[2]: found[3] for found in _INTERFACE.finditer(text)}
    config = next((name for name in interfaces if name.endswith("Config")), None)
    if kind is None or config is None:
        raise ValueError("there is neither a resource nor a data source in this declaration")
    return Type(_arguments(interfaces[config], interfaces), frozenset(_GETTER.findall(kind[2])))


def _declarations(archive: Path) -> Iterator[str]:
    with tarfile.open(archive) as bindings:
        for member in bindings:
            content = bindings.extractfile(member) if member.name.endswith(".d.ts") else None
            if content is not None:
                yield content.read().decode("utf-8")


def _arguments(body: str, interfaces: Mapping[str, str]) -> dict[str, Argument]:
    arguments = {}
    for name, optional, type_ in _PROPERTY.findall(body):
        # Those of nested blocks are in a namespace that is named after the resource.
        nested = re.match(r"(?:\w+\.)*(\w+)", type_)
        inner = interfaces.get(nested[1]) if nested else None
        arguments[name] = Argument(
            not optional, None if inner is None else _arguments(inner, interfaces)
        )
    return arguments
