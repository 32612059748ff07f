"""`submitter reconcile`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

import typer

from submission.json_object import read_object
from submission.keys import EVENTS, RESULTS, SUBMISSIONS, folder_of, result_place
from submission.result import ResultDocument
from submitter.aws.bucket import (
    CurrentVersion,
    StoredObject,
    top_level_prefixes,
    walk_current_versions,
    walk_objects,
)
from submitter.aws.intake_log import log_start, read_intake_log
from submitter.aws.queues import queue_attributes
from submitter.aws.result import fetch_result
from submitter.duration import parse_duration, parse_time
from submitter.errors import ExitCode, as_submitter_error
from submitter.options import JsonOption, YesOption, context_of
from submitter.progress import steps
from submitter.reconcile.announcement_index import AnnouncementIndex
from submitter.reconcile.announcing import announce_gaps, deployed_announcer
from submitter.reconcile.gaps import (
    GapOutcome,
    ReconcileReport,
    Results,
    Search,
    Window,
)
from submitter.reconcile.view import render_reconcile
from submitter.stack.context import Context


def reconcile(  # noqa: PLR0913 - the command line's options
    call: typer.Context,
    *,
    older_than: Annotated[
        str, typer.Option(help="Skip objects younger than this: they may still be uploading.")
    ] = "5min",
    since: Annotated[
        str | None,
        typer.Option(help="Only uploads since then: 2026-11-23T20:00:00Z, or 2h, or 3days."),
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="Only keys that begin with it, such as submissions/m.soltys/.")
    ] = SUBMISSIONS,
    after: Annotated[
        str | None, typer.Option(metavar="KEY", help="Continue after this key.")
    ] = None,
    no_result: Annotated[
        bool,
        typer.Option(
            "--no-result",
            help="Also list announced submissions without a result, and with --yes announce these "
            "and those with an older or failed result. Use it only if no back end still works on "
            "them, such as after a queue was purged.",
        ),
    ] = False,
    rate: Annotated[
        float, typer.Option(min=0.01, help="Announce at most this many submissions a second.")
    ] = 50,
    show: Annotated[
        int, typer.Option(min=0, help="List at most this many gaps; all are counted.")
    ] = 100,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """List submissions that were never announced; with --yes announce them.

    The gaps: never_announced, failed, code_newer (the .py was replaced after it was announced),
    no_result, failed_result, older_result, unreadable_result, code_missing (a .json without its
    .py), data_missing (a .py without its .json), malformed (almost the name of a .json or .py) and
    stray. --yes announces the first three, with --no-result also no_result, failed_result and
    older_result.

    With --yes, the intake function is invoked with the event that S3 would have sent, so it stays
    the only sender. It can be interrupted and run again: what the function's log shows as
    announced is skipped. The log lags some seconds behind, so if run again at once, it may announce
    twice; the back end recognises that by the versionId.

    Ends with 0 if there is no gap, or each was closed, and with 1 if gaps are left, also because
    --yes was not given.
    """
    context = context_of(call, as_json=as_json)
    now = datetime.now(UTC)
    try:
        window = Window(now, parse_duration(older_than), parse_time(since, now) if since else None)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if not prefix.startswith(SUBMISSIONS):
        raise typer.BadParameter(f"--prefix must begin with {SUBMISSIONS}")
    if after is not None and not after.startswith(SUBMISSIONS):
        raise typer.BadParameter(f"--after must be a key that begins with {SUBMISSIONS}")
    report = ReconcileReport(context.deployment.name, carried_out=yes)
    try:
        _run(context, _Options(window, prefix, after, rate, show, no_result=no_result), report)
    except KeyboardInterrupt:
        report.interrupted, exit_code = True, ExitCode.INTERRUPTED
    except Exception as error:
        if not report.outcomes[GapOutcome.ANNOUNCED] and not report.refusals:
            raise
        # The report shows what was announced before the error.
        reason = as_submitter_error(error)
        report.problem, exit_code = str(reason), reason.exit_code
    else:
        exit_code = ExitCode.ATTENTION if report.left else ExitCode.OK
    context.output.show(report, partial(render_reconcile, now=now))
    raise typer.Exit(exit_code)


@dataclass(frozen=True, slots=True)
class _Options:
    """The command line's options."""

    window: Window
    prefix: str
    after: str | None
    rate: float
    show: int
    no_result: bool


def _run(context: Context, options: _Options, report: ReconcileReport) -> None:
    with steps(context.output, "Reading the function's log") as show:

        def on_progress() -> None:
            announced = report.outcomes[GapOutcome.ANNOUNCED]
            show(
                f"{report.submissions} submissions, {report.gaps.total()} gaps, "
                f"{announced} announced"
            )

        search = _search(context, options)
        on_progress()
        announce_gaps(
            search.run(_with_progress(_listing(context, options), on_progress), report),
            report,
            show=options.show,
            announcer=deployed_announcer(context, options.rate) if report.carried_out else None,
            on_progress=on_progress,
        )


def _search(context: Context, options: _Options) -> Search:
    window = options.window
    log_from = log_start(context, window.now)
    announcement_index = AnnouncementIndex.read(
        read_intake_log(context, since=window.since or log_from)
    )
    results_after = None if options.after is None else result_place(folder_of(options.after))

    def read_result(stored: StoredObject) -> ResultDocument:
        found = fetch_result(context, stored.key)
        return found.document if found is not None else ResultDocument()

    return Search(
        window=replace(window, log_from=log_from, retries=_retries(context)),
        announcement_index=announcement_index,
        results=Results(walk_objects(context, result_place(options.prefix), after=results_after)),
        read_result=read_result,
        no_result=options.no_result,
    )


def _retries(context: Context) -> timedelta | None:
    """Return how long a message may come back to the grader; None without one."""
    if context.deployment.grader is None:
        return None
    attributes = queue_attributes(context, context.deployment.queue_url)
    receives = read_object(attributes.get("RedrivePolicy")).get("maxReceiveCount", 1)
    return int(receives) * timedelta(seconds=int(attributes["VisibilityTimeout"]))


def _listing(context: Context, options: _Options) -> Iterator[CurrentVersion]:
    """Yield what may have gaps: the whole bucket, unless the options choose a part."""
    if options.prefix == SUBMISSIONS and options.after is None:
        for elsewhere in top_level_prefixes(context):
            if elsewhere not in {SUBMISSIONS, RESULTS, EVENTS}:
                yield from _walk_exactly(context, elsewhere)
    folder = folder_of(options.after) if options.after is not None else None
    for each in walk_current_versions(context, options.prefix, after=folder):
        # The folder of --after is settled.
        if folder is None or folder_of(each.key) != folder:
            yield each


def _walk_exactly(context: Context, name: str) -> Iterator[CurrentVersion]:
    """Yield the objects of a top-level folder, or the one object of a name without a slash."""
    for each in walk_current_versions(context, name):
        if name.endswith("/") or each.key == name:
            yield each
        else:
            return


def _with_progress(
    listing: Iterator[CurrentVersion], on_progress: Callable[[], None]
) -> Iterator[CurrentVersion]:
    for count, each in enumerate(listing):
        if count % 500 == 0:
            on_progress()
        yield each
