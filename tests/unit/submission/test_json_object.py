"""Text that is not a JSON object reads as an empty object."""

import pytest

from submission.json_object import read_object, text_of


@pytest.mark.parametrize("text", [None, "", "{", "null", "[1]", '"a"', b"\xff", "[" * 200_000])
def test_text_that_is_not_an_object_reads_as_empty(text: str | bytes | None) -> None:
    assert read_object(text) == {}


def test_object_is_read_from_text_and_bytes() -> None:
    assert read_object('{"a": 1}') == read_object(b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("fields", [None, [], {}, {"a": 1}, {"a": ""}, {"a": None}, {"b": "x"}])
def test_field_without_text_reads_as_none(fields: object) -> None:
    assert text_of(fields, "a") is None


def test_field_with_text_is_read() -> None:
    assert text_of({"a": "x"}, "a") == "x"
