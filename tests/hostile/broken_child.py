"""Native code in the child's place: `python -I broken_child.py LAMBDA`, started by `Sandbox`.

It is child.py with another host, which makes the attempts below instead of running a program. At
first those on the parent, while the child can still open files; then all of them.
"""

import ctypes
import errno
import json
import mmap
import os
import resource
import socket
import stat
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

sys.path.insert(0, sys.argv[1])

from sandbox import child
from sandbox.outcome import End, Outcome

PARENT = os.getppid()
SECRET_DESCRIPTOR = 77
"""The parent has it open."""
_SECRET = f"/proc/{PARENT}/fd/{SECRET_DESCRIPTOR}"
_PTRACE_SEIZE = 0x4206  # which does not stop the parent, if it succeeds
_PIDFD_GETFD = 438
_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_FILE = f"/tmp/{os.getpid()}.hostile"  # noqa: S108 - where Lambda allows writing


def _call(function: str, *arguments: object) -> int:
    result: int = getattr(_LIBC, function)(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), function)
    return result


def _read_memory(process: int) -> int:
    """Read this buffer's address in another process: a copy of the fork, or unmapped."""
    buffer = ctypes.create_string_buffer(8)
    vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)
    return _call("process_vm_readv", process, vector, 1, vector, 1, 0)


def _take_descriptor() -> int:
    process = os.pidfd_open(PARENT)
    try:
        return _call("syscall", _PIDFD_GETFD, process, SECRET_DESCRIPTOR, 0)
    finally:
        os.close(process)


def _connect(address: tuple[str, int]) -> None:
    with socket.socket() as connection:
        connection.settimeout(0.1)
        connection.connect(address)


def _fork() -> None:
    process = os.fork()
    if not process:
        os._exit(0)
    os.waitpid(process, 0)


def _descriptors() -> str:
    kinds = {stat.S_IFSOCK: "socket", stat.S_IFIFO: "pipe", stat.S_IFCHR: "device"}
    found = []
    for descriptor in range(1024):
        try:
            mode = os.fstat(descriptor).st_mode
        except OSError:
            continue
        found.append(kinds.get(stat.S_IFMT(mode), f"{descriptor} with mode {mode:o}"))
    return " ".join(found)


ATTEMPTS: dict[str, Callable[[], Any]] = {
    # Python itself sets the one.
    "see the environment": lambda: str(os.environ.keys() - {"LC_CTYPE"}),
    "see descriptors": _descriptors,
    "open a file": lambda: os.close(os.open("/etc/passwd", os.O_RDONLY)),
    "write a file": lambda: os.close(os.open(_NEW_FILE, os.O_CREAT | os.O_WRONLY)),
    "open the parent's environment": lambda: os.open(f"/proc/{PARENT}/environ", os.O_RDONLY),
    "open the parent's memory": lambda: os.open(f"/proc/{PARENT}/mem", os.O_RDWR),
    "open the parent's descriptor": lambda: os.open(_SECRET, os.O_RDONLY),
    "find the parent's descriptor": lambda: os.readlink(_SECRET),  # noqa: PTH115
    "take the parent's descriptor": _take_descriptor,
    "read the parent's memory": lambda: _read_memory(PARENT),
    "trace the parent": lambda: _call("ptrace", _PTRACE_SEIZE, PARENT, 0, 0),
    "make a socket": socket.socket,
    "make a pipe": os.pipe,
    "make a file in memory": lambda: os.close(os.memfd_create("x")),
    "duplicate the socket": lambda: os.close(os.dup(0)),
    "call Lambda's Runtime API": lambda: _connect(("127.0.0.1", 9001)),
    "ask for the machine's credentials": lambda: _connect(("169.254.169.254", 80)),
    "fork": _fork,
    "start a thread": lambda: threading.Thread(target=int).start(),
    "raise the limit of descriptors": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9)),
    "raise the limit of processes": lambda: resource.setrlimit(resource.RLIMIT_NPROC, (9, 9)),
    "become root": lambda: os.setuid(0),
    "change groups": lambda: os.setgroups([0]),
    "change the root": lambda: os.chroot("/tmp"),  # noqa: S108
    "make an empty file": lambda: os.mknod(_NEW_FILE, stat.S_IFREG | 0o600),
    "grow it": lambda: os.truncate(_NEW_FILE, 1),
    "remove it": lambda: os.unlink(_NEW_FILE),  # noqa: PTH108
    "signal the parent": lambda: os.kill(PARENT, 0),
    "lower the parent's limits": lambda: resource.prlimit(
        PARENT, resource.RLIMIT_CORE, resource.prlimit(PARENT, resource.RLIMIT_CORE)
    ),
    "use memory": lambda: mmap.mmap(-1, 1 << 30).close(),
}


def _result_of(attempt: Callable[[], Any]) -> str:
    try:
        result = attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0] if error.errno else str(error)
    except (ValueError, RuntimeError) as error:
        return str(error)
    return result if isinstance(result, str) else "done"


class Host:
    """Stands in for `sandbox.host.Host`."""

    def __init__(self, _image: object) -> None:
        self._reports: list[dict[str, str]] = []

    def run(self, *_: object) -> Outcome:
        self._reports.append(
            {
                name: _result_of(attempt)
                for name, attempt in ATTEMPTS.items()
                if self._reports or "parent" in name
            }
        )
        return Outcome(End.EXITED, 0, stdout=json.dumps(self._reports).encode())


host = ModuleType("sandbox.host")
host.Host = Host  # type: ignore[attr-defined]
sys.modules["sandbox.host"] = host

if __name__ == "__main__":
    child.main()
