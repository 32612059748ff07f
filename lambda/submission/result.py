"""A result, as docs/results.md specifies it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from submission.json_object import read_object, text_of

MAX_RESULT_BYTES = 1_000_000
"""Readers stop after this many bytes, so a larger result is unreadable."""

SUBID = "subid"
DATA_VERSION = "submissionVersionId"
CODE_VERSION = "codeVersionId"
STATUS = "status"
REASON = "reason"
STARTED_AT = "startedAt"
FINISHED_AT = "finishedAt"
SUBMITTED_AT = "submittedAt"
TIMING = "timing"
EVENT_VERSION = "eventVersionId"
PROBLEM_VERSION = "problemVersionId"
PROBLEM_DIGEST = "problemDigest"
VERDICT = "verdict"


class Status(StrEnum):
    """What became of a submission."""

    COMPLETED = "completed"
    REJECTED = "rejected"
    """The submission is at fault: processing it again changes nothing."""
    FAILED = "failed"
    """The back end is at fault: announce the submission again."""


@dataclass(frozen=True, slots=True)
class ResultDocument:
    """A result's fields; all None if the document is not a result."""

    judged_version_id: str | None = None
    """The version of the submission's .json that it judges."""
    code_version_id: str | None = None
    """The version of the .py that it judges."""
    status: str | None = None
    """A `Status`, or any other text that a back end wrote."""
    reason: str | None = None
    started_at: datetime | None = None
    """When the back end began, by its clock."""
    problem_digest: str | None = None
    """What it was graded with."""


def parse_result(document: bytes) -> ResultDocument:
    """Read a result.

    Args:
        document: the object's content; any bytes.

    Returns:
        Its fields; None for each that is missing or unreadable.
    """
    fields = read_object(document)
    return ResultDocument(
        judged_version_id=text_of(fields, DATA_VERSION),
        code_version_id=text_of(fields, CODE_VERSION),
        status=text_of(fields, STATUS),
        reason=text_of(fields, REASON),
        started_at=_moment(text_of(fields, STARTED_AT)),
        problem_digest=text_of(fields, PROBLEM_DIGEST),
    )


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
