"""`submitter regrade`."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby, islice
from typing import Annotated

import typer

from submission_grader.grade import Runner
from submitter.check.sandboxes import Sandboxes
from submitter.errors import ExitCode, UsageError, as_submitter_error
from submitter.interruption import terminated_as_interrupted
from submitter.options import AdminArgument, EventArgument, JsonOption, YesOption, context_of
from submitter.progress import bar, counted
from submitter.publish.stored import stack_bucket, walk_results
from submitter.reconcile.announcing import announce_gaps, deployed_announcer
from submitter.reconcile.gaps import Gap, GapKind, GapOutcome, ReconcileReport
from submitter.regrade.grading import regrade_here
from submitter.regrade.outdated import Outdated, look_up, why_again
from submitter.regrade.published import PublishedEvent, read_published
from submitter.regrade.report import Left, Obstacle, ProblemCounts, RegradeReport, Why
from submitter.regrade.view import render_regrade
from submitter.stack.context import Context

_DEFAULT_SAMPLE = 20


def regrade(  # noqa: PLR0913 - the command line's options
    call: typer.Context,
    admin: AdminArgument,
    event: EventArgument,
    *,
    problem: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this problem of the event.")
    ] = None,
    grade_all: Annotated[bool, typer.Option("--all", help="Grade all of them here.")] = False,
    sample: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Grade so many of each problem here, the same ones each time; 0 only counts "
            f"[default: {_DEFAULT_SAMPLE}].",
        ),
    ] = None,
    rate: Annotated[
        float, typer.Option(min=0.01, help="Announce at most this many submissions a second.")
    ] = 50,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what grading again would change; with --yes have the grader do it.

    Finds results that were graded with another version of a problem than what is published
    (older_problem), those on which the grader failed (failed), and those rejected as before the
    release date that no longer are (too_early). Grades some on this machine, in the sandbox and
    with the .py that the result names, and shows whose verdict or score would change. Results are
    not touched.

    With --yes, nothing is graded here: the intake function announces all of them again, also those
    outside of the sample, and the grader writes new results; old ones stay as versions. A result
    stays if the grader would not grade its program again: the submission is newer (resubmitted),
    or the .py was replaced (code_replaced) or is gone (code_gone). It can be interrupted and run
    again. What the grader has not reached yet is then announced twice, which costs time and
    changes nothing.

    Ends with 0 if there is nothing to do, or with --yes all was announced; with 1 if something
    would change, or was refused, or stays; 2 if there is no such event or problem, 3 if the stack
    can't be reached or refuses access, or the sandbox is not built, and 130 if interrupted.
    """
    if grade_all and sample is not None:
        raise typer.BadParameter("Use --all or --sample, not both.")
    if yes and sample is not None:
        raise typer.BadParameter("--yes is for all of them: leave out --sample.")
    context = context_of(call, as_json=as_json)
    published = read_published(context, admin, event, problem)
    if not published.problems:
        raise UsageError(f"The event {event} has no problem that is published.")
    report = RegradeReport(context.deployment.name, admin, event, problem, carried_out=yes)
    limit = None if grade_all else _DEFAULT_SAMPLE if sample is None else sample
    try:
        outdated = _find(context, published, report)
        if yes:
            _announce(context, outdated, rate, report)
        else:
            _grade(context, published, outdated, limit, report)
    except KeyboardInterrupt:
        report.interrupted, exit_code = True, ExitCode.INTERRUPTED
    except Exception as error:
        if not (report.graded or report.announced or report.refusals):
            raise
        # The report shows what was done before the error.
        reason = as_submitter_error(error)
        report.error, exit_code = str(reason), reason.exit_code
    else:
        exit_code = ExitCode.ATTENTION if report.needs_attention else ExitCode.OK
    context.output.show(report, render_regrade)
    raise typer.Exit(exit_code)


def _find(context: Context, published: PublishedEvent, report: RegradeReport) -> list[Outdated]:
    """Return what to grade again, problem by problem; the report gets the rest."""
    found = []
    bucket = stack_bucket(context)
    for problem in published.problems:
        name = problem.name
        counts = ProblemCounts(name, problem.digest)
        report.problems.append(counts)
        candidates = []
        results = walk_results(context, report.admin, report.event, name)
        for result in counted(context.output, f"Reading results of {name}", results):
            counts.results += 1
            if why := why_again(result, problem.digest):
                candidates.append((result, why))
        looked_up = look_up(bucket, published.event, problem, candidates)
        for each in counted(context.output, f"Looking up submissions of {name}", looked_up):
            counts.why[each.why] += 1
            if isinstance(each.submission, Obstacle):
                report.left.append(Left(name, each.result.key.subid, each.submission))
            else:
                found.append(each)
                report.announceable += 1
    return found


def _grade(
    context: Context,
    published: PublishedEvent,
    outdated: list[Outdated],
    limit: int | None,
    report: RegradeReport,
) -> None:
    """Grade the first of each problem: subids are digests, so these are a fair sample."""
    chosen = [
        each
        for _, of_problem in groupby(outdated, lambda each: each.published.name)
        for each in islice(of_problem, limit)
    ]
    if not chosen:
        return
    bucket = stack_bucket(context)

    def job(each: Outdated, runner: Runner) -> None:
        report.graded.append(regrade_here(bucket, published.event, each, runner))

    try:
        with (
            terminated_as_interrupted(),
            Sandboxes.of_this_machine(len(chosen)) as sandboxes,
            bar(context.output, "Grading", len(chosen)) as show,
        ):
            sandboxes.do([partial(job, each) for each in chosen], show)
    finally:
        report.graded.sort(key=lambda each: (each.problem, each.subid))


def _announce(
    context: Context, outdated: list[Outdated], rate: float, report: RegradeReport
) -> None:
    if not outdated:
        return
    progress = ReconcileReport(report.stack, carried_out=True)
    with bar(context.output, "Announcing", len(outdated)) as show:
        try:
            announce_gaps(
                _gaps(outdated),
                progress,
                show=0,
                announcer=deployed_announcer(context, rate),
                on_progress=_progress_of(progress, show),
            )
        finally:
            report.announced = progress.outcomes[GapOutcome.ANNOUNCED]
            report.refusals, report.stopped = progress.refusals, progress.stopped


def _gaps(outdated: list[Outdated]) -> Iterator[Gap]:
    for each in outdated:
        if upload := each.upload:
            kind = GapKind.FAILED_RESULT if each.why is Why.FAILED else GapKind.OLDER_RESULT
            yield Gap(kind, upload, can_announce=True)


def _progress_of(progress: ReconcileReport, show: Callable[[int], None]) -> Callable[[], None]:
    return lambda: show(progress.outcomes.total())
