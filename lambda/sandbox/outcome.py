"""What a run may use, and how it ended."""

from dataclasses import dataclass
from enum import StrEnum

FUEL_PER_SECOND = 20_000_000_000
"""Fuel that stands for one second of a time limit; docs/sandbox.md says what it was set by."""

WALL_CLOCK_START = 1_767_225_600
"""When each run begins by the program's wall clock: 2026-01-01T00:00:00Z."""

MEBIBYTE = 1 << 20
SMALLEST_MEMORY_BYTES = 48 * MEBIBYTE
"""The interpreter's own memory, and a little for the program."""
LARGEST_MEMORY_BYTES = 2048 * MEBIBYTE
LARGEST_OUTPUT_BYTES = 64 * MEBIBYTE
LONGEST_SECONDS = 86_400


class End(StrEnum):
    """How a run ended."""

    EXITED = "exited"
    """With exit status 0."""
    FAILED = "failed"
    """With another exit status, such as 1 after an uncaught exception."""
    FUEL = "fuel"
    """It used up its fuel: the time limit."""
    CPU = "cpu"
    """It used up its CPU seconds, which guard the machine; fuel ends a run first."""
    WALL = "wall"
    """It was not done in its wall-clock seconds: the machine was too busy. This says nothing about
    the program."""
    SLEPT = "slept"
    """It slept longer than it may."""
    MEMORY = "memory"
    """An uncaught MemoryError."""
    OUTPUT = "output"
    """It wrote too much."""
    TRAPPED = "trapped"
    """The interpreter itself broke, such as by nesting that used up its stack."""
    BROKEN = "broken"
    """The sandbox broke. This says nothing about the program: run it again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use.

    Fuel is counted by executed instructions, so it is the same in each run and on each machine. The
    clocks guard against a program that uses time but no fuel; they are wide, so that a slow machine
    changes no verdict.

    Raises:
        ValueError: a limit is outside of the range in which the sandbox can keep it.
    """

    fuel: int = 2 * FUEL_PER_SECOND
    cpu_seconds: float = 30.0
    wall_seconds: float = 60.0
    memory_bytes: int = 256 * MEBIBYTE
    """Of the interpreter and the program."""
    output_bytes: int = 8 * MEBIBYTE
    """Of standard output, and the same again of standard error."""
    sleep_seconds: float = 60.0
    """In all. The sandbox does not wait, so no clock of the machine counts it."""

    def __post_init__(self) -> None:
        """Check the limits."""
        if not (
            0 < self.fuel < 1 << 63
            and 0 < self.cpu_seconds <= self.wall_seconds <= LONGEST_SECONDS
            and 0 <= self.sleep_seconds <= LONGEST_SECONDS
            and SMALLEST_MEMORY_BYTES <= self.memory_bytes <= LARGEST_MEMORY_BYTES
            and 0 <= self.output_bytes <= LARGEST_OUTPUT_BYTES
        ):
            raise ValueError(f"The sandbox can't keep these limits: {self}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, and what it wrote and used."""

    end: End
    status: int | None = None
    """The exit status, 0 to 255; None if the program was stopped."""
    stdout: bytes = b""
    stderr: bytes = b""
    fuel: int = 0
    memory_bytes: int | None = None
    """The most memory that interpreter and program had, if the system tells."""
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    detail: str = ""
    """For staff: how the interpreter trapped, or what broke the sandbox."""
