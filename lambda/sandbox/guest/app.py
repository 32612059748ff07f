"""What the component exports. Importing it prepares the interpreter that is frozen into it."""

import gc
import sys

import wit_world

from library import freeze_library, set_modules

_LIBRARY = freeze_library([*sys.path])

import program  # noqa: E402 - after the library that it uses
import substitutes  # noqa: E402

substitutes.install()


class WitWorld(wit_world.WitWorld):
    """The world's exports; see world.wit."""

    def run(
        self, program_: str, files: list[wit_world.File], argv: list[str], seed: int
    ) -> wit_world.Report:
        """Run a program."""
        substitutes.files = {file.name: file.text.encode("latin-1") for file in files}
        set_modules(_LIBRARY, substitutes.files)
        status, exhausted = program.run_program(program_.encode("latin-1"), argv, seed)
        return wit_world.Report(status, exhausted)


gc.collect()
gc.freeze()
