"""Runs a program in CPython inside WebAssembly: no files, network, processes or credentials.

It knows nothing of AWS nor of submissions. docs/sandbox.md says what a program can and can't do.
"""

from sandbox.outcome import FUEL_PER_SECOND, End, Limits, Outcome
from sandbox.runner import Sandbox

__all__ = ["FUEL_PER_SECOND", "End", "Limits", "Outcome", "Sandbox"]
