"""Runs a program as `python main.py` does: its arguments, its output, its exit status."""

import atexit
import builtins
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import zip_longest
from types import ModuleType, TracebackType

import substitutes
from library import remember_source

MAIN = "main.py"
_FOLDER = __file__.removesuffix("program.py")
INTERRUPTED = 130
UNFLUSHED = 120

_BALLAST = [bytes(2 << 20)]
"""Memory to report a MemoryError with."""


def run_program(source: bytes, argv: Sequence[str]) -> tuple[int, bool]:
    """Run a program.

    Args:
        source: its source, encoded as Python's sources are.
        argv: its arguments, without its name.

    Returns:
        Its exit status, as CPython's on Linux, and whether it ran out of memory.
    """
    main = ModuleType("__main__")
    main.__dict__.update(__file__=MAIN, __builtins__=builtins)
    sys.modules["__main__"] = main
    sys.argv[:] = [MAIN, *argv]
    remember_source(MAIN, source)
    exhausted = False
    try:
        exec(compile(source, MAIN, "exec", dont_inherit=True), main.__dict__)  # noqa: S102
        status = 0
    except SystemExit as error:
        status = _status_of(error)
    except BaseException as error:  # noqa: BLE001 - also KeyboardInterrupt and its like
        _BALLAST.clear()
        # The parser's has a message: the source is too complex.
        exhausted = isinstance(error, MemoryError) and not error.args
        status = INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
        _print_traceback(error)
    return _finish(status), exhausted


def _status_of(error: SystemExit) -> int:
    """Return the exit status for sys.exit's argument: an integer's low byte, 1 for a message."""
    code = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        number = int.__add__(code, 0)  # not what a subclass makes of it
        return number & 0xFF if -(2**31) <= number < 2**31 else 0xFF
    with suppress(BaseException):  # what its own __str__ raises
        print(code, file=sys.stderr)
    return 1


def _print_traceback(error: BaseException) -> None:
    """Print an uncaught exception, without the frames of this folder's modules."""
    traceback = _without_own_frames(error.__traceback__)
    try:
        substitutes.explain(error)
        sys.excepthook(type(error), error.with_traceback(traceback), traceback)
    except BaseException:  # noqa: BLE001 - the program's own hook, or its error's __str__
        with suppress(BaseException):
            sys.__excepthook__(type(error), error, traceback)


def _without_own_frames(traceback: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    while traceback:
        if not traceback.tb_frame.f_code.co_filename.startswith(_FOLDER):
            kept.append(traceback)
        traceback = traceback.tb_next
    for frame, following in zip_longest(kept, kept[1:]):
        frame.tb_next = following
    return kept[0] if kept else None


def _finish(status: int) -> int:
    """Do what CPython does at exit, and return the exit status."""
    with suppress(BaseException):  # atexit has printed it
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException:  # noqa: BLE001 - the program may have put anything there
            status = UNFLUSHED
    return status
