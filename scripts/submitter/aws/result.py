"""Fetches results, and judges them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from submission.result import MAX_RESULT_BYTES, ResultDocument, parse_result
from submitter.pair import Pair, is_since, judge_pair

if TYPE_CHECKING:
    from submitter.stack.context import Context


def is_of_code(
    document: ResultDocument, version_id: str, code: datetime, data: datetime, written: datetime
) -> bool:
    """Return whether a result is of a .py.

    Args:
        document: the result.
        version_id: the .py's current version.
        code: when the .py was uploaded.
        data: when the .json was uploaded whose version the result judges.
        written: when the result was written, which no start is later than.

    Returns:
        True unless the result names another version; where it names none, True unless the .py is
        newer than its .json and came after the back end had begun.
    """
    if document.code_version_id is not None:
        return document.code_version_id == version_id
    if judge_pair(code, data) is not Pair.CODE_NEWER:
        return True
    return is_since(code, min(document.started_at or written, written))


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
