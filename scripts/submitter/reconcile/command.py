"""`submitter reconcile`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from submission.keys import RESULTS, SUBMISSIONS, folder_of, result_place
from submission.result import ResultDocument
from submitter.aws.bucket import (
    CurrentVersion,
    StoredObject,
    top_level_prefixes,
    walk_current_versions,
    walk_objects,
)
from submitter.aws.function_call import Handled, IntakeFunction, Refused
from submitter.aws.intake_log import log_reaches_back_to, read_intake_log
from submitter.aws.result import fetch_result
from submitter.aws.upload_event import upload_event
from submitter.duration import parse_duration, parse_moment
from submitter.errors import ExitCode, as_submitter_error
from submitter.options import JsonOption, YesOption, context_of
from submitter.output import steps
from submitter.reconcile.announcement_index import AnnouncementIndex
from submitter.reconcile.gaps import (
    GapAnnouncer,
    GapOutcome,
    ReconcileReport,
    Results,
    Search,
    Tally,
    Window,
    announce_gaps,
)
from submitter.reconcile.rate_limit import RateLimit
from submitter.reconcile.view import render_reconcile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from submitter.stack.context import Context


def reconcile(  # noqa: PLR0913 - the command line's options
    call: typer.Context,
    *,
    older_than: Annotated[
        str, typer.Option(help="Skip objects younger than this: they may still be uploading.")
    ] = "5min",
    since: Annotated[
        str | None,
        typer.Option(help="Only what was uploaded since: 2026-11-23T20:00:00Z, or 2h, or 3days."),
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="Only keys that begin so, such as submissions/m.soltys/.")
    ] = SUBMISSIONS,
    after: Annotated[
        str | None, typer.Option(metavar="KEY", help="Continue after this key.")
    ] = None,
    no_result: Annotated[
        bool,
        typer.Option(
            "--no-result",
            help="Also count what was announced and has no result, and announce again what has an "
            "older or failed one. Only use it when no back end is still at work on them, as after "
            "a queue was purged.",
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

    With --yes, the intake function is invoked with the event that S3 would have sent, so it
    stays the only sender. It can be interrupted and run again: what the function's log says
    is announced is left alone. The log lags some seconds behind; run again at once, it may
    announce twice, which the back end tells by the versionId.

    Ends with 0 if there is no gap, or each was closed, and with 1 if gaps are left, also because
    --yes was not given.
    """
    context = context_of(call, as_json=as_json)
    now = datetime.now(UTC)
    try:
        window = Window(
            now, parse_duration(older_than), parse_moment(since, now) if since else None
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if not prefix.startswith(SUBMISSIONS):
        raise typer.BadParameter(f"--prefix must begin with {SUBMISSIONS}")
    if after is not None and not after.startswith(SUBMISSIONS):
        raise typer.BadParameter(f"--after must be a key that begins with {SUBMISSIONS}")
    report = ReconcileReport(context.deployment.name, carried_out=yes)
    tally = Tally()
    try:
        _run(
            context, _Choice(window, prefix, after, rate, show, no_result=no_result), report, tally
        )
    except KeyboardInterrupt:
        report.interrupted, exit_code = True, ExitCode.INTERRUPTED
    except Exception as error:
        if not report.outcomes[GapOutcome.ANNOUNCED] and not report.refusals:
            raise
        # What was done until then has to be said all the same.
        reason = as_submitter_error(error)
        report.problem, exit_code = str(reason), reason.exit_code
    else:
        exit_code = ExitCode.ATTENTION if report.left else ExitCode.OK
    report.submissions, report.before_log = tally.submissions, tally.before_log
    context.output.show(report, partial(render_reconcile, now=now))
    raise typer.Exit(exit_code)


@dataclass(frozen=True, slots=True)
class _Choice:
    """What was asked for on the command line."""

    window: Window
    prefix: str
    after: str | None
    rate: float
    show: int
    no_result: bool


def _run(context: Context, choice: _Choice, report: ReconcileReport, tally: Tally) -> None:
    with steps(context.output, "Reading the function's log") as show:

        def tell() -> None:
            announced = report.outcomes[GapOutcome.ANNOUNCED]
            show(
                f"{tally.submissions} submissions, {report.gaps.total()} gaps, "
                f"{announced} announced"
            )

        search = _search(context, choice)
        tell()
        announce_gaps(
            search.run(_told(_listing(context, choice), tell), tally),
            report,
            show=choice.show,
            announcer=_announcer(context, choice.rate) if report.carried_out else None,
            on_progress=tell,
        )


def _search(context: Context, choice: _Choice) -> Search:
    window = choice.window
    log_from = log_reaches_back_to(context, window.now)
    announcement_index = AnnouncementIndex.read(
        read_intake_log(context, since=window.since or log_from)
    )
    results_prefix = result_place(choice.prefix)
    results_after = None
    if choice.after is not None:
        results_after = result_place(folder_of(choice.after))

    def read_result(stored: StoredObject) -> ResultDocument:
        found = fetch_result(context, stored.key)
        return found.document if found is not None else ResultDocument()

    return Search(
        window=replace(window, log_from=log_from),
        announcement_index=announcement_index,
        results=Results(walk_objects(context, results_prefix, after=results_after)),
        read_result=read_result,
        no_result=choice.no_result,
    )


def _listing(context: Context, choice: _Choice) -> Iterator[CurrentVersion]:
    """List what may have gaps: all of the bucket, unless only a part was asked for."""
    if choice.prefix == SUBMISSIONS and choice.after is None:
        for elsewhere in top_level_prefixes(context):
            if elsewhere not in {SUBMISSIONS, RESULTS}:
                yield from _walk_exactly(context, elsewhere)
    folder = folder_of(choice.after) if choice.after is not None else None
    for each in walk_current_versions(context, choice.prefix, after=folder):
        # The key to go on behind settled all of its folder.
        if folder is None or folder_of(each.key) != folder:
            yield each


def _walk_exactly(context: Context, name: str) -> Iterator[CurrentVersion]:
    """List a top-level folder, or the one object that a name without a slash is."""
    for each in walk_current_versions(context, name):
        if name.endswith("/") or each.key == name:
            yield each
        else:
            return


def _told(listing: Iterator[CurrentVersion], tell: Callable[[], None]) -> Iterator[CurrentVersion]:
    for count, each in enumerate(listing):
        if count % 500 == 0:
            tell()
        yield each


def _announcer(context: Context, rate: float) -> GapAnnouncer:
    function = IntakeFunction.deployed(context)

    def call(versions: tuple[CurrentVersion, ...]) -> Handled | Refused:
        return function.call(upload_event(context.deployment, versions))

    return GapAnnouncer(call, RateLimit(rate))
