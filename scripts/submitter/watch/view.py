"""Shows the latest looks to a person."""

from collections import deque

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from submitter.output import age, escape
from submitter.watch.samples import Sample, Trouble

_SHOWN = 15
"""Looks."""


class Board:
    """The latest looks, and the sums of all."""

    def __init__(self, stack: str) -> None:
        self._stack = stack
        self._latest: deque[Sample | Trouble] = deque(maxlen=_SHOWN)
        self._sums = dict.fromkeys(("uploads", "announced", "ignored", "failed"), 0)

    def add(self, look: Sample | Trouble) -> None:
        """Add a look."""
        self._latest.append(look)
        if isinstance(look, Sample):
            for name in self._sums:
                self._sums[name] += getattr(look, name)

    def render(self) -> RenderableType:
        """Return the sums, and a line for each of the latest looks."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in _HEADINGS:
            table.add_column(name, justify="right")
        troubles = []
        for look in self._latest:
            if isinstance(look, Trouble):
                table.add_row(f"{look.time:%H:%M:%S}", "no answer", style="yellow")
                troubles.append(look)
            else:
                table.add_row(*_cells(look), style="red" if look.needs_attention else "")
        # An error is too long for a column.
        last = [
            escape(f"{each.time:%H:%M:%S} {each.error} It looks again.", "yellow")
            for each in troubles[-1:]
        ]
        sums = ", ".join(f"{count:,} {name}" for name, count in self._sums.items())
        return Group(
            escape(f"{self._stack}, since the start: {sums}", "bold"), Text(), table, *last
        )


_HEADINGS = (
    "time (UTC)",
    "uploads/s",
    "announced/s",
    "ignored",
    "failed",
    "queue",
    "change/s",
    "oldest",
    "failures",
    "dead",
)


def _cells(sample: Sample) -> tuple[str, ...]:
    waiting = sample.queue_visible + sample.queue_in_flight + sample.queue_delayed
    return (
        f"{sample.time:%H:%M:%S}",
        f"{sample.uploads_per_second:.1f}",
        f"{sample.announced_per_second:.1f}",
        f"{sample.ignored:,}",
        f"{sample.failed:,}",
        f"{waiting:,}",
        f"{sample.queue_growth_per_second:+.1f}",
        age(sample.oldest_message_seconds),
        f"{sample.intake_failures:,}",
        f"{sample.dead_letters:,}",
    )
