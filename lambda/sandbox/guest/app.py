"""What the component exports. Importing it prepares the interpreter that is frozen into it."""

import atexit
import gc
import random
import sys
from itertools import chain

import program
import substitutes
import wit_world
from library import freeze_library, set_modules

_LARGE = 1 << 13
"""Bytes. What is free in pieces of two pages serves a run as well as new memory."""

_LIBRARY = freeze_library(sys.path)
substitutes.install()
random.seed(0)
_seed = random.seed


class WitWorld(wit_world.WitWorld):  # type: ignore[misc]
    """The world's exports; see world.wit."""

    def run(self, source: str, files: list[wit_world.File], argv: list[str]) -> wit_world.Report:
        """Run a program."""
        random.seed = _seed
        substitutes.files = {file.name: file.text.encode("latin-1") for file in files}
        set_modules(_LIBRARY, substitutes.files)
        status, exhausted = program.run_program(source.encode("latin-1"), argv)
        return wit_world.Report(status, exhausted)


def _warm_up() -> None:
    """Run empty programs: the interpreter adapts its code to what it has run, by writing to it."""
    at_exit = atexit._run_exitfuncs
    atexit._run_exitfuncs = lambda: None  # the library's own are for each run
    for _ in range(20):
        WitWorld().run("", [], [])
    atexit._run_exitfuncs = at_exit


def _fill_holes() -> list[object]:
    """Return objects that fill the free memory between others, but for large pieces.

    Else each run's objects would go there, and each page that is written is copied first.
    """
    large: list[object] = []
    filling: list[object] = []
    end = id(bytes(1 << 20))  # too large for what is free before the end
    # The allocator cuts a piece from the smallest hole that has room for it, in steps of 8 bytes.
    # The sizes are in no list, which would itself leave holes.
    for size in chain(map((1).__lshift__, range(19, 9, -1)), range(1018, 0, -8)):
        while id(piece := bytes(size)) < end:
            (large if size > _LARGE else filling).append(piece)
    while id(smallest := object()) < end:
        filling.append(smallest)
    return filling


_warm_up()
# componentize-py's runtime keeps what this is after the build, and calls it before each run. A new
# seed would take 2,496 bytes from the host; the frozen one is as good.
random.seed = lambda: None  # type: ignore[assignment, misc]
gc.collect()
_FILLING = _fill_holes()
gc.freeze()
