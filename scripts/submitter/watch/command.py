"""`submitter watch`."""

import json
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from submission.keys import SUBMISSIONS
from submitter.errors import ExitCode
from submitter.interruption import terminated_as_interrupted
from submitter.options import JsonOption, context_of
from submitter.output import Output, to_json
from submitter.watch.samples import Sample, Trouble, Watcher, samples
from submitter.watch.view import Board


def watch(
    call: typer.Context,
    *,
    interval: Annotated[
        float, typer.Option(min=0.5, metavar="SECONDS", help="How often to look.")
    ] = 5,
    duration: Annotated[
        float | None,
        typer.Option(
            "--for", min=0, metavar="SECONDS", help="How long to watch [default: until Ctrl-C]."
        ),
    ] = None,
    prefix: Annotated[
        str,
        typer.Option(
            metavar="KEYS",
            help="Count uploads only under this prefix, such as submissions/m.soltys/aws_labs/: "
            "each look costs a request for every thousand objects.",
        ),
    ] = SUBMISSIONS,
    as_json: JsonOption = False,
) -> None:
    """Watch uploads, announcements and the queue while they happen.

    Uploads are counted in the bucket's listing, announcements in the function's log. On a pipe,
    and with --json, it writes one JSON object a line. If AWS does not answer a look, it says so
    and looks again; the next answered look includes what happened meanwhile.

    Ends with 0 if all went well, 1 if anything failed while it watched or waits in a failure
    queue or the last look was not answered, 3 if it is not allowed to look or there is no such
    stack, and 130 after Ctrl-C.
    """
    context = context_of(call, as_json=as_json)
    board = Board(context.deployment.name)
    needs_attention = has_failed = False
    with terminated_as_interrupted():
        looks = samples(Watcher(context, prefix), interval, duration)
        if as_json or not context.output.on_terminal:
            shown = _write_lines(looks, context.output)
        else:
            shown = _show_live(looks, board, context.output.results)
        # Closing the live view brings the terminal's cursor back.
        with closing(shown):
            for look in shown:
                needs_attention = isinstance(look, Trouble) or look.needs_attention
                has_failed = has_failed or (isinstance(look, Sample) and look.failed > 0)
    if has_failed or needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)


type _Looks = Generator[Sample | Trouble]


def _write_lines(looks: Iterator[Sample | Trouble], output: Output) -> _Looks:
    for look in looks:
        is_read = output.write(f"{json.dumps(to_json(look))}\n")
        yield look
        if not is_read:
            return


def _show_live(looks: Iterator[Sample | Trouble], board: Board, console: Console) -> _Looks:
    with Live(board.render(), console=console, auto_refresh=False) as live:
        for look in looks:
            board.add(look)
            live.update(board.render(), refresh=True)
            yield look
