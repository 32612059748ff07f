"""Whose processor time it is: the emulator's, the functions' or the clients'."""

import time
from dataclasses import dataclass
from typing import Self

import psutil

_EMULATOR = "localstack_process_executor.localstack_main"


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """Processor time, user's and system's, in seconds."""

    emulator: float
    """LocalStack's process, where the executor's threads are too."""
    functions: float
    """The execution environments: every process that LocalStack has started."""
    clients: float
    """This process, which uploads and receives."""

    @classmethod
    def now(cls) -> Self:
        """Return what has been used until now.

        Raises:
            StopIteration: this process has started no LocalStack.
        """
        emulator = next(
            child for child in psutil.Process().children() if _EMULATOR in child.cmdline()
        )
        functions = sum(_used(child) for child in emulator.children(recursive=True))
        return cls(_used(emulator), functions, time.process_time())

    def since(self, earlier: Self) -> Self:
        """Return what has been used from an earlier time to this one."""
        return type(self)(
            self.emulator - earlier.emulator,
            self.functions - earlier.functions,
            self.clients - earlier.clients,
        )


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
