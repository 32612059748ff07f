"""Sends a marked test submission through a stack, and removes it again: `doctor --round-trip`."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from submission.data import write_data
from submission.keys import SUBMISSIONS, SubmissionKey
from submission.log import Outcome
from submitter.aws.bucket import walk_versions
from submitter.aws.intake_log import LogLine, read_intake_log
from submitter.doctor.findings import Finding, Verdict
from submitter.errors import explain
from submitter.interruption import terminated_as_interrupted

if TYPE_CHECKING:
    from submitter.stack.context import Context

ADMIN = "submitter-doctor"
"""The admin of every test submission: nobody else's submissions lie there."""
_EVENT = "round-trip"
_PROBLEM = "round-trip"
_FOLDER = f"{SUBMISSIONS}{ADMIN}/{_EVENT}/{_PROBLEM}/"
_CHECK = "round trip"
_CODE = b"# A test of the submission system; there is nothing to judge.\n"
_LOOK_EVERY_SECONDS = 1
_LEFT_BEHIND = timedelta(hours=1)
"""Older test submissions are those of runs that were killed."""
_DELETE_BATCH = 1000
"""S3's limit for one DeleteObjects."""


def round_trip(
    context: Context,
    *,
    patience_seconds: float,
    on_progress: Callable[[str], None] = lambda _step: None,
) -> list[Finding]:
    """Upload a test submission, follow it to its announcement, and remove it with all versions.

    The back end sees a message for it, as for every submission; it finds no object.

    Args:
        context: the command's context.
        patience_seconds: how long to wait for the announcement.
        on_progress: told what is being done.

    Returns:
        What came of it, and of its removal. However this ends, the objects are removed; those
        of a run that was killed are removed by the next one an hour later.
    """
    key = SubmissionKey(ADMIN, _EVENT, _PROBLEM, secrets.token_hex(16))
    findings = []
    with terminated_as_interrupted():
        try:
            findings.append(_follow(context, key, patience_seconds, on_progress))
        except (ClientError, BotoCoreError) as error:
            findings.append(Finding(_CHECK, Verdict.UNKNOWN, str(explain(error))))
        finally:
            on_progress("removing the test submission")
            findings.append(_clear(context, key.folder))
    return findings


def _clear(context: Context, folder: str) -> Finding:
    """Remove a test submission, and what a run that was killed may have left."""
    check = "round trip's traces"
    try:
        left = remove(context, folder)
        left += remove(context, _FOLDER, older_than=datetime.now(UTC) - _LEFT_BEHIND)
    except (ClientError, BotoCoreError) as error:
        return Finding(
            check,
            Verdict.ATTENTION,
            f"The test submission could not be removed: {explain(error)}",
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
        "The test submission and all its versions are removed from the bucket; the back end sees "
        "a message for it.",
    )


def remove(context: Context, prefix: str, *, older_than: datetime | None = None) -> int:
    """Remove every version of every object under a prefix.

    Args:
        context: the command's context.
        prefix: what the objects' keys start with.
        older_than: only versions from before then.

    Returns:
        How many versions S3 did not remove.
    """
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
    said = (
        f"the function says: {failed.outcome} ({failed.cause or failed.reason})"
        if failed
        else "the function has no log entry for it"
    )
    return Finding(
        _CHECK,
        Verdict.ATTENTION,
        f"A test submission was not announced within {patience_seconds:g} seconds; {said}.",
        "Look at the other findings first. After a change of the notification, S3 may take five "
        "minutes to act on it: then try again.",
    )
