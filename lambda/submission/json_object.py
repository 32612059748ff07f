"""Reads JSON from any source without raising: messages, results, log lines, policies."""

from __future__ import annotations

import json
from typing import Any


def read_object(text: str | bytes | None) -> dict[str, Any]:
    """Return a text's JSON object; an empty one if it has none, or nests too deeply to read."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def text_of(fields: object, name: str) -> str | None:
    """Return a field's text; None if the field is missing, empty or not a text."""
    value = fields.get(name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) and value else None
