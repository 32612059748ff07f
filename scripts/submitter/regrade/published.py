"""Reads what an event's submissions are graded with."""

from collections.abc import Callable
from dataclasses import dataclass

from grading.document import DocumentError
from grading.event import Event, read_event
from grading.problem import MAX_PROBLEM_BYTES, Problem, digest_of, read_problem
from submission.keys import event_key, problem_key
from submission_grader.bucket import Bucket, MissingError
from submitter.errors import SubmitterError, UsageError
from submitter.publish.stored import published_problems, stack_bucket
from submitter.stack.context import Context


@dataclass(frozen=True, slots=True)
class PublishedProblem:
    """A problem that is published."""

    name: str
    problem: Problem
    digest: str


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event that is published, and its problems."""

    event: Event
    problems: tuple[PublishedProblem, ...]


def read_published(context: Context, admin: str, event: str, only: str | None) -> PublishedEvent:
    """Read an event and its problems, or one of them.

    Raises:
        UsageError: there is no such event or problem.
        SubmitterError: one can't be read.
        botocore.exceptions.ClientError: AWS refused.
    """
    bucket = stack_bucket(context)
    settings = _read(bucket, event_key(admin, event), read_event)
    names = [only] if only else published_problems(context, admin, event)
    problems = []
    for name in names:
        problem = _read(bucket, problem_key(admin, event, name), read_problem)
        problems.append(PublishedProblem(name, problem, digest_of(problem)))
    return PublishedEvent(settings, tuple(problems))


def _read[T](bucket: Bucket, key: str, read: Callable[[bytes], T]) -> T:
    try:
        return read(bucket.get(key, MAX_PROBLEM_BYTES).content or b"")
    except MissingError:
        raise UsageError(
            f"There is no {key}: check the names, or publish it with `submitter publish`."
        ) from None
    except DocumentError:
        # Its text can have a part of a hidden case.
        raise SubmitterError(
            f"{key} is damaged, or of a newer release: publish it again, or use that release."
        ) from None
