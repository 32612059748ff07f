"""``submitter watch``: the live view during a deadline."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live

from submitter.bucket import SUBMISSIONS
from submitter.console import to_json
from submitter.errors import ExitCode
from submitter.options import JsonOption, surroundings
from submitter.watch import Board, Sample, Watcher, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console


def watch(
    context: typer.Context,
    *,
    interval: Annotated[
        float, typer.Option(min=0.5, help="Seconds from one look to the next.")
    ] = 5,
    duration: Annotated[
        float | None,
        typer.Option("--for", min=0, help="Seconds until it ends [default: with Ctrl-C]."),
    ] = None,
    prefix: Annotated[
        str,
        typer.Option(
            help="Count uploads only under these keys, such as submissions/m.soltys/aws_labs/: a "
            "look costs a request for a thousand objects."
        ),
    ] = SUBMISSIONS,
    as_json: JsonOption = False,
) -> None:
    """Watch uploads, announcements and the queue while they happen.

    Uploads are counted in the bucket's listing, announcements in the function's log. On a pipe,
    and with --json, it writes one JSON object a line. Ends with 1 if anything failed while it
    watched, or waits in a failure queue.
    """
    surrounding = surroundings(context, as_json=as_json)
    board = Board(surrounding.deployment.name)
    last: Sample | None = None
    has_failed = False
    try:
        looks = samples(Watcher(surrounding, prefix), interval, duration)
        if as_json or not surrounding.output.results.is_terminal:
            shown = _write_lines(looks)
        else:
            shown = _show_live(looks, board, surrounding.output.results)
        for last in shown:
            has_failed = has_failed or last.failed > 0
    except KeyboardInterrupt:
        if duration is not None:
            raise
        # Without --for this is how it ends.
    if has_failed or (last is not None and last.needs_attention):
        raise typer.Exit(ExitCode.ATTENTION)


def _write_lines(looks: Iterator[Sample]) -> Iterator[Sample]:
    for sample in looks:
        sys.stdout.write(f"{json.dumps(to_json(sample))}\n")
        sys.stdout.flush()
        yield sample


def _show_live(looks: Iterator[Sample], board: Board, console: Console) -> Iterator[Sample]:
    with Live(board.render(), console=console, auto_refresh=False) as live:
        for sample in looks:
            board.add(sample)
            live.update(board.render(), refresh=True)
            yield sample
