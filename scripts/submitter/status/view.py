"""Shows a status report to a person."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from submission.keys import RESULTS, SUBMISSIONS
from submitter.output import age, escape, unbroken
from submitter.status.counts import StatusReport


def render_status(report: StatusReport) -> RenderableType:
    """Return what needs attention, then a table of the counts."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    for name in ("count", "oldest"):
        table.add_column(name, justify="right")
    table.add_column("", overflow="fold")
    submissions, results = report.submissions, report.results
    table.add_row(
        SUBMISSIONS,
        f"{submissions.submissions:,}",
        age(submissions.oldest_seconds),
        _phrase(
            (submissions.data_alone, ".json without .py"),
            (submissions.code_alone, ".py without .json"),
            (submissions.code_newer, ".py newer than announced"),
            (submissions.malformed, "malformed key"),
            (submissions.without_result or 0, "without a result"),
        ),
    )
    for label, queue in (
        ("submitter queue", report.queue),
        ("intake failures", report.intake_failures),
        ("dead letters", report.dead_letters),
    ):
        table.add_row(
            label,
            f"{queue.total:,}",
            age(queue.oldest_seconds),
            _phrase((queue.in_flight, "in flight"), (queue.delayed, "delayed")),
        )
    table.add_row(
        RESULTS,
        f"{results.results:,}",
        age(results.oldest_seconds),
        _phrase(
            (results.graded or 0, "graded"),
            (results.rejected or 0, "rejected"),
            (results.failed or 0, "failed"),
        ),
    )
    attention = (unbroken(f"  ! {each}") for each in report.attention)
    return Group(_headline(report), *attention, Text(), table)


def _headline(report: StatusReport) -> Text:
    if report.attention:
        return escape(
            f"{report.stack}: {len(report.attention)} thing(s) need attention", "bold red"
        )
    return escape(f"{report.stack}: nothing needs attention", "bold green")


def _phrase(*counts: tuple[int, str]) -> str:
    return ", ".join(f"{count:,} {what}" for count, what in counts if count)
