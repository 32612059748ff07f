"""Writes results, so that none replaces a better one: docs/results.md, "Two versions, one result".

Most submissions have no result yet, so the first attempt reads nothing.
"""

import json
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from submission.keys import SubmissionKey
from submission.result import (
    CODE_VERSION,
    DATA_VERSION,
    MAX_RESULT_BYTES,
    PROBLEM_DIGEST,
    STATUS,
    ResultDocument,
    Status,
    parse_result,
)
from submission_grader.bucket import Bucket, MissingError
from submission_grader.ends import FailedError, FailureCause

_DELAYS_SECONDS = (0.0, 0.0, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Before an attempt, after another writer was faster."""
_FINAL = frozenset({Status.COMPLETED, Status.REJECTED})


class Written(StrEnum):
    """What became of a result."""

    WRITTEN = "written"
    KEPT = "kept"
    """It failed, and the earlier one did not."""
    SUPERSEDED = "superseded"
    """The earlier one is of a newer upload, or of the problem that was published meanwhile."""


def write_result(  # noqa: PLR0913, PLR0917 - what tests replace is last
    bucket: Bucket,
    submission: SubmissionKey,
    key: str,
    result: Mapping[str, Any],
    sleep: Callable[[float], None] = time.sleep,
    published: Callable[[], str | None] = lambda: None,
) -> Written:
    """Write a result under a key, unless the one that is there must stay.

    Args:
        bucket: the stack's.
        submission: whose versions say which upload is newer.
        key: the result's.
        result: its fields.
        sleep: takes seconds.
        published: returns the digest of the problem as it is published now.

    Raises:
        FailedError: other writers were faster each time.
        botocore.exceptions.ClientError: S3 refused.
    """
    content = json.dumps(result, allow_nan=False).encode()
    replaced_etag = None
    for delay in _DELAYS_SECONDS:
        sleep(delay)
        if bucket.put(key, content, replaced_etag):
            return Written.WRITTEN
        try:
            earlier = bucket.get(key, MAX_RESULT_BYTES)
        except MissingError:
            replaced_etag = None
            continue
        document = parse_result(earlier.content or b"")
        if stays := _stays(bucket, submission, document, result, published):
            return stays
        replaced_etag = earlier.etag
    raise FailedError(FailureCause.CONFLICTS, "Other writers of this result were faster.")


def _stays(
    bucket: Bucket,
    submission: SubmissionKey,
    earlier: ResultDocument,
    result: Mapping[str, Any],
    published: Callable[[], str | None],
) -> Written | None:
    """Return why an earlier result stays; None if it is to be replaced."""
    if earlier.judged_version_id is None:
        return None
    for key, old, new in (
        (submission.data_key, earlier.judged_version_id, result[DATA_VERSION]),
        (submission.code_key, earlier.code_version_id, result.get(CODE_VERSION)),
    ):
        if old and new and old != new:
            return Written.SUPERSEDED if bucket.newest(key, old, new) == old else None
    if earlier.status not in _FINAL:
        return None
    if result[STATUS] == Status.FAILED:
        return Written.KEPT
    old, new = earlier.problem_digest, result.get(PROBLEM_DIGEST)
    if old and new and old != new and published() == old:
        return Written.SUPERSEDED
    return None
