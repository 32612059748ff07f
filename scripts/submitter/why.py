"""Tells the whole story of one submission: `submitter why`.

What is known of a submission lies in five places: the bucket's versions, the function's log, the
two failure queues and the results. ``gather`` reads them, ``tell`` finds where the trail ends.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from submission_intake.submission_key import IgnoredKey, SubmissionKey, is_subid, parse_key
from submitter.bucket import RESULTS, SUBMISSIONS
from submitter.console import age, plain
from submitter.errors import ExitCode, SubmitterError
from submitter.failed_event import FailedEvent, parse_failed_event
from submitter.failure_queue import DEFAULT_LIMIT, read_waiting
from submitter.intake_log import LogLine, read_intake_log
from submitter.queues import queue_depth

if TYPE_CHECKING:
    from submitter.context import Context

_ON_ITS_WAY = timedelta(minutes=5)
"""S3 notifies within seconds as a rule, sometimes after a minute or more."""
_RETRIES_TAKE = timedelta(minutes=10)
"""Lambda retries after about one and two minutes, and then hands the event to its queue."""
_COUNTS_LAG = timedelta(minutes=2)
"""SQS's counts are approximate, and right about a minute after the last change."""
_CLOCKS_DIFFER = timedelta(minutes=5)
_LONGEST_RESULT = 1024 * 1024
"""Bytes of a result that are read; a real one is far shorter."""
_STRAY_SUBMISSIONS = f"/{SUBMISSIONS}"
"""Where uploads land whose key was given a leading slash."""


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


_FINE = frozenset(
    {Diagnosis.ARRIVING, Diagnosis.RETRYING, Diagnosis.ANNOUNCED_WAITING, Diagnosis.DONE}
)


class Happening(StrEnum):
    """What a line of the timeline tells."""

    UPLOADED = "uploaded"
    DELETED = "deleted"
    ANNOUNCED = "announced"
    IGNORED = "ignored"
    FAILED = "failed"
    INTAKE_FAILURE = "in intake failures"
    DEAD_LETTER = "in dead letters"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """A version of an object, or the marker of its deletion."""

    key: str
    version_id: str
    etag: str | None
    """None for a deletion."""
    time: datetime
    is_latest: bool

    @property
    def is_deletion(self) -> bool:
        """Whether it marks a deletion."""
        return self.etag is None


