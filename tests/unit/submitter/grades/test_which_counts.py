"""The submission that counts is the one that the event's rule and its dates choose."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from grading.event import Rule
from submission.keys import event_key
from unit.submitter.grades.graded_course import (
    ADMIN,
    CLOSED,
    DAY,
    EARLY,
    EVENT,
    HOUR,
    LATE,
    SETTINGS,
    Course,
    key_of,
    running_course,
)
from unit.submitter.mocked_aws import set_times

ANNA = ("anna",)


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    with running_course(monkeypatch) as running:
        yield running


def _says(grade: dict[str, Any]) -> tuple[str, float | None]:
    return grade["state"], grade["score"]


@pytest.mark.parametrize(("rule", "score"), [(Rule.LAST, 4.0), (Rule.BEST, 9.0)])
def test_rule_decides_between_submissions(course: Course, rule: Rule, score: float) -> None:
    course.publish(rule=rule)
    for each in (3.0, 9.0, 4.0):
        course.hand_in("lab5", "anna", score=each)

    assert _says(course.grade("lab5", "anna")) == ("scored", score)


def test_best_of_equal_ones_is_the_least_late(course: Course) -> None:
    course.publish(rule=Rule.BEST)
    course.hand_in("lab5", "anna", score=9.0)
    course.hand_in("lab5", "anna", score=9.0, at=LATE)

    assert course.grade("lab5", "anna")["late_days"] == 0


@pytest.mark.parametrize(
    ("at", "state", "late_days"),
    [
        (SETTINGS.release_date - HOUR, "early", 0),
        (SETTINGS.release_date, "scored", 0),
        (SETTINGS.due_date, "scored", 0),
        (SETTINGS.due_date + timedelta(milliseconds=1), "scored", 1),
        (SETTINGS.due_date + DAY, "scored", 1),
        (SETTINGS.due_date + DAY + timedelta(milliseconds=1), "scored", 2),
        (SETTINGS.due_date + 3 * DAY, "scored", 3),
        (SETTINGS.due_date + 3 * DAY + timedelta(milliseconds=1), "closed", 0),
    ],
)
@pytest.mark.parametrize("rule", Rule)
def test_late_counts_early_and_closed_do_not(
    course: Course, rule: Rule, at: datetime, state: str, late_days: int
) -> None:
    course.publish(rule=rule)
    course.hand_in("lab5", "anna", at=at)

    report = course.report()

    [grade] = report["teams"][0]["grades"].values()
    assert (grade["state"], grade["late_days"]) == (state, late_days)
    assert grade["score"] == (7.5 if state == "scored" else None)
    assert {each["kind"] for each in report["findings"]} == {state} - {"scored"}


@pytest.mark.parametrize("rule", Rule)
def test_submission_after_the_close_does_not_replace_an_earlier_one(
    course: Course, rule: Rule
) -> None:
    course.publish(rule=rule)
    course.hand_in("lab5", "anna", score=3.0)
    course.hand_in("lab5", "anna", score=10.0, at=CLOSED)

    assert _says(course.grade("lab5", "anna")) == ("scored", 3.0)


def test_dates_are_those_of_now(course: Course) -> None:
    """A deadline that was extended after the grading counts."""
    course.hand_in("lab5", "anna", at=CLOSED, timing="closed")
    course.publish(late_due_date=CLOSED)

    assert _says(course.grade("lab5", "anna")) == ("scored", 7.5)


def test_older_result_does_not_count_as_the_last_submissions(course: Course) -> None:
    course.hand_in("lab5", "anna", score=10.0)
    course.submit("lab5", "anna")

    assert _says(course.grade("lab5", "anna")) == ("ungraded", None)
    done = course.grades()
    assert done.exit_code == 1
    assert "1 submission not graded yet, and no older result counts instead" in done.stderr
    assert key_of("lab5", "anna").subid in done.stderr


def test_best_score_stands_while_a_newer_submission_is_not_graded(course: Course) -> None:
    course.publish(rule=Rule.BEST)
    course.hand_in("lab5", "anna", score=7.0)
    course.submit("lab5", "anna")

    grade = course.grade("lab5", "anna")
    assert (*_says(grade), grade["waiting"]) == ("scored", 7.0, 1)
    assert course.findings().keys() == {"waiting"}
    assert course.report()["teams"][0]["score"] is None


def test_nothing_can_be_better_than_full_marks(course: Course) -> None:
    course.publish(rule=Rule.BEST)
    course.hand_in("lab5", "anna", score=10.0)
    course.submit("lab5", "anna")

    assert course.findings() == {}


def test_best_waits_for_a_submission_in_the_middle(course: Course) -> None:
    """Its result was never written, because the next submission was graded first."""
    course.publish(rule=Rule.BEST)
    course.hand_in("lab5", "anna", score=7.0)
    course.submit("lab5", "anna")
    course.hand_in("lab5", "anna", score=6.0)

    grade = course.grade("lab5", "anna")
    assert (*_says(grade), grade["waiting"]) == ("scored", 7.0, 1)


def test_last_needs_no_result_of_earlier_submissions(course: Course) -> None:
    course.submit("lab5", "anna")
    course.hand_in("lab5", "anna")

    assert course.findings() == {}


def test_ungraded_submission_after_the_close_is_closed(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.submit("lab5", "anna")
    set_times(monkeypatch, lambda key: CLOSED if key.startswith("submissions/") else None)

    assert _says(course.grade("lab5", "anna")) == ("closed", None)


@pytest.mark.parametrize(
    ("names_code", "expected"), [(False, ("ungraded", None)), (True, ("scored", 7.5))]
)
def test_result_of_an_older_py_counts_only_if_the_json_names_it(
    course: Course, *, names_code: bool, expected: tuple[str, float | None]
) -> None:
    version = course.submit("lab5", "anna", names_code=names_code)
    course.judge("lab5", ANNA, version)
    course.replace_code("lab5", "anna")

    assert _says(course.grade("lab5", "anna")) == expected


def test_py_replaced_after_the_close_changes_nothing(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = course.submit("lab5", "anna")
    course.judge("lab5", ANNA, version)
    newest = course.replace_code("lab5", "anna")
    course.judge("lab5", ANNA, version, 10.0, at=CLOSED, codeVersionId=newest)

    assert _says(course.grade("lab5", "anna")) == ("scored", 7.5)
    # Nor does it if it was not graded.
    course.replace_code("lab5", "anna")
    set_times(monkeypatch, lambda key: CLOSED if key.endswith(".py") else None)
    assert _says(course.grade("lab5", "anna")) == ("scored", 7.5)


def test_newest_of_several_results_of_a_version_counts(course: Course) -> None:
    """A problem was corrected, and graded again: also if the score is less."""
    course.publish(rule=Rule.BEST)
    version = course.hand_in("lab5", "anna", score=9.0)
    course.judge("lab5", ANNA, version, 5.0)

    assert _says(course.grade("lab5", "anna")) == ("scored", 5.0)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"status": "failed", "score": None}, "failed"),
        ({"status": "failed"}, "failed"),
        ({"status": "rejected", "score": None, "at": None}, "rejected"),
        ({"score": None, "verdict": "JE"}, "failed"),
        ({"score": float("nan")}, "failed"),
        ({"score": True}, "failed"),
        ({"status": "done"}, "failed"),
        ({"version": ""}, "ungraded"),
        ({"version": "expired"}, "ungraded"),
    ],
)
def test_without_a_score_the_state_says_why(
    course: Course, said: dict[str, Any], state: str
) -> None:
    version = course.submit("lab5", "anna")
    course.judge("lab5", ANNA, **({"version": version} | said))

    report = course.report()
    [grade] = report["teams"][0]["grades"].values()
    assert _says(grade) == (state, None)
    assert {each["kind"] for each in report["findings"]} == {state}


def test_rejected_last_submission_has_no_score(course: Course) -> None:
    course.hand_in("lab5", "anna", score=10.0)
    course.judge("lab5", ANNA, course.submit("lab5", "anna"), None, status="rejected")

    assert _says(course.grade("lab5", "anna")) == ("rejected", None)
    course.publish(rule=Rule.BEST)
    assert _says(course.grade("lab5", "anna")) == ("scored", 10.0)
    assert course.findings() == {}


def test_rejected_before_the_release_is_early(course: Course) -> None:
    version = course.submit("lab5", "anna")
    course.judge("lab5", ANNA, version, None, at=EARLY, status="rejected", timing="early")

    assert _says(course.grade("lab5", "anna")) == ("early", None)


def test_deleted_submission_does_not_count(course: Course) -> None:
    course.hand_in("lab5", "anna")
    key = key_of("lab5", "anna").data_key
    course.s3.delete_object(Bucket=course.stack.bucket_name, Key=key)

    assert course.report()["teams"] == []


@pytest.mark.parametrize("number", [0, 3])
def test_each_submission_has_its_own_result(course: Course, number: int) -> None:
    """Beside others, with names that sort otherwise with a slash behind them."""
    for each in range(5):
        for problem in ("lab", "lab-2", "lab0"):
            if each != number or problem != "lab-2":
                course.hand_in(problem, f"t{each}", score=each / 2)
            else:
                course.submit(problem, f"t{each}")

    report = course.report()

    assert report["counts"]["scored"] == 14
    assert report["counts"]["ungraded"] == 1
    for team in report["teams"]:
        [score] = {each["score"] for each in team["grades"].values()} - {None}
        [each] = [
            n for n in range(5) if key_of("lab", f"t{n}").subid == team["grades"]["lab"]["subid"]
        ]
        assert score == each / 2


def test_event_that_is_not_published(course: Course) -> None:
    course.s3.delete_object(Bucket=course.stack.bucket_name, Key=event_key(ADMIN, EVENT))

    done = course.grades()

    assert "events/m.soltys/aws_labs.json is not in the bucket" in str(done.exception)


def test_damaged_event(course: Course) -> None:
    course.put(event_key(ADMIN, EVENT), b"[]")

    done = course.grades()

    assert "events/m.soltys/aws_labs.json can't be used" in str(done.exception)
