"""Finds where a submission's trail ends, and what to do there."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from submitter.bucket import SUBMISSIONS

if TYPE_CHECKING:
    from submission_intake.submission_key import IgnoredKey
    from submitter.why.evidence import ObjectVersion
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
    """Uploaded moments ago; the function has not said anything yet, and still may."""
    NEVER_ANNOUNCED = "never_announced"
    """Uploaded, and the function never said a word about it: S3's notification was missed."""
    LOG_EXPIRED = "log_expired"
    """Uploaded before the function's log begins: whether it was announced is not known."""
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
    """There is a result, of a version that has been replaced, and nothing waits any more."""
    RESULT_UNREADABLE = "result_unreadable"
    """There is a result that does not say which version it judges."""
    DONE = "done"
    """There is a result of the submission's newest version."""


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
        return End(
            Diagnosis.DELETED,
            f"The .json was deleted {trail.ago(data.time)} ago; its versions are kept.",
            "If that was a mistake, remove the delete marker: aws s3api delete-object --bucket "
            f"{trail.bucket} --key {shlex.quote(data.key)} "
            f"--version-id {shlex.quote(data.version_id)}",
        )
    result = trail.result
    if result is not None and result.judged_version_id == data.version_id:
        return End(
            Diagnosis.DONE,
            f"The newest version has a result (status: {result.status or 'not said'}).",
            "Nothing to do.",
        )
    if trail.lines("announced", data):
        return _end_after_announcement(trail, data, grace)
    return _end_before_announcement(trail, data, grace)


def _end_without_data(trail: Trail) -> End:
    if trail.refused is not None:
        return End(
            Diagnosis.IGNORED,
            f"The .json does not lie where a submission lies ({_in_words(trail.refused)}), so it "
            "is not announced.",
            f"Upload it again as {SUBMISSIONS}<admin>/<event>/<problem>/{trail.subid}/"
            f"{trail.subid}.json, the .py first: submitter submit --help",
        )
    if trail.code is not None and not trail.code.is_deletion:
        return End(
            Diagnosis.CODE_ONLY,
            f"The .py was uploaded {trail.ago(trail.code.time)} ago, but the .json that "
            "announces it never was.",
            "The front end stopped half-way: have the student submit again.",
        )
    if any(line.outcome == "ignored" for line in trail.log_lines):
        return End(
            Diagnosis.IGNORED,
            "The function was told of it, and ignored it; the object is no longer there.",
            "Have the student submit again.",
        )
    if trail.versions and not any(each.key.endswith((".json", ".py")) for each in trail.versions):
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


def _end_before_announcement(trail: Trail, data: ObjectVersion, grace: Grace) -> End:
    failure = next(
        (each for each in trail.failures if data.is_named_by(each.key, each.version_id)), None
    )
    if failure is not None:
        return End(
            Diagnosis.FAILED_WAITING,
            f"Lambda gave up on it {trail.ago(failure.time)} ago ({failure.condition}); the "
            f"event waits in the intake-failures queue. {failure.error}".rstrip(),
            "When the cause is mended: submitter redrive intake --yes",
        )
    in_folder = f"submitter reconcile --prefix {shlex.quote(trail.folder)}"
    again = f"{in_folder} --yes"
    if failed := trail.lines("failed", data):
        last = failed[-1]
        if trail.now - last.time < grace.retries:
            return End(
                Diagnosis.RETRYING,
                f"The function failed on it {trail.ago(last.time)} ago ({last.cause}); Lambda "
                "tries again for some minutes.",
                f"Look again in a few minutes: submitter why {trail.subid}",
            )
        return End(
            Diagnosis.FAILED,
            f"The function failed on it {trail.ago(last.time)} ago ({last.cause}), and no "
            "failed event about it was seen waiting.",
            f"Announce it again: {again}",
        )
    if ignored := trail.lines("ignored", data):
        return End(
            Diagnosis.IGNORED,
            f"The function ignored it ({ignored[-1].reason}), although its key is a submission's.",
            f"Deploy the current function, then announce it again: {again}",
        )
    if trail.log_from is not None and data.time < trail.log_from:
        return End(
            Diagnosis.LOG_EXPIRED,
            f"It was uploaded {trail.ago(data.time)} ago, and the function's log is kept for "
            f"{trail.ago(trail.log_from)} only: nobody can say whether it was announced. There is "
            "no result of it.",
            f"Ask the back end; if it knows nothing of it, announce it: {in_folder} --no-result "
            "--yes",
        )
    if trail.now - data.time < grace.notification:
        return End(
            Diagnosis.ARRIVING,
            f"It was uploaded {trail.ago(data.time)} ago, and the function has not said "
            "anything of it yet; S3 may take a minute or more to tell it.",
            f"Look again in a few minutes: submitter why {trail.subid}",
        )
    return End(
        Diagnosis.NEVER_ANNOUNCED,
        f"It was uploaded {trail.ago(data.time)} ago, and the function never said a word about "
        "it: S3's notification was missed, or waits because the function is throttled.",
        f"Look whether the stack is sound (submitter doctor), then announce it: {again}",
    )


def _end_after_announcement(trail: Trail, data: ObjectVersion, grace: Grace) -> End:
    announced = trail.lines("announced", data)[-1]
    letter = next(
        (
            each
            for each in trail.dead_letters
            if each.version_id is None or data.is_named_by(each.key, each.version_id)
        ),
        None,
    )
    if letter is not None:
        return End(
            Diagnosis.DEAD_LETTER,
            "It was announced, but the back end received the message too often without "
            "deleting it; the message waits in the dead-letter queue.",
            "When the back end is mended: submitter redrive dead-letter --yes",
        )
    again = f"submitter reconcile --prefix {shlex.quote(trail.folder)} --no-result --yes"
    result = trail.result
    if trail.queue_depth or trail.now - announced.time < grace.counts:
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
            f"It was announced {trail.ago(announced.time)} ago, and {waiting}.",
            f"Wait for the back end, and look again: submitter why {trail.subid}",
        )
    if result is not None and result.judged_version_id is None:
        return End(
            Diagnosis.RESULT_UNREADABLE,
            "There is a result, but it does not say which version it judges (submissionVersionId).",
            "Mend what writes results (docs/results.md), and have it write this one again.",
        )
    if result is not None:
        return End(
            Diagnosis.RESULT_OUTDATED,
            "There is a result, but of an older version; the newest was announced "
            f"{trail.ago(announced.time)} ago, and no message waits any more.",
            f"Ask the back end; to have the newest version judged, announce it again: {again}",
        )
    return End(
        Diagnosis.ANNOUNCED_NO_RESULT,
        f"It was announced {trail.ago(announced.time)} ago, no message waits any more, and "
        "there is no result: the back end took it and wrote none, or the queue was purged.",
        f"Ask the back end; if it knows nothing of it, announce it again: {again}",
    )


def _in_words(reason: IgnoredKey) -> str:
    return reason.value.replace("_", " ")
