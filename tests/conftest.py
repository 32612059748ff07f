"""Settings and fixtures of every test."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from unittest.mock import patch

import botocore.session
import pytest
from botocore.client import ClientCreator
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import create_loader

from emulation.endpoint import forget_aws_settings
from emulation.localstack import LocalStack
from emulation.stack import temporary_localstack
from fuzzing import load_profile
from local.intake import ignore_progress
from sandbox import Outcome, Sandbox

ROOT = Path(__file__).resolve().parents[1]

load_profile()

# A run in the background, or a detached one (nohup), ignores interruptions or hang-ups, and so
# would every process under test.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Tests never use the user's account, profile or proxy.
forget_aws_settings()

# Reading a service's description is most of what a client costs, making its class from it the rest:
# each session and each client would do so anew.
patch.object(botocore.session, "create_loader", cache(create_loader)).start()
_classes: dict[str, type] = {}
_create_class = ClientCreator._create_client_class  # type: ignore[attr-defined]  # noqa: SLF001


def _client_class(creator: ClientCreator, name: str, model: object) -> type:
    if name not in _classes:
        _classes[name] = _create_class(creator, name, model)
    return _classes[name]


patch.object(ClientCreator, "_create_client_class", _client_class).start()
# As is translating events' names, of which each session remembers only its own.
_names = EventAliaser(HierarchicalEmitter())
_translate = EventAliaser._alias_event_name  # type: ignore[attr-defined]  # noqa: SLF001
patch.object(EventAliaser, "_alias_event_name", lambda _, name: _translate(_names, name)).start()


@pytest.fixture(scope="session")
def localstack() -> Iterator[LocalStack]:
    """An embedded AWS with nothing on it yet, one for each process that runs tests."""
    with temporary_localstack(ignore_progress) as running:
        yield running


@pytest.fixture(scope="session")
def python() -> Path:
    """The interpreter of the environment that has wasmtime."""
    return Path(os.environ.get("SANDBOX_PYTHON", ROOT / ".venv-sandbox" / "bin" / "python"))


@pytest.fixture(scope="session")
def image(python: Path) -> Path:
    """The component that every test runs, built once into build/."""
    script = ROOT / "scripts" / "build_sandbox.py"
    return Path(subprocess.check_output([python, script], text=True).strip())


@pytest.fixture(scope="session")
def sandbox(image: Path, python: Path) -> Iterator[Sandbox]:
    """One child for all tests, so that each program follows the hostile ones before it."""
    with Sandbox(image, python) as sandbox:
        sandbox.start()
        yield sandbox


WELL_BEHAVED = b"""
import driver, json, random, sys
print(input(), *sys.argv[1:], driver.X, open("driver.py").read(), random.random())
print(json.dumps(sorted({"b", "a"})), file=sys.stderr)
"""


@pytest.fixture(scope="session")
def check_child(sandbox: Sandbox) -> Callable[[], None]:
    """Checks that a well-behaved program still runs as in a fresh child, in the same child."""

    def well_behaved() -> tuple[object, ...]:
        outcome = sandbox.run(WELL_BEHAVED, {"driver.py": b"X = 1"}, ["b"], b"a\n")
        output = outcome.stdout, outcome.stderr
        return outcome.end, outcome.status, *output, outcome.fuel, outcome.memory_bytes

    first, child = well_behaved(), sandbox.pid
    assert first[:2] == ("exited", 0)

    def check() -> None:
        nonlocal child
        after, before, child = well_behaved(), child, sandbox.pid
        assert after == first
        assert child == before

    return check


@pytest.fixture
def run(sandbox: Sandbox, check_child: Callable[[], None]) -> Iterator[Callable[..., Outcome]]:
    """Runs a program; afterwards a well-behaved one must run as ever."""

    def run(program: str | bytes, **options: object) -> Outcome:
        source = program.encode() if isinstance(program, str) else program
        return sandbox.run(source, **options)  # type: ignore[arg-type]

    yield run
    check_child()
