"""The component that every test runs, built once into build/."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import Limits, Outcome, Sandbox

ROOT = Path(__file__).resolve().parents[2]
PYTHON = os.environ.get("SANDBOX_PYTHON", ROOT / ".venv-sandbox" / "bin" / "python")

Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def image() -> Path:
    built = subprocess.run(
        [PYTHON, ROOT / "scripts" / "build_sandbox.py"],
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(built.stdout.strip())


@pytest.fixture(scope="session")
def sandbox(image: Path) -> Iterator[Sandbox]:
    """One child for all tests, so that each program follows every hostile one."""
    with Sandbox(image, PYTHON) as sandbox:
        yield sandbox


@pytest.fixture
def run(sandbox: Sandbox) -> Iterator[Run]:
    """Run a program's text; afterwards a well-behaved one must run as ever, in the same child."""
    sandbox.start()
    child = sandbox.pid

    def run(program: str | bytes, **options: object) -> Outcome:
        source = program.encode() if isinstance(program, str) else program
        return sandbox.run(source, **options)  # type: ignore[arg-type]

    yield run
    after = sandbox.run(b"import sys; print(input(), *sys.argv[1:])", argv=["b"], stdin=b"a\n")
    assert (after.end, after.status, after.stdout, after.stderr) == ("exited", 0, b"a b\n", b"")
    assert sandbox.pid == child


@pytest.fixture(scope="session")
def small() -> Limits:
    """Limits that a hostile program reaches soon."""
    return Limits(fuel=400_000_000, memory_bytes=64 << 20, output_bytes=100_000)
