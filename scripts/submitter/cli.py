"""The command line: ``submitter --help``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from submitter.console import Output, plain
from submitter.context import Context
from submitter.errors import SubmitterError, explain

app = typer.Typer(
    name="submitter",
    help=(
        "Where a submission is, and how to get it moving again.\n\n"
        "Ends with 0 if all is well, 1 if something needs a person's attention, 2 for a command "
        "line that makes no sense, 3 if the stack was not found, not reached or refused access, "
        "and 130 if it was interrupted; interrupted commands can be run again."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for scripts.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it; without this, only show it.")]


@app.callback()
def _settings(
    context: typer.Context,
    stack: Annotated[
        str | None,
        typer.Option(
            envvar="SUBMITTER_STACK", help="The stack's name [default: Terraform's, or submitter]."
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="The AWS profile [default: AWS_PROFILE].")
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="The AWS region [default: AWS_REGION, or the profile's].")
    ] = None,
) -> None:
    context.obj = Context(Output(as_json=False), stack_name=stack, profile=profile, region=region)


def surroundings(context: typer.Context, *, as_json: bool) -> Context:
    """Return a command's surroundings, with its results as JSON if asked for."""
    settings: Context = context.obj
    return Context(
        Output(as_json=as_json),
        stack_name=settings.stack_name,
        profile=settings.profile,
        region=settings.region,
    )


def main() -> None:
    """Run the command line; what goes wrong ends as a sentence, and never as a traceback."""
    try:
        app()
    except SubmitterError as error:
        _fail(error)
    except (ClientError, BotoCoreError) as error:
        _fail(explain(error))


def _fail(error: SubmitterError) -> None:
    Output(as_json=False).progress.print(plain(f"error: {error}"))
    sys.exit(error.exit_code)


# At the end, because they need the names above.
from submitter.commands.doctor import doctor  # noqa: E402
from submitter.commands.why import why  # noqa: E402

app.command()(doctor)
app.command()(why)
