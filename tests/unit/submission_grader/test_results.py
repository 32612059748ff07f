"""Which result stands: the protocol of docs/results.md, with races and refusals."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from submission.result import CODE_VERSION, DATA_VERSION, PROBLEM_DIGEST, STATUS, Status
from submission_grader.bucket import Bucket, Stored
from submission_grader.ends import FailedError, FailureCause
from submission_grader.results import Written, write_result
from unit.submission_grader.course import KEY, Course

COMPLETED, REJECTED, FAILED = Status
PLACE = KEY.result_key


def upload_versions(course: Course) -> tuple[list[str], list[str]]:
    """Return three versions of the .json and three of the .py, from oldest to newest."""
    return (
        [course.put(KEY.data_key, b"%d" % number) for number in range(3)],
        [course.put(KEY.code_key, b"%d" % number) for number in range(3)],
    )


def a_result(data: str, code: str | None, status: Status = COMPLETED) -> dict[str, Any]:
    return {DATA_VERSION: data, STATUS: status} | ({CODE_VERSION: code} if code else {})


class ModelBucket(Bucket):
    """A bucket in memory, with versions 0 to 2 of the .json."""

    def __init__(self) -> None:
        self.stored: bytes | None = None

    def put(self, key: str, content: bytes, replaced_etag: str | None) -> bool:  # noqa: ARG002
        if replaced_etag != (self.stored and self.stored.decode()):
            return False
        self.stored = content
        return True

    def get(self, key: str, most: int, version_id: str | None = None) -> Stored:  # noqa: ARG002
        assert self.stored
        return Stored("", self.stored.decode(), datetime.now(UTC), 0, {}, self.stored)

    def newest(self, key: str, *candidates: str) -> str | None:  # noqa: ARG002
        return max(candidates)


def write(course: Course, result: dict[str, Any]) -> Written:
    return write_result(course.bucket, KEY, PLACE, result, lambda _: None)


def test_a_first_result_costs_one_call(course: Course) -> None:
    assert write(course, a_result("v", "c")) is Written.WRITTEN
    assert course.calls == [("PutObject", PLACE)]
    assert course.result() == a_result("v", "c")


def test_an_older_versions_result_never_replaces_a_newer_ones(course: Course) -> None:
    (old, _, new), (code, *_) = upload_versions(course)
    assert write(course, a_result(new, code, FAILED)) is Written.WRITTEN
    assert write(course, a_result(old, code)) is Written.SUPERSEDED
    assert course.result()[DATA_VERSION] == new


def test_a_newer_versions_result_replaces_any(course: Course) -> None:
    (old, _, new), (code, *_) = upload_versions(course)
    write(course, a_result(old, code))
    assert write(course, a_result(new, code, FAILED)) is Written.WRITTEN
    assert course.result() == a_result(new, code, FAILED)


@pytest.mark.parametrize("earlier", [COMPLETED, REJECTED])
@pytest.mark.parametrize("code", ["the same", None])
def test_a_failed_one_replaces_no_completed_or_rejected_one_of_the_same_upload(
    course: Course, earlier: Status, code: str | None
) -> None:
    write(course, a_result("v", "the same", earlier))
    assert write(course, a_result("v", code, FAILED)) is Written.KEPT
    assert course.result()[STATUS] == earlier


@pytest.mark.parametrize("earlier", Status)
@pytest.mark.parametrize("status", [COMPLETED, REJECTED])
def test_a_completed_or_rejected_one_replaces_any_of_the_same_upload(
    course: Course, earlier: Status, status: Status
) -> None:
    write(course, a_result("v", "c", earlier))
    assert write(course, a_result("v", "c", status) | {"again": True}) is Written.WRITTEN
    assert course.result()["again"]


def test_the_result_of_an_older_program_never_replaces_that_of_a_newer_one(course: Course) -> None:
    (_, _, data), (old, _, new) = upload_versions(course)
    write(course, a_result(data, new))
    assert write(course, a_result(data, old)) is Written.SUPERSEDED
    assert write(course, a_result(data, new, FAILED)) is Written.KEPT
    assert course.result()[CODE_VERSION] == new


def test_the_failure_of_a_newer_program_replaces_the_result_of_an_older_one(course: Course) -> None:
    (_, _, data), (old, _, new) = upload_versions(course)
    write(course, a_result(data, old))
    assert write(course, a_result(data, new, FAILED)) is Written.WRITTEN


@pytest.mark.parametrize(
    ("published", "earlier", "written"),
    [
        ("new", COMPLETED, Written.SUPERSEDED),
        ("new", FAILED, Written.WRITTEN),
        ("newest", COMPLETED, Written.WRITTEN),
    ],
)
def test_the_result_of_an_older_problem_never_replaces_that_of_the_published_one(
    course: Course, published: str, earlier: Status, written: Written
) -> None:
    write(course, a_result("v", "c", earlier) | {PROBLEM_DIGEST: "new"})
    old = a_result("v", "c") | {PROBLEM_DIGEST: "old"}
    found = write_result(course.bucket, KEY, PLACE, old, lambda _: None, lambda: published)
    assert found is written
    assert course.result()[PROBLEM_DIGEST] == ("old" if found is Written.WRITTEN else "new")


def test_a_rejection_replaces_the_result_of_any_problem(course: Course) -> None:
    write(course, a_result("v", "c") | {PROBLEM_DIGEST: "new"})
    early = a_result("v", "c", REJECTED)
    assert write_result(course.bucket, KEY, PLACE, early, lambda _: None, lambda: "new")
    assert course.result() == early


def test_a_result_of_a_version_that_is_gone_is_replaced(course: Course) -> None:
    (_, _, data), (code, *_) = upload_versions(course)
    write(course, a_result("gone", code))
    assert write(course, a_result(data, code)) is Written.WRITTEN


@pytest.mark.parametrize(
    "content", [b"", b"not JSON", b"[]", b'{"status": "rejected"}', b" " * 1_000_001]
)
def test_what_is_no_result_is_replaced(course: Course, content: bytes) -> None:
    course.put(PLACE, content)
    assert write(course, a_result("v", "c", FAILED)) is Written.WRITTEN


def test_a_writer_in_between_is_seen(course: Course) -> None:
    (old, middle, new), (code, *_) = upload_versions(course)
    write(course, a_result(old, code))

    def be_faster() -> None:
        assert write(course, a_result(new, code)) is Written.WRITTEN

    # The first attempt expects nothing; the second one replaces the oldest, but that is gone.
    course.answer("PutObject", PLACE, lambda: None, be_faster)
    assert write(course, a_result(middle, code)) is Written.SUPERSEDED
    assert course.result()[DATA_VERSION] == new


@pytest.mark.parametrize("status", [409, 412])
def test_an_attempt_during_another_write_is_made_again(course: Course, status: int) -> None:
    course.answer("PutObject", PLACE, status, status)
    slept: list[float] = []
    result = a_result("v", "c")
    assert write_result(course.bucket, KEY, PLACE, result, slept.append) is Written.WRITTEN
    assert slept == [0, 0, 0.1]


def test_a_result_that_vanishes_in_between_is_written_anew(course: Course) -> None:
    write(course, a_result("v", "c"))
    delete = lambda: course.client.delete_object(Bucket=course.bucket.name, Key=PLACE)  # noqa: E731
    course.answer("PutObject", PLACE, lambda: None, delete)
    assert write(course, a_result("v", "c")) is Written.WRITTEN
    assert course.result() == a_result("v", "c")


def test_endless_conflicts_fail(course: Course) -> None:
    course.answer("PutObject", PLACE, *[409] * 100)
    with pytest.raises(FailedError) as failed:
        write(course, a_result("v", "c"))
    assert failed.value.cause is FailureCause.CONFLICTS


def test_a_refused_write_is_an_error(course: Course) -> None:
    course.answer("PutObject", PLACE, 403)
    with pytest.raises(course.client.exceptions.ClientError):
        write(course, a_result("v", "c"))


@settings(max_examples=60)
@given(order=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(Status)), min_size=1))
def test_in_any_order_the_newest_versions_best_result_stands(
    order: list[tuple[int, Status]],
) -> None:
    """What stands is of the newest version, and failed only if it never ended otherwise."""
    model = ModelBucket()
    for version, status in order:
        write_result(model, KEY, PLACE, a_result(f"{version}", "c", status))
    newest = max(version for version, _ in order)
    ends = [status for version, status in order if version == newest]
    finals = [status for status in ends if status is not FAILED]
    assert model.stored
    assert json.loads(model.stored) == a_result(f"{newest}", "c", finals[-1] if finals else FAILED)
