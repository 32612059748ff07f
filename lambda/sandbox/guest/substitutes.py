"""Stands in for what the sandbox has not: waiting, files, network."""

import asyncio
import builtins
import errno
import io
import os
import socket
import sys
import time
from typing import Any, Never

import wit_world

files: dict[str, bytes] = {}
"""The files that this run may read."""

_BUFFER_BYTES = 1 << 16

_open = io.open


def sleep(seconds: float, /) -> None:
    """Move the clocks on, without waiting."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if nanoseconds := int(seconds * 1e9):
        wit_world.sleep(min(nanoseconds, 2**63))


def exit_now(status: int, /) -> Never:
    """End the program at once, with its exit status."""
    wit_world.exit(status & 0xFF)
    raise SystemError


def open_file(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:  # noqa: ANN401
    """Open one of this run's files to read it; see `open`."""
    if isinstance(file, int):
        return _open(file, mode, *args, **options)
    name = os.fsdecode(file)
    data = files.get(_plain(name))
    if set(mode) - set("rbt"):
        raise PermissionError(errno.EACCES, "The sandbox has no folder to write to", name)
    if data is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    raw = io.BytesIO(data)
    if "b" in mode:
        return raw
    names = ("buffering", "encoding", "errors", "newline")
    options |= dict(zip(names, args, strict=False))
    return io.TextIOWrapper(
        raw, options.get("encoding") or "utf-8", options.get("errors"), options.get("newline")
    )


def has_file(path: Any) -> bool:  # noqa: ANN401 - what the functions of os.path take
    """Return whether a path is one of this run's files."""
    return not isinstance(path, int) and _plain(os.fsdecode(path)) in files


def _plain(name: str) -> str:
    return name.removeprefix("./")


def no_network(*_args: object, **_options: object) -> Never:
    """Say that there is no network."""
    raise OSError(errno.ENETUNREACH, "The sandbox has no network")


class _NoEvents:
    """What a loop waits on where only time passes."""

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("The tasks wait for each other for ever")
        sleep(timeout)
        return []


class EventLoop(asyncio.BaseEventLoop):
    """An event loop with timers and tasks, without descriptors."""

    _selector = _NoEvents()

    def _process_events(self, _events: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


def explain(error: BaseException) -> None:
    """Add to an error's message what the sandbox has to do with it."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        name = error.name.partition(".")[0].removeprefix("_")
        if name in sys.stdlib_module_names:
            error.add_note(f"The sandbox has no {name}.")
        else:
            error.add_note(f"The sandbox has only Python's standard library, so no {name}.")


def _output(descriptor: int, errors: str, *, line_buffering: bool = False) -> io.TextIOWrapper:
    binary = io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False), _BUFFER_BYTES)
    return io.TextIOWrapper(binary, "utf-8", errors, line_buffering=line_buffering)


def install() -> None:
    """Put the substitutes in place."""
    # componentize-py starts the interpreter without buffers, and each write calls the host.
    sys.stdin.reconfigure(encoding="utf-8", errors="strict")  # type: ignore[union-attr]
    stderr = _output(2, "backslashreplace", line_buffering=True)
    sys.stdout = sys.__stdout__ = _output(1, "strict")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = stderr  # type: ignore[misc]
    time.sleep = sleep  # type: ignore[assignment]
    os._exit = exit_now  # type: ignore[assignment]
    builtins.open = io.open = open_file
    os.path.exists = os.path.isfile = has_file
    asyncio.DefaultEventLoopPolicy._loop_factory = EventLoop  # type: ignore[attr-defined]
    asyncio.EventLoop = EventLoop  # type: ignore[assignment]
    socket.socket.__init__ = no_network  # type: ignore[method-assign]
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        setattr(socket, name, no_network)
