"""Processes of the project's own code, and what they need to find it."""

import os

from emulation.project import EXECUTOR, SCRIPTS
from localstack_process_executor.loader import loader_environment

ENVIRONMENT = {**loader_environment(), "PYTHONPATH": f"{SCRIPTS}{os.pathsep}{EXECUTOR}"}
"""All that a Python process needs to import the project's scripts."""
