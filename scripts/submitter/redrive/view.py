"""Shows the reports of failure queues to a person."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from submitter.invocation import command
from submitter.output import age, escape
from submitter.redrive.messages import MessageOutcome, QueueReport


def render_redrive(reports: list[QueueReport], now: datetime) -> RenderableType:
    """Return each queue's causes, with their ages at ``now``, and what was done."""
    return Group(*(part for report in reports for part in _render_queue(report, now)))


def _render_queue(report: QueueReport, now: datetime) -> list[RenderableType]:
    parts: list[RenderableType] = [escape(f"{report.queue.value}: {_summary(report)}", "bold")]
    if report.causes:
        causes = Table(box=None, pad_edge=False)
        for column in ("COUNT", "OLDEST", "CAUSE"):
            causes.add_column(column, no_wrap=True)
        for name, cause in sorted(report.causes.items(), key=lambda item: -item[1].count):
            seconds = (now - cause.oldest).total_seconds()
            causes.add_row(str(cause.count), age(seconds), escape(name))
        parts.append(causes)
    if report.carried_out and report.messages:
        parts.append(_messages(report))
    if report.problem:
        parts.append(escape(report.problem, "red"))
    if report.interrupted:
        parts.append(escape("Interrupted. Nothing is lost: run it again to go on."))
    elif report.left and not report.carried_out:
        parts.append(
            escape(
                "Nothing was announced. To announce them: "
                + command(f"redrive {report.queue.value} --yes")
            )
        )
    return parts


def _messages(report: QueueReport) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("MESSAGE", "OUTCOME", "KEYS"):
        table.add_column(column, no_wrap=True)
    table.add_column("WHY", overflow="fold", min_width=40)
    for each in report.messages:
        keys = Text("\n").join(map(escape, each.keys))
        outcome = "announced" if each.fate is MessageOutcome.HANDED_OVER else each.fate.value
        table.add_row(escape(each.message_id), outcome, keys, escape(each.detail or ""))
    return table


def _summary(report: QueueReport) -> str:
    if not report.left and not report.moved:
        return "empty"
    if not report.carried_out:
        return f"about {report.left} waiting"
    return f"{report.moved} announced, {report.left} left"
