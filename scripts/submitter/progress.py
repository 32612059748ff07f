"""Shows progress on standard error while a command works."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from submitter.output import Output

_SHOWN_EVERY = 100
"""Items between two updates of the display: an update costs more than an item."""
_BAR = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())


def counted[Item](output: Output, label: str, items: Iterable[Item]) -> Iterator[Item]:
    """Yield items, of an unknown number, and show how many there were."""
    with _progress(output, TextColumn("{task.description} {task.completed:,}")) as progress:
        task = progress.add_task(label, total=None)
        for number, item in enumerate(items, 1):
            yield item
            if number % _SHOWN_EVERY == 0:
                progress.update(task, completed=number)


def tracked[Item](output: Output, label: str, items: list[Item]) -> Iterator[Item]:
    """Yield a list's items, and show how many of them are done."""
    with bar(output, label, len(items)) as show:
        for number, item in enumerate(items, 1):
            yield item
            show(number)


@contextmanager
def bar(output: Output, label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar; yield a function that takes the number of items done."""
    with _progress(output, *_BAR) as progress:
        task = progress.add_task(label, total=total)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def steps(output: Output, first: str) -> Iterator[Callable[[str], None]]:
    """Show the current step; yield a function that takes the next one."""
    with _progress(output, TextColumn("{task.description}", markup=False)) as progress:
        task = progress.add_task(first, total=None)
        yield lambda step: progress.update(task, description=step)


def _progress(output: Output, *columns: ProgressColumn) -> Progress:
    return Progress(
        SpinnerColumn(),
        *columns,
        TimeElapsedColumn(),
        console=output.progress,
        transient=True,
        disable=not output.progress.is_terminal,
    )
