"""Runs every check of a deployed stack; one that fails is unknown, and the others go on."""

from collections.abc import Callable, Iterator

from botocore.exceptions import ClientError

from submitter.doctor.checks.access import access_checks
from submitter.doctor.checks.alarms import alarm_checks
from submitter.doctor.checks.bucket import bucket_checks
from submitter.doctor.checks.function import function_checks
from submitter.doctor.checks.grader import grader_checks
from submitter.doctor.checks.notification import notification_checks
from submitter.doctor.checks.queues import queue_checks
from submitter.doctor.findings import Check, Finding, Verdict, attention
from submitter.errors import as_submitter_error, is_missing
from submitter.stack.context import Context

_PARTS = (
    bucket_checks,
    notification_checks,
    function_checks,
    queue_checks,
    grader_checks,
    access_checks,
    alarm_checks,
)
"""In the order in which a submission travels; then access, and the alarms."""


def examine(
    context: Context, *, on_progress: Callable[[str], None] = lambda _check: None
) -> Iterator[Finding]:
    """Check a stack, all but the round trip; changes nothing.

    Args:
        context: the command's context, whose stack was found.
        on_progress: gets the name of each check before it runs.

    Yields:
        The findings, in the order in which a submission travels.
    """
    for part in _PARTS:
        for name, check in part(context):
            on_progress(name)
            yield from _guarded(name, check)


def _guarded(name: str, check: Check) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - the other checks go on, whatever this one met
        if isinstance(error, ClientError) and is_missing(error):
            yield attention(name, f"It does not exist ({error.operation_name}).")
        else:
            yield Finding(name, Verdict.UNKNOWN, str(as_submitter_error(error)))
