"""The component is built once for its inputs, compiled for the machine, and whole or not there."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import build_sandbox
from sandbox import Outcome, runner

ROOT = Path(__file__).resolve().parents[2]


def test_second_build_builds_nothing(image: Path, python: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in image.iterdir()}
    again = subprocess.check_output([python, build_sandbox.__file__], text=True)

    assert Path(again.strip()) == image == build_sandbox.image_folder()
    assert {"python.wasm"} < set(before)
    changed = {p.name for p in image.iterdir() if before.get(p.name) != p.stat().st_mtime_ns}
    assert changed <= {"lock"}


@pytest.mark.parametrize("index", range(len(build_sandbox.INPUTS)))
def test_each_input_is_in_the_digest(
    index: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build_sandbox.digest()
    changed = tmp_path / build_sandbox.INPUTS[index].name
    changed.write_bytes(build_sandbox.INPUTS[index].read_bytes() + b"\n")
    inputs = list(build_sandbox.INPUTS)
    inputs[index] = changed
    monkeypatch.setattr(build_sandbox, "INPUTS", inputs)

    assert build_sandbox.digest() != before


def test_everything_of_the_guest_is_an_input() -> None:
    sandbox = Path(runner.__file__).parent
    guest = {path for path in (sandbox / "guest").rglob("*") if path.suffix not in {".pyc", ""}}

    assert {*guest, sandbox / "world.wit", sandbox / "engine.py"} <= set(build_sandbox.INPUTS)


IMPORTS = """
import sys
from collections.abc import Callable
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from sandbox import engine
new = engine.new_engine()
component = engine.load_component(new, Path(sys.argv[2]))
print(*component.type.imports(new))
"""


def test_guest_imports_what_the_world_says(image: Path, python: Path) -> None:
    world = (Path(runner.__file__).parent / "world.wit").read_text(encoding="utf-8")
    command: list[str | Path] = [python, "-c", IMPORTS, ROOT / "lambda", image]
    imports = subprocess.check_output(command, text=True).split()

    wasi = {name.partition("/")[0] for name in imports if name.startswith("wasi:")}
    own = {name for name in imports if not name.startswith("wasi:")}
    assert own == set(re.findall(r"^  import ([\w-]+):", world, re.MULTILINE))
    assert wasi == set(re.findall(r"wasi:\w+", world))


@pytest.mark.parametrize("new", ["object()", "2.0 * n", "bytes(100 + n)", "[n]"])
def test_new_objects_lie_together(run: Callable[[str], Outcome], new: str) -> None:
    outcome = run(f"new = [{new} for n in range(1000)]; print(len({{id(o) >> 12 for o in new}}))")

    assert int(outcome.stdout) < 250


def test_what_the_library_does_at_exit_is_left_to_each_run(run: Callable[[str], Outcome]) -> None:
    program = """
import logging
class Handler(logging.Handler):
    def close(self): print("closed")
kept = Handler()
"""
    assert run(program).stdout == b"closed\n"


COMPILE = """
import sys
from collections.abc import Callable
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from sandbox import engine
image = Path(sys.argv[2])
engine.load_component(engine.new_engine(), image)
print(*sorted(path.name for path in image.iterdir()))
"""


@pytest.mark.parametrize("compiled", [None, b"", b"damaged"])
def test_component_is_compiled_at_first_use_and_kept(
    compiled: bytes | None, tmp_path: Path, python: Path
) -> None:
    (tmp_path / "python.wasm").write_text("(component)", encoding="ascii")
    command: list[str | Path] = [python, "-c", COMPILE, ROOT / "lambda", tmp_path]
    name = subprocess.check_output(command, text=True).split()[1]
    whole = (tmp_path / name).read_bytes()
    if compiled is not None:
        (tmp_path / name).write_bytes(compiled)
        subprocess.run(command, check=True)

    assert name.endswith(".cwasm")
    assert {path.name for path in tmp_path.iterdir()} == {"python.wasm", name}
    assert (tmp_path / name).read_bytes() == whole


def test_component_that_is_none_leaves_nothing_behind(tmp_path: Path, python: Path) -> None:
    (tmp_path / "python.wasm").write_bytes(b"not a component")
    command: list[str | Path] = [python, "-c", COMPILE, ROOT / "lambda", tmp_path]

    assert subprocess.run(command, check=False, capture_output=True).returncode
    assert [path.name for path in tmp_path.iterdir()] == ["python.wasm"]