@dataclass(frozen=True, slots=True)
class WaitingFailure:
    """An upload that an event in the intake-failures queue tells of."""

    key: str
    version_id: str | None
    time: datetime
    message_id: str
    condition: str
    error: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of the submitter queue that the back end received too often."""

    key: str | None
    """None if the message has no attributes."""
    version_id: str | None
    subdata: str
    time: datetime
    """When it was announced."""
    message_id: str


@dataclass(frozen=True, slots=True)
class Result:
    """An object under `output/`, as far as the contract goes."""

    key: str
    version_id: str
    etag: str
    time: datetime
    judged_version_id: str | None
    """None if it does not say."""
    status: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one subid."""

    subid: str
    bucket: str
    now: datetime
    versions: tuple[ObjectVersion, ...] = ()
    log_lines: tuple[LogLine, ...] = ()
    failures: tuple[WaitingFailure, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    results: tuple[Result, ...] = ()
    queue_depth: int = 0
    """Messages on the submitter queue, waiting or being worked on; approximate."""
    all_failures_seen: bool = True
    all_dead_letters_seen: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the timeline."""

    time: datetime
    what: Happening
    key: str | None
    version_id: str | None = None
    etag: str | None = None
    request_id: str | None = None
    message_id: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What became of one folder of a submission."""

    folder: str | None
    """None if there is none."""
    timeline: tuple[Event, ...]
    diagnosis: Diagnosis
    explanation: str
    remarks: tuple[str, ...]
    next_step: str
    needs_attention: bool


@dataclass(frozen=True, slots=True)
class Report:
    """All that became of one subid."""

    subid: str
    time: datetime
    stories: tuple[Story, ...]
    """One a folder; more than one is a mistake by itself, since a subid is one problem's."""
    remarks: tuple[str, ...]
    needs_attention: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look, as far as it is known."""

    admin: str | None = None
    event: str | None = None
    problem: str | None = None

    @property
    def prefix(self) -> str:
        """The keys' common start, as far as the names are known from the left."""
        prefix = SUBMISSIONS
        for name in (self.admin, self.event, self.problem):
            if name is None:
                break
            prefix += f"{name}/"
        return prefix

    def has(self, key: str) -> bool:
        """Tell whether a key under `submissions/` lies there."""
        wanted = (self.admin, self.event, self.problem)
        names = [*key.split("/")[1:4], "", "", ""]
        return all(want is None or want == name for want, name in zip(wanted, names, strict=False))


def check_subid(subid: str) -> str:
    """Return a subid as it is.

    Raises:
        SubmitterError: it is none.
    """
    if not is_subid(subid):
        raise SubmitterError(
            f"{subid!r} is no subid: a subid is an MD5 in 32 lower-case hexadecimal digits, such "
            "as fc55c0190dde2bc413d8d1e79fb8cca2. It is the submission's file name without .json.",
            ExitCode.USAGE,
        )
    return subid


def gather(
    context: Context,
    subid: str,
    place: Place,
    *,
    on_progress: Callable[[str, int], None] = lambda _what, _count: None,
    limit: int = DEFAULT_LIMIT,
) -> Evidence:
    """Read everything that is known of a subid.

    Args:
        context: the command's surroundings.
        subid: the subid.
        place: where to look in the bucket; the more is known, the less is listed.
        on_progress: told what is being read, and how many items of it have been.
        limit: how many messages of each failure queue to look at.

    Returns:
        The evidence.

    Raises:
        botocore.exceptions.ClientError: AWS refused a question.
    """
    stack = context.deployment
    versions = tuple(
        version
        for version in _versions(context, place, on_progress)
        if subid in version.key and (place.has(version.key) or version.key.startswith("/"))
    )
    # Without a first version, the log may still know of one that has been removed.
    since = min((each.time for each in versions), default=None)
    log_lines = []
    for line in read_intake_log(context, since=since and since - _CLOCKS_DIFFER, containing=subid):
        if line.key is not None and subid in line.key and place.has(line.key):
            log_lines.append(line)
            on_progress("log lines", len(log_lines))
    on_progress("intake failures", 0)
    failed = read_waiting(context, stack.intake_failures_queue_url, limit)
    on_progress("dead letters", 0)
    dead = read_waiting(context, stack.dead_letter_queue_url, limit)
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
        for event in _parsed(message.body)
        for record in event.uploads
        if subid in record.key and place.has(record.key)
    )
    dead_letters = tuple(
        DeadLetter(
            message.attributes.get("key"),
            message.attributes.get("versionId"),
            message.body,
            message.sent,
            message.message_id,
        )
        for message in dead.messages
        if _subdata(message.body) == f"{subid}.json"
        and place.has(message.attributes.get("key") or place.prefix)
    )
    keys = _keys(versions, log_lines, failures, dead_letters)
    folders = sorted({_folder(key) for key in keys if isinstance(parse_key(key), SubmissionKey)})
    found = (_result(context, folder, subid) for folder in folders)
    return Evidence(
        subid=subid,
        bucket=stack.bucket_name,
        now=datetime.now(UTC),
        versions=versions,
        log_lines=tuple(log_lines),
        failures=failures,
        dead_letters=dead_letters,
        results=tuple(result for result in found if result is not None),
        queue_depth=queue_depth(context, stack.queue_url).total,
        all_failures_seen=failed.seen_all,
        all_dead_letters_seen=dead.seen_all,
    )


