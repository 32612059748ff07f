"""Shows how far a long job is: on standard error, and only on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from submitter.output import Output

_SHOWN_EVERY = 100
"""Items of an unknown number between two looks at the display, which costs more than an item."""


def counted[Item](output: Output, label: str, items: Iterable[Item]) -> Iterator[Item]:
    """Pass items through and show how many there were.

    Args:
        output: where to show it.
        label: what is being done.
        items: any number of them; none is kept.

    Yields:
        The items.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,}"))
    with _progress(output, *columns, TimeElapsedColumn()) as progress:
        task = progress.add_task(label, total=None)
        for number, item in enumerate(items, 1):
            yield item
            if number % _SHOWN_EVERY == 0:
                progress.update(task, completed=number)


def tracked[Item](output: Output, label: str, items: list[Item]) -> Iterator[Item]:
    """Pass a list's items through and show how far it is.

    Args:
        output: where to show it.
        label: what is being done.
        items: all of them.

    Yields:
        The items.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with _progress(output, *columns, TimeElapsedColumn()) as progress:
        task = progress.add_task(label, total=len(items))
        for item in items:
            yield item
            progress.advance(task)


def _progress(output: Output, *columns: ProgressColumn) -> Progress:
    return Progress(
        *columns,
        console=output.progress,
        transient=True,
        disable=not output.progress.is_terminal,
    )
