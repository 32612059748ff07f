"""The variables that a Python needs to start if it finds its libraries by them."""

from __future__ import annotations

import os

_VARIABLES = (
    *("LD_LIBRARY_PATH", "LD_PRELOAD", "NIX_LD", "NIX_LD_LIBRARY_PATH"),
    *("DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
    *("DYLD_FRAMEWORK_PATH", "DYLD_FALLBACK_FRAMEWORK_PATH"),
)


def loader_environment() -> dict[str, str]:
    """Return this process's settings of the dynamic loader."""
    return {name: os.environ[name] for name in _VARIABLES if name in os.environ}