def _versions(
    context: Context, place: Place, on_progress: Callable[[str, int], None]
) -> Iterator[ObjectVersion]:
    """List all versions where a subid's objects may lie, a thousand a request.

    The whole of `submissions/` unless told better: objects that lie in no valid folder are what
    a person looks for, and only a listing finds them.
    """
    count = 0
    prefixes = [place.prefix]
    if place == Place():
        prefixes.append(_STRAY_SUBMISSIONS)
    for prefix in prefixes:
        pages = context.s3.get_paginator("list_object_versions").paginate(
            Bucket=context.deployment.bucket_name, Prefix=prefix
        )
        for page in pages:
            for each in page.get("Versions", []):
                yield ObjectVersion(
                    each["Key"],
                    each["VersionId"],
                    each["ETag"].strip('"'),
                    each["LastModified"],
                    each["IsLatest"],
                )
            for marker in page.get("DeleteMarkers", []):
                yield ObjectVersion(
                    marker["Key"],
                    marker["VersionId"],
                    None,
                    marker["LastModified"],
                    marker["IsLatest"],
                )
            count += len(page.get("Versions", [])) + len(page.get("DeleteMarkers", []))
            on_progress("object versions", count)


class _WithKey(Protocol):
    @property
    def key(self) -> str | None: ...


def _keys(*groups: Iterable[_WithKey]) -> set[str]:
    """Return every key that some evidence names."""
    return {each.key for group in groups for each in group if each.key}


def _parsed(body: str) -> list[FailedEvent]:
    event = parse_failed_event(body)
    return [] if event is None else [event]


def _subdata(body: str) -> str | None:
    try:
        message = json.loads(body)
    except ValueError:
        return None
    subdata = message.get("subdata") if isinstance(message, dict) else None
    return subdata if isinstance(subdata, str) else None


def _result(context: Context, folder: str, subid: str) -> Result | None:
    key = f"{RESULTS}{folder.removeprefix(SUBMISSIONS)}{subid}.json"
    try:
        answer = context.s3.get_object(
            Bucket=context.deployment.bucket_name, Key=key, Range=f"bytes=0-{_LONGEST_RESULT - 1}"
        )
    except context.s3.exceptions.NoSuchKey:
        return None
    except context.s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "InvalidRange":
            raise
        # An empty object has no first byte.
        answer = context.s3.get_object(Bucket=context.deployment.bucket_name, Key=key)
    try:
        fields = json.loads(answer["Body"].read())
    except ValueError:
        fields = None
    return Result(
        key=key,
        version_id=answer.get("VersionId", "null"),
        etag=answer["ETag"].strip('"'),
        time=answer["LastModified"],
        judged_version_id=_text(fields, "submissionVersionId"),
        status=_text(fields, "status"),
    )


def _text(fields: object, name: str) -> str | None:
    value = fields.get(name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) and value else None


# From here on nothing is read any more: what follows only thinks.


def tell(evidence: Evidence) -> Report:
    """Put the evidence in order, folder by folder, and find where each trail ends.

    Args:
        evidence: what ``gather`` found.

    Returns:
        The report.
    """
    keys = _keys(evidence.versions, evidence.log_lines, evidence.failures, evidence.dead_letters)
    folders = sorted({_folder(key) for key in keys})
    stories = tuple(_tell_one(_Trail.of(evidence, folder)) for folder in folders)
    remarks = []
    if not stories:
        stories = (_nothing(evidence),)
    if len(stories) > 1:
        remarks.append(
            f"This subid stands in {len(stories)} folders. A subid belongs to one admin, event "
            "and problem: find out which of them is meant, and who computed the others."
        )
    if not evidence.all_failures_seen:
        remarks.append("Not every intake failure could be seen: there may be one more about it.")
    if not evidence.all_dead_letters_seen:
        remarks.append("Not every dead letter could be seen: there may be one more about it.")
    return Report(
        subid=evidence.subid,
        time=evidence.now,
        stories=stories,
        remarks=tuple(remarks),
        needs_attention=len(stories) > 1 or any(each.needs_attention for each in stories),
    )


