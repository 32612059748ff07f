"""What a submission is graded with: the event's and the problem's objects, kept in memory."""

from collections.abc import Callable
from typing import Any, NamedTuple

from grading.document import DocumentError
from grading.event import Event, read_event
from grading.problem import MAX_PROBLEM_BYTES, Problem, digest_of, read_problem
from submission.keys import SubmissionKey, event_key, problem_key
from submission_grader.bucket import Bucket, MissingError, Stored
from submission_grader.ends import FailedError, FailureCause

MAX_EVENT_BYTES = 100_000
KEPT_BYTES = 2 * MAX_PROBLEM_BYTES
"""Of objects in the bucket: in memory, they take a few times as much."""


class Published[T](NamedTuple):
    """A version of an object that staff published."""

    value: T
    version_id: str
    etag: str
    size: int


class Problems:
    """The objects below `events/`. Each use asks S3 whether they are still the newest."""

    def __init__(self, bucket: Bucket, kept_bytes: int = KEPT_BYTES) -> None:
        """Read from ``bucket``, and keep at most ``kept_bytes`` of its objects."""
        self._bucket = bucket
        self._most = kept_bytes
        self._kept: dict[str, Published[Any]] = {}
        """By key, the one used last at the end."""

    def event(self, key: SubmissionKey) -> Published[Event]:
        """Return the settings of a submission's event.

        Raises:
            FailedError: they are not published, damaged, or of a newer release.
        """
        return self._current(event_key(key.admin, key.event), MAX_EVENT_BYTES, read_event)

    def problem(self, key: SubmissionKey) -> Published[tuple[Problem, str]]:
        """Return a submission's problem, and its digest.

        Raises: as `event`.
        """
        object_key = problem_key(key.admin, key.event, key.problem)
        return self._current(object_key, MAX_PROBLEM_BYTES, _read_problem)

    def _current[T](self, key: str, most: int, read: Callable[[bytes], T]) -> Published[T]:
        kept = self._kept.pop(key, None)
        try:
            stored = self._bucket.get_published(key, most, kept and kept.etag)
            if stored is not None:
                kept = Published(
                    read(_content(stored)), stored.version_id, stored.etag, stored.size
                )
        except MissingError:
            reason = f"{key} is not published yet, or the grader may not read it."
            raise FailedError(FailureCause.NOT_PUBLISHED, reason) from None
        except DocumentError as error:
            reason = f"{key} is damaged, or of a newer release: it must be published again."
            raise FailedError(FailureCause.DAMAGED, reason, for_staff=str(error)) from None
        assert kept  # noqa: S101 - S3 can't find unchanged what was never read
        self._kept[key] = kept
        while len(self._kept) > 1 and sum(each.size for each in self._kept.values()) > self._most:
            del self._kept[next(iter(self._kept))]
        return kept


def _content(stored: Stored) -> bytes:
    if stored.content is None:
        raise DocumentError(f"it has {stored.size:,} bytes, which is too much")
    return stored.content


def _read_problem(content: bytes) -> tuple[Problem, str]:
    problem = read_problem(content)
    return problem, digest_of(problem)
