"""The findings of ``submitter doctor``."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from submitter.errors import ExitCode

APPLY = "Run `make plan` and `make apply`, which restore what the stack needs."


class Verdict(StrEnum):
    """A finding's verdict."""

    OK = "ok"
    ATTENTION = "attention"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""
    """What to do; empty if all is well."""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """All findings of a stack."""

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
"""Asks AWS and yields findings; it may raise any error of AWS or the network."""


def ok(check: str, found: str) -> Finding:
    """Return the finding that all is well."""
    return Finding(check, Verdict.OK, found)


def attention(check: str, found: str, advice: str = APPLY) -> Finding:
    """Return the finding that something is wrong, and what to do."""
    return Finding(check, Verdict.ATTENTION, found, advice)


def judge(check: str, *, good: bool, found: str, advice: str = APPLY) -> Finding:
    """Return `ok` or `attention`."""
    return ok(check, found) if good else attention(check, found, advice)