def _nothing(evidence: Evidence) -> Story:
    loose = tuple(_dead_letter_event(letter) for letter in evidence.dead_letters)
    return Story(
        folder=None,
        timeline=loose,
        diagnosis=Diagnosis.DEAD_LETTER if loose else Diagnosis.NOT_UPLOADED,
        explanation=(
            "A message about it waits in the dead-letter queue, but the bucket has nothing of it."
            if loose
            else "Nothing with this subid is in the bucket, nor in the function's log."
        ),
        remarks=(),
        next_step=(
            "Look at it with `submitter redrive dead-letter`."
            if loose
            else "Check the subid; if it is right, the student has to submit (again)."
        ),
        needs_attention=True,
    )


@dataclass(frozen=True, slots=True)
class _Trail:
    """The evidence about one folder."""

    folder: str
    subid: str
    bucket: str
    now: datetime
    queue_depth: int
    versions: tuple[ObjectVersion, ...]
    log_lines: tuple[LogLine, ...]
    failures: tuple[WaitingFailure, ...]
    dead_letters: tuple[DeadLetter, ...]
    result: Result | None

    @classmethod
    def of(cls, evidence: Evidence, folder: str) -> _Trail:
        result_folder = f"{RESULTS}{folder.removeprefix(SUBMISSIONS)}"
        return cls(
            folder=folder,
            subid=evidence.subid,
            bucket=evidence.bucket,
            now=evidence.now,
            queue_depth=evidence.queue_depth,
            versions=tuple(each for each in evidence.versions if _folder(each.key) == folder),
            log_lines=tuple(
                each for each in evidence.log_lines if each.key and _folder(each.key) == folder
            ),
            failures=tuple(each for each in evidence.failures if _folder(each.key) == folder),
            dead_letters=tuple(
                each
                for each in evidence.dead_letters
                if each.key is None or _folder(each.key) == folder
            ),
            result=next(
                (each for each in evidence.results if _folder(each.key) == result_folder), None
            ),
        )

    @property
    def data(self) -> ObjectVersion | None:
        """The newest version of the .json whose key is a submission's, or its deletion."""
        return self._latest(lambda key: isinstance(parse_key(key), SubmissionKey))

    @property
    def code(self) -> ObjectVersion | None:
        """The newest version of the .py, or its deletion."""
        return self._latest(lambda key: key == f"{self.folder}{self.subid}.py")

    @property
    def refused(self) -> IgnoredKey | None:
        """Why a .json that is there is no submission's."""
        reasons = (
            parse_key(each.key)
            for each in self.versions
            if each.is_latest and not each.is_deletion and each.key.endswith(".json")
        )
        return next((each for each in reasons if isinstance(each, IgnoredKey)), None)

    def lines(self, outcome: str, version: ObjectVersion) -> list[LogLine]:
        """The log's lines with an outcome for a version, oldest first."""
        found = [
            line
            for line in self.log_lines
            if line.outcome == outcome
            and line.key == version.key
            and _same_version(line.version_id, version)
        ]
        return sorted(found, key=lambda line: line.time)

    def _latest(self, is_it: Callable[[str], bool]) -> ObjectVersion | None:
        return next((each for each in self.versions if each.is_latest and is_it(each.key)), None)


@dataclass(frozen=True, slots=True)
class _End:
    """Where a trail ends."""

    diagnosis: Diagnosis
    explanation: str
    next_step: str


def _tell_one(trail: _Trail) -> Story:
    end = _find_end(trail)
    remarks = tuple(_remarks(trail, end))
    half = _lacks_code(trail) and end.diagnosis is not Diagnosis.DONE
    next_step = end.next_step
    if half and end.diagnosis in _FINE:
        next_step = f"Ask the student to upload {trail.subid}.py too, then its .json once more."
    return Story(
        folder=trail.folder,
        # S3's times are whole seconds: within one, the .py goes first, as it is uploaded first.
        timeline=tuple(
            sorted(
                _timeline(trail),
                key=lambda each: (each.time, (each.key or "").endswith(".json")),
            )
        ),
        diagnosis=end.diagnosis,
        explanation=end.explanation,
        remarks=remarks,
        next_step=next_step,
        needs_attention=half or end.diagnosis not in _FINE,
    )


