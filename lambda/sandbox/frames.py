"""Frames between the sandbox and its child: the sizes of two parts, JSON, then bytes."""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_SIZES = struct.Struct(">II")
LARGEST_HEADER = 1 << 20
LARGEST_BLOBS = 1 << 28


class FrameError(Exception):
    """What arrived is not a frame, or larger than it may be."""


def pack(header: Mapping[str, object], blobs: Sequence[bytes] = ()) -> bytes:
    """Return a frame.

    Args:
        header: what JSON can hold.
        blobs: bytes that go with it.

    Raises:
        ValueError: they are too large.
    """
    text = json.dumps([header, [len(blob) for blob in blobs]]).encode()
    size = sum(map(len, blobs))
    if len(text) > LARGEST_HEADER or size > LARGEST_BLOBS:
        raise ValueError(f"A frame of {len(text)} + {size} bytes is too large")
    return b"".join((_SIZES.pack(len(text), size), text, *blobs))


def unpack(read: Callable[[int], bytes], largest: int) -> tuple[dict[str, Any], list[bytes]]:
    """Read a frame, of which nothing is believed.

    Args:
        read: returns this many bytes, neither more nor fewer, or raises.
        largest: the most bytes that its blobs may have together.

    Returns:
        The header, whose values are not checked, and the blobs.

    Raises:
        FrameError: it is not a frame, or too large.
    """
    header_size, blobs_size = _SIZES.unpack(read(_SIZES.size))
    if header_size > LARGEST_HEADER or blobs_size > largest:
        raise FrameError(f"A frame of {header_size} + {blobs_size} bytes is too large")
    try:
        header, sizes = json.loads(read(header_size))
        if type(header) is not dict or any(type(size) is not int or size < 0 for size in sizes):
            raise TypeError  # noqa: TRY301
    except (ValueError, TypeError, RecursionError):
        raise FrameError("A frame's header is not valid") from None
    if sum(sizes) != blobs_size:
        raise FrameError("A frame's sizes contradict each other")
    return header, [read(size) for size in sizes]
