"""Fetches results, and decides which .py they are of."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from submission.result import MAX_RESULT_BYTES, ResultDocument, parse_result
from submitter.pair import Pair, is_since, judge_pair
from submitter.stack.context import Context


def is_of_code(
    document: ResultDocument, version_id: str, code: datetime, data: datetime, written: datetime
) -> bool:
    """Return whether a result is of the current .py.

    It is unless it names another version. If it names none, it is unless the .py is newer than its
    .json and was uploaded after the back end began.

    Args:
        document: the result.
        version_id: the .py's current version.
        code: when the .py was uploaded.
        data: when the .json was uploaded whose version the result judges.
        written: when the result was written; the back end began before.
    """
    if document.code_version_id is not None:
        return document.code_version_id == version_id
    if judge_pair(code, data) is not Pair.CODE_NEWER:
        return True
    return is_since(code, min(document.started_at or written, written))


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result in the bucket."""

    key: str
    version_id: str
    etag: str
    time: datetime
    document: ResultDocument


def fetch_result(context: Context, key: str) -> StoredResult | None:
    """Return the result under a key; None if there is none.

    Raises:
        botocore.exceptions.ClientError: S3 refused.
    """
    try:
        answer = context.s3.get_object(Bucket=context.deployment.bucket_name, Key=key)
    except context.s3.exceptions.NoSuchKey:
        return None
    # A larger result is cut off here.
    with closing(answer["Body"]) as body:
        document = body.read(MAX_RESULT_BYTES)
    return StoredResult(
        key=key,
        version_id=answer.get("VersionId", "null"),
        etag=answer["ETag"].strip('"'),
        time=answer["LastModified"],
        document=parse_result(document),
    )
