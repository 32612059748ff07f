"""Finds where a submission stopped, and what to do next."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from submission.data import CODE_VERSION_METADATA
from submission.keys import (
    CODE_SUFFIX,
    DATA_SUFFIX,
    SUBMISSIONS,
    IgnoredKey,
    SubmissionKey,
    parse_key,
)
from submission.log import Outcome
from submission.result import DATA_VERSION, Status
from submitter.aws.bucket import ObjectVersion
from submitter.invocation import command
from submitter.pair import is_since
from submitter.why.evidence import DeadLetter
from submitter.why.trail import Trail


@dataclass(frozen=True, slots=True)
class Grace:
    """How long to wait for each part of AWS before something counts as lost."""

    notification: timedelta = timedelta(minutes=5)
    """S3 usually notifies within seconds, sometimes after a minute or more."""
    retries: timedelta = timedelta(minutes=10)
    """Lambda retries after about one and two minutes, and then puts the event on its queue."""
    counts: timedelta = timedelta(minutes=5)
    """SQS's counts are approximate until about a minute after the last change."""

    def at_most(self, limit: timedelta) -> Grace:
        """Return a copy with no wait longer than a limit."""
        return Grace(*(min(limit, each) for each in (self.notification, self.retries, self.counts)))


class Diagnosis(StrEnum):
    """Where a submission stopped."""

    NOT_UPLOADED = "not_uploaded"
    """The bucket has neither its .py nor its .json, nor any trace of them."""
    CODE_ONLY = "code_only"
    """The .py was uploaded, and the .json never was."""
    DELETED = "deleted"
    """The .json was deleted."""
    IGNORED = "ignored"
    """The .json's key is no submission's, or the function ignored it."""
    ARRIVING = "arriving"
    """Uploaded moments ago; the function has no log entry for it yet."""
    NEVER_ANNOUNCED = "never_announced"
    """Uploaded, and the function has no log entry for it."""
    LOG_EXPIRED = "log_expired"
    """Uploaded before the function's log begins: it is not known whether it was announced."""
    CODE_NEWER = "code_newer"
    """The .py was replaced after the announcement, and not announced again."""
    RETRYING = "retrying"
    """The function failed on it moments ago; Lambda retries."""
    FAILED = "failed"
    """The function failed on it, and no failed event was seen waiting."""
    FAILED_WAITING = "failed_waiting"
    """Lambda gave up on it; the event waits in the intake-failures queue."""
    ANNOUNCED_WAITING = "announced_waiting"
    """Announced; messages wait for the back end."""
    ANNOUNCED_NO_RESULT = "announced_no_result"
    """Announced; no message waits, and there is no result."""
    DEAD_LETTER = "dead_letter"
    """The back end received its message too often; it waits in the dead-letter queue."""
    RESULT_OUTDATED = "result_outdated"
    """The result is of an older .json or .py, and no message waits."""
    RESULT_UNREADABLE = "result_unreadable"
    """The result does not say which version it judges."""
    RESULT_FAILED = "result_failed"
    """The result says that the back end failed on the newest version."""
    DONE = "done"
    """There is a result of the newest version: completed, or rejected."""


FINE = frozenset(
    {Diagnosis.ARRIVING, Diagnosis.RETRYING, Diagnosis.ANNOUNCED_WAITING, Diagnosis.DONE}
)


@dataclass(frozen=True, slots=True)
class End:
    """Where a submission stopped, why, and what to do."""

    diagnosis: Diagnosis
    explanation: str
    next_step: str


def find_end(trail: Trail, grace: Grace) -> End:
    """Find where the submission of one folder stopped."""
    data = trail.data
    if data is None:
        return _end_without_data(trail)
    if data.is_deletion:
        return _end_with_deleted_data(trail, data)
    announced = trail.lines(Outcome.ANNOUNCED, data)
    # Whether the .json was announced, or may have been before the log begins.
    may_be_announced = announced or trail.judges_data or trail.is_before_log(data.time)
    if trail.has_unannounced_code and _dead_letter(trail, data) is None and may_be_announced:
        return _end_with_newer_code(trail, grace)
    if trail.judges_data and trail.judges_code and trail.status != Status.FAILED:
        return _done(trail)
    if announced or trail.judges_data:
        return _end_after_announcement(trail, data, grace)
    return _end_before_announcement(trail, data, grace)


def _done(trail: Trail) -> End:
    result = trail.result
    if result is not None and result.document.status == Status.REJECTED:
        return End(
            Diagnosis.DONE,
            f"The back end rejected the newest version: {result.document.reason or 'no reason'}",
            "Nothing to do: processing it again would change nothing.",
        )
    status, grade = trail.status or "not said", result.grade if result is not None else ()
    return End(
        Diagnosis.DONE,
        f"The newest version has a result (status: {', '.join((status, *grade))}).",
        "Nothing to do.",
    )


