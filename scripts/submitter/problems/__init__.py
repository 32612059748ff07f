"""Reads folders of problems and events into what the grader grades with.

The format is the Kattis problem package format 2025-09, as far as a Python course needs it:
https://www.kattis.com/problem-package-format/spec/2025-09.html
"""

import sys

# PyYAML's C part can't be loaded from a path with an é in the locale C, and nothing here needs it.
sys.modules.setdefault("yaml._yaml", None)  # type: ignore[arg-type]  # as Python's import documents
