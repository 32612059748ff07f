"""Finds where a submission's trail ends, and what to do there."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from submission.data import CODE_VERSION
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
from submitter.invocation import command
from submitter.pair import is_since

if TYPE_CHECKING:
    from datetime import datetime

    from submitter.aws.bucket import ObjectVersion
    from submitter.why.evidence import DeadLetter
    from submitter.why.trail import Trail


@dataclass(frozen=True, slots=True)
class Grace:
    """How long each part of AWS may be silent before its silence counts as a loss."""

    notification: timedelta = timedelta(minutes=5)
    """S3 notifies within seconds as a rule, sometimes after a minute or more."""
    retries: timedelta = timedelta(minutes=10)
    """Lambda retries after about one and two minutes, and then hands the event to its queue."""
    counts: timedelta = timedelta(minutes=5)
    """SQS's counts are approximate, and right about a minute after the last change; what is
    younger than this, `submitter reconcile` leaves alone too."""

    def at_most(self, limit: timedelta) -> Grace:
        """Return the same, none longer than a limit."""
        return Grace(*(min(limit, each) for each in (self.notification, self.retries, self.counts)))


class Diagnosis(StrEnum):
    """Where a submission's trail ends."""

    NOT_UPLOADED = "not_uploaded"
    """Nothing with that subid was ever in the bucket, as far as it remembers."""
    CODE_ONLY = "code_only"
    """The .py is there, and never was a .json to announce it."""
    DELETED = "deleted"
    """The .json was there, and has been deleted."""
    IGNORED = "ignored"
    """The .json's key, or what the function says of it, makes it no submission."""
    ARRIVING = "arriving"
    """Uploaded moments ago; the function has no log entry for it yet, and may still write one."""
    NEVER_ANNOUNCED = "never_announced"
    """Uploaded, and the function has no log entry for it: S3's notification was missed."""
    LOG_EXPIRED = "log_expired"
    """Uploaded before the function's log begins: whether it was announced is not known."""
    CODE_NEWER = "code_newer"
    """The .py was replaced after the .json that announced it, and the back end was not told."""
    RETRYING = "retrying"
    """The function failed on it moments ago; Lambda tries again."""
    FAILED = "failed"
    """The function failed on it, and no failed event was seen waiting."""
    FAILED_WAITING = "failed_waiting"
    """Lambda gave up on it; the event waits in the intake-failures queue."""
    ANNOUNCED_WAITING = "announced_waiting"
    """Announced, and messages wait for the back end."""
    ANNOUNCED_NO_RESULT = "announced_no_result"
    """Announced, nothing waits any more, and there is no result."""
    DEAD_LETTER = "dead_letter"
    """The back end received its message too often; it waits in the dead-letter queue."""
    RESULT_OUTDATED = "result_outdated"
    """There is a result, of a .json or .py that has been replaced, and nothing waits any more."""
    RESULT_UNREADABLE = "result_unreadable"
    """There is a result that does not say which version it judges."""
    RESULT_FAILED = "result_failed"
    """The back end failed on the newest version, and says so in its result."""
    DONE = "done"
    """There is a result of the submission's newest version: completed, or rejected."""


FINE = frozenset(
    {Diagnosis.ARRIVING, Diagnosis.RETRYING, Diagnosis.ANNOUNCED_WAITING, Diagnosis.DONE}
)


@dataclass(frozen=True, slots=True)
class End:
    """Where a trail ends."""

    diagnosis: Diagnosis
    explanation: str
    next_step: str


def find_end(trail: Trail, grace: Grace) -> End:
    """Find where a trail ends.

    Args:
        trail: what is known of one folder.
        grace: how long silence is no loss.

    Returns:
        The end, and what to do there.
    """
    data = trail.data
    if data is None:
        return _end_without_data(trail)
    if data.is_deletion:
        return _end_with_deleted_data(trail, data)
    announced = trail.lines(Outcome.ANNOUNCED, data)
    if trail.has_untold_code and _letter_about(trail, data) is None and _is_known(trail, data):
        return _end_with_newer_code(trail, grace)
    if trail.judges_data and trail.judges_code and trail.status != Status.FAILED:
        return _done(trail)
    if announced or trail.judges_data:
        return _end_after_announcement(trail, data, grace)
    return _end_before_announcement(trail, data, grace)


