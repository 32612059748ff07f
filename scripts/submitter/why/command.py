"""`submitter why`."""

from typing import Annotated

import typer

from submitter.duration import parse_duration
from submitter.errors import ExitCode
from submitter.options import JsonOption, context_of
from submitter.progress import steps
from submitter.why.diagnosis import Grace
from submitter.why.evidence import Place
from submitter.why.gathering import check_subid, gather
from submitter.why.story import tell
from submitter.why.view import render_why


def why(  # noqa: PLR0913, PLR0917 - the command line's options
    call: typer.Context,
    subid: Annotated[str, typer.Argument(metavar="SUBID", help="The submission's subid.")],
    admin: Annotated[str | None, typer.Option(help="Look only under this admin.")] = None,
    event: Annotated[str | None, typer.Option(help="Look only at this event.")] = None,
    problem: Annotated[str | None, typer.Option(help="Look only at this problem.")] = None,
    grace: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION",
            help="How long to wait for AWS before something counts as lost, such as 0s or 1min "
            "[default: 5min, and 10min for Lambda's retries].",
        ),
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag, named on the command line
) -> None:
    """Show everything known about one submission, where it stopped, and what to do next.

    Reads the versions of its objects, the intake function's log, both failure queues (messages
    stay there) and its result, of which it shows no test and no output. Searches the whole bucket
    for the subid; --admin, then --event, then --problem make it faster.

    Ends with 0 if the submission is done or under way, and with 1 if a person has to act.
    """
    context = context_of(call, as_json=as_json)
    check_subid(subid)
    try:
        waits = Grace() if grace is None else Grace().at_most(parse_duration(grace))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    with steps(context.output, "Looking for it") as show:

        def on_progress(what: str, count: int) -> None:
            seen = f": {count:,}" if count else ""
            show(f"Reading {what}{seen}")

        evidence = gather(context, subid, Place(admin, event, problem), on_progress=on_progress)
    report = tell(evidence, waits)
    context.output.show(report, render_why)
    if report.needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)