def _find_end(trail: _Trail) -> _End:
    data = trail.data
    if data is None:
        return _end_without_data(trail)
    if data.is_deletion:
        return _End(
            Diagnosis.DELETED,
            f"The .json was deleted {_ago(trail, data.time)} ago; its versions are kept.",
            "If that was a mistake, remove the delete marker: aws s3api delete-object --bucket "
            f"{trail.bucket} --key {shlex.quote(data.key)} "
            f"--version-id {shlex.quote(data.version_id)}",
        )
    result = trail.result
    if result is not None and result.judged_version_id == data.version_id:
        return _End(
            Diagnosis.DONE,
            f"The newest version has a result (status: {result.status or 'not said'}).",
            "Nothing to do.",
        )
    if trail.lines("announced", data):
        return _end_after_announcement(trail, data)
    return _end_before_announcement(trail, data)


def _end_without_data(trail: _Trail) -> _End:
    if trail.refused is not None:
        return _End(
            Diagnosis.IGNORED,
            f"The .json does not lie where a submission lies ({_in_words(trail.refused)}), so it "
            "is not announced.",
            f"Upload it again as {SUBMISSIONS}<admin>/<event>/<problem>/{trail.subid}/"
            f"{trail.subid}.json, the .py first: submitter submit --help",
        )
    if trail.code is not None and not trail.code.is_deletion:
        return _End(
            Diagnosis.CODE_ONLY,
            f"The .py was uploaded {_ago(trail, trail.code.time)} ago, but the .json that "
            "announces it never was.",
            "The front end stopped half-way: have the student submit again.",
        )
    if any(line.outcome == "ignored" for line in trail.log_lines):
        return _End(
            Diagnosis.IGNORED,
            "The function was told of it, and ignored it; the object is no longer there.",
            "Have the student submit again.",
        )
    if trail.versions and not any(each.key.endswith((".json", ".py")) for each in trail.versions):
        return _End(
            Diagnosis.NOT_UPLOADED,
            "There are objects in its folder, but neither its .json nor its .py.",
            "Have the student submit again.",
        )
    return _End(
        Diagnosis.DELETED,
        "It was uploaded once, and has been deleted.",
        "If that was a mistake, have the student submit again.",
    )


def _end_before_announcement(trail: _Trail, data: ObjectVersion) -> _End:
    failure = next(
        (each for each in trail.failures if _is_about(each.key, each.version_id, data)), None
    )
    if failure is not None:
        return _End(
            Diagnosis.FAILED_WAITING,
            f"Lambda gave up on it {_ago(trail, failure.time)} ago ({failure.condition}); the "
            f"event waits in the intake-failures queue. {failure.error}".rstrip(),
            "When the cause is mended: submitter redrive intake --yes",
        )
    again = f"submitter reconcile --prefix {shlex.quote(trail.folder)} --yes"
    if failed := trail.lines("failed", data):
        last = failed[-1]
        if trail.now - last.time < _RETRIES_TAKE:
            return _End(
                Diagnosis.RETRYING,
                f"The function failed on it {_ago(trail, last.time)} ago ({last.cause}); Lambda "
                "tries again for some minutes.",
                f"Look again in a few minutes: submitter why {trail.subid}",
            )
        return _End(
            Diagnosis.FAILED,
            f"The function failed on it {_ago(trail, last.time)} ago ({last.cause}), and no "
            "failed event about it was seen waiting.",
            f"Announce it again: {again}",
        )
    if ignored := trail.lines("ignored", data):
        return _End(
            Diagnosis.IGNORED,
            f"The function ignored it ({ignored[-1].reason}), although its key is a submission's.",
            f"Deploy the current function, then announce it again: {again}",
        )
    if trail.now - data.time < _ON_ITS_WAY:
        return _End(
            Diagnosis.ARRIVING,
            f"It was uploaded {_ago(trail, data.time)} ago, and the function has not said "
            "anything of it yet; S3 may take a minute or more to tell it.",
            f"Look again in a few minutes: submitter why {trail.subid}",
        )
    return _End(
        Diagnosis.NEVER_ANNOUNCED,
        f"It was uploaded {_ago(trail, data.time)} ago, and the function never said a word about "
        "it: S3's notification was missed, or waits because the function is throttled.",
        f"Look whether the stack is sound (submitter doctor), then announce it: {again}",
    )


