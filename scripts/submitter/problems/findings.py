"""What the reader has to say about a folder's files."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Severity(StrEnum):
    """What a finding means for the folder."""

    ERROR = "error"
    """It can't be graded with."""
    WARNING = "warning"
    IGNORED = "ignored"
    """The format has it, and it changes nothing here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about a place in a folder."""

    file: Path
    line: int | None
    """From 1; None if it is about the whole file or folder."""
    severity: Severity
    text: str

    @property
    def place(self) -> str:
        """The file and its line, as editors and compilers write them."""
        return str(self.file) if self.line is None else f"{self.file}:{self.line}"


@dataclass(slots=True)
class Findings:
    """Collects findings, so that staff see all of them at once."""

    found: list[Finding] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether the folder can't be used."""
        return any(each.severity is Severity.ERROR for each in self.found)

    def error(self, file: Path, line: int | None, text: str) -> None:
        """Add a reason why the folder can't be used."""
        self.found.append(Finding(file, line, Severity.ERROR, text))

    def warn(self, file: Path, line: int | None, text: str) -> None:
        """Add a doubt."""
        self.found.append(Finding(file, line, Severity.WARNING, text))

    def ignore(self, file: Path, line: int | None, text: str) -> None:
        """Add what changes nothing."""
        self.found.append(Finding(file, line, Severity.IGNORED, text))
