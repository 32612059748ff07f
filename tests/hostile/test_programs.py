"""Each hostile program ends as its heading says; `run` shows that the next one runs as ever.

The programs are in programs/, a file a kind, each below a heading::

    # %% name -> end: text of its output
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

import pytest

from sandbox import FUEL_PER_SECOND, End, Limits, Outcome
from sandbox.outcome import SMALLEST_MEMORY_BYTES

Run = Callable[..., Outcome]
ROOT = Path(__file__).resolve().parents[2]

HEADING = re.compile(r"^# %% (.+) -> (\w+(?: or \w+)*)(?:: (.+))?\n", re.MULTILINE)
LIMITS = Limits(fuel=FUEL_PER_SECOND // 20, memory_bytes=SMALLEST_MEMORY_BYTES, output_bytes=10_000)


@dataclass(frozen=True)
class Program:
    kind: str
    name: str
    source: bytes
    ends: frozenset[End]
    """More than one where memory is damaged, which differs from build to build."""
    text: str = ""
    """A part of what it writes, or of how it trapped."""

    def __str__(self) -> str:
        return f"{self.kind}, {self.name}"


def read_programs() -> Iterator[Program]:
    for path in sorted(Path(__file__).with_name("programs").glob("[a-z]*.py")):
        before, *cells = HEADING.split(path.read_text(encoding="utf-8"))
        assert not before
        for name, ends, text, source in batched(cells, 4, strict=True):
            assert "# %%" not in source
            yield Program(
                path.stem,
                name,
                source.encode(),
                frozenset(map(End, ends.split(" or "))),
                text or "",
            )


def source(name: str, source: bytes, end: End, text: str = "") -> Program:
    """Return a program whose very bytes are hostile."""
    return Program("source", name, source, frozenset([end]), text)


SOURCES = [
    source("no UTF-8", b"print('\xff')", End.FAILED, "(unicode error)"),
    source("no UTF-8 in a comment", b"# \xff\nprint(6*7)", End.EXITED, "42"),
    source("surrogate as UTF-8", b"'\xed\xa0\x80'", End.FAILED, "(unicode error)"),
    source("overlong UTF-8", b"'\xc0\xaf'", End.FAILED, "(unicode error)"),
    source("UTF-16", "print(1)".encode("utf-16"), End.FAILED, "null bytes"),
    source("NUL", b"print('a\0b')", End.FAILED, "null bytes"),
    source("only NUL", bytes(100_000), End.FAILED, "null bytes"),
    source("two marks of byte order", b"\xef\xbb\xbf" * 2, End.FAILED, "U+FEFF"),
    source("mark and another encoding", b"\xef\xbb\xbf# coding: latin-1", End.FAILED, "BOM"),
    source("encoding that hides a line", b"# coding: utf-7\n#+AAo-print(6*7)", End.EXITED, "42"),
    source("encoding that is none", b"# coding: martian", End.FAILED, "unknown encoding: martian"),
    source("encoding with NUL", b"# coding: utf-8\0x", End.FAILED, "SyntaxError"),
    source("encoding of Python 2", b"# coding: string_escape", End.FAILED, "unknown encoding"),
    source("encoding on line 2", b"\n# coding: cp037\n\x89", End.FAILED, "SyntaxError"),
    source("carriage returns", b"# x\rprint(6*7)\r", End.EXITED, "42"),
    source("form feeds", b"\x0c" * 10_000 + b"print(6*7)", End.EXITED, "42"),
    source("end of file of DOS", b"x = 1\n\x1a", End.FAILED, "invalid non-printable character"),
    source("compiled Python", b"\xf3\r\r\n" + bytes(12) + b"\xe3", End.FAILED, "SyntaxError"),
    source("ELF", b"\x7fELF\x02\x01\x01" + bytes(100), End.FAILED, "SyntaxError"),
    source("WebAssembly", b"\0asm\x01\0\0\0", End.FAILED, "null bytes"),
    source("zip", b"PK\x03\x04\x14\0\0\0\x08\0", End.FAILED, "null bytes"),
    source("shell", b"#!/bin/sh\ncat /etc/passwd", End.FAILED, "NameError"),
    source("notebook", b'{"cells": [], "a": null}', End.FAILED, "name 'null' is not defined"),
    source("deep", b"(" * 150 + b")" * 150, End.FAILED, "too complex to parse"),
    source("very deep", b"(" * 1_000_000, End.FAILED, "too complex to parse"),
    source("long line", b"x = " + b"-" * 100_000 + b"1", End.FAILED, "too complex to parse"),
    source("large", b"#" * 2_000_000, End.EXITED),
    source("larger than its memory", b"#" * 30_000_000, End.TRAPPED),
    source("lines without end", b"\n" * 3_000_000, End.FUEL),
]  # fmt: skip
PROGRAMS = [*read_programs(), *SOURCES]
KINDS = {
    *("compiler", "files", "forged", "input", "interpreter", "memory", "network", "output"),
    *("parent", "poison", "processes", "recursion", "runner", "source", "time", "unicode"),
}


def test_programs_are_of_each_kind_and_as_many_as_documented() -> None:
    assert {program.kind for program in PROGRAMS} == KINDS
    for distinct in ({program.source for program in PROGRAMS}, set(map(str, PROGRAMS))):
        assert len(distinct) == len(PROGRAMS) >= 500
    text = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    assert f" {len(PROGRAMS)} programs of {len(KINDS)} kinds " in text


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_hostile_program_ends_as_expected(run: Run, program: Program) -> None:
    outcome = run(
        program.source,
        files={"driver.py": b"X = 1", "data.txt": b"42"},
        argv=["an argument"],
        stdin=b"1 2 3\n",
        limits=LIMITS,
    )

    assert outcome.end in program.ends
    written = (outcome.stdout + outcome.stderr).decode(errors="backslashreplace")
    assert program.text in written + outcome.detail
    assert outcome.memory_bytes is None or outcome.memory_bytes <= LIMITS.memory_bytes
    if outcome.end == End.FUEL:
        assert outcome.fuel == LIMITS.fuel
    if outcome.end == End.OUTPUT:
        assert max(len(outcome.stdout), len(outcome.stderr)) == LIMITS.output_bytes
