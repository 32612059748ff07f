"""What a check of ``submitter doctor`` finds, and how a person sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import ClientError
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from submitter.errors import ExitCode
from submitter.output import plain

APPLY = "Run `terraform apply`: it puts back what the stack needs."


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
class Report:
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


def unless_unset[T](code: str, ask: Callable[[], T]) -> T | None:
    """Ask AWS for a setting.

    Args:
        code: how AWS says that it was never set.
        ask: the question.

    Returns:
        The answer; None if it was never set.

    Raises:
        botocore.exceptions.ClientError: AWS said anything else.
    """
    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise
        return None


def ok(check: str, found: str) -> Finding:
    """Return the finding that all is well."""
    return Finding(check, Verdict.OK, found)


def attention(check: str, found: str, advice: str = APPLY) -> Finding:
    """Return the finding that a person has to act, and how."""
    return Finding(check, Verdict.ATTENTION, found, advice)


def judge(check: str, *, good: bool, found: str, advice: str = APPLY) -> Finding:
    """Return what was found, with the advice only if it is not good."""
    return ok(check, found) if good else attention(check, found, advice)


def render_report(report: Report) -> RenderableType:
    """Make what a person sees of a report.

    Args:
        report: the report.

    Returns:
        A table of the findings, and how many of each kind there are.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in report.findings:
        text = plain(finding.found)
        if finding.advice:
            text = Text.assemble(text, "\n", ("To do: ", "bold"), plain(finding.advice))
        table.add_row(
            plain(finding.verdict.name, style=_STYLES[finding.verdict]), plain(finding.check), text
        )
    counts = ", ".join(
        f"{sum(finding.verdict is verdict for finding in report.findings)} {verdict.name}"
        for verdict in Verdict
    )
    return Group(table, plain(f"\nThe stack {report.stack}: {counts}".strip()))


_STYLES = {
    Verdict.OK: "green",
    Verdict.ATTENTION: "bold red",
    Verdict.UNKNOWN: "yellow",
}
