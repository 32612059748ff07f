"""The component that every test runs, built once into build/."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import Outcome, Sandbox

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def python() -> Path:
    """The interpreter of the environment that has wasmtime."""
    return Path(os.environ.get("SANDBOX_PYTHON", ROOT / ".venv-sandbox" / "bin" / "python"))


@pytest.fixture(scope="session")
def image(python: Path) -> Path:
    script = ROOT / "scripts" / "build_sandbox.py"
    return Path(subprocess.check_output([python, script], text=True).strip())


@pytest.fixture(scope="session")
def sandbox(image: Path, python: Path) -> Iterator[Sandbox]:
    """One child for all tests, so that each program follows the hostile ones before it."""
    with Sandbox(image, python) as sandbox:
        yield sandbox


@pytest.fixture
def run(sandbox: Sandbox) -> Iterator[Run]:
    """Runs a program; afterwards a well-behaved one must run as ever, in the same child."""
    sandbox.start()
    child = sandbox.pid

    def run(program: str | bytes, **options: object) -> Outcome:
        source = program.encode() if isinstance(program, str) else program
        return sandbox.run(source, **options)  # type: ignore[arg-type]

    yield run
    after = sandbox.run(b"import sys; print(input(), *sys.argv[1:])", argv=["b"], stdin=b"a\n")
    assert (after.end, after.status, after.stdout, after.stderr) == ("exited", 0, b"a b\n", b"")
    assert sandbox.pid == child
