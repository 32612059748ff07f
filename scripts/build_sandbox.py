"""Builds the sandbox: CPython and its standard library as a WebAssembly component, compiled ahead.

Run as ``.venv-sandbox/bin/python scripts/build_sandbox.py``. It prints the folder that has both,
and builds only what is not there. The folder is named after a digest of everything that goes in.
Builds of the same inputs differ in bytes, because CPython's hash seed is frozen with it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SANDBOX = ROOT / "lambda" / "sandbox"
LOCK = ROOT / "requirements" / "sandbox.txt"
BUILD = ROOT / "build" / "sandbox"

_WORLD = SANDBOX / "world.wit"
_GUEST = SANDBOX / "guest"
INPUTS = (_WORLD, *sorted(_GUEST.glob("*.py")), SANDBOX / "engine.py", LOCK, Path(__file__))


def digest() -> str:
    """Return the digest of what a component is made from: sources, settings, locked packages."""
    whole = hashlib.sha256()
    for path in INPUTS:
        text = path.read_bytes().replace(b"\r\n", b"\n")
        whole.update(f"{path.name} {len(text)}\n".encode() + text)
    return whole.hexdigest()


def image_folder() -> Path:
    """Return where the component of these sources is, or will be."""
    return BUILD / digest()[:16]


def build_image() -> Path:
    """Build and compile the component, unless that is done; return its folder."""
    sys.path.insert(0, str(SANDBOX.parent))
    from sandbox import engine  # noqa: PLC0415 - needs wasmtime, which the digest does not

    image = image_folder()
    image.mkdir(parents=True, exist_ok=True)
    with _alone(image):
        component = image / engine.COMPONENT
        if not component.exists():
            print("Building the sandbox, once for its sources, in half a minute", file=sys.stderr)
            _componentize(component)
        if not engine.compiled_path(image).exists():
            engine.compile_component(image)
    return image


@contextmanager
def _alone(image: Path) -> Iterator[None]:
    """Make another build of the same folder wait."""
    with (image / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _componentize(component: Path) -> None:
    with tempfile.TemporaryDirectory(dir=component.parent) as folder:
        work = Path(folder)
        # Without this, componentize-py offers the guest this machine's packages.
        (work / "empty" / "lib" / "site-packages").mkdir(parents=True)
        shutil.copytree(_package("tzdata"), work / "zones" / "tzdata")
        command: list[str | Path] = [
            Path(sys.executable).with_name("componentize-py"),
            *("--wit-path", _WORLD, "--world", "runner", "componentize", "app"),
            *("--python-path", _GUEST, "--python-path", work / "zones"),
            *("--output", work / component.name),
        ]
        built = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": os.defpath, "VIRTUAL_ENV": str(work / "empty")},
        )
        if built.returncode:
            raise SystemExit(f"error: componentize-py failed:\n{built.stdout}{built.stderr}")
        (work / component.name).replace(component)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"error: {name} is missing. Run: make .venv-sandbox/complete")
    return Path(spec.origin).parent


if __name__ == "__main__":
    print(build_image())
