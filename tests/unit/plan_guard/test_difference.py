"""Each value that changes is found by itself, and none is missed."""

from typing import Any

import pytest

from plan_guard.difference import differences
from unit.plan_guard.changes import changed


def _found(
    before: object, after: object, unknown: object = None
) -> list[tuple[str, Any, Any, bool]]:
    change = changed("aws_a", {"a": before}, {"a": after}, {"a": unknown})
    return [(it.path, it.before, it.after, it.is_unknown) for it in differences(change)]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (1, 2, [("a", 1, 2, False)]),
        (1, True, [("a", 1, True, False)]),
        ({"b": 1, "c": 1}, {"b": 2, "c": 1}, [("a.b", 1, 2, False)]),
        (None, {"b": 1}, [("a.b", None, 1, False)]),
        ({"b": 1}, None, [("a.b", 1, None, False)]),
        (None, {}, []),
        ([1, 2], [1, 3], [("a", [1, 2], [1, 3], False)]),
        ([{"b": 1}, {"b": 2}], [{"b": 1}, {"b": 3}], [("a[].b", 2, 3, False)]),
        ([{"b": 1}], [], [("a", [{"b": 1}], [], False)]),
        (None, [{"b": 1}], [("a", None, [{"b": 1}], False)]),
        ([{"b": 1}], {"b": 1}, [("a", [{"b": 1}], {"b": 1}, False)]),
    ],
)
def test_what_differs_is_found(before: object, after: object, found: object) -> None:
    assert _found(before, after) == found


@pytest.mark.parametrize(
    ("value", "unknown", "path"),
    [
        (1, True, "a"),
        ({"b": 1}, {"b": True}, "a.b"),
        ({"b": 1}, True, "a"),
        ({}, {"b": True}, "a.b"),
        ([1], [True], "a"),
        ([{"b": 1}], [{"b": True}], "a[].b"),
        ([{"b": 1}, {"b": 1}], [{}, {"b": True}], "a[].b"),
        ([{"b": 1}], True, "a"),
        ([{"b": 1}], {"b": True}, "a"),
        ([{"b": 1}], [{}, {"b": True}], "a"),
        ([], [{"b": True}], "a"),
    ],
)
def test_what_is_not_known_is_found_where_all_that_is_known_is_the_same(
    value: object, unknown: object, path: str
) -> None:
    [(found, _, _, is_unknown)] = _found(value, value, unknown)
    assert (found, is_unknown) == (path, True)


@pytest.mark.parametrize("unknown", [None, False, {}, [], [{}], [False], [{"b": [False]}]])
def test_marks_that_say_no_are_no_difference(unknown: object) -> None:
    assert _found([{"b": [1]}], [{"b": [1]}], unknown) == []
