"""The subid's recipe, the data file, and what is refused before anything is uploaded."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission.keys import SubmissionKey, parse_key
from submitter.errors import ExitCode, UsageError
from submitter.submit.submission import checked_submission

TEXTS = st.text(max_size=30)


def test_subid_is_the_documented_digest() -> None:
    submission = checked_submission("m.soltys", "aws_labs", "été", ["t2", "t1"])

    lines = "m.soltys\naws_labs\nété\nt1\nt2".encode()
    assert submission.subid == hashlib.md5(lines, usedforsecurity=False).hexdigest()


def test_subid_is_unchanged() -> None:
    """A digest that was recorded once: a change of the recipe would strand every submission."""
    submission = checked_submission(
        "m.soltys", "aws_labs", "lab5_containers", ["d823640a", "240669d4"]
    )

    assert submission.subid == "15910367bf3faa2b5053b958498cb6f4"


def test_order_of_the_students_does_not_matter() -> None:
    one = checked_submission("a", "e", "p", ["t1", "t2", "t3"])
    other = checked_submission("a", "e", "p", ["t3", "t1", "t2"])

    assert (one.subid, one.data) == (other.subid, other.data)


@given(TEXTS, TEXTS, TEXTS, st.lists(TEXTS, max_size=4))
def test_accepted_submission_can_be_announced(
    admin: str, event: str, problem: str, tokens: list[str]
) -> None:
    try:
        submission = checked_submission(admin, event, problem, tokens)
    except UsageError:
        return
    assert parse_key(submission.key.data_key) == SubmissionKey(
        admin, event, problem, submission.subid
    )


@given(*[st.tuples(TEXTS, TEXTS, TEXTS, st.lists(TEXTS, min_size=1, max_size=3, unique=True))] * 2)
def test_different_submissions_have_different_subids(
    one: tuple[str, str, str, list[str]], other: tuple[str, str, str, list[str]]
) -> None:
    try:
        first, second = checked_submission(*one), checked_submission(*other)
    except UsageError:
        return
    assert (first == second) == (first.subid == second.subid)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("a/b", "e", "p"), "The admin has a slash"),
        (("a", "", "p"), "The event is empty"),
        (("a", "e", ".."), "The problem is `.` or `..`"),
        (("a", "e\x1b[2J", "p"), "The event is `.` or `..`, or has a control character"),
        (("a", "e", "..\\..\\p"), "or has a control character or backslash in it"),
        (("a", "e", "lab\ntoken"), "The problem is `.` or `..`, or has a control character"),
        (
            ("a", "e", "\udcff"),
            "The problem has bytes in it that are not in this terminal's encoding",
        ),
        (("a" * 400, "e" * 400, "p" * 400), "admin, event and problem makes a key of more than"),
    ],
)
def test_name_that_cannot_be_announced_is_refused(names: tuple[str, str, str], text: str) -> None:
    with pytest.raises(UsageError, match=text.replace(".", r"\.")) as refused:
        checked_submission(*names, ["t1"])

    assert refused.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    "tokens", [[], [""], ["secret\n"], ["secret two"], ["secret\x00"], ["\udcff"], ["secret"] * 2]
)
def test_invalid_tokens_are_refused_without_being_shown(tokens: list[str]) -> None:
    with pytest.raises(UsageError) as refused:
        checked_submission("a", "e", "p", tokens)

    assert "secret" not in str(refused.value)
