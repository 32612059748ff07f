"""`submitter report`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from grading.document import DocumentError
from grading.event import Event, read_event
from submission.keys import (
    DATA_SUFFIX,
    SUBMISSIONS,
    SubmissionKey,
    event_key,
    folder_of,
    parse_key,
    result_place,
    submission_place,
)
from submission.result import MAX_RESULT_BYTES
from submission_grader.problems import MAX_EVENT_BYTES
from submitter.aws.bucket import walk_objects
from submitter.aws.document import fetch_document
from submitter.aws.read_ahead import read_ahead
from submitter.errors import ExitCode, SubmitterError, UsageError
from submitter.options import AdminArgument, EventArgument, JsonOption, context_of
from submitter.progress import counted
from submitter.report.page import report_page
from submitter.report.summary import EventReport, NoRecord, Record, read_record, sum_up
from submitter.report.view import render_report
from submitter.stack.context import Context


def report(
    call: typer.Context,
    *,
    admin: AdminArgument,
    event: EventArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html", help="Write the page there [default: to standard output]."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Sum up an event's results for staff, on a page that works offline and in print.

    Scores, verdicts by test, submissions over time, the slowest programs, and what was rejected or
    failed. Reads the staff's results, and names submissions by their subids only. The page names
    secret tests: it is not for students.

    Ends with 0 if all is well, and with 1 if results failed or can't be read.
    """
    context = context_of(call, as_json=as_json)
    summary = _sum_up(context, admin, event)
    if out is not None or not as_json:
        page = report_page(summary, datetime.now(UTC))
        if out is None:
            context.output.write(page)
        else:
            _write(out, page)
    if out is not None or as_json:
        context.output.show(summary, partial(render_report, out=out))
    if summary.needs_attention:
        raise typer.Exit(ExitCode.ATTENTION)


def _sum_up(context: Context, admin: str, event: str) -> EventReport:
    place = SubmissionKey(admin, event, "problem", "0" * 32)
    if parse_key(place.data_key) != place:
        raise UsageError(f"{admin!r} and {event!r} can't be the names of an admin and an event.")
    settings, problem = _settings(context, event_key(admin, event))
    submissions = _submissions(context, f"{SUBMISSIONS}{admin}/{event}/")
    found = read_ahead(submissions, partial(_read, context))
    summary = sum_up(
        (admin, event), settings, problem, ((key, record) for (key, _), record in found)
    )
    is_known = settings or problem or summary.results or summary.unreadable
    if not is_known and not summary.without_staff_result:
        raise UsageError(
            f"There is no event {event} of {admin}: it has neither settings nor results. Check "
            "the names: upper and lower case differ."
        )
    return summary


def _settings(context: Context, key: str) -> tuple[Event | None, str | None]:
    """Return an event's settings, or what is wrong with them; neither if there are none."""
    document = fetch_document(context, key, MAX_EVENT_BYTES)
    if document is None:
        return None, None
    try:
        return read_event(document), None
    except DocumentError as error:
        return None, f"{key}: {error}"


def _submissions(context: Context, prefix: str) -> Iterator[tuple[SubmissionKey, bool]]:
    """Yield each submission that has a result, and whether the staff's is there."""
    listing = counted(
        context.output, "Reading results: objects", walk_objects(context, result_place(prefix))
    )
    for folder, objects in groupby(listing, lambda each: folder_of(submission_place(each.key))):
        keys = {each.key for each in objects}
        key = parse_key(f"{folder}{folder.split('/')[-2]}{DATA_SUFFIX}")
        if isinstance(key, SubmissionKey) and keys & {key.result_key, key.staff_result_key}:
            yield key, key.staff_result_key in keys


def _read(context: Context, submission: tuple[SubmissionKey, bool]) -> Record | NoRecord:
    key, has_staff_result = submission
    if not has_staff_result:
        return NoRecord.NO_STAFF_RESULT
    return read_record(fetch_document(context, key.staff_result_key, MAX_RESULT_BYTES))


def _write(out: Path, page: str) -> None:
    try:
        out.write_text(page, encoding="ascii", newline="\n")
    except OSError as error:
        raise SubmitterError(
            f"{out} can't be written: {error.strerror}. Choose another file with --out.",
            ExitCode.USAGE,
        ) from error
