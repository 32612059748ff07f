"""A validator's exit status and feedback: what is a judgement, and what its failure."""

import json
from collections.abc import Mapping
from fractions import Fraction

import pytest

from grading.validation import Validation, ValidatorError, read_validation
from unit.grading.examples import validated

MOST = Fraction(100, 3)
EMPTY: Mapping[str, str] = {}


def _read(
    status: int | None = 42,
    most: Fraction | None = MOST,
    files: Mapping[str, str] = EMPTY,
    *,
    scored: bool = True,
) -> Validation:
    feedback = {f"{name}.txt": text for name, text in files.items()}
    return read_validation(status, json.dumps(feedback).encode(), b"", most, scored=scored)


def test_the_exit_status_is_the_judgement() -> None:
    assert _read(42) == validated()
    assert _read(43) == validated(accepted=False)
    for status in (None, 0, 1, 41, 44, 120, 255):
        with pytest.raises(ValidatorError, match=f"its exit status is {status}, neither 42 nor 43"):
            _read(status)


def test_messages_are_of_files_and_staff_also_get_what_was_printed() -> None:
    feedback = b'{"judgemessage.txt": "a", "teammessage.txt": "b", "nextpass.in": "c"}'
    found = read_validation(43, feedback, b"d\xff", None, scored=False)
    assert found == validated("ad\N{REPLACEMENT CHARACTER}", "b", accepted=False)
    assert read_validation(42, b"", b"", MOST, scored=True) == validated()


@pytest.mark.parametrize(
    "feedback", [b"{", b"[]", b"1", b'{"a": 1}', b"\xff", b"[" * 100_000, b"hello {}"]
)
def test_feedback_that_is_none_is_a_failure(feedback: bytes) -> None:
    with pytest.raises(ValidatorError, match="descriptor 1"):
        read_validation(42, feedback, b"", MOST, scored=True)


@pytest.mark.parametrize(
    ("name", "text", "multiplier"),
    [
        ("score_multiplier", "0.1", Fraction(1, 10)),
        ("score_multiplier", " 1\n", Fraction(1)),
        ("score_multiplier", "0", Fraction(0)),
        ("score", "10", Fraction(3, 10)),
        ("score", str(100 / 3), Fraction(1)),
        ("score", "1e-300", Fraction(3, 10**302)),
    ],
)
def test_a_score_is_a_part_of_the_cases_points(name: str, text: str, multiplier: Fraction) -> None:
    assert _read(files={name: text}).multiplier == multiplier


def test_a_case_that_is_worth_nothing_can_be_scored() -> None:
    assert _read(most=Fraction(0), files={"score": "0"}).multiplier == 1


def test_a_score_of_a_sample_is_ignored() -> None:
    assert _read(43, None, {"score": "x", "score_multiplier": "y"}, scored=False).multiplier == 1


@pytest.mark.parametrize(
    ("status", "most", "files", "reason"),
    [
        (42, MOST, {"score": "1", "score_multiplier": "1"}, "both score.txt and score_multiplier"),
        (43, MOST, {"score": "0"}, "score.txt to an output that it does not accept"),
        (42, None, {"score_multiplier": "1"}, "in a group with score_aggregation pass-fail"),
        (42, MOST, {"score_multiplier": "1.01"}, "score_multiplier.txt is not from 0 to 1$"),
        (42, MOST, {"score": "33.34"}, "score.txt is not from 0 to 33.3333"),
        (42, MOST, {"score": "-1"}, "score.txt is not from 0"),
        (42, Fraction(0), {"score": "1"}, "score.txt is not from 0 to 0"),
        *(
            (42, MOST, {"score": text}, "score.txt is not a number")
            for text in ("", "x", "nan", "inf", "1e999", "1 2", "1/3")
        ),
    ],
)
def test_a_score_that_the_format_forbids_is_a_failure(
    status: int, most: Fraction | None, files: dict[str, str], reason: str
) -> None:
    with pytest.raises(ValidatorError, match=reason):
        _read(status, most, files)
