"""Paths of this project."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
EXECUTOR = SCRIPTS / "localstack_process_executor"
"""The distribution for LocalStack's environment."""
TERRAFORM = ROOT / "terraform"
BOOTSTRAP = TERRAFORM / "bootstrap"
"""The second root module, for an account without a stack yet."""
BUILD = ROOT / "build"
INSTANCES = BUILD / "emulators"
"""A folder for each running emulator."""
LOCALSTACK_PYTHON = ROOT / ".venv-localstack" / "bin" / "python"
MINISTACK_PYTHON = ROOT / ".venv-ministack" / "bin" / "python"
LAMBDA_PYTHON = ROOT / ".venv-lambda" / "bin" / "python"
EXAMPLE = Path(__file__).resolve().parent / "example"
"""The specification's example: the two files of a submission."""
