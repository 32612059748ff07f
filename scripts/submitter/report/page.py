"""Shows an event's results as a page."""

from datetime import datetime
from pathlib import Path

from submitter.page import render_page
from submitter.report.summary import BANDS, Ending, EventReport

_WIDTH = 100 // BANDS
_BANDS = (*(f"{low} to under {low + _WIDTH} %" for low in range(0, 100, _WIDTH)), "100 %")


def report_page(report: EventReport, now: datetime) -> str:
    """Return a page for staff."""
    settings = report.settings
    deadlines = {}
    if settings is not None:
        deadlines = {"due date": settings.due_date, "late due date": settings.late_due_date}
    return render_page(
        Path(__file__).parent / "report.html.j2",
        report=report,
        now=now,
        bands=_BANDS,
        endings=Ending,
        deadlines={name: time for name, time in deadlines.items() if time is not None},
    )
