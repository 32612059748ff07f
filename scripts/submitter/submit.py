"""Submits as the front end does: the .py first, the .json last, each only if it has to be."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Group
from rich.table import Table
from rich.text import Text

from submitter.console import plain
from submitter.errors import SubmitterError, explain
from submitter.intake_log import LogLine, read_intake_log
from submitter.progress import tracked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import RenderableType

    from submitter.class_list import Candidate
    from submitter.context import Context

_POLL_SECONDS = 1.0
_CLOCK_SKEW = timedelta(minutes=15)
"""How far a clock may be off before AWS refuses its requests altogether."""


class State(StrEnum):
    """How far a submission is."""

    TO_UPLOAD = "to_upload"
    """Neither its .py nor its .json is there as it has to be."""
    TO_FINISH = "to_finish"
    """Its .py is there, but no .json that was uploaded after it."""
    ALREADY_THERE = "already_there"
    """Both are there with the same content; nothing is uploaded."""
    UPLOADED = "uploaded"
    ANNOUNCED = "announced"
    """The function's log says so."""
    NOT_ANNOUNCED = "not_announced"
    """It is in the bucket, but the log did not say in time that it was announced."""
    FAILED = "failed"
    """Something could not be uploaded; the other submissions were."""


TO_DO = frozenset({State.TO_UPLOAD, State.TO_FINISH})
NEEDS_ATTENTION = frozenset({State.NOT_ANNOUNCED, State.FAILED})


@dataclass(frozen=True, slots=True)
class Submitted:
    """One submission, and what became of it."""

    file: str
    subid: str
    key: str
    state: State
    version_id: str | None = None
    """Of the .json: the version that an announcement names."""
    message_id: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitReport:
    """All submissions of one command."""

    carried_out: bool
    """Whether anything was done, or only shown."""
    submissions: tuple[Submitted, ...]

    @property
    def needs_attention(self) -> bool:
        """Whether one of them is left for a person, be it only to say --yes."""
        return any(each.state in NEEDS_ATTENTION | TO_DO for each in self.submissions)


@dataclass(frozen=True, slots=True)
class _Present:
    """The current version of an object that is there."""

    etag: str
    version_id: str | None
    modified: datetime


def plan(context: Context, candidates: list[Candidate]) -> SubmitReport:
    """Find out what there is to upload.

    Args:
        context: the command's surroundings.
        candidates: checked submissions.

    Returns:
        The report of a command that has done nothing yet.

    Raises:
        botocore.exceptions.ClientError: AWS refused to say what is there.
    """
    looks = tracked(context.output, "Looking at what is there", candidates)
    return SubmitReport(
        carried_out=False, submissions=tuple(_look(context, each) for each in looks)
    )


def carry_out(context: Context, candidates: list[Candidate], planned: SubmitReport) -> SubmitReport:
    """Upload what a plan says is missing, and go on after one that fails.

    Args:
        context: the command's surroundings.
        candidates: the plan's submissions.
        planned: what ``plan`` returned for them.

    Returns:
        What became of each.
    """
    pairs = list(zip(candidates, planned.submissions, strict=True))
    done = tuple(
        _submit(context, candidate, step)
        for candidate, step in tracked(context.output, "Submitting", pairs)
    )
    return SubmitReport(carried_out=True, submissions=done)


