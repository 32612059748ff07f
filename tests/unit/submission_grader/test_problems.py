"""Problems and events: kept while they are the newest, and never used if they are damaged."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from grading.problem import Problem, digest_of, read_problem, write_problem
from submission_grader.ends import FailedError, FailureCause
from submission_grader.problems import MAX_EVENT_BYTES, Problems
from unit.grading.examples import PROBLEM
from unit.submission_grader.course import EVENT_KEY, KEY, PROBLEM_KEY, Course, an_event


def problems_read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return a list that gets each problem which is read from now on."""
    read: list[bytes] = []

    def noting(data: bytes) -> Problem:
        read.append(data)
        return read_problem(data)

    monkeypatch.setattr("submission_grader.problems.read_problem", noting)
    return read


def test_an_unchanged_problem_costs_one_get_and_is_read_once(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.publish()
    problems = Problems(course.bucket)
    read = problems_read(monkeypatch)
    course.calls.clear()
    found = [problems.problem(KEY) for _ in range(3)]
    assert found[0].value == (PROBLEM, digest_of(PROBLEM))
    assert found[0] is found[1] is found[2]
    assert course.calls == [("GetObject", PROBLEM_KEY)] * 3
    assert len(read) == 1


def test_a_republished_problem_is_used_at_once(course: Course) -> None:
    course.publish()
    problems = Problems(course.bucket)
    before = problems.problem(KEY)
    changed = replace(PROBLEM, name="Sums, corrected")
    version = course.put(PROBLEM_KEY, write_problem(changed))
    after = problems.problem(KEY)
    assert after.value == (changed, digest_of(changed))
    assert after.version_id == version != before.version_id


def test_an_event_is_read_by_its_key(course: Course) -> None:
    event = an_event()
    course.publish(event=event)
    assert Problems(course.bucket).event(KEY).value == event


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_not_published_fails_until_it_is(course: Course, status: int) -> None:
    problems = Problems(course.bucket)
    course.answer("GetObject", PROBLEM_KEY, status)
    for _ in range(2):
        with pytest.raises(FailedError) as failed:
            problems.problem(KEY)
        assert failed.value.cause is FailureCause.NOT_PUBLISHED
        assert PROBLEM_KEY in failed.value.reason
    course.publish()
    assert problems.problem(KEY).value[0] == PROBLEM


def test_a_problem_that_was_taken_back_is_not_used_from_memory(course: Course) -> None:
    course.publish()
    problems = Problems(course.bucket)
    problems.problem(KEY)
    course.client.delete_object(Bucket=course.bucket.name, Key=PROBLEM_KEY)
    with pytest.raises(FailedError):
        problems.problem(KEY)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-9],
        lambda data: data.replace(b"secret/easy/1 input", b"secret/easy/1 tupni"),
        lambda data: data.replace(b'"format":1', b'"format":2'),
        lambda _: b"",
    ],
)
def test_a_damaged_problem_fails_and_its_text_is_for_staff_alone(
    course: Course, damage: Callable[[bytes], bytes]
) -> None:
    course.put(PROBLEM_KEY, damage(write_problem(PROBLEM)))
    with pytest.raises(FailedError) as failed:
        Problems(course.bucket).problem(KEY)
    assert failed.value.cause is FailureCause.DAMAGED
    assert failed.value.for_staff
    assert not failed.value.detail


def test_an_event_of_any_size_is_not_read(course: Course) -> None:
    course.put(EVENT_KEY, b" " * (MAX_EVENT_BYTES + 1))
    with pytest.raises(FailedError) as failed:
        Problems(course.bucket).event(KEY)
    assert "100,001 bytes" in failed.value.for_staff


def test_other_refusals_are_s3s(course: Course) -> None:
    course.answer("GetObject", PROBLEM_KEY, 400)
    with pytest.raises(course.client.exceptions.ClientError):
        Problems(course.bucket).problem(KEY)


def test_memory_holds_the_problems_used_last(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = write_problem(PROBLEM)
    keys = [KEY._replace(problem=name) for name in ("a", "b", "c")]
    for key in keys:
        course.put(PROBLEM_KEY.replace(KEY.problem, key.problem), content)
    problems = Problems(course.bucket, 2 * len(content))
    read = problems_read(monkeypatch)
    a, b, c = keys
    for key in (a, b, a, c, a):  # c takes b's place
        problems.problem(key)
    assert len(read) == 3
    problems.problem(b)
    assert len(read) == 4


def test_a_problem_larger_than_memory_is_kept_until_the_next(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.publish()
    problems = Problems(course.bucket, 1)
    read = problems_read(monkeypatch)
    assert problems.problem(KEY) is problems.problem(KEY)
    assert len(read) == 1
