"""Reads JSON that anybody may have written: a message, a result, a line of a log, a policy."""

from __future__ import annotations

import json
from typing import Any


def read_object(text: str | bytes | None) -> dict[str, Any]:
    """Return a JSON object; an empty one if the text is none, or is nested too deeply to read."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def text_of(fields: object, name: str) -> str | None:
    """Return a field's text; None if there is no such field, or no text in it."""
    value = fields.get(name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) and value else None
