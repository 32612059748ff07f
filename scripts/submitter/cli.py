"""The command line: ``submitter --help``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from submitter.commands.doctor import doctor
from submitter.commands.reconcile import reconcile_command
from submitter.commands.redrive import redrive_command
from submitter.commands.status import status
from submitter.commands.submit import submit
from submitter.commands.watch import watch
from submitter.commands.why import why
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


app.command()(submit)
app.command()(why)
app.command()(status)
app.command()(watch)
app.command("reconcile")(reconcile_command)
app.command("redrive")(redrive_command)
app.command()(doctor)


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
