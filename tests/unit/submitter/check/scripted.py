"""A sandbox that understands three programs, instead of Python."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from sandbox import FUEL_PER_SECOND, End, Limits, Outcome
from submitter.check.sandboxes import Sandboxes


@dataclass
class ScriptedSandbox:
    """Runs ``sum``, ``zero``, ``slow SECONDS [TEXT]``, ``crash``, ``eat`` and ``break``."""

    on_run: Callable[[], object] = lambda: None
    runs: list[bytes] = field(default_factory=list)
    files: list[Mapping[str, bytes]] = field(default_factory=list)
    is_closed: bool = False

    def run(
        self,
        program: bytes,
        files: Mapping[str, bytes],
        argv: Sequence[str],  # noqa: ARG002 - a sandbox has it
        stdin: bytes,
        limits: Limits,
    ) -> Outcome:
        self.runs.append(program)
        self.files.append(files)
        self.on_run()
        total = b"%d\n" % sum(map(int, stdin.split()))
        match program.split():
            case [b"slow", _, text] if text not in stdin:
                return Outcome(End.EXITED, 0, total, fuel=10)
            case [b"sum"]:
                return Outcome(End.EXITED, 0, total, fuel=FUEL_PER_SECOND // 4, memory_bytes=7)
            case [b"zero"]:
                return Outcome(End.EXITED, 0, b"0\n", fuel=10)
            case [b"crash"]:
                return Outcome(End.FAILED, 1, b"", b"KeyError: 'a'\n", fuel=10)
            case [b"eat"]:
                return Outcome(End.MEMORY, 1, b"", fuel=10)
            case [b"slow", seconds, *_]:
                fuel = int(float(seconds) * FUEL_PER_SECOND)
                if fuel > limits.fuel:
                    return Outcome(End.FUEL, fuel=limits.fuel)
                return Outcome(End.EXITED, 0, total, fuel=fuel)
        return Outcome(End.BROKEN, detail="the child died")

    def close(self) -> None:
        self.is_closed = True


@contextmanager
def scripted_machine(sandbox: ScriptedSandbox) -> Iterator[None]:
    """Let the tool find this sandbox, as that of a machine with one core."""
    with patch.object(Sandboxes, "of_this_machine", lambda _: Sandboxes([sandbox])):
        yield
