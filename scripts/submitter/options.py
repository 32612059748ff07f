"""The options that several commands have."""

from dataclasses import replace
from typing import Annotated

import typer

from submitter.output import Output
from submitter.stack.context import Context

JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for scripts.")]
AdminArgument = Annotated[str, typer.Argument(metavar="ADMIN", help="The admin's identifier.")]
EventArgument = Annotated[str, typer.Argument(metavar="EVENT", help="The event's identifier.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it; without this, only show it.")]


def context_of(call: typer.Context, *, as_json: bool) -> Context:
    """Return a command's context, with its results as JSON if ``as_json``."""
    settings: Context = call.obj
    return replace(settings, output=Output(as_json=as_json))
