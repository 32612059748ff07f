"""Strict JSON documents of frozen dataclasses, the same bytes for the same content."""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

FORMAT = "format"
"""The key of a document's format version."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_SHOWN = 40
"""Characters of a wrong value that an error shows."""


class DocumentError(ValueError):
    """A document can't be used; the message says where and why."""


def fields_of(value: Any) -> Any:  # noqa: ANN401
    """Return a dataclass's fields, or a time as text: what JSON has for them."""
    if isinstance(value, datetime):
        return value.isoformat()
    return {field.name: getattr(value, field.name) for field in fields(value)}


def canonical(value: object) -> bytes:
    """Return a value's JSON: keys sorted, no spaces, UTF-8, a new line at the end.

    Raises:
        DocumentError: a text has lone surrogates, a number is not finite.
    """
    try:
        text = json.dumps(
            value,
            default=fields_of,
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
        )
        return f"{text}\n".encode()
    except ValueError as error:
        raise DocumentError(f"it can't be written as JSON: {error}") from error


def read_object(data: bytes, newest: int) -> dict[str, Any]:
    """Return a document's JSON object, without its format version.

    Args:
        data: the document; any bytes.
        newest: the newest format version that the caller reads.

    Raises:
        DocumentError: it is no such object, repeats a key, or has another format version.
    """
    try:
        value = json.loads(
            data.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"it is damaged, not a JSON document: {error}") from error
    if not isinstance(value, dict):
        raise _mismatch("it", "an object", value)
    version = value.pop(FORMAT, None)
    if type(version) is not int or version < 1:
        raise _mismatch(FORMAT, "a version, such as 1", version)
    if version > newest:
        raise DocumentError(
            f"it has format {version}, from a newer release; this one reads up to {newest}: deploy "
            "the newer release, or publish again with this one"
        )
    return value


def decode[T](kind: type[T], value: object) -> T:
    """Make a dataclass of a JSON object, which has exactly the dataclass's fields.

    Fields can be texts, numbers, times, enumerations, dataclasses, tuples of one type, and each of
    these or None.

    Raises:
        DocumentError: names the first field that is missing, unknown or of another type.
    """
    decoded: T = _decode(kind, value, "it")
    return decoded


def _decode(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401
    if isinstance(kind, type) and is_dataclass(kind):
        return _decode_object(kind, value, where)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise _mismatch(where, "a list", value)
        item = get_args(kind)[0]
        return tuple(_decode(item, each, f"{where}[{i}]") for i, each in enumerate(value))
    if get_origin(kind) is UnionType:
        return None if value is None else _decode(get_args(kind)[0], value, where)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        values: list[str] = [*kind]
        if value not in values:
            raise _mismatch(where, f"one of {', '.join(values)}", value)
        return kind(value)
    return _decode_scalar(kind, value, where)


def _decode_object(kind: type, value: Any, where: str) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        raise _mismatch(where, "an object", value)
    hints = _hints(kind)
    if unknown := sorted(value.keys() - hints.keys()):
        raise DocumentError(f"{where} has the unknown key {_shown(unknown[0])}")
    if missing := sorted(hints.keys() - value.keys()):
        raise DocumentError(f"{where} lacks the key {missing[0]}")
    prefix = "" if where == "it" else f"{where}."
    return kind(**{name: _decode(hints[name], value[name], prefix + name) for name in hints})


def _decode_scalar(kind: type, value: Any, where: str) -> Any:  # noqa: ANN401
    if kind is datetime:
        return _moment(value, where)
    if kind is float:
        if type(value) not in {int, float} or not abs(value) <= sys.float_info.max:
            raise _mismatch(where, "a finite number", value)
        return float(value)
    if type(value) is not kind:
        names = {str: "a text", int: "a whole number", bool: "true or false"}
        raise _mismatch(where, names[kind], value)
    if isinstance(value, str) and _SURROGATE.search(value):
        raise _mismatch(where, "a text of Unicode characters, without lone surrogates", value)
    return value


def _moment(value: object, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise _mismatch(where, "a time, such as 2026-11-23T23:59:00+01:00", value) from None
    if moment.utcoffset() is None:
        raise _mismatch(where, "a time with its offset from UTC, such as +01:00 or Z", value)
    return moment


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice in one object")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _mismatch(where: str, expected: str, value: object) -> DocumentError:
    return DocumentError(f"{where} must be {expected}, not {_shown(value)}")


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    shown = ascii(value) if not isinstance(value, int) or abs(value) < 1 << 64 else "a huge number"
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
