"""Fetches results."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from submission.json_object import read_object, text_of
from submission.result import (
    MAX_RESULT_BYTES,
    PROBLEM_DIGEST,
    PROBLEM_VERSION,
    TIMING,
    VERDICT,
    ResultDocument,
    parse_result,
)
from submitter.result_fields import read_points
from submitter.stack.context import Context


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result in the bucket."""

    key: str
    version_id: str
    etag: str
    time: datetime
    document: ResultDocument
    grade: tuple[str, ...] = ()
    """What the grader adds, in words: verdict, score and timing, as far as the result has them."""
    problem: tuple[str, ...] = ()
    """What it was graded with, in words: the problem's version and digest."""


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
    fields = read_object(document)
    points = read_points(fields)
    return StoredResult(
        key=key,
        version_id=answer.get("VersionId", "null"),
        etag=answer["ETag"].strip('"'),
        time=answer["LastModified"],
        document=parse_result(document),
        grade=(
            *_named("verdict", text_of(fields, VERDICT)),
            *_named("score", None if points is None or points.max_score is None else str(points)),
            *_named("timing", text_of(fields, TIMING)),
        ),
        problem=(
            *_named("problem version", text_of(fields, PROBLEM_VERSION)),
            *_named("problem digest", text_of(fields, PROBLEM_DIGEST)),
        ),
    )


def _named(name: str, value: str | None) -> tuple[str, ...]:
    return () if value is None else (f"{name} {value}",)
