"""The command line: ``submitter --help``."""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from submitter.errors import ExitCode, SubmitterError, as_submitter_error
from submitter.interruption import end_quietly_when_interrupted
from submitter.invocation import remember_options
from submitter.output import Output, close_streams, prepare_streams
from submitter.stack.context import Context, normalize_environment


def _examples(*commands: str) -> str:
    """Return example command lines as an epilog; the mark keeps click from joining them."""
    return "\n".join(("\b", "Examples:", *(f"  submitter {each}" for each in commands)))


app = typer.Typer(
    name="submitter",
    help=(
        "Find out where a submission is, and get it moving again.\n\n"
        "The stack: --stack, else SUBMITTER_STACK, else the one applied from this checkout (by "
        "make apply, or by Terraform in the folder terraform), else submitter. If several were "
        "applied, name one.\n\n"
        "The region: --region, else the one in which this checkout applied the stack (a named "
        "stack: by make apply), else AWS_REGION, AWS_DEFAULT_REGION or the profile's.\n\n"
        "Credentials are the AWS CLI's: --profile, AWS_PROFILE, AWS_ENDPOINT_URL and the other "
        "AWS_ variables, and ~/.aws. An empty variable counts as unset.\n\n"
        "Results go to standard output, all else to standard error. NO_COLOR turns colours off."
        "\n\n\b\n"
        "Ends with 0    ok\n"
        "          1    action needed: by a person, or --yes would do it\n"
        "          2    usage error\n"
        "          3    stack unavailable: not found, not reached, or access refused\n"
        "          130  interrupted; run it again"
    ),
    epilog=_examples(
        "status",
        "why fc55c0190dde2bc413d8d1e79fb8cca2",
        "--stack submitter-test --profile course --region us-west-2 doctor",
    ),
    no_args_is_help=True,
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
            help="The stack's name [default: see above].",
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="The AWS profile [default: AWS_PROFILE].")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(metavar="REGION", help="The AWS region [default: see above]."),
    ] = None,
) -> None:
    # Advice depends on the command, and the commands it shows need the options again; a variable
    # is still set.
    source = context.get_parameter_source("stack")
    is_option = source is not None and source.name == "COMMANDLINE"
    remember_options(
        stack=stack if is_option else None,
        profile=profile,
        region=region,
        name=context.invoked_subcommand,
    )
    normalize_environment()
    context.obj = Context(
        Output(as_json=False),
        stack_name=stack or None,
        profile=profile or None,
        region=region or None,
    )


class _Command(TyperCommand):
    """Imports its module when it is called: importing all of them takes longer than most calls."""

    def make_context(self, *words: Any, **settings: Any) -> Any:  # noqa: ANN401 - the library's own
        """Parse the command's words."""
        module = import_module(f"submitter.{self.name}.command")
        alone = typer.Typer(
            add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
        )
        alone.command(self.name, epilog=self.epilog)(getattr(module, str(self.name)))
        return typer.main.get_command(alone).make_context(*words, **settings)


def _add(name: str, short_help: str, *examples: str) -> None:
    """Add the command that the module submitter.NAME.command has."""
    app.command(name, cls=_Command, short_help=short_help, epilog=_examples(*examples))(
        lambda: None
    )


_add(
    "submit",
    "Submit a file or a class, as the front end does.",
    "submit lab.py --admin a --event e --problem p --token 240669d4",
    "submit class/",
    "submit class/ --yes --wait",
)
_add(
    "why",
    "Show where a submission is, and what to do next.",
    "why fc55c0190dde2bc413d8d1e79fb8cca2",
    "why fc55c0190dde2bc413d8d1e79fb8cca2 --admin m.soltys --json",
)
_add(
    "status",
    "Show what needs attention, and all counts.",
    "status",
    "status --json | jq -r '.attention[]'",
)
_add(
    "watch",
    "Watch uploads, announcements and the queue live.",
    "watch",
    "watch --prefix submissions/m.soltys/aws_labs/",
    "watch --for 3600 --interval 10 > deadline.jsonl",
)
_add(
    "reconcile",
    "List submissions never announced; --yes announces them.",
    "reconcile",
    "reconcile --since 2h --prefix submissions/m.soltys/",
    "reconcile --yes",
)
_add(
    "redrive",
    "List failed messages; --yes has them announced again.",
    "redrive",
    "redrive intake --yes",
    "redrive dead-letter --yes",
)
_add(
    "doctor",
    "Check a deployed stack, and say what to repair.",
    "doctor",
    "doctor --all",
    "doctor --round-trip",
)
_add(
    "new",
    "Write a new problem's or event's folder.",
    "new problem labs/sums",
    "new event labs",
)
_add(
    "check",
    "Check a problem's or an event's folder, without AWS.",
    "check labs/sums",
    "check labs",
    "check labs/sums students/*.py --json",
)
_add(
    "grades",
    "Show an event's gradebook, or write it as CSV.",
    "grades m.soltys aws_labs",
    "grades m.soltys aws_labs --csv plain > grades.csv",
    "grades m.soltys aws_labs --roster class.csv --csv canvas > lab.csv",
)
_add(
    "feedback",
    "Show a result as its student sees it.",
    "feedback fc55c0190dde2bc413d8d1e79fb8cca2",
    "feedback fc55c0190dde2bc413d8d1e79fb8cca2 --html > result.html",
)
_add(
    "report",
    "Sum up an event's results for staff, as a page.",
    "report m.soltys aws_labs --out report.html",
    "report m.soltys aws_labs --json | jq '.problems[].nobody_passes'",
)
_add(
    "publish",
    "Show what a folder changes; --yes publishes it for the grader.",
    "publish labs --admin m.soltys",
    "publish labs --admin m.soltys --check --yes",
    "publish labs/sums --admin m.soltys --event aws_labs --json",
)
_add(
    "regrade",
    "Show what grading again changes; --yes has the grader do it.",
    "regrade m.soltys aws_labs",
    "regrade m.soltys aws_labs --problem lab5 --all --json",
    "regrade m.soltys aws_labs --yes",
)


def main() -> None:
    """Run the command line; show an error as a sentence, never as a traceback."""
    end_quietly_when_interrupted()
    exit_code: str | int | None = ExitCode.UNAVAILABLE
    try:
        prepare_streams()
        app()
    except SystemExit as end:
        exit_code = end.code
        if isinstance(end.__context__, BrokenPipeError):
            # The reader closed the pipe, as in `submitter --help | head`.
            exit_code = ExitCode.OK
        elif isinstance(end.__context__, typer.Abort):
            exit_code = _complain(SubmitterError(_NO_ANSWER))
    except Exception as error:  # noqa: BLE001 - staff can't read a traceback
        exit_code = _complain(_output_error() or as_submitter_error(error))
    close_streams()
    sys.exit(exit_code)


_NO_ANSWER = (
    "The profile asks for an MFA code, and there is no terminal to type it on. Run this on one, "
    "or use credentials that need none."
)


def _output_error() -> SubmitterError | None:
    """Return the error if a help text could not be written, which a flush shows."""
    try:
        Output(as_json=False).write("")
    except SubmitterError as error:
        return error
    return None


def _complain(error: SubmitterError) -> ExitCode:
    Output(as_json=False).complain(error)
    return error.exit_code
