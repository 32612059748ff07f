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
from submitter.interruption import end_quietly_when_interrupted


def _examples(*commands: str) -> str:
    """Return an epilog of command lines; the mark keeps them from being filled as one text."""
    return "\n".join(("\b", "Examples:", *(f"  submitter {each}" for each in commands)))


app = typer.Typer(
    name="submitter",
    help=(
        "Where a submission is, and how to get it moving again.\n\n"
        "A command is about the stack that --stack names, or SUBMITTER_STACK; else about the one "
        "that was applied with Terraform from this project's folder; else about the one called "
        "submitter. Credentials, profile and region are the AWS CLI's: AWS_PROFILE, AWS_REGION, "
        "AWS_ENDPOINT_URL and the other variables, and ~/.aws.\n\n"
        "It writes results on standard output and all else on standard error. NO_COLOR takes the "
        "colours out.\n\n"
        "Ends with 0 if all is as it should be or was put right, 1 if something is left for a "
        "person, also if --yes would do it, 2 for a command line that makes no sense, 3 if the "
        "stack was not found, not reached or refused access, and 130 if it was interrupted; "
        "interrupted commands can be run again."
    ),
    epilog=_examples(
        "status",
        "why fc55c0190dde2bc413d8d1e79fb8cca2",
        "--stack submitter-test --profile course --region us-west-2 doctor",
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
            metavar="NAME",
            envvar="SUBMITTER_STACK",
            help="The stack's name [default: Terraform's, or submitter].",
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="The AWS profile [default: AWS_PROFILE].")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            metavar="REGION", help="The AWS region [default: AWS_REGION, or the profile's]."
        ),
    ] = None,
) -> None:
    context.obj = Context(Output(as_json=False), stack_name=stack, profile=profile, region=region)


app.command(
    short_help="Submit a file or a class, as the front end does.",
    epilog=_examples(
        "submit lab.py --admin a --event e --problem p --token 240669d4",
        "submit class/",
        "submit class/ --yes --wait",
    ),
)(submit)
app.command(
    short_help="Tell where a submission is, and what to do next.",
    epilog=_examples(
        "why fc55c0190dde2bc413d8d1e79fb8cca2",
        "why fc55c0190dde2bc413d8d1e79fb8cca2 --admin m.soltys --json",
    ),
)(why)
app.command(
    short_help="Show what is where, and what needs attention first.",
    epilog=_examples("status", "status --json | jq -r '.attention[]'"),
)(status)
app.command(
    short_help="Watch uploads, announcements and the queue live.",
    epilog=_examples(
        "watch",
        "watch --prefix submissions/m.soltys/aws_labs/",
        "watch --for 3600 --interval 10 > deadline.jsonl",
    ),
)(watch)
app.command(
    "reconcile",
    short_help="Find what nobody was told of; --yes announces it.",
    epilog=_examples(
        "reconcile",
        "reconcile --since 2h --prefix submissions/m.soltys/",
        "reconcile --yes",
    ),
)(reconcile_command)
app.command(
    "redrive",
    short_help="Show the failure queues; --yes moves it back.",
    epilog=_examples("redrive", "redrive intake --yes", "redrive dead-letter --yes"),
)(redrive_command)
app.command(
    short_help="Check a deployed stack, and say what to repair.",
    epilog=_examples("doctor", "doctor --round-trip"),
)(doctor)


def main() -> None:
    """Run the command line; what goes wrong ends as a sentence, and never as a traceback."""
    end_quietly_when_interrupted()
    try:
        app()
    except SubmitterError as error:
        _fail(error)
    except (ClientError, BotoCoreError) as error:
        _fail(explain(error))


def _fail(error: SubmitterError) -> None:
    first, *details = error.lines
    for line in (f"error: {first}", *details):
        Output(as_json=False).progress.print(plain(line), soft_wrap=True)
    sys.exit(error.exit_code)