def _end_with_deleted_data(trail: Trail, data: ObjectVersion) -> End:
    markers = [each for each in (trail.code, data) if each is not None and each.is_deletion]
    undelete = " && ".join(
        f"aws s3api delete-object --bucket {trail.bucket} --key {shlex.quote(each.key)} "
        f"--version-id {shlex.quote(each.version_id)}"
        for each in markers
    )
    return End(
        Diagnosis.DELETED,
        f"The .json was deleted {trail.ago(data.time)} ago; its versions still exist.",
        f"If that was a mistake, remove the delete marker: {undelete}",
    )


def _end_with_newer_code(trail: Trail, grace: Grace) -> End:
    replaced = trail.now if trail.code is None else trail.code.time
    if trail.now - replaced < grace.notification:
        return End(
            Diagnosis.ARRIVING,
            f"The .py was replaced {trail.ago(replaced)} ago; its .json may still come.",
            f"Look again in a few minutes: {command(f'why {trail.subid}')}",
        )
    return End(
        Diagnosis.CODE_NEWER,
        f"The .py was replaced {trail.ago(replaced)} ago, after it was announced, and was not "
        "announced again.",
        "Best, have the student submit again. To announce the new .py, which helps unless the "
        f".json names the old one ({CODE_VERSION_METADATA}): {_again(trail, '--yes')}",
    )


def _end_without_data(trail: Trail) -> End:
    misnamed = trail.misnamed_data or trail.misplaced_data
    if misnamed is not None:
        reason = parse_key(misnamed.key)
        fault = _FAULTS[reason] if isinstance(reason, IgnoredKey) else "its name is wrong"
        return End(
            Diagnosis.IGNORED,
            f"{misnamed.key.removeprefix(trail.folder)} is not announced, because {fault}.",
            f"Upload it again as {_right_key(trail)}, the .py first: {command('submit --help')}",
        )
    if trail.code is not None and not trail.code.is_deletion:
        others = ", ".join(each.key.removeprefix(trail.folder) for each in trail.others)
        return End(
            Diagnosis.CODE_ONLY,
            f"The .py was uploaded {trail.ago(trail.code.time)} ago, but its .json never was."
            + (f" Its folder also has {others}: is that the .json?" if others else ""),
            "The front end stopped half-way: have the student submit again.",
        )
    if any(line.outcome == Outcome.IGNORED for line in trail.log_lines):
        return End(
            Diagnosis.IGNORED,
            "The function ignored it, and the object no longer exists.",
            "Have the student submit again.",
        )
    are_named = any(each.key.endswith((DATA_SUFFIX, CODE_SUFFIX)) for each in trail.versions)
    if trail.misnamed_code is not None or (trail.versions and not are_named):
        return End(
            Diagnosis.NOT_UPLOADED,
            "There are objects in its folder, but neither its .json nor its .py.",
            "Have the student submit again.",
        )
    return End(
        Diagnosis.DELETED,
        "It was uploaded, and has been deleted.",
        "If that was a mistake, have the student submit again.",
    )


_FAULTS = {
    IgnoredKey.NOT_UNDER_SUBMISSIONS: f"its key does not begin with {SUBMISSIONS}",
    IgnoredKey.WRONG_DEPTH: f"it is not exactly four folders below {SUBMISSIONS}",
    IgnoredKey.NOT_JSON: "its name does not end in .json, in lower case",
    IgnoredKey.SUBID_NOT_A_DIGEST: "its name is not a subid, 32 lower-case hexadecimal digits, and "
    ".json",
    IgnoredKey.SUBID_DIFFERS_FROM_FOLDER: "its name has another subid than its folder",
    IgnoredKey.UNSAFE_NAME: "a name in its key is empty, `.` or `..`, or has a control character "
    "or backslash",
    IgnoredKey.TOO_LONG: "its key is longer than 1,024 bytes",
}
"""Why an object is not a submission's .json, to follow "because"."""


def _right_key(trail: Trail) -> str:
    """Return the key that the .json should have, as far as its folder shows."""
    parts = trail.folder.split("/")[:4]
    key = "/".join((*parts, trail.subid, f"{trail.subid}{DATA_SUFFIX}"))
    if isinstance(parse_key(key), SubmissionKey):
        return key
    return SubmissionKey("<admin>", "<event>", "<problem>", trail.subid).data_key


def _again(trail: Trail, options: str) -> str:
    return command(f"reconcile --prefix {shlex.quote(trail.folder)} {options}")


