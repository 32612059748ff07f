"""Checks a deployed stack end to end.

Each check asks AWS what is really set and compares it with what the flow needs. A check without
the rights for its question ends as unknown, and the others go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from submitter.doctor.checks.access import access_checks
from submitter.doctor.checks.alarms import alarm_checks
from submitter.doctor.checks.bucket import bucket_checks
from submitter.doctor.checks.function import function_checks
from submitter.doctor.checks.notification import notification_checks
from submitter.doctor.checks.queues import queue_checks
from submitter.doctor.findings import APPLY, Check, Finding, Verdict, attention
from submitter.errors import explain, is_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from submitter.stack.context import Context

_PARTS = (
    bucket_checks,
    notification_checks,
    function_checks,
    queue_checks,
    access_checks,
    alarm_checks,
)
"""In the order in which a submission travels; then who is kept out, and who is told."""


def examine(
    context: Context, *, on_progress: Callable[[str], None] = lambda _check: None
) -> Iterator[Finding]:
    """Check a stack, all but the round trip; changes nothing.

    Args:
        context: the command's context.
        on_progress: told which check comes next.

    Yields:
        The findings, in the order in which a submission travels.

    Raises:
        SubmitterError: there is no such stack.
    """
    for part in _PARTS:
        for name, check in part(context):
            on_progress(name)
            yield from _guarded(name, check)


def _guarded(name: str, check: Check) -> Iterator[Finding]:
    """Run a check; what AWS refuses to tell is unknown, what does not exist wants attention."""
    try:
        yield from check()
    except ClientError as error:
        if is_missing(error):
            yield attention(name, f"{error.operation_name} says that it does not exist.", APPLY)
        else:
            yield Finding(name, Verdict.UNKNOWN, str(explain(error)))
