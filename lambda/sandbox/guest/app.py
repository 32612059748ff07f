"""What the component exports. Importing it prepares the interpreter that is frozen into it."""

import gc
import sys

import program
import substitutes
import wit_world
from library import freeze_library, set_modules

_LIBRARY = freeze_library(sys.path)
substitutes.install()


class WitWorld(wit_world.WitWorld):  # type: ignore[misc]
    """The world's exports; see world.wit."""

    def run(
        self, source: str, files: list[wit_world.File], argv: list[str], seed: int
    ) -> wit_world.Report:
        """Run a program."""
        substitutes.files = {file.name: file.text.encode("latin-1") for file in files}
        set_modules(_LIBRARY, substitutes.files)
        status, exhausted = program.run_program(source.encode("latin-1"), argv, seed)
        return wit_world.Report(status, exhausted)


gc.collect()
gc.freeze()
