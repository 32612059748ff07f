"""What is the same all over a plan's JSON: attributes, and Terraform's markers of them."""

from collections.abc import Mapping
from typing import Any

type Attributes = Mapping[str, Any]


def as_mapping(value: object) -> Attributes:
    """Return what stands for attributes; nothing, where Terraform has but one word for all."""
    return value if isinstance(value, Mapping) else {}


def any_true(value: object) -> bool:
    """Tell whether a marker, such as of what is not known yet, or any part of it, says yes."""
    if isinstance(value, Mapping):
        return any(map(any_true, value.values()))
    if isinstance(value, list):
        return any(map(any_true, value))
    return value is True
