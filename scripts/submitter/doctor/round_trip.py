"""`doctor --round-trip`: sends a test submission through a stack, and removes it."""

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import batched

from submission.data import write_data
from submission.keys import ROUND_TRIP_ADMIN, SUBMISSIONS, SubmissionKey
from submission.log import NotASubmission, Outcome
from submitter.aws.bucket import walk_versions
from submitter.aws.intake_log import LogLine, read_log
from submitter.doctor.findings import Finding, Verdict
from submitter.errors import as_submitter_error
from submitter.interruption import terminated_as_interrupted
from submitter.stack.context import Context

_NAME = "round-trip"
_FOLDER = f"{SUBMISSIONS}{ROUND_TRIP_ADMIN}/{_NAME}/{_NAME}/"
_CHECK = "round trip"
_GRADER_CHECK = "round trip to the grader"
_CODE = b"# A test of the submission system; there is nothing to judge.\n"
_LOOK_EVERY_SECONDS = 1
_CLOCKS_DIFFER = timedelta(minutes=5)
_LEFT_BEHIND = timedelta(hours=1)
"""An older test submission is from a run that was killed."""
_DELETE_BATCH = 1000
"""S3's limit for one DeleteObjects."""


def round_trip(
    context: Context,
    *,
    patience_seconds: float,
    on_progress: Callable[[str], None] = lambda _step: None,
) -> list[Finding]:
    """Upload a test submission, follow it to its announcement, and remove it with all versions.

    With grading, it is also followed to the grader, whose log shows that it got the message.

    It is removed however this ends. If this process is killed, the first round trip an hour later
    removes it.

    Args:
        context: the command's context.
        patience_seconds: how long to wait for the announcement, and for the grader.
        on_progress: gets the name of each step.

    Returns:
        The findings about the announcement, the grader and the removal.
    """
    key = SubmissionKey(ROUND_TRIP_ADMIN, _NAME, _NAME, secrets.token_hex(16))
    lines = partial(
        _lines, context, key.subid, datetime.now(UTC), time.monotonic() + patience_seconds
    )
    findings, check = [], _CHECK
    with terminated_as_interrupted():
        try:
            findings.append(_follow(context, key, lines, patience_seconds, on_progress))
            grader = context.deployment.grader
            if grader is not None and findings[0].verdict is Verdict.OK:
                check = _GRADER_CHECK
                on_progress("waiting for the grader")
                findings.append(_reach(lines(grader.log_group_name), patience_seconds))
        except Exception as error:  # noqa: BLE001 - the other findings are shown all the same
            findings.append(Finding(check, Verdict.UNKNOWN, str(as_submitter_error(error))))
        finally:
            on_progress("removing the test submission")
            findings.append(_clear(context, key.folder))
    return findings


def _clear(context: Context, folder: str) -> Finding:
    """Remove a test submission, and those that killed runs left."""
    check = "round trip's traces"
    try:
        left = remove(context, folder)
        left += remove(context, _FOLDER, older_than=datetime.now(UTC) - _LEFT_BEHIND)
    except Exception as error:  # noqa: BLE001 - as above
        return Finding(
            check,
            Verdict.ATTENTION,
            f"The test submission could not be removed: {as_submitter_error(error)}",
            f"Remove {folder} by hand, with all its versions.",
        )
    if left:
        return Finding(
            check,
            Verdict.ATTENTION,
            f"S3 did not remove {left} version(s) below {_FOLDER}.",
            "Remove them by hand.",
        )
    return Finding(
        check,
        Verdict.OK,
        "The test submission and all its versions are removed from the bucket; the back end "
        "receives a message for it.",
    )


def remove(context: Context, prefix: str, *, older_than: datetime | None = None) -> int:
    """Remove every version under a prefix; return how many S3 did not remove."""
    left = 0
    bucket = context.deployment.bucket_name
    versions = (
        each
        for each in walk_versions(context, prefix)
        if older_than is None or each.time < older_than
    )
    for batch in batched(versions, _DELETE_BATCH, strict=False):
        answer = context.s3.delete_objects(
            Bucket=bucket,
            Delete={
                "Objects": [{"Key": each.key, "VersionId": each.version_id} for each in batch],
                "Quiet": True,
            },
        )
        left += len(answer.get("Errors", []))
    return left


def _follow(
    context: Context,
    key: SubmissionKey,
    lines: Callable[[str], Iterator[LogLine]],
    patience_seconds: float,
    on_progress: Callable[[str], None],
) -> Finding:
    bucket = context.deployment.bucket_name
    on_progress(f"uploading the test submission {key.subid}")
    began = time.monotonic()
    context.s3.put_object(Bucket=bucket, Key=key.code_key, Body=_CODE)
    uploaded = context.s3.put_object(Bucket=bucket, Key=key.data_key, Body=write_data(key, ()))
    version_id = uploaded.get("VersionId")
    on_progress("waiting for its announcement")
    failed: LogLine | None = None
    for line in lines(context.deployment.function_log_group_name):
        if line.outcome == Outcome.ANNOUNCED and line.version_id == version_id:
            return Finding(
                _CHECK,
                Verdict.OK,
                f"A test submission was announced after {time.monotonic() - began:.1f} seconds, "
                f"as message {line.message_id}.",
            )
        if line.outcome != Outcome.ANNOUNCED:
            failed = line
    return Finding(
        _CHECK,
        Verdict.ATTENTION,
        f"A test submission was not announced within {patience_seconds:g} seconds; "
        f"the function {_said(failed)}.",
        "Look at the other findings first. After a change of the notification, S3 may take five "
        "minutes to act on it: then try again.",
    )


def _reach(lines: Iterator[LogLine], patience_seconds: float) -> Finding:
    """Return the finding whether the grader's log has a line for the test submission."""
    other: LogLine | None = None
    for line in lines:
        if line.reason == NotASubmission.ROUND_TRIP:
            return Finding(_GRADER_CHECK, Verdict.OK, "The grader got its message, and ignored it.")
        other = line
    return Finding(
        _GRADER_CHECK,
        Verdict.ATTENTION,
        f"The grader did not ignore its message within {patience_seconds:g} seconds of the upload; "
        f"the grader {_said(other)}.",
        "Look at the other findings first. If many submissions wait, so does this one: then try "
        "again later, or with more --patience.",
    )


def _lines(
    context: Context, subid: str, since: datetime, deadline: float, group: str
) -> Iterator[LogLine]:
    """Yield a log's lines about a submission, again and again until the deadline."""
    while True:
        yield from read_log(context, group, since=since - _CLOCKS_DIFFER, containing=subid)
        if time.monotonic() >= deadline:
            return
        time.sleep(_LOOK_EVERY_SECONDS)


def _said(line: LogLine | None) -> str:
    if line is None:
        return "has no log entry for it"
    why = line.cause or line.reason
    return f"says: {line.outcome}" + (f" ({why})" if why else "")
