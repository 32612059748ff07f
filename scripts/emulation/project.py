"""Where things lie in this project."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
EXECUTOR = SCRIPTS / "localstack_process_executor"
"""The distribution that is installed into LocalStack's environment."""
TERRAFORM = ROOT / "terraform"
BOOTSTRAP = TERRAFORM / "bootstrap"
"""The second root module: what an account has before it has a stack."""
BUILD = ROOT / "build"
INSTANCES = BUILD / "embedded-aws"
"""One folder for each running instance; what lies here belongs to a process."""
TFLOCAL = ROOT / ".venv" / "bin" / "tflocal"
LOCALSTACK_PYTHON = ROOT / ".venv-localstack" / "bin" / "python"
MINISTACK_PYTHON = ROOT / ".venv-ministack" / "bin" / "python"
LAMBDA_PYTHON = ROOT / ".venv-lambda" / "bin" / "python"
EXAMPLE = Path(__file__).resolve().parent / "example"
"""The specification's example: a submission's two files."""
