"""Shows in a few lines what a report's page says."""

from pathlib import Path

from rich.console import Group, RenderableType

from submitter.output import escape
from submitter.report.summary import EventReport


def render_report(report: EventReport, out: Path | None) -> RenderableType:
    """Return the counts, and where the page is."""
    counts = {f"{status}": count for status, count in report.statuses.items()} | {
        "unreadable": report.unreadable,
        "without a staff's result": report.without_staff_result,
    }
    said = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    lines = [f"{report.admin}/{report.event}: {said or 'no results yet'}"]
    for problem in report.problems:
        scores = "" if problem.mean is None else f", mean {problem.mean:.1f} %"
        lines.append(f"  {problem.name}: {problem.graded:,} scored{scores}")
        lines += [f"    nobody passes {name}" for name in problem.nobody_passes]
    if report.settings_problem:
        lines.append(f"The event's settings can't be read: {report.settings_problem}")
    lines.append(f"The page is in {out}")
    return Group(*map(escape, lines))
