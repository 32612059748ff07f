"""What differs is named, and a case's content never is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from grading.event import Rule
from grading.problem import File, Group, Problem
from submitter.output import to_json
from submitter.publish.differences import (
    Differences,
    Items,
    Setting,
    compare_events,
    compare_problems,
)
from unit.grading.examples import CASES, PASS_FAIL_PROBLEM, PROBLEM, SUM, a_case
from unit.submission_grader.course import an_event


def changed(**changes: object) -> Differences:
    return compare_problems(PROBLEM, replace(PROBLEM, **changes))  # type: ignore[arg-type]


def with_case(number: int, **changes: object) -> tuple[object, ...]:
    return (*CASES[:number], replace(CASES[number], **changes), *CASES[number + 1 :])  # type: ignore[arg-type]


def test_equal_problems_do_not_differ() -> None:
    assert changed() == Differences()


@pytest.mark.parametrize(
    ("changes", "settings"),
    [
        ({"name": "Totals"}, [("name", "Sums", "Totals")]),
        (
            {"limits": replace(PROBLEM.limits, time_limit=2.0, memory=64)},
            [("limits.time_limit", "1.5", "2"), ("limits.memory", "256", "64")],
        ),
        (
            {"groups": (replace(PROBLEM.groups[0], max_score=120), *PROBLEM.groups[1:])},
            [("secret: max_score", "100", "120")],
        ),
        (
            {"groups": (*PROBLEM.groups[:2], replace(PROBLEM.groups[2], require_pass=()))},
            [("secret/hard: require_pass", "secret/easy", "none")],
        ),
        (
            {"groups": (*PROBLEM.groups[:2], Group("secret/new", 7, SUM, ()))},
            [("secret/hard", "70 points", "no group"), ("secret/new", "no group", "7 points")],
        ),
    ],
)
def test_settings_are_named_with_both_values(
    changes: dict[str, object], settings: list[tuple[str, str, str]]
) -> None:
    assert changed(**changes) == Differences(tuple(Setting(*each) for each in settings))


def test_type_brings_its_groups() -> None:
    found = compare_problems(PASS_FAIL_PROBLEM, PROBLEM).settings

    assert found[0] == Setting("type", "pass-fail", "scoring")
    assert [each.name for each in found[1:]] == ["secret", "secret/easy", "secret/hard"]


def test_cases_are_named_by_what_became_of_them() -> None:
    cases = (a_case("sample/2"), *with_case(1, answer="43\n", stdin="7\n")[1:-1])

    assert changed(cases=cases).cases == Items(
        ("sample/2",),
        ("sample/1", "secret/hard/3"),
        {"secret/easy/1": ("input", "answer")},
    )


def test_flags_that_many_cases_share_are_named_once() -> None:
    flags = ("float_tolerance", "1e-3")
    found = changed(cases=tuple(replace(each, output_validator_args=flags) for each in CASES))

    assert found.settings == (
        Setting("validator flags of 4 cases", "none", "float_tolerance 1e-3"),
        Setting("validator flags of 1 case", "float_tolerance 1e-6", "float_tolerance 1e-3"),
    )
    assert {*found.cases.changed.values()} == {("validator flags",)}


def test_files_are_compared() -> None:
    files = (File("main.py", "import student as s\n"), File("words.txt", "a"))

    assert changed(include=files).files == Items(("words.txt",), (), {"main.py": ("text",)})


def test_no_part_of_a_case_is_in_the_differences() -> None:
    secret = {
        "args": ("ROSEBUD",),
        "stdin": "ROSEBUD\n",
        "answer": "ROSEBUD\n",
        "hint": "ROSEBUD",
        "description": "ROSEBUD",
    }
    other: Problem = replace(PROBLEM, cases=with_case(1, **secret))  # type: ignore[arg-type]

    for found in (compare_problems(PROBLEM, other), compare_problems(other, PROBLEM)):
        assert found.cases.changed["secret/easy/1"] == (
            "args",
            "input",
            "answer",
            "hint",
            "description",
        )
        assert "ROSEBUD" not in str(to_json(found))


def test_dates_and_rule_of_an_event() -> None:
    old = an_event()
    new = replace(old, due_date=old.due_date + timedelta(days=1), late_due_date=None)

    assert compare_events(old, replace(new, rule=Rule.BEST)).settings == (
        Setting("due_date", old.due_date.isoformat(), new.due_date.isoformat()),
        Setting("late_due_date", str(old.late_due_date).replace(" ", "T"), "none"),
        Setting("rule", "last", "best"),
    )
