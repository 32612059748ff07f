"""What a check of ``submitter doctor`` finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from submitter.errors import ExitCode

APPLY = "Run `make plan` and `make apply`: that puts back what the stack needs."


class Verdict(StrEnum):
    """What a check came to."""

    OK = "ok"
    ATTENTION = "attention"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    verdict: Verdict
    found: str
    """What was looked at, and what it is."""
    advice: str = ""
    """What to do; empty if all is well."""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """What all checks found."""

    stack: str
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> ExitCode:
        """What the command ends with."""
        verdicts = {finding.verdict for finding in self.findings}
        if Verdict.ATTENTION in verdicts:
            return ExitCode.ATTENTION
        return ExitCode.OK if Verdict.OK in verdicts else ExitCode.UNAVAILABLE


type Check = Callable[[], Iterator[Finding]]
"""One question to AWS; it raises botocore.exceptions.ClientError if AWS does not answer it."""


def ok(check: str, found: str) -> Finding:
    """Return the finding that all is well."""
    return Finding(check, Verdict.OK, found)


def attention(check: str, found: str, advice: str = APPLY) -> Finding:
    """Return the finding that a person has to act, and how."""
    return Finding(check, Verdict.ATTENTION, found, advice)


def judge(check: str, *, good: bool, found: str, advice: str = APPLY) -> Finding:
    """Return what was found, with the advice only if it is not good."""
    return ok(check, found) if good else attention(check, found, advice)