def _end_before_announcement(trail: Trail, data: ObjectVersion, grace: Grace) -> End:
    failure = next(
        (each for each in trail.failures if data.is_named_by(each.key, each.version_id)), None
    )
    if failure is not None:
        return End(
            Diagnosis.FAILED_WAITING,
            f"Lambda gave up on it {trail.ago(failure.time)} ago ({failure.condition}); the "
            f"event waits in the intake-failures queue. {failure.error}".rstrip(),
            f"After fixing the cause: {command('redrive intake --yes')}",
        )
    again = _again(trail, "--yes")
    if failed := trail.lines(Outcome.FAILED, data):
        last = failed[-1]
        if trail.now - last.time < grace.retries:
            return End(
                Diagnosis.RETRYING,
                f"The function failed on it {trail.ago(last.time)} ago ({last.cause}); Lambda "
                "retries for some minutes.",
                f"Look again in a few minutes: {command(f'why {trail.subid}')}",
            )
        return End(
            Diagnosis.FAILED,
            f"The function failed on it {trail.ago(last.time)} ago ({last.cause}), and no "
            "failed event about it was seen waiting.",
            f"Announce it again: {again}",
        )
    if ignored := trail.lines(Outcome.IGNORED, data):
        return End(
            Diagnosis.IGNORED,
            f"The function ignored it ({ignored[-1].reason}), although its key is a submission's.",
            f"Deploy the current function, then announce it again: {again}",
        )
    if trail.is_before_log(data.time):
        return End(
            Diagnosis.LOG_EXPIRED,
            f"It was uploaded {trail.ago(data.time)} ago, before the function's log begins, so it "
            "is not known whether it was announced. It has no result.",
            "Ask the back end; if it does not know it, announce it: "
            f"{_again(trail, '--no-result --yes')}",
        )
    if trail.now - data.time < grace.notification:
        return End(
            Diagnosis.ARRIVING,
            f"It was uploaded {trail.ago(data.time)} ago, and the function has no log entry for it "
            "yet; S3 may take a minute or more to notify it.",
            f"Look again in a few minutes: {command(f'why {trail.subid}')}",
        )
    return End(
        Diagnosis.NEVER_ANNOUNCED,
        f"It was uploaded {trail.ago(data.time)} ago, and the function has no log entry for it: "
        "S3's notification was missed, or waits because the function is throttled.",
        f"Check the stack ({command('doctor')}), then announce it: {again}",
    )


def _dead_letter(trail: Trail, data: ObjectVersion) -> DeadLetter | None:
    return next(
        (
            each
            for each in trail.dead_letters
            if each.version_id is None or data.is_named_by(each.key, each.version_id)
        ),
        None,
    )


def _end_after_announcement(trail: Trail, data: ObjectVersion, grace: Grace) -> End:
    lines = trail.lines(Outcome.ANNOUNCED, data)
    announced = lines[-1].time if lines else data.time
    if _dead_letter(trail, data) is not None:
        return End(
            Diagnosis.DEAD_LETTER,
            "It was announced, but the back end received the message too often without "
            "deleting it; the message waits in the dead-letter queue.",
            f"After fixing the back end: {command('redrive dead-letter --yes')}",
        )
    result = trail.result
    # The back end has written a result since, so it is not waited for.
    is_answered = (result is not None and trail.judges_data and trail.judges_code) and not is_since(
        result.time, announced
    )
    is_young = bool(lines) and trail.now - announced < grace.counts
    if not is_answered and (trail.queue_depth or is_young):
        return _waiting(trail, announced)
    again = _again(trail, "--no-result --yes")
    if result is None:
        return End(
            Diagnosis.ANNOUNCED_NO_RESULT,
            f"It was announced {trail.ago(announced)} ago, no message waits, and there is no "
            "result: the back end received it and wrote none, or the queue was purged.",
            f"Ask the back end; if it does not know it, announce it again: {again}",
        )
    if result.document.judged_version_id is None:
        return End(
            Diagnosis.RESULT_UNREADABLE,
            f"The result does not say which version it judges ({DATA_VERSION}).",
            "Fix what writes results (docs/results.md), and have it write this one again.",
        )
    if trail.judges_data and trail.judges_code:
        return End(
            Diagnosis.RESULT_FAILED,
            f"The back end failed on it: {result.document.reason or 'it gives no reason'}",
            f"After fixing the back end, announce it again: {again}",
        )
    older = "an older .py" if trail.judges_data else "an older version"
    newest = f"the newest was announced {trail.ago(announced)} ago, and " if lines else ""
    return End(
        Diagnosis.RESULT_OUTDATED,
        f"The result is of {older}; {newest}no message waits.",
        f"Ask the back end; to have the newest version judged, announce it again: {again}",
    )


def _waiting(trail: Trail, announced: datetime) -> End:
    if not trail.queue_depth:
        waiting = "its message should be on the queue, although SQS does not count it yet"
    elif trail.queue_depth == 1:
        waiting = "the queue holds about 1 message, probably this one"
    else:
        waiting = (
            f"about {trail.queue_depth:,} messages, perhaps also its own, wait for the back end or "
            "are being worked on"
        )
    return End(
        Diagnosis.ANNOUNCED_WAITING,
        f"It was announced {trail.ago(announced)} ago, and {waiting}.",
        f"Wait for the back end, and look again: {command(f'why {trail.subid}')}",
    )
