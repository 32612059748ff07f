"""The part of the provider's schema that the configuration is checked against."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent / "aws_6.json"
"""The extract that is kept with the project; `make provider-schema` writes it."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a resource, or a nested block."""

    is_required: bool
    nested: "Mapping[str, Argument] | None"
    """What a nested block has in turn; None for what has no parts."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type of resource or data source."""

    arguments: Mapping[str, Argument]
    attributes: frozenset[str]
    """What can be read of it, in camel case, as the bindings name it."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The types that the configuration uses."""

    provider: str
    """The provider's version."""
    types: Mapping[str, Type]


def load_schema(file: Path) -> Schema:
    """Read an extract.

    Raises:
        OSError: it cannot be read.
    """
    document = json.loads(file.read_text(encoding="utf-8"))
    return Schema(
        document["provider"],
        {
            name: Type(_arguments(it["arguments"]), frozenset(it["attributes"]))
            for name, it in document["types"].items()
        },
    )


def dump_schema(schema: Schema) -> str:
    """Return an extract as the text of its file: the same for the same schema."""
    types = {
        name: {"arguments": _plain(it.arguments), "attributes": sorted(it.attributes)}
        for name, it in schema.types.items()
    }
    document = {"provider": schema.provider, "types": types}
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def _arguments(entries: Mapping[str, Any]) -> dict[str, Argument]:
    return {
        name: Argument(it["required"], _arguments(it["nested"]) if "nested" in it else None)
        for name, it in entries.items()
    }


def _plain(arguments: Mapping[str, Argument]) -> dict[str, Any]:
    return {
        name: {"required": it.is_required}
        | ({} if it.nested is None else {"nested": _plain(it.nested)})
        for name, it in arguments.items()
    }
