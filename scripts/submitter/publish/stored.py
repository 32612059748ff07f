"""Reads from the bucket which problems are published, and the results of one."""

from collections.abc import Iterator
from dataclasses import dataclass

from submission.json_object import read_object, text_of
from submission.keys import (
    DATA_SUFFIX,
    EVENTS,
    RESULTS,
    SubmissionKey,
    is_result_key,
    parse_key,
    submission_place,
)
from submission.result import (
    MAX_RESULT_BYTES,
    PROBLEM_DIGEST,
    TIMING,
    VERDICT,
    ResultDocument,
    parse_result,
)
from submission_grader.bucket import Bucket, MissingError
from submitter.aws.bucket import walk_current_versions, walk_objects
from submitter.aws.read_ahead import read_ahead
from submitter.result_fields import MAX_SCORE, SCORE, number_of
from submitter.stack.context import Context


@dataclass(frozen=True, slots=True)
class FoundResult:
    """A student's result."""

    key: SubmissionKey
    document: ResultDocument
    digest: str | None
    """Of the problem that it was graded with; None if it did not come so far."""
    verdict: str | None
    score: float | None
    max_score: float | None
    timing: str | None


def stack_bucket(context: Context) -> Bucket:
    """Return the stack's bucket."""
    return Bucket(context.s3, context.deployment.bucket_name)


def published_problems(context: Context, admin: str, event: str) -> list[str]:
    """Return the names of an event's published problems.

    It lists versions, so that a gradebook needs no other right to list.
    """
    folder = f"{EVENTS}{admin}/{event}/"
    names = [each.key.removeprefix(folder) for each in walk_current_versions(context, folder)]
    return [
        name.removesuffix(DATA_SUFFIX)
        for name in names
        if name.endswith(DATA_SUFFIX) and "/" not in name
    ]


def walk_results(context: Context, admin: str, event: str, problem: str) -> Iterator[FoundResult]:
    """Yield a problem's results, in the order of their subids."""
    bucket = stack_bucket(context)

    def read(key: str) -> FoundResult | None:
        try:
            content = bucket.get(key, MAX_RESULT_BYTES).content
        except MissingError:
            return None
        return _found(key, content or b"")

    listed = walk_objects(context, f"{RESULTS}{admin}/{event}/{problem}/")
    keys = (each.key for each in listed if is_result_key(each.key))
    for _, found in read_ahead(keys, read):
        if found is not None:
            yield found


def _found(key: str, content: bytes) -> FoundResult:
    submission = parse_key(submission_place(key))
    assert isinstance(submission, SubmissionKey)  # noqa: S101 - it is a result's key
    fields = read_object(content)
    return FoundResult(
        submission,
        parse_result(content),
        text_of(fields, PROBLEM_DIGEST),
        text_of(fields, VERDICT),
        number_of(fields, SCORE),
        number_of(fields, MAX_SCORE),
        text_of(fields, TIMING),
    )
