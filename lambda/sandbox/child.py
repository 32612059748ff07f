"""The child process of `Sandbox`: ``python -I child.py IMAGE``, with a socket as descriptor 0.

It answers each request with an outcome, until the socket closes.
"""

import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

# With -I, Python looks for modules neither here nor where variables say.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sandbox.confinement import give_up_privileges, give_up_resources
from sandbox.frames import LARGEST_BLOBS, pack, unpack
from sandbox.outcome import End, Limits, Outcome

_PARENT = 0
_STACK_BYTES = 48 << 20
"""For the guest's stack of `engine.WASM_STACK_BYTES`, and the host's below it."""
_FIRST_PROGRAM = b"import sys; print(input(), file=sys.stderr); print()"


def _read(size: int) -> bytes:
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        count = os.readv(_PARENT, [rest])
        if not count:
            raise EOFError
        rest = rest[count:]
    return bytes(data)


def _write(header: Mapping[str, object], blobs: Sequence[bytes] = ()) -> None:
    data = memoryview(pack(header, blobs))
    while data:
        data = data[os.write(_PARENT, data) :]


def _serve() -> None:
    from sandbox.host import Host  # noqa: PLC0415 - wasmtime is large, and may be missing

    host = Host(Path(sys.argv[1]))
    # Opens, loads and starts what later runs use.
    first = host.run(_FIRST_PROGRAM, {}, [], b"\n", Limits())
    if first.end != End.EXITED:
        raise RuntimeError(f"The first run ended as {first.end}: {first.detail}")
    give_up_resources()
    _write({"ready": True})
    while True:
        header, blobs = unpack(_read, LARGEST_BLOBS)
        program, stdin, *contents = blobs
        outcome = host.run(
            program,
            dict(zip(header["files"], contents, strict=True)),
            header["argv"],
            stdin,
            Limits(**header["limits"]),
        )
        _answer(outcome)


def _answer(outcome: Outcome) -> None:
    values = {name: getattr(outcome, name) for name in Outcome.__slots__}
    blobs = [values.pop("stdout"), values.pop("stderr")]
    _write(values, blobs)


def main() -> None:
    """Serve on a thread with a stack that is large enough."""
    give_up_privileges()
    threading.stack_size(_STACK_BYTES)
    thread = threading.Thread(target=_serve)
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