def _end_after_announcement(trail: _Trail, data: ObjectVersion) -> _End:
    announced = trail.lines("announced", data)[-1]
    letter = next(
        (
            each
            for each in trail.dead_letters
            if each.version_id is None or _is_about(each.key, each.version_id, data)
        ),
        None,
    )
    if letter is not None:
        return _End(
            Diagnosis.DEAD_LETTER,
            "It was announced, but the back end received the message too often without "
            "deleting it; the message waits in the dead-letter queue.",
            "When the back end is mended: submitter redrive dead-letter --yes",
        )
    again = f"submitter reconcile --prefix {shlex.quote(trail.folder)} --yes"
    result = trail.result
    if trail.queue_depth or trail.now - announced.time < _COUNTS_LAG:
        return _End(
            Diagnosis.ANNOUNCED_WAITING,
            f"It was announced {_ago(trail, announced.time)} ago, and about "
            f"{trail.queue_depth} message(s), its own perhaps among them, wait for the back end "
            "or are being worked on.",
            f"Wait for the back end, and look again: submitter why {trail.subid}",
        )
    if result is not None and result.judged_version_id is None:
        return _End(
            Diagnosis.RESULT_UNREADABLE,
            "There is a result, but it does not say which version it judges (submissionVersionId).",
            f"Mend what writes results, then have it judged again: {again}",
        )
    if result is not None:
        return _End(
            Diagnosis.RESULT_OUTDATED,
            "There is a result, but of an older version; the newest was announced "
            f"{_ago(trail, announced.time)} ago, and no message waits any more.",
            f"Ask the back end; to have the newest version judged, announce it again: {again}",
        )
    return _End(
        Diagnosis.ANNOUNCED_NO_RESULT,
        f"It was announced {_ago(trail, announced.time)} ago, no message waits any more, and "
        "there is no result: the back end took it and wrote none, or the queue was purged.",
        f"Ask the back end; if it knows nothing of it, announce it again: {again}",
    )


def _remarks(trail: _Trail, end: _End) -> Iterator[str]:
    if _lacks_code(trail):
        yield "The .json stands there without its .py: there is no code to judge."
    elif trail.code is not None and trail.code.is_deletion:
        yield "The .py has been deleted."
    result, data = trail.result, trail.data
    if (
        result is not None
        and data is not None
        and result.judged_version_id not in {None, data.version_id}
    ):
        yield f"The result judges an older version ({result.judged_version_id})."
    if end.diagnosis is not Diagnosis.FAILED_WAITING and trail.failures:
        yield "An event about it still waits in the intake-failures queue, no longer needed."
    if end.diagnosis is not Diagnosis.DEAD_LETTER and trail.dead_letters:
        yield "A message about an earlier announcement waits in the dead-letter queue."
    if data is not None and len(announced := trail.lines("announced", data)) > 1:
        yield f"It was announced {len(announced)} times: S3 and Lambda deliver at least once."


def _lacks_code(trail: _Trail) -> bool:
    data = trail.data
    return (
        data is not None and not data.is_deletion and (trail.code is None or trail.code.is_deletion)
    )


