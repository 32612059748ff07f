"""Collects the evidence about a subid."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from submission.keys import DATA_SUFFIX, SUBMISSIONS, SubmissionKey, is_subid, parse_key
from submission.message import announced_file, announced_upload
from submission.result import Status
from submitter.aws.bucket import ObjectVersion, walk_versions
from submitter.aws.failed_event import parse_failed_event
from submitter.aws.failure_queue import read_waiting
from submitter.aws.intake_log import log_start, read_intake_log
from submitter.aws.queues import queue_depth
from submitter.aws.result import StoredResult, fetch_result
from submitter.errors import UsageError
from submitter.stack.context import Context
from submitter.why.evidence import DeadLetter, Evidence, Place, WaitingFailure, keys_of

_SHOWN_EVERY = 1000
_CLOCKS_DIFFER = timedelta(minutes=5)
_STRAY_SUBMISSIONS = f"/{SUBMISSIONS}"
"""The prefix of uploads whose key has a leading slash."""


def check_subid(subid: str) -> None:
    """Raise UsageError if a text is not a subid."""
    if not is_subid(subid):
        raise UsageError(
            f"{subid!r} is not a subid: a subid is an MD5 in 32 lower-case hexadecimal digits, "
            "such as fc55c0190dde2bc413d8d1e79fb8cca2. It is the submission's file name without "
            ".json."
        )


def gather(
    context: Context,
    subid: str,
    place: Place,
    *,
    on_progress: Callable[[str, int], None] = lambda _what, _count: None,
) -> Evidence:
    """Collect the evidence about a subid.

    Args:
        context: the command's context.
        subid: the subid.
        place: where to look in the bucket.
        on_progress: gets what is being read, and how many items were read.

    Raises:
        SubmitterError: the function has no log.
        botocore.exceptions.ClientError: AWS refused.
    """
    stack = context.deployment
    now = datetime.now(UTC)
    log_from = log_start(context, now)
    versions = tuple(
        version
        for version in _versions(context, place, on_progress)
        # A subid in capitals is a fault to show.
        if subid in version.key.casefold()
        and (place.has(version.key) or version.key.startswith("/"))
    )
    # Without versions, the log may still show one that was removed.
    since = min((each.time for each in versions), default=None)
    log_lines = []
    for line in read_intake_log(context, since=since and since - _CLOCKS_DIFFER, containing=subid):
        if line.key is not None and subid in line.key and place.has(line.key):
            log_lines.append(line)
            on_progress("log lines", len(log_lines))
    on_progress("intake failures", 0)
    failed = read_waiting(context, stack.intake_failures_queue_url)
    on_progress("dead letters", 0)
    dead = read_waiting(context, stack.dead_letter_queue_url)
    failures = tuple(
        WaitingFailure(
            record.key,
            record.version_id,
            message.sent,
            message.message_id,
            event.condition,
            event.error,
        )
        for message in failed.messages
        if (event := parse_failed_event(message.body)) is not None
        for record in event.uploads
        if subid in record.key and place.has(record.key) and record.bucket == stack.bucket_name
    )
    dead_letters = tuple(
        DeadLetter(upload.key or None, upload.version_id, message.sent, message.message_id)
        for message in dead.messages
        for upload in [announced_upload(message.attributes)]
        if announced_file(message.body) == f"{subid}{DATA_SUFFIX}"
        # Like `redrive`, ignore a message about another bucket.
        and upload.bucket in {"", stack.bucket_name}
        and place.has(upload.key or place.prefix)
    )
    keys = keys_of(versions, log_lines, failures, dead_letters)
    parsed = {parse_key(key) for key in keys}
    result_keys = sorted(key for key in parsed if isinstance(key, SubmissionKey))
    found = (_result(context, key) for key in result_keys)
    return Evidence(
        subid=subid,
        bucket=stack.bucket_name,
        now=now,
        versions=versions,
        log_lines=tuple(log_lines),
        failures=failures,
        dead_letters=dead_letters,
        results=tuple(result for result in found if result is not None),
        queue_depth=queue_depth(context, stack.queue_url).total,
        log_from=log_from,
        all_failures_seen=failed.seen_all,
        all_dead_letters_seen=dead.seen_all,
    )


def _result(context: Context, key: SubmissionKey) -> StoredResult | None:
    """Return a submission's result, with the staff's reason, which says more than the student's."""
    result = fetch_result(context, key.result_key)
    if result is None or result.document.status not in {Status.REJECTED, Status.FAILED}:
        return result
    staff = fetch_result(context, key.staff_result_key)
    if staff is None or not staff.document.reason:
        return result
    # The two are written one after the other, so the staff's may be of another grading.
    told = replace(result.document, reason=staff.document.reason)
    return replace(result, document=told) if told == staff.document else result


def _versions(
    context: Context, place: Place, on_progress: Callable[[str, int], None]
) -> Iterator[ObjectVersion]:
    """Yield all versions in a place, also those in no valid folder, which are faults to show."""
    count = 0
    for prefix in (place.prefix, _STRAY_SUBMISSIONS) if place == Place() else (place.prefix,):
        for version in walk_versions(context, prefix):
            yield version
            count += 1
            if count % _SHOWN_EVERY == 0:
                on_progress("object versions", count)
    on_progress("object versions", count)
