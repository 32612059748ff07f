"""Writes the tool's help into docs/submitter.md, below each ``$ submitter ... --help``."""

import re
from functools import cache
from pathlib import Path

from typer.testing import CliRunner

from submitter.cli import app

FILE = Path(__file__).parents[1] / "docs" / "submitter.md"
_WIDTH = 78
"""Columns of a help text on a terminal of 80 or more."""

_BLOCK = re.compile(
    r"(?<=^```console\n)\$ submitter (\w*) ?--help\n.*?(?=^```$)", re.MULTILINE | re.DOTALL
)


@cache
def help_text(command: str) -> str:
    """Return what ``submitter COMMAND --help`` prints on a terminal; "" is the tool itself."""
    done = CliRunner().invoke(app, [*command.split(), "--help"], terminal_width=_WIDTH)
    if done.exit_code:
        raise ValueError(done.output)
    return done.stdout


def with_help(document: str) -> str:
    """Return a document with the tool's current help in each block."""
    return _BLOCK.sub(
        lambda block: f"{block[0].partition('\n')[0]}\n{help_text(block[1])}", document
    )


def documented_commands(document: str) -> list[str]:
    """Return the commands whose help a document shows; "" is the tool itself."""
    return [block[1] for block in _BLOCK.finditer(document)]


if __name__ == "__main__":
    FILE.write_text(with_help(FILE.read_text(encoding="utf-8")), encoding="utf-8")