def _timeline(trail: _Trail) -> Iterator[Event]:
    for each in trail.versions:
        what = Happening.DELETED if each.is_deletion else Happening.UPLOADED
        yield Event(each.time, what, each.key, each.version_id, each.etag)
    for line in trail.log_lines:
        yield from _log_event(line)
    for failure in trail.failures:
        yield Event(
            failure.time,
            Happening.INTAKE_FAILURE,
            failure.key,
            failure.version_id,
            message_id=failure.message_id,
            detail=f"{failure.condition}: {failure.error}".removesuffix(": "),
        )
    yield from map(_dead_letter_event, trail.dead_letters)
    if trail.result is not None:
        judged = trail.result.judged_version_id
        yield Event(
            trail.result.time,
            Happening.RESULT,
            trail.result.key,
            trail.result.version_id,
            trail.result.etag,
            detail=(
                f"status {trail.result.status or 'not said'}, judges version {judged or 'not said'}"
            ),
        )


def _log_event(line: LogLine) -> Iterable[Event]:
    try:
        what = Happening(line.outcome)
    except ValueError:
        return
    detail = ": ".join(filter(None, (line.reason, line.cause, line.detail)))
    yield Event(
        line.time,
        what,
        line.key,
        line.version_id,
        request_id=line.request_id,
        message_id=line.message_id,
        detail=detail or None,
    )


def _dead_letter_event(letter: DeadLetter) -> Event:
    return Event(
        letter.time,
        Happening.DEAD_LETTER,
        letter.key,
        letter.version_id,
        message_id=letter.message_id,
        detail="received too often; the time is its announcement's",
    )


def _folder(key: str) -> str:
    return key.rpartition("/")[0] + "/"


def _is_about(key: str | None, version_id: str | None, version: ObjectVersion) -> bool:
    return key == version.key and _same_version(version_id, version)


def _same_version(version_id: str | None, version: ObjectVersion) -> bool:
    # A bucket whose versioning is suspended lists "null", and its events have no version id.
    return (version_id or "null") == version.version_id


def _ago(trail: _Trail, time: datetime) -> str:
    return age(max((trail.now - time).total_seconds(), 0))


def _in_words(reason: IgnoredKey) -> str:
    return reason.value.replace("_", " ")


# What a person sees of it.


def render_report(report: Report) -> RenderableType:
    """Make what a person sees of a report.

    Args:
        report: the report.

    Returns:
        A timeline for each folder, where it ends, and what to do.
    """
    parts: list[RenderableType] = []
    for story in report.stories:
        parts.append(plain(story.folder or f"subid {report.subid}", style="bold"))
        if story.timeline:
            parts.append(Padding(_render_timeline(story), (1, 0)))
        style = "yellow" if story.needs_attention else "green"
        parts.append(
            Text.assemble((story.diagnosis.name, f"bold {style}"), ": ", plain(story.explanation))
        )
        parts.extend(plain(remark) for remark in story.remarks)
        parts.append(Text.assemble(("Next: ", "bold"), plain(story.next_step)))
        parts.append(Text())
    parts.extend(plain(remark, style="yellow") for remark in report.remarks)
    return Group(*parts)


def _render_timeline(story: Story) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for event in story.timeline:
        table.add_row(
            plain(f"{event.time:%Y-%m-%d %H:%M:%S}Z"),
            plain(event.what.value, style=_STYLES[event.what]),
            plain(_describe(event, story.folder)),
        )
    return table


_STYLES = {
    Happening.UPLOADED: "cyan",
    Happening.DELETED: "yellow",
    Happening.ANNOUNCED: "green",
    Happening.IGNORED: "yellow",
    Happening.FAILED: "red",
    Happening.INTAKE_FAILURE: "red",
    Happening.DEAD_LETTER: "red",
    Happening.RESULT: "green",
}


def _describe(event: Event, folder: str | None) -> str:
    key = event.key or ""
    name = key.removeprefix(folder) if folder else key
    extension = name.rpartition(".")[2] if "." in name else name
    is_own = event.what is not Happening.RESULT and "/" not in name and len(extension) < len(name)
    facts = (
        (f".{extension}" if is_own and name.rpartition(".")[0] in (folder or "") else name, ""),
        (event.version_id, "version "),
        (event.etag, "ETag "),
        (event.message_id, "message "),
        (event.request_id, "request "),
        (event.detail, ""),
    )
    return ", ".join(f"{label}{value}" for value, label in facts if value)
