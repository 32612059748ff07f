"""Fetches results."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from submission.result import MAX_RESULT_BYTES, ResultDocument, parse_result
from submitter.stack.context import Context


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
