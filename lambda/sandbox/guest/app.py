"""What the component exports. Importing it prepares the interpreter that is frozen into it."""

import gc
import random
import sys

import program
import substitutes
import wit_world
from library import freeze_library, set_modules

_LIBRARY = freeze_library(sys.path)
substitutes.install()
random.seed(0)
_seed = random.seed
# componentize-py's runtime keeps what this is after the build, and calls it before each run. A new
# seed would take 2,496 bytes from the host; the frozen one is as good.
random.seed = lambda: None  # type: ignore[assignment, misc]


class WitWorld(wit_world.WitWorld):  # type: ignore[misc]
    """The world's exports; see world.wit."""

    def run(self, source: str, files: list[wit_world.File], argv: list[str]) -> wit_world.Report:
        """Run a program."""
        random.seed = _seed
        substitutes.files = {file.name: file.text.encode("latin-1") for file in files}
        set_modules(_LIBRARY, substitutes.files)
        status, exhausted = program.run_program(source.encode("latin-1"), argv)
        return wit_world.Report(status, exhausted)


gc.collect()
gc.freeze()
