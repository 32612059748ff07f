"""Shows a regrade to a person."""

import shlex
from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table

from submission.result import Status
from submitter.invocation import command
from submitter.output import escape, unbroken
from submitter.reconcile.announcing import FAILURES_BEFORE_STOPPING
from submitter.regrade.report import Obstacle, Regraded, RegradeReport, Why, Worth

_SHOWN = 50
_OBSTACLES = {
    Obstacle.RESUBMITTED: "submitted again since: the newer upload is announced by itself; if "
    "`submitter reconcile` lists it, announce it there",
    Obstacle.CODE_REPLACED: "the .py was replaced, so another program would be graded: have the "
    "student submit again",
    Obstacle.CODE_GONE: "the .py that was graded is gone, so the submission would be rejected",
}


def render_regrade(report: RegradeReport) -> RenderableType:
    """Return counts by problem, what would change, and what to do."""
    table = Table(box=None, pad_edge=False)
    table.add_column("PROBLEM", no_wrap=True)
    for column in ("RESULTS", *(why.replace("_", " ").upper() for why in Why)):
        table.add_column(column, justify="right", no_wrap=True)
    for each in report.problems:
        counts = [f"{each.results:,}", *(f"{each.why[why]:,}" for why in Why)]
        table.add_row(escape(each.problem), *counts)
    parts: list[RenderableType] = [table]
    shown = [each for each in report.graded if each.changes or each.reason]
    if shown:
        parts.append(_changes(shown[:_SHOWN]))
        if len(shown) > _SHOWN:
            parts.append(escape(f"... and {len(shown) - _SHOWN:,} more; --json has all"))
    parts += map(escape, _lines(report))
    if report.announceable and not report.carried_out:
        only = ("--problem", report.only) if report.only else ()
        again = command(shlex.join(("regrade", report.admin, report.event, *only, "--yes")))
        parts.append(escape("Nothing was changed. To have them graded again:"))
        parts.append(unbroken(f"  {again}"))
    return Group(*parts)


def _changes(regraded: list[Regraded]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("SUBID", "PROBLEM", "RESULT", "GRADED AGAIN"):
        table.add_column(column, no_wrap=True)
    table.add_column("WHY", overflow="fold", min_width=20)
    for each in regraded:
        table.add_row(
            each.subid,
            escape(each.problem),
            escape(_in_words(each.old)),
            escape(_in_words(each.new)),
            escape(each.reason or ""),
        )
    return table


def _in_words(worth: Worth) -> str:
    if worth.status != Status.COMPLETED or worth.score is None or worth.max_score is None:
        return worth.verdict or worth.status or "-"
    return f"{worth.verdict} {worth.score:g} of {worth.max_score:g}"


def _lines(report: RegradeReport) -> Iterator[str]:
    if report.graded:
        yield _summary(report)
    for obstacle, count in Counter(each.obstacle for each in report.left).items():
        yield f"{count:,} x {obstacle}: {_OBSTACLES[obstacle]}"
    for cause, count in report.refusals.items():
        yield f"The function refused {count} event(s): {cause}"
    if report.stopped:
        yield f"Stopped: the function failed {FAILURES_BEFORE_STOPPING} times in a row. Fix it."
    if report.error or report.interrupted:
        yield f"{report.error or 'Interrupted.'} Run it again."
    if not report.announceable:
        if not (report.left or report.interrupted):
            yield "There is nothing to do: all results are of what is published."
    elif report.carried_out:
        yield (
            f"{report.announced:,} of {report.announceable:,} announced: the grader replaces "
            "their results, and old ones stay as versions."
        )


def _summary(report: RegradeReport) -> str:
    graded = report.graded
    gains = [
        each.new.score - each.old.score
        for each in graded
        if each.changes and each.new.score is not None and each.old.score is not None
    ]
    failed = sum(each.new.status == Status.FAILED for each in graded)
    changed = sum(each.changes for each in graded)
    return (
        f"Graded here {len(graded):,} of {report.announceable:,}: {changed:,} would change, "
        f"{sum(gain > 0 for gain in gains):,} to more points and "
        f"{sum(gain < 0 for gain in gains):,} to fewer"
        + (f"; {failed:,} can't be graded" if failed else "")
        + "."
    )
