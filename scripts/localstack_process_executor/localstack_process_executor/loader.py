"""What a Python that finds its libraries by environment variables needs in order to start.

It imports nothing of its package, because other Pythons import it too.
"""

from __future__ import annotations

import os

_VARIABLES = (
    *("LD_LIBRARY_PATH", "LD_PRELOAD", "NIX_LD", "NIX_LD_LIBRARY_PATH"),
    *("DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
    *("DYLD_FRAMEWORK_PATH", "DYLD_FALLBACK_FRAMEWORK_PATH"),
)


def loader_environment() -> dict[str, str]:
    """Gives this process's settings of the dynamic loader.

    Returns:
        The variables that are set, and their values.
    """
    return {name: os.environ[name] for name in _VARIABLES if name in os.environ}
