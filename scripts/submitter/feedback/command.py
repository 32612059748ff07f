"""`submitter feedback`."""

from typing import Annotated

import typer

from submission.json_object import read_object
from submission.keys import SubmissionKey, parse_key, result_place, submission_place
from submission.result import MAX_RESULT_BYTES
from submitter.aws.bucket import walk_objects
from submitter.aws.document import fetch_document
from submitter.errors import ExitCode, SubmitterError, UsageError
from submitter.feedback.page import feedback_page
from submitter.feedback.student_result import StudentResult, read_student_result
from submitter.feedback.view import render_feedback
from submitter.invocation import command
from submitter.options import JsonOption, context_of
from submitter.progress import counted
from submitter.stack.context import Context
from submitter.why.evidence import Place
from submitter.why.gathering import check_subid


def feedback(  # noqa: PLR0913 - the command line's options
    call: typer.Context,
    *,
    subid: Annotated[str, typer.Argument(metavar="SUBID", help="The submission's subid.")],
    admin: Annotated[str | None, typer.Option(help="Look only under this admin.")] = None,
    event: Annotated[str | None, typer.Option(help="Look only at this event.")] = None,
    problem: Annotated[str | None, typer.Option(help="Look only at this problem.")] = None,
    as_html: Annotated[
        bool, typer.Option("--html", help="Write a page that works offline and in print.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show one result as its student sees it: the score, each test, and why a test failed.

    Of hidden tests it shows no more than students may see: it never reads the staff's result.
    Searches all results for the subid; --admin, then --event, then --problem make it faster.

    Ends with 0 if it was shown, and with 1 if there is no readable result.
    """
    context = context_of(call, as_json=as_json)
    check_subid(subid)
    if as_html and as_json:
        raise typer.BadParameter("Use --html or --json, not both.")
    key = _find(context, subid, Place(admin, event, problem))
    result = _read(context, key)
    if as_html:
        context.output.write(feedback_page(key, result))
    else:
        context.output.show(result, render_feedback)


def _find(context: Context, subid: str, place: Place) -> SubmissionKey:
    """Return the key of the one submission in a place that has a result."""
    prefix = result_place(place.prefix)
    if None not in {place.admin, place.event, place.problem}:
        prefix += f"{subid}/"
    listing = walk_objects(context, prefix)
    found = [
        key
        for each in counted(context.output, "Looking for it: objects", listing)
        for key in [parse_key(submission_place(each.key))]
        if isinstance(key, SubmissionKey) and key.subid == subid and place.has(key.data_key)
    ]
    if not found:
        raise SubmitterError(
            f"There is no result of {subid} here. To see where it is: {command(f'why {subid}')}",
            ExitCode.ATTENTION,
        )
    if len(found) > 1:
        raise UsageError(
            f"There are {len(found)} results of {subid}. Choose one with --admin, --event and "
            "--problem:",
            [key.result_key for key in found],
        )
    return found[0]


def _read(context: Context, key: SubmissionKey) -> StudentResult:
    document = fetch_document(context, key.result_key, MAX_RESULT_BYTES)
    fields = read_object(document) if len(document or b"") <= MAX_RESULT_BYTES else {}
    if not fields:
        raise SubmitterError(
            f"{key.result_key} is no result: not a JSON object of up to {MAX_RESULT_BYTES:,} "
            "bytes. Have the back end process the submission again.",
            ExitCode.ATTENTION,
        )
    return read_student_result(fields)
