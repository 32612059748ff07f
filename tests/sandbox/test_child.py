"""The child: what it has, what it may not, and that its death costs one run only."""

import ctypes
import json
import os
import shlex
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox import End, Limits, Sandbox, runner
from sandbox.frames import LARGEST_HEADER, FrameError, unpack
from sandbox.runner import SandboxError

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
READY = {"ready": True}
ANSWER = {
    "end": "exited",
    "status": 0,
    "fuel": 1,
    "memory_bytes": None,
    "cpu_seconds": 0.1,
    "wall_seconds": 0.1,
    "detail": "",
}


@pytest.fixture
def own(image: Path, python: Path) -> Iterator[Sandbox]:
    """A sandbox whose child a test may kill."""
    with Sandbox(image, python) as sandbox:
        sandbox.start()
        yield sandbox


def child_of(sandbox: Sandbox) -> psutil.Process:
    return psutil.Process(sandbox.pid)


@LINUX
def test_child_has_no_environment_and_opens_nothing(
    image: Path, python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    with Sandbox(image, python) as sandbox:
        sandbox.start()
        child = Path("/proc") / str(sandbox.pid)
        limits = (child / "limits").read_text(encoding="ascii")

        assert (child / "environ").read_bytes().strip(b"\0") == b""
        assert "Max open files            0                    0" in limits
        assert "Max file size             0                    0" in limits
        assert "Max processes             0                    0" in limits
        assert "NoNewPrivs:\t1" in (child / "status").read_text(encoding="utf-8")
        assert (child / "cwd").readlink() == Path("/")
        opened = {link.readlink() for link in (child / "fd").iterdir()}
        files = {path for path in opened if path.is_absolute() and not path.match("/proc/*/maps")}
        assert {path for path in files if path.parent != image} == {Path("/dev/null")}


@LINUX
@pytest.mark.usefixtures("own")
def test_parents_memory_cant_be_read() -> None:
    get_dumpable = 3
    assert ctypes.CDLL(None).prctl(get_dumpable, 0, 0, 0, 0) == 0


def test_child_killed_in_mid_run_costs_that_run_only(own: Sandbox) -> None:
    child = child_of(own)
    before = child.cpu_times().user

    def kill_once_it_runs() -> None:
        while child.cpu_times().user < before + 0.05:
            pass
        child.kill()

    killer = threading.Thread(target=kill_once_it_runs)
    killer.start()
    outcome = own.run(b"while True: pass", limits=Limits(fuel=1 << 62))
    killer.join()

    assert (outcome.end, outcome.status) == (End.BROKEN, None)
    assert outcome.detail == "The child died (SIGKILL)"
    assert own.run(b"print(1)").stdout == b"1\n"
    assert own.pid != child.pid


def test_child_that_died_while_idle_costs_no_run(own: Sandbox) -> None:
    child = child_of(own)
    child.send_signal(signal.SIGKILL)
    psutil.wait_procs([child], timeout=30)

    assert own.run(b"print(1)").stdout == b"1\n"


@LINUX
def test_memory_that_the_machine_has_not_is_no_memory_limit(own: Sandbox) -> None:
    program = b"x = bytes(200_000_000)"
    child_of(own).rlimit(psutil.RLIMIT_DATA, (150 << 20, psutil.RLIM_INFINITY))

    outcome = own.run(program)

    assert (outcome.end, outcome.status) == (End.BROKEN, None)
    assert "Cannot allocate memory" in outcome.detail
    assert own.run(program).end == End.EXITED


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_answer_to_an_interrupted_run_is_not_taken_for_the_next_ones(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def interrupted(*_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(own, "_receive", interrupted)
        with pytest.raises(error):
            own.run(b"print('the answer of another program')")

    assert own.run(b"print(1)").stdout == b"1\n"


def test_child_ends_with_its_sandbox(own: Sandbox) -> None:
    child = child_of(own)
    own.close()
    own.close()

    assert not child.is_running()
    assert own.pid is None


def test_200_runs_leave_memory_descriptors_and_threads_as_they_were(own: Sandbox) -> None:
    child = child_of(own)
    programs = [b"print(input())", b"1/0", b"import sys; sys.exit(3)", b"x = bytes(10**7)",
                b"import os; os._exit(1)"]  # fmt: skip

    def run_and_measure(count: int) -> tuple[int, int, int, int]:
        for index in range(count):
            own.run(programs[index % len(programs)], stdin=b"x" * 10_000)
        lowest_free = os.dup(0)
        os.close(lowest_free)
        return child.memory_info().rss, child.num_fds(), child.num_threads(), lowest_free

    rss, *counts = run_and_measure(50)
    rss_after, *counts_after = run_and_measure(200)

    assert rss_after - rss < 4 << 20
    assert counts_after == counts
    assert child.pid == own.pid


def test_trap_leaves_no_memory(own: Sandbox) -> None:
    nested = b"nested = []\nfor _ in range(200_000): nested = [nested]\ndel nested"

    def run_and_measure(count: int) -> int:
        assert {own.run(nested).end for _ in range(count)} == {End.TRAPPED}
        rss: int = child_of(own).memory_info().rss
        return rss

    rss = run_and_measure(3)
    assert run_and_measure(10) - rss < 8 << 20


@pytest.mark.parametrize(
    "argument",
    [
        {"argv": ["\ud800"]},
        {"files": {"\udc80": b""}},
        {"argv": ["x" * (1 << 20)]},
        {"stdin": bytes((1 << 28) + 1)},
    ],
    ids=("argument", "name", "long argument", "large input"),
)
def test_what_no_program_can_get_is_refused(own: Sandbox, argument: dict[str, object]) -> None:
    child = own.pid
    with pytest.raises(ValueError, match=r"surrogates not allowed|too large"):
        own.run(b"", **argument)  # type: ignore[arg-type]
    assert own.run(b"print(1)").stdout == b"1\n"
    assert own.pid == child


def test_missing_component_says_so(tmp_path: Path, python: Path) -> None:
    with Sandbox(tmp_path, python) as sandbox:
        outcome = sandbox.run(b"print(1)")

        assert outcome.end == End.BROKEN
        assert "No such file" in outcome.detail
        with pytest.raises(SandboxError, match="did not start: The child died"):
            sandbox.start()
    with Sandbox(tmp_path, tmp_path / "python") as sandbox:
        with pytest.raises(SandboxError, match=r"did not start: .*No such file"):
            sandbox.start()
        assert sandbox.run(b"print(1)").end == End.BROKEN


def test_importing_the_package_loads_no_library() -> None:
    code = "import sandbox, sys; assert not {'wasmtime', 'ctypes'} & set(sys.modules)"
    environment = {"PYTHONPATH": str(Path(runner.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


class FakeChild:
    """A child that answers what it is told to, and stays until it is killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sandbox(self, *frames: bytes) -> Sandbox:
        (self._folder / "frames").write_bytes(b"".join(frames))
        program, script = self._folder / "child.py", self._folder / "python"
        program.write_text(
            "import os, signal\n"
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            f"data = open({str(self._folder / 'frames')!r}, 'rb').read()\n"
            "while data: data = data[os.write(0, data):]\n"
            "while True: signal.pause()\n",
            encoding="utf-8",
        )
        # A shell's, because a path after #! cannot have a space.
        command = shlex.join([sys.executable, str(program)])
        script.write_text(f"#!/bin/sh\nexec {command}\n", encoding="utf-8")
        script.chmod(0o755)
        return Sandbox(self._folder, script)


@pytest.fixture
def fake(tmp_path: Path) -> FakeChild:
    return FakeChild(tmp_path)


def frame(header: object, blobs: bytes = b"", sizes: object = (0, 0)) -> bytes:
    text = json.dumps([header, sizes]).encode()
    return struct.pack(">II", len(text), len(blobs)) + text + blobs


def test_fake_child_is_believed_what_can_be_true(fake: FakeChild) -> None:
    with fake.sandbox(frame(READY, sizes=[]), frame(ANSWER, b"outer", [3, 2])) as sandbox:
        outcome = sandbox.run(b"")

    assert (outcome.end, outcome.stdout, outcome.stderr) == (End.EXITED, b"out", b"er")


@pytest.mark.parametrize(
    "answer",
    [
        b"\xff" * 8,
        struct.pack(">II", 10, 1 << 31),
        struct.pack(">II", 5, 0) + b"hello",
        struct.pack(">II", 100_000, 0) + b"[" * 100_000,
        frame([], sizes=[0, 0]),
        frame({}, sizes=[0, 0]),
        frame(ANSWER, sizes=[0]),
        frame(ANSWER, sizes=[-1, 1]),
        frame(ANSWER, sizes=[10, 0]),
        frame(ANSWER, sizes=None),
        frame(ANSWER, sizes=["0", "0"]),
        frame(ANSWER, b"x" * 1001, [1001, 0]),
        frame(ANSWER | {"end": "won"}),
        frame(ANSWER | {"status": 1}),
        frame(ANSWER | {"end": "failed"}),
        frame(ANSWER | {"status": 256, "end": "failed"}),
        frame(ANSWER | {"status": True, "end": "failed"}),
        frame(ANSWER | {"end": "fuel"}),
        frame(ANSWER | {"fuel": -1}),
        frame(ANSWER | {"fuel": 1 << 62}),
        frame(ANSWER | {"fuel": 1.0}),
        frame(ANSWER | {"memory_bytes": "all"}),
        frame(ANSWER | {"memory_bytes": -1}),
        frame(ANSWER | {"cpu_seconds": float("nan")}),
        frame(ANSWER | {"wall_seconds": float("inf")}),
        frame(ANSWER | {"wall_seconds": None}),
        frame(ANSWER | {"detail": ["x"]}),
        frame(ANSWER | {"detail": "x" * 100_000}),
        frame(ANSWER | {"more": 1}),
        frame(ANSWER | {"end": "broken", "status": None}),
        frame({name: value for name, value in ANSWER.items() if name != "end"}),
    ],
    ids=range(31),
)
def test_answer_that_cant_be_true_is_the_sandboxs_fault(fake: FakeChild, answer: bytes) -> None:
    with fake.sandbox(frame(READY, sizes=[]), answer) as sandbox:
        outcome = sandbox.run(b"", limits=Limits(output_bytes=1000))

        assert outcome.end == End.BROKEN
        assert outcome.detail
        assert sandbox.pid is None


@pytest.mark.parametrize("sizes", [(LARGEST_HEADER + 1, 0), (2, 1001), (0xFFFFFFFF, 0xFFFFFFFF)])
def test_no_more_is_read_than_an_answer_may_have(sizes: tuple[int, int]) -> None:
    asked = []

    def read(size: int) -> bytes:
        asked.append(size)
        return struct.pack(">II", *sizes)

    with pytest.raises(FrameError, match="too large"):
        unpack(read, largest=1000)
    assert asked == [8]


def test_child_that_never_answers_is_killed(
    fake: FakeChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_GRACE_SECONDS", 0)
    limits = Limits(cpu_seconds=0.01, wall_seconds=0.01)
    with fake.sandbox(frame(READY, sizes=[])) as sandbox:
        sandbox.start()
        # More than a socket holds, so that sending waits too.
        for program in (b"", b"#" * 10_000_000):
            outcome = sandbox.run(program, limits=limits)
            assert outcome.end == End.BROKEN
            assert "timed out" in outcome.detail
            assert sandbox.pid is None


def test_child_that_says_something_else_at_its_start_is_not_used(fake: FakeChild) -> None:
    with fake.sandbox(frame({"ready": False}, sizes=[])) as sandbox:
        assert sandbox.run(b"").end == End.BROKEN
