"""Makes the report about a submission: its timeline, where it stopped, and what to do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from submission.keys import DATA_SUFFIX
from submission.log import Outcome
from submitter.aws.intake_log import LogLine
from submitter.invocation import command
from submitter.pair import Pair
from submitter.why.diagnosis import FINE, Diagnosis, End, Grace, find_end
from submitter.why.evidence import DeadLetter, Evidence, containing_folder, keys_of
from submitter.why.trail import Trail


class EventKind(StrEnum):
    """The kind of an event."""

    UPLOADED = "uploaded"
    DELETED = "deleted"
    ANNOUNCED = Outcome.ANNOUNCED.value
    IGNORED = Outcome.IGNORED.value
    FAILED = Outcome.FAILED.value
    INTAKE_FAILURE = "in intake failures"
    DEAD_LETTER = "in dead letters"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the timeline."""

    time: datetime
    what: EventKind
    key: str | None
    version_id: str | None = None
    etag: str | None = None
    request_id: str | None = None
    message_id: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """The story of one folder of a submission."""

    folder: str | None
    """None if the bucket has none."""
    timeline: tuple[Event, ...]
    diagnosis: Diagnosis
    explanation: str
    remarks: tuple[str, ...]
    next_step: str
    needs_attention: bool


@dataclass(frozen=True, slots=True)
class WhyReport:
    """The report about one subid."""

    subid: str
    time: datetime
    stories: tuple[Story, ...]
    """One for each folder; more than one is a fault, since a subid belongs to one problem."""
    remarks: tuple[str, ...]
    needs_attention: bool


def tell(evidence: Evidence, grace: Grace) -> WhyReport:
    """Make the report from the evidence, folder by folder."""
    keys = keys_of(evidence.versions, evidence.log_lines, evidence.failures, evidence.dead_letters)
    folders = sorted({containing_folder(key) for key in keys})
    stories = tuple(_tell_one(Trail.of(evidence, folder), grace) for folder in folders)
    remarks = []
    if not stories:
        stories = (_nothing(evidence),)
    if len(stories) > 1:
        remarks.append(
            f"This subid is in {len(stories)} folders. A subid belongs to one admin, event and "
            "problem: find out which is right, and what computed the others."
        )
    if not evidence.all_failures_seen:
        remarks.append("Not every intake failure could be read: there may be another one about it.")
    if not evidence.all_dead_letters_seen:
        remarks.append("Not every dead letter could be read: there may be another one about it.")
    return WhyReport(
        subid=evidence.subid,
        time=evidence.now,
        stories=stories,
        remarks=tuple(remarks),
        needs_attention=len(stories) > 1 or any(each.needs_attention for each in stories),
    )


def _nothing(evidence: Evidence) -> Story:
    letters = tuple(_dead_letter_event(letter) for letter in evidence.dead_letters)
    return Story(
        folder=None,
        timeline=letters,
        diagnosis=Diagnosis.DEAD_LETTER if letters else Diagnosis.NOT_UPLOADED,
        explanation=(
            "A message about it waits in the dead-letter queue, but it is not in the bucket."
            if letters
            else "This subid is neither in the bucket nor in the function's log."
        ),
        remarks=(),
        next_step=(
            f"Look at it: {command('redrive dead-letter')}"
            if letters
            else "Check the subid; if it is right, the student has to submit (again)."
        ),
        needs_attention=True,
    )


def _tell_one(trail: Trail, grace: Grace) -> Story:
    end = find_end(trail, grace)
    remarks = tuple(_remarks(trail, end))
    is_half = trail.lacks_code and end.diagnosis is not Diagnosis.DONE
    next_step = end.next_step
    if is_half and end.diagnosis in FINE:
        next_step = f"Ask the student to upload {trail.subid}.py too, then its .json once more."
    misnamed, data = trail.misnamed_data, trail.data
    # It may be a resubmission, which is never announced.
    is_misnamed = misnamed is not None and data is not None and misnamed.time > data.time
    if is_misnamed and end.diagnosis in FINE:
        next_step = f"Ask the student to submit again, as {trail.subid}.json."
    return Story(
        folder=trail.folder,
        # S3's times are whole seconds; of the same second, the .py was uploaded first.
        timeline=tuple(
            sorted(
                _timeline(trail),
                key=lambda each: (each.time, (each.key or "").endswith(DATA_SUFFIX)),
            )
        ),
        diagnosis=end.diagnosis,
        explanation=end.explanation,
        remarks=remarks,
        next_step=next_step,
        needs_attention=is_half or is_misnamed or end.diagnosis not in FINE,
    )


def _remarks(trail: Trail, end: End) -> Iterator[str]:
    yield from _remarks_on_files(trail)
    result, data = trail.result, trail.data
    if result is not None and data is not None and not data.is_deletion:
        judged = result.document.judged_version_id
        if judged not in {None, data.version_id}:
            yield f"The result judges an older version ({judged})."
        elif judged is not None and not trail.judges_code:
            yield "The result judges an older .py."
    if end.diagnosis is not Diagnosis.FAILED_WAITING and trail.failures:
        yield "An event about it, no longer needed, still waits in the intake-failures queue."
    if end.diagnosis is not Diagnosis.DEAD_LETTER and trail.dead_letters:
        yield "A message about an earlier announcement waits in the dead-letter queue."
    if data is not None and len(announced := trail.lines(Outcome.ANNOUNCED, data)) > 1:
        yield f"It was announced {len(announced)} times: S3 and Lambda deliver at least once."


def _remarks_on_files(trail: Trail) -> Iterator[str]:
    code, misnamed = trail.misnamed_code, trail.misnamed_data
    if trail.lacks_code:
        yield "The .json is there without its .py: there is no code to judge."
    elif trail.code is not None and trail.code.is_deletion:
        yield "The .py has been deleted."
    if code is not None and trail.pair in {Pair.NOTHING, Pair.DATA_ONLY}:
        name = code.key.removeprefix(trail.folder)
        yield f"{name} is not its .py, because of its name: it must be {trail.subid}.py."
    if trail.data is not None and misnamed is not None:
        yield f"{misnamed.key.removeprefix(trail.folder)} is there too, and is not announced."


def _timeline(trail: Trail) -> Iterator[Event]:
    for each in trail.versions:
        what = EventKind.DELETED if each.is_deletion else EventKind.UPLOADED
        yield Event(each.time, what, each.key, each.version_id, each.etag)
    for line in trail.log_lines:
        yield from _log_event(line)
    for failure in trail.failures:
        yield Event(
            failure.time,
            EventKind.INTAKE_FAILURE,
            failure.key,
            failure.version_id,
            message_id=failure.message_id,
            detail=f"{failure.condition}: {failure.error}".removesuffix(": "),
        )
    yield from map(_dead_letter_event, trail.dead_letters)
    if trail.result is not None:
        document = trail.result.document
        facts = (
            f"status {document.status or 'not said'}",
            *trail.result.grade,
            document.reason and f"because {document.reason}",
            f"judges version {document.judged_version_id or 'not said'}",
            document.code_version_id and f"of the .py {document.code_version_id}",
            *trail.result.problem,
        )
        yield Event(
            trail.result.time,
            EventKind.RESULT,
            trail.result.key,
            trail.result.version_id,
            trail.result.etag,
            detail=", ".join(filter(None, facts)),
        )


def _log_event(line: LogLine) -> Iterable[Event]:
    try:
        what = EventKind(line.outcome)
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
        EventKind.DEAD_LETTER,
        letter.key,
        letter.version_id,
        message_id=letter.message_id,
        detail="received too often; the time is its announcement's",
    )
