"""Writes Markdown tables."""

from collections.abc import Iterable, Iterator, Sequence


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, of_text: bool = False
) -> Iterator[str]:
    """Yield a table's lines, and an empty one after it.

    Args:
        heads: the columns' heads; the first column is text, the others are figures.
        rows: the cells, as many as there are heads.
        of_text: whether the other columns are text too.
    """
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join(['---'] + ['---' if of_text else '---:'] * (len(heads) - 1))} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