def follow(
    context: Context,
    report: SubmitReport,
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> SubmitReport:
    """Wait until the function's log says of each submission that it was announced.

    It reads the log and not the queue: receiving there would take the back end's message.

    Args:
        context: the command's surroundings.
        report: what ``carry_out`` returned.
        seconds: how long to wait at the most.
        clock: tells the time, in seconds.
        pause: waits, in seconds.

    Returns:
        The report with the message ids, or with what the log said instead.
    """
    started = clock()
    followed = {
        (each.key, each.version_id): each
        for each in report.submissions
        if each.state in {State.UPLOADED, State.ALREADY_THERE}
    }
    since = _since(context, followed.values())
    # CloudWatch itself looks for the subid of a single submission; a class takes one reading.
    only = next(iter(followed.values())).subid if len(followed) == 1 else None
    last: dict[tuple[str, str | None], LogLine] = {}
    while followed:
        for line in read_intake_log(context, since=since, containing=only):
            place = (line.key or "", line.version_id)
            # A failed attempt is tried again by Lambda, so only an announcement is the end.
            if place in followed and (place not in last or last[place].outcome != "announced"):
                last[place] = line
        waiting = [
            place for place in followed if place not in last or last[place].outcome != "announced"
        ]
        if not waiting or clock() - started >= seconds:
            break
        pause(_POLL_SECONDS)
    submissions = tuple(
        _followed(each, last.get((each.key, each.version_id)), seconds)
        if (each.key, each.version_id) in followed
        else each
        for each in report.submissions
    )
    return replace(report, submissions=submissions)


def render_report(report: SubmitReport) -> RenderableType:
    """Make what a person sees of a report."""
    if len(report.submissions) == 1:
        return _render_one(report.submissions[0])
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("file", overflow="fold")
    table.add_column("subid", no_wrap=True)
    table.add_column("what", overflow="fold")
    for each in report.submissions:
        style = "red" if each.state in NEEDS_ATTENTION else ""
        table.add_row(plain(each.file), plain(each.subid), plain(_in_words(each), style))
    return Group(table, Text(), Text(_summary(report)))


def _look(context: Context, candidate: Candidate) -> Submitted:
    submission = candidate.submission
    key = submission.key.object_key
    step = Submitted(str(candidate.file), submission.subid, key, State.TO_UPLOAD)
    code = _head(context, submission.code_key)
    if code is None or code.etag != candidate.digest:
        return step
    data = _head(context, key)
    digest = hashlib.md5(submission.data, usedforsecurity=False).hexdigest()
    # A data file older than the code announced the code before this one.
    if data is None or data.etag != digest or data.modified < code.modified:
        return replace(step, state=State.TO_FINISH)
    return replace(step, state=State.ALREADY_THERE, version_id=data.version_id)


def _head(context: Context, key: str) -> _Present | None:
    try:
        found = context.s3.head_object(Bucket=context.deployment.bucket_name, Key=key)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "404":
            return None
        raise
    return _Present(found["ETag"].strip('"'), found.get("VersionId"), found["LastModified"])


def _submit(context: Context, candidate: Candidate, step: Submitted) -> Submitted:
    if step.state not in TO_DO:
        return step
    submission = candidate.submission
    bucket = context.deployment.bucket_name
    try:
        if step.state is State.TO_UPLOAD:
            context.s3.put_object(
                Bucket=bucket,
                Key=submission.code_key,
                Body=candidate.read_code(),
                ContentType="text/x-python",
            )
        answer = context.s3.put_object(
            Bucket=bucket, Key=step.key, Body=submission.data, ContentType="application/json"
        )
    except (ClientError, BotoCoreError) as error:
        return replace(step, state=State.FAILED, detail=str(explain(error)))
    except SubmitterError as error:
        return replace(step, state=State.FAILED, detail=str(error))
    return replace(step, state=State.UPLOADED, version_id=answer.get("VersionId"))


def _since(context: Context, followed: Iterable[Submitted]) -> datetime:
    """Return a time that is before the first log line about any of the submissions."""
    present = [
        found.modified
        for each in followed
        if each.state is State.ALREADY_THERE and (found := _head(context, each.key))
    ]
    return min([datetime.now(UTC), *present]) - _CLOCK_SKEW


def _followed(submitted: Submitted, line: LogLine | None, seconds: float) -> Submitted:
    if line is not None and line.outcome == "announced":
        return replace(submitted, state=State.ANNOUNCED, message_id=line.message_id)
    said = f"nothing of it within {seconds:g} s" if line is None else f"{line.outcome}"
    if line is not None and (why := line.cause or line.reason):
        said += f" ({why})"
    return replace(
        submitted,
        state=State.NOT_ANNOUNCED,
        detail=f"the function's log says {said}; look: submitter why {submitted.subid}",
    )


def _render_one(each: Submitted) -> RenderableType:
    lines = [("subid", each.subid), ("data file", each.key), ("version", each.version_id)]
    texts = [plain(_in_words(each), "bold red" if each.state in NEEDS_ATTENTION else "bold")]
    texts += [
        Text.assemble((f"{label:<11}", "dim"), plain(value))
        for label, value in lines
        if value is not None
    ]
    for text in texts:
        text.no_wrap, text.overflow = True, "ignore"
    return Group(*texts)


def _in_words(each: Submitted) -> str:
    match each.state:
        case State.TO_UPLOAD:
            return "to be submitted"
        case State.TO_FINISH:
            return "its .py is there; its .json is to be uploaded"
        case State.ALREADY_THERE:
            return "already there with the same content; nothing uploaded"
        case State.UPLOADED:
            return "uploaded"
        case State.ANNOUNCED:
            return f"announced as message {each.message_id}"
        case State.NOT_ANNOUNCED:
            return f"not announced: {each.detail}"
        case State.FAILED:
            return f"not submitted: {each.detail}"


def _summary(report: SubmitReport) -> str:
    counts = dict.fromkeys(State, 0)
    for each in report.submissions:
        counts[each.state] += 1
    told = ", ".join(
        f"{count} {state.value.replace('_', ' ')}" for state, count in counts.items() if count
    )
    if report.carried_out:
        failed = counts[State.FAILED] > 0
        return f"{told}. {'Run it again to submit the rest.' if failed else ''}".rstrip()
    if any(counts[state] for state in TO_DO):
        return f"{told}. Nothing was uploaded: add --yes to submit them."
    return f"{told}. There is nothing to do."
