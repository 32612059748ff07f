"""Shows a reconcile report to a person."""

import shlex
from collections.abc import Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table

from submitter.output import age, escape, unbroken
from submitter.reconcile.announcing import FAILURES_BEFORE_STOPPING
from submitter.reconcile.gaps import GapKind, GapOutcome, ReconcileReport

_MEANING = {
    GapKind.NEVER_ANNOUNCED: "the log has no announcement: --yes announces it",
    GapKind.FAILED: "the function's last log entry for it is a failure: --yes announces it",
    GapKind.CODE_NEWER: "the .py was replaced after it was announced, and the new one was not: "
    "--yes announces it again; where the .json names its .py, have the student submit again",
    GapKind.NO_RESULT: "announced, no result: --no-result --yes announces it again",
    GapKind.FAILED_RESULT: "the back end failed on it: --no-result --yes announces it again",
    GapKind.OLDER_RESULT: "the result is of an older .json or .py: --no-result --yes announces it "
    "again",
    GapKind.UNREADABLE_RESULT: "the result does not say which version it is of: ask the back end",
    GapKind.CODE_MISSING: "a .json without its .py, announced all the same: ask the student",
    GapKind.DATA_MISSING: "a .py without its .json, never there or deleted: the student submits "
    "again",
    GapKind.MALFORMED: "nearly a submission's file, not announced because of its name: upload it "
    "under its right name, <subid>.json or <subid>.py",
    GapKind.STRAY: "no submission's file, and no result: find out who writes there, and move it",
}


def render_reconcile(report: ReconcileReport, now: datetime) -> RenderableType:
    """Return a table of gaps with their ages at ``now``, and what to do."""
    parts: list[RenderableType] = []
    if report.named:
        parts.append(_table(report, now))
        if (unnamed := report.outcomes.total() - len(report.named)) > 0:
            parts.append(escape(f"... and {unnamed} more: list them with --show NUMBER."))
    for kind, count in sorted(report.gaps.items()):
        parts.append(escape(f"{count} x {kind.value}: {_MEANING[kind]}"))
    for cause, count in report.refusals.items():
        parts.append(escape(f"The function refused {count} event(s): {cause}", "red"))
    parts.extend(escape(sentence) for sentence in _closing(report))
    if report.interrupted or report.problem:
        after = report.resume_after
        parts.append(escape(f"{report.problem or 'Interrupted.'} Run it again."))
        if after:
            parts.append(unbroken(f"To go on where it stopped: --after {shlex.quote(after)}"))
    return Group(*parts)


def _table(report: ReconcileReport, now: datetime) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("GAP", "AGE", "OUTCOME", "KEY"):
        table.add_column(column, no_wrap=True)
    for gap in report.named:
        kind = gap.kind.value + (f" ({gap.reason.value})" if gap.reason else "")
        seconds = (now - gap.modified).total_seconds()
        table.add_row(escape(kind), age(seconds), gap.outcome.value, escape(gap.key))
    return table


def _closing(report: ReconcileReport) -> Iterator[str]:
    if report.before_log:
        yield (
            f"{report.before_log} submission(s) without a current result are older than the log, "
            "so it is not known whether they were announced; --no-result lists them as gaps."
        )
    announced = report.outcomes[GapOutcome.ANNOUNCED]
    yield (
        f"{report.submissions} submission(s) checked in {report.stack}: {report.gaps.total()} "
        f"gap(s), {announced} announced now, {report.left} left."
    )
    if report.announceable and not report.carried_out:
        yield f"Nothing was changed. To announce {report.announceable} of them, add --yes."
    if report.stopped:
        yield (
            f"Stopped: the function failed {FAILURES_BEFORE_STOPPING} times in a row. Fix it, "
            "then run this again: what it has announced is in its log."
        )
