"""Has the function announce gaps, and reports each gap's outcome."""

from collections.abc import Callable, Iterable, Iterator
from itertools import batched

from submitter.aws.bucket import CurrentVersion
from submitter.aws.function_call import Handled, IntakeFunction, Refused
from submitter.aws.upload_event import MAX_RECORDS, upload_event
from submitter.reconcile.gaps import Gap, GapOutcome, NamedGap, ReconcileReport
from submitter.reconcile.rate_limit import RateLimit
from submitter.stack.context import Context

type Announcer = Callable[[tuple[CurrentVersion, ...]], Handled | Refused]
"""Has the function announce versions."""

FAILURES_BEFORE_STOPPING = 3
"""Failures in a row that show that the function fails on every event."""


def deployed_announcer(context: Context, rate: float) -> Announcer:
    """Return an announcer by the stack's function, of at most so many versions a second."""
    function = IntakeFunction.deployed(context)
    limit = RateLimit(rate)

    def announce(versions: tuple[CurrentVersion, ...]) -> Handled | Refused:
        limit.wait(len(versions))
        return function.call(upload_event(context.deployment, versions))

    return announce


def announce_gaps(
    gaps: Iterable[Gap],
    report: ReconcileReport,
    *,
    show: int,
    announcer: Announcer | None,
    on_progress: Callable[[], None] = lambda: None,
) -> None:
    """Report gaps, and announce those that announcing closes.

    Args:
        gaps: the gaps, as the search finds them.
        report: filled in on the way.
        show: how many gaps to name.
        announcer: None to change nothing.
        on_progress: called after each step.
    """
    failures = 0
    for batch in batched(
        _announceable(gaps, report, show, announcer, on_progress), MAX_RECORDS, strict=False
    ):
        if announcer is None:
            break
        answer = announcer(tuple(gap.stored for gap in batch))
        if isinstance(answer, Refused):
            outcome = GapOutcome.REFUSED
        elif answer.announced == len(batch):
            outcome = GapOutcome.ANNOUNCED
        else:
            outcome = GapOutcome.IGNORED
        for gap in batch:
            _note(report, gap, outcome, show)
        on_progress()
        if isinstance(answer, Refused):
            report.refusals[f"{answer.cause}: {answer.detail}"] += 1
            failures += 1
            if failures == FAILURES_BEFORE_STOPPING:
                report.stopped = True
                return
        else:
            failures = 0
        # The gaps that follow are not settled, and neither is a refused one.
        if not report.refusals:
            report.resume_after = batch[-1].stored.key


def _announceable(
    gaps: Iterable[Gap],
    report: ReconcileReport,
    show: int,
    announcer: Announcer | None,
    on_progress: Callable[[], None],
) -> Iterator[Gap]:
    """Report the gaps that stay, and yield those to announce."""
    for gap in gaps:
        report.gaps[gap.kind] += 1
        report.announceable += gap.can_announce
        if gap.can_announce and announcer is not None:
            yield gap
        else:
            _note(report, gap, GapOutcome.LEFT, show)
        on_progress()


def _note(report: ReconcileReport, gap: Gap, outcome: GapOutcome, show: int) -> None:
    report.outcomes[outcome] += 1
    if len(report.named) < show:
        stored = gap.stored
        report.named.append(
            NamedGap(gap.kind, stored.key, stored.version_id, stored.modified, gap.reason, outcome)
        )
