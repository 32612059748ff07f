"""Shows a person what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from submitter.doctor.findings import Verdict
from submitter.output import escape

if TYPE_CHECKING:
    from rich.console import RenderableType

    from submitter.doctor.findings import DoctorReport


def render_doctor(report: DoctorReport) -> RenderableType:
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
        text = escape(finding.found)
        if finding.advice:
            text = Text.assemble(text, "\n", ("To do: ", "bold"), escape(finding.advice))
        table.add_row(
            escape(finding.verdict.name, style=_STYLES[finding.verdict]),
            escape(finding.check),
            text,
        )
    counts = ", ".join(
        f"{sum(finding.verdict is verdict for finding in report.findings)} {verdict.name}"
        for verdict in Verdict
    )
    return Group(table, escape(f"\nThe stack {report.stack}: {counts}".strip()))


_STYLES = {
    Verdict.OK: "green",
    Verdict.ATTENTION: "bold red",
    Verdict.UNKNOWN: "yellow",
}
