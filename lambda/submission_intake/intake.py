"""The intake: takes an S3 event, announces its submissions, and logs and counts every record."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from submission import log
from submission.keys import MAX_KEY_BYTES, IgnoredKey, parse_key
from submission.log import NotAnUpload, Outcome
from submission.message import Announcement, UploadedObject
from submission_intake.metrics import write_counts
from submission_intake.s3_event import UnreadableUpload, Unrelated, read_event
from submission_intake.submitter_queue import Delivered

if TYPE_CHECKING:
    from submission_intake.submitter_queue import SubmitterQueue

_LOGGER = logging.getLogger(__name__)

_LONGEST_VALUE = MAX_KEY_BYTES
"""Characters of one value in a log line.

Every key and version id of S3 fits. A made-up event could make a line longer than CloudWatch
takes; CloudWatch would cut it, and a cut line is not JSON.
"""

type _Named = dict[str, str | None]
"""Fields of a log line, by name."""


class IntakeError(Exception):
    """Part of an event could not be announced, so Lambda must keep and retry the event.

    Everything else in the event has been announced before it is raised.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    """


@dataclass(slots=True)
class _Account:
    """What became of an event's records."""

    announced: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    """Counts of ignored records, by reason."""
    failed: dict[str, int] = field(default_factory=dict)
    """Counts of records that could not be announced, by cause."""


def take_in(
    event: object, queue: SubmitterQueue, stack: str | None = None, bucket: str | None = None
) -> dict[str, object]:
    """Announce every submission in an S3 event.

    Each record leaves one line in the log: announced, ignored with a reason, or failed.
    Their counts become metrics of the stack.

    Args:
        event: the function's event, in any shape.
        queue: where to announce.
        stack: the stack's name, the dimension of its metrics; None writes no metrics.
        bucket: the stack's bucket; uploads to another are ignored. None accepts any.

    Returns:
        ``announced``, a count, and ``ignored``, counts by reason, for a caller that invokes the
        function directly.

    Raises:
        IntakeError: the queue did not take a submission, or a record says that an object was
            created but not which.
    """
    account = _Account()
    announcements: list[Announcement] = []
    for finding in read_event(event, bucket):
        match finding:
            case UploadedObject():
                key = parse_key(finding.key)
                if isinstance(key, IgnoredKey):
                    named = {log.KEY: finding.key, log.VERSION_ID: finding.version_id}
                    _ignore(account, key, named)
                else:
                    announcements.append(Announcement(key, finding))
            case UnreadableUpload(problem):
                _fail(account, f"unreadable record: {problem}", {})
            case Unrelated(reason, found):
                _ignore(account, reason, {log.FOUND: found})
    _announce(announcements, queue, account)
    write_counts(
        stack,
        announced=account.announced,
        ignored=account.ignored,
        failed=sum(account.failed.values()),
    )
    if account.failed:
        raise IntakeError(_describe_failure(account))
    return {Outcome.ANNOUNCED.value: account.announced, Outcome.IGNORED.value: account.ignored}


def _announce(announcements: list[Announcement], queue: SubmitterQueue, account: _Account) -> None:
    for delivery in queue.send(announcements):
        announcement = delivery.announcement
        named: _Named = {
            log.SUBID: announcement.key.subid,
            log.KEY: announcement.uploaded.key,
            log.VERSION_ID: announcement.uploaded.version_id,
        }
        if isinstance(delivery, Delivered):
            account.announced += 1
            named[log.MESSAGE_ID] = delivery.message_id
            _log(logging.INFO, Outcome.ANNOUNCED, named)
        else:
            named[log.DETAIL] = delivery.detail
            _fail(account, delivery.cause, named)


def _ignore(account: _Account, reason: IgnoredKey | NotAnUpload, named: _Named) -> None:
    name = reason.value
    account.ignored[name] = account.ignored.get(name, 0) + 1
    _log(logging.WARNING, Outcome.IGNORED, {log.REASON: name, **named})


def _fail(account: _Account, cause: str, named: _Named) -> None:
    account.failed[cause] = account.failed.get(cause, 0) + 1
    _log(logging.ERROR, Outcome.FAILED, {log.CAUSE: cause, **named})


def _log(level: int, outcome: Outcome, named: _Named) -> None:
    """Write a record's line, with each value shortened and made fit for UTF-8."""
    if not _LOGGER.isEnabledFor(level):
        return
    fields: dict[str, object] = {
        "name": _LOGGER.name,
        "levelno": level,
        "levelname": logging.getLevelName(level),
        "msg": outcome.value,
        log.OUTCOME: outcome.value,
    }
    for name, value in named.items():
        if value is None or (len(value) <= _LONGEST_VALUE and value.isascii()):
            fields[name] = value
        else:
            # A lone surrogate, which only a made-up event can have, has no UTF-8.
            cut = value[:_LONGEST_VALUE]
            fields[name] = cut.encode(errors="backslashreplace").decode()
    # _LOGGER.log would also look up the line of code, which no log line has.
    _LOGGER.handle(logging.makeLogRecord(fields))


def _describe_failure(account: _Account) -> str:
    causes = ", ".join(f"{count} x {cause}" for cause, count in account.failed.items())
    return (
        f"{sum(account.failed.values())} record(s) of this event were not announced ({causes}); "
        f"{account.announced} were. Lambda retries the whole event and then hands it to the "
        "intake-failures queue."
    )
