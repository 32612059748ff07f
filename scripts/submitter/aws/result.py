"""Reads a result, as docs/results.md has it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from submitter.json_object import read_object, text_of
from submitter.pair import Pair, is_since, judge_pair

if TYPE_CHECKING:
    from submitter.stack.context import Context

MAX_RESULT_BYTES = 1_000_000
"""A result is a page of JSON; of anything larger, no more is read, which makes it unreadable."""
FAILED = "failed"
"""The status with which a back end says that it is at fault, and that another attempt is due."""
REJECTED = "rejected"
"""The status with which a back end says that the submission is at fault."""


@dataclass(frozen=True, slots=True)
class ResultDocument:
    """What a result says of itself; nothing, if it is no such document."""

    judged_version_id: str | None = None
    """The version of the submission's .json that it judges."""
    code_version_id: str | None = None
    """The version of the .py that it judges."""
    status: str | None = None
    reason: str | None = None
    started_at: datetime | None = None
    """When the back end began, by its own clock."""

    def is_of_code(
        self, version_id: str, code: datetime, data: datetime, written: datetime
    ) -> bool:
        """Return whether the result is of a .py.

        Args:
            version_id: the .py's current version.
            code: when the .py was uploaded.
            data: when the .json was uploaded whose version the result judges.
            written: when the result was written, which no start is later than.

        Returns:
            True unless the result names another version; where it names none, True unless the .py
            is newer than its .json and came after the back end had begun.
        """
        if self.code_version_id is not None:
            return self.code_version_id == version_id
        if judge_pair(code, data) is not Pair.CODE_NEWER:
            return True
        return is_since(code, min(self.started_at or written, written))


def parse_result(document: bytes) -> ResultDocument:
    """Read a result.

    Args:
        document: the object's content, whatever it is.

    Returns:
        What it says.
    """
    fields = read_object(document)
    return ResultDocument(
        judged_version_id=text_of(fields, "submissionVersionId"),
        code_version_id=text_of(fields, "codeVersionId"),
        status=text_of(fields, "status"),
        reason=text_of(fields, "reason"),
        started_at=_moment(text_of(fields, "startedAt")),
    )


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result as it stands in the bucket."""

    key: str
    version_id: str
    etag: str
    time: datetime
    document: ResultDocument


def fetch_result(context: Context, key: str) -> StoredResult | None:
    """Fetch a result.

    Args:
        context: the command's context.
        key: the result's key.

    Returns:
        The result; None if there is none.

    Raises:
        botocore.exceptions.ClientError: S3 refused.
    """
    try:
        answer = context.s3.get_object(Bucket=context.deployment.bucket_name, Key=key)
    except context.s3.exceptions.NoSuchKey:
        return None
    # Closing drops what was not read.
    with closing(answer["Body"]) as body:
        document = body.read(MAX_RESULT_BYTES)
    return StoredResult(
        key=key,
        version_id=answer.get("VersionId", "null"),
        etag=answer["ETag"].strip('"'),
        time=answer["LastModified"],
        document=parse_result(document),
    )


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