def _is_known(trail: Trail, data: ObjectVersion) -> bool:
    """Return whether the .json was announced, or was uploaded before the function's log begins."""
    is_expired = trail.log_from is not None and data.time < trail.log_from
    return bool(trail.lines(Outcome.ANNOUNCED, data)) or trail.judges_data or is_expired


def _done(trail: Trail) -> End:
    result = trail.result
    if result is not None and result.document.status == Status.REJECTED:
        return End(
            Diagnosis.DONE,
            f"The back end rejected the newest version: {result.document.reason or 'no reason'}",
            "Nothing to do: processing it again would change nothing.",
        )
    return End(
        Diagnosis.DONE,
        f"The newest version has a result (status: {trail.status or 'not said'}).",
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
        f"The .json was deleted {trail.ago(data.time)} ago; its versions are kept.",
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
        f"The .py was replaced {trail.ago(replaced)} ago, after the .json that announced it; the "
        "back end was not told.",
        "Best have the student submit again, because a .json that names its .py "
        f"({CODE_VERSION}) "
        f"keeps the back end from a newer one; to have it look again: {_again(trail, '--yes')}",
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
            f"The .py was uploaded {trail.ago(trail.code.time)} ago, but the .json that "
            "announces it never was."
            + (f" Its folder also has {others}: is that the .json?" if others else ""),
            "The front end stopped half-way: have the student submit again.",
        )
    if any(line.outcome == Outcome.IGNORED for line in trail.log_lines):
        return End(
            Diagnosis.IGNORED,
            "The function was told of it, and ignored it; the object is no longer there.",
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
        "It was uploaded once, and has been deleted.",
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
"""Why an object is not a submission's .json, in words that go on after "because"."""


def _right_key(trail: Trail) -> str:
    """Return the key that the .json should have, as far as its folder tells."""
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
                "tries again for some minutes.",
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
    if trail.log_from is not None and data.time < trail.log_from:
        return End(
            Diagnosis.LOG_EXPIRED,
            f"It was uploaded {trail.ago(data.time)} ago, and the function's log is kept for "
            f"{trail.ago(trail.log_from)} only: it is not known whether it was announced. There is "
            "no result of it.",
            "Ask the back end; if it knows nothing of it, announce it: "
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


def _letter_about(trail: Trail, data: ObjectVersion) -> DeadLetter | None:
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
    if _letter_about(trail, data) is not None:
        return End(
            Diagnosis.DEAD_LETTER,
            "It was announced, but the back end received the message too often without "
            "deleting it; the message waits in the dead-letter queue.",
            f"After fixing the back end: {command('redrive dead-letter --yes')}",
        )
    result = trail.result
    # A back end that has answered since is no longer waited for.
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
            f"It was announced {trail.ago(announced)} ago, no message waits any more, and "
            "there is no result: the back end took it and wrote none, or the queue was purged.",
            f"Ask the back end; if it knows nothing of it, announce it again: {again}",
        )
    if result.document.judged_version_id is None:
        return End(
            Diagnosis.RESULT_UNREADABLE,
            f"There is a result, but it does not say which version it judges ({DATA_VERSION}).",
            "Fix what writes results (docs/results.md), and have it write this one again.",
        )
    if trail.judges_data and trail.judges_code:
        return End(
            Diagnosis.RESULT_FAILED,
            f"The back end failed on it: {result.document.reason or 'it gives no reason'}",
            f"After fixing the back end, announce it again: {again}",
        )
    older = "an older .py" if trail.judges_data else "an older version"
    told = f"the newest was announced {trail.ago(announced)} ago, and " if lines else ""
    return End(
        Diagnosis.RESULT_OUTDATED,
        f"There is a result, but of {older}; {told}no message waits any more.",
        f"Ask the back end; to have the newest version judged, announce it again: {again}",
    )


def _waiting(trail: Trail, announced: datetime) -> End:
    waiting = (
        "its message should be on the queue, although SQS does not count it yet"
        if not trail.queue_depth
        else "the queue holds one message or so, most likely its own"
        if trail.queue_depth == 1
        else f"about {trail.queue_depth:,} messages, its own perhaps among them, wait for the "
        "back end or are being worked on"
    )
    return End(
        Diagnosis.ANNOUNCED_WAITING,
        f"It was announced {trail.ago(announced)} ago, and {waiting}.",
        f"Wait for the back end, and look again: {command(f'why {trail.subid}')}",
    )
