"""Writes Markdown tables."""

from collections.abc import Iterable, Iterator, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table's lines, and an empty one after it.

    Args:
        heads: the columns' heads; the first column is text, the others are figures.
        rows: the cells, as many as there are heads.
    """
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join(['---'] + ['---:'] * (len(heads) - 1))} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
