"""Shows a doctor's report to a person."""

from collections import Counter

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from submitter.doctor.findings import DoctorReport, Verdict
from submitter.output import escape


def render_doctor(report: DoctorReport, *, show_all: bool = False) -> RenderableType:
    """Return a table of the findings, with those that passed if ``show_all``, and their counts."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    listed = [each for each in report.findings if show_all or each.verdict is not Verdict.OK]
    for finding in listed:
        text = escape(finding.found)
        if finding.advice:
            text = Text.assemble(text, "\n", ("To do: ", "bold"), escape(finding.advice))
        table.add_row(
            escape(finding.verdict.name, style=_STYLES[finding.verdict]),
            escape(finding.check),
            text,
        )
    counts = Counter(finding.verdict for finding in report.findings)
    passed, needing, unknown = (counts[verdict] for verdict in Verdict)
    summary = f"{report.stack}: {passed} check{'s' * (passed != 1)} passed"
    if needing:
        summary += f", {needing} need{'s' * (needing == 1)} attention"
    if unknown:
        summary += f", {unknown} unknown"
    if len(listed) < len(report.findings):
        summary += " (--all lists those that passed)"
    return Group(table, Text(), escape(summary)) if listed else escape(summary)


_STYLES = {
    Verdict.OK: "green",
    Verdict.ATTENTION: "bold red",
    Verdict.UNKNOWN: "yellow",
}
