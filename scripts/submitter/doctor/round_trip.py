"""`doctor --round-trip`: sends a test submission through a stack, and removes it."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import batched

from submission.data import write_data
from submission.keys import SUBMISSIONS, SubmissionKey
from submission.log import Outcome
from submitter.aws.bucket import walk_versions
from submitter.aws.intake_log import LogLine, read_intake_log
from submitter.doctor.findings import Finding, Verdict
from submitter.errors import as_submitter_error
from submitter.interruption import terminated_as_interrupted
from submitter.stack.context import Context

ADMIN = "submitter-doctor"
"""The admin of every test submission, and of no other."""
_NAME = "round-trip"
_FOLDER = f"{SUBMISSIONS}{ADMIN}/{_NAME}/{_NAME}/"
_CHECK = "round trip"
_CODE = b"# A test of the submission system; there is nothing to judge.\n"
_LOOK_EVERY_SECONDS = 1
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

    It is removed however this ends. If this process is killed, the first round trip an hour later
    removes it.

    Args:
        context: the command's context.
        patience_seconds: how long to wait for the announcement.
        on_progress: gets the name of each step.

    Returns:
        The findings about the announcement and the removal.
    """
    key = SubmissionKey(ADMIN, _NAME, _NAME, secrets.token_hex(16))
    findings = []
    with terminated_as_interrupted():
        try:
            findings.append(_follow(context, key, patience_seconds, on_progress))
        except Exception as error:  # noqa: BLE001 - the other findings are shown all the same
            findings.append(Finding(_CHECK, Verdict.UNKNOWN, str(as_submitter_error(error))))
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
    patience_seconds: float,
    on_progress: Callable[[str], None],
) -> Finding:
    bucket = context.deployment.bucket_name
    on_progress(f"uploading the test submission {key.subid}")
    started, began = datetime.now(UTC), time.monotonic()
    context.s3.put_object(Bucket=bucket, Key=key.code_key, Body=_CODE)
    uploaded = context.s3.put_object(Bucket=bucket, Key=key.data_key, Body=write_data(key, ()))
    version_id = uploaded.get("VersionId")
    on_progress("waiting for its announcement")
    failed: LogLine | None = None
    while True:
        for line in read_intake_log(
            context, since=started - timedelta(minutes=5), containing=key.subid
        ):
            if line.outcome == Outcome.ANNOUNCED and line.version_id == version_id:
                return Finding(
                    _CHECK,
                    Verdict.OK,
                    f"A test submission was announced after {time.monotonic() - began:.1f} "
                    f"seconds, as message {line.message_id}.",
                )
            if line.outcome != Outcome.ANNOUNCED:
                failed = line
        if time.monotonic() - began >= patience_seconds:
            break
        time.sleep(_LOOK_EVERY_SECONDS)
    reason = (
        f"the function says: {failed.outcome} ({failed.cause or failed.reason})"
        if failed
        else "the function has no log entry for it"
    )
    return Finding(
        _CHECK,
        Verdict.ATTENTION,
        f"A test submission was not announced within {patience_seconds:g} seconds; {reason}.",
        "Look at the other findings first. After a change of the notification, S3 may take five "
        "minutes to act on it: then try again.",
    )
