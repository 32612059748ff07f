"""One command at a time on a port."""

import fcntl
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from emulation import project, stack
from emulation.errors import EmulationError
from emulation.project import EXECUTOR, ROOT, SCRIPTS
from emulation.stack import _exclusive, take_down
from unit.emulation.processes import ENVIRONMENT
from unit.localstack_process_executor.environments import DEADLINE_SECONDS

PORT = 4566
AT_WORK = r"^Another command of this project is at work on port 4566\. Wait .*make up PORT="


@pytest.fixture(autouse=True)
def instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the instances where no other command looks for them."""
    folder = tmp_path / "build" / "instances"
    monkeypatch.setattr(stack, "INSTANCES", folder)
    return folder


def test_second_command_on_a_port_is_refused(instances: Path) -> None:
    with _exclusive(PORT):
        with pytest.raises(EmulationError, match=AT_WORK), _exclusive(PORT):
            pytest.fail("two commands are at work on one port")
        with pytest.raises(EmulationError, match=AT_WORK):
            take_down(PORT, pytest.fail)
        # The refused ones have taken nothing away from the one at work.
        assert [path.name for path in instances.iterdir()] == [f"{PORT}.lock"]


def test_commands_on_different_ports_run_together(instances: Path) -> None:
    with _exclusive(PORT), _exclusive(PORT + 1):
        assert len(list(instances.iterdir())) == 2


@pytest.mark.parametrize("error", [None, ValueError(), KeyboardInterrupt()])
def test_lock_is_released_when_a_command_ends(error: BaseException | None, instances: Path) -> None:
    with suppress(ValueError, KeyboardInterrupt), _exclusive(PORT):
        if error is not None:
            raise error
    assert list(instances.iterdir()) == []
    lines: list[str] = []
    take_down(PORT, lines.append)
    assert lines == ["Nothing is up on port 4566"]


def test_lock_is_released_when_a_command_is_killed(instances: Path) -> None:
    code = (
        "import pathlib, signal, sys\n"
        "from emulation import stack\n"
        "stack.INSTANCES = pathlib.Path(sys.argv[1])\n"
        "with stack._exclusive(int(sys.argv[2])):\n"
        "    print('at work', flush=True)\n"
        "    signal.pause()\n"
    )
    command = [sys.executable, "-c", code, str(instances), str(PORT)]
    holder = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE)
    with holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"at work\n"
            with pytest.raises(EmulationError, match=AT_WORK), _exclusive(PORT):
                pytest.fail("two commands are at work on one port")
        finally:
            holder.kill()
        holder.wait(DEADLINE_SECONDS)
    with _exclusive(PORT):
        assert (instances / f"{PORT}.lock").exists()


@pytest.mark.parametrize("is_made_anew", [True, False])
def test_lock_that_was_removed_while_taken_is_not_held(
    *, is_made_anew: bool, instances: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_flock = fcntl.flock

    def flock(file: int, operation: int) -> None:
        lock = instances / f"{PORT}.lock"
        lock.rename(lock.with_suffix(".old"))
        if is_made_anew:
            lock.touch()
        real_flock(file, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(EmulationError, match=AT_WORK), _exclusive(PORT):
        pytest.fail("the lock is no longer in the folder")


def test_checkout_reached_by_a_link_has_the_same_instances(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(ROOT)
    paths = os.pathsep.join(str(link / path.relative_to(ROOT)) for path in (SCRIPTS, EXECUTOR))
    done = subprocess.run(
        [sys.executable, "-c", "from emulation import project; print(project.INSTANCES)"],
        env=ENVIRONMENT | {"PYTHONPATH": paths},
        cwd=link,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{project.INSTANCES}\n"
