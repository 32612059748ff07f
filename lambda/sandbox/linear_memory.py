"""Reads how much memory the running instance has, from Linux's map of this process."""

import os
from collections.abc import Iterator
from contextlib import suppress

_MAPS = "/proc/self/maps"
_RESERVED_BYTES = 2 << 30
"""Wasmtime reserves 4 GiB of addresses for a memory, and makes what it has accessible."""


class LinearMemory:
    """The memory of the only instance in this process."""

    def __init__(self) -> None:
        """Open the map now, because the child may not open a file later."""
        self._maps: int | None = None
        with suppress(OSError):
            self._maps = os.open(_MAPS, os.O_RDONLY)

    def size(self) -> int | None:
        """Return the memory's size, in bytes; it never shrinks, so it is the peak.

        None if the system does not tell.
        """
        size, end_before = 0, 0
        for line in self._lines():
            addresses, permissions = line.split()[:2]
            start, end = (int(address, 16) for address in addresses.split(b"-"))
            if permissions.startswith(b"---") and end - start > _RESERVED_BYTES and size:
                return size if start == end_before else None
            size = (size if start == end_before else 0) + end - start
            size = size if permissions.startswith(b"rw") else 0
            end_before = end
        return None

    def _lines(self) -> Iterator[bytes]:
        """Read the map bit by bit: what is mapped last is near its begin."""
        offset, rest = 0, b""
        while self._maps is not None and (chunk := os.pread(self._maps, 1 << 16, offset)):
            offset += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines
