"""docs/performance.md says what the summaries say, and nothing else."""

import json
from typing import Any

import pytest
from jinja2 import UndefinedError

from performance import cost, deadline, grading_cost
from performance.report import REPORT, render
from performance.summary import FOLDER, MEASUREMENTS, load_summaries


@pytest.fixture
def summaries() -> dict[str, Any]:
    return load_summaries()


def as_json(value: object) -> object:
    return json.loads(json.dumps(value))


def test_committed_report_matches_the_committed_summaries(summaries: dict[str, Any]) -> None:
    assert REPORT.read_text(encoding="utf-8") == render(summaries), (
        "Run: .venv/bin/python -m performance report"
    )


def test_every_summary_belongs_to_a_measurement() -> None:
    files = list(FOLDER.iterdir())

    assert {file.name for file in files} == {f"{name}.json" for name in MEASUREMENTS}
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) < 400


def test_committed_costs_match_the_model(summaries: dict[str, Any]) -> None:
    used = summaries["cost"]["function"]
    function = cost.Function(**used | {"log_bytes": tuple(used["log_bytes"])})

    found = as_json(cost.model(function))

    assert isinstance(found, dict)
    assert found.items() <= summaries["cost"].items(), "Run: make bench MEASUREMENTS=cost"


def test_committed_costs_of_gradings_match_the_model(summaries: dict[str, Any]) -> None:
    found = as_json(grading_cost.measure(quick=True))

    assert isinstance(found, dict)
    assert found.items() <= summaries["grading_cost"].items(), (
        "Run: make bench MEASUREMENTS=grading_cost"
    )


def test_committed_deadlines_match_the_model(summaries: dict[str, Any]) -> None:
    found = as_json(deadline.measure(quick=True))

    assert isinstance(found, dict)
    assert found.items() <= summaries["deadline"].items(), "Run: make bench MEASUREMENTS=deadline"


def test_report_shows_lost_submissions_and_duplicates(summaries: dict[str, Any]) -> None:
    storm = summaries["storm"]["storms"][0]
    storm |= {"announced": 4_997, "lost": 3, "duplicates": 17, "failed_events": 2}
    summaries["storm"]["storms"] = [storm]

    lines = render(summaries).splitlines()

    assert "| announced | 4,997 |" in lines
    assert "| **lost**: without any message | 3 |" in lines
    assert "| duplicates: messages beyond the first | 17 |" in lines
    assert "| failed events | 2 |" in lines


def test_report_shows_lost_and_wrong_gradings(summaries: dict[str, Any]) -> None:
    summaries["grading"]["storm"] |= {"graded": 1_990, "lost": 3, "wrong": 7, "duplicates": 5}

    lines = render(summaries).splitlines()

    assert "| graded right | 1,990 |" in lines
    assert "| **lost**: without a completed result | 3 |" in lines
    assert "| wrong: of another version, or with another score | 7 |" in lines
    assert "| duplicates: results written again | 5 |" in lines


def test_report_shows_a_memory_default_that_breaks_the_rule(summaries: dict[str, Any]) -> None:
    summaries["cost"]["chosen_memory_mb"] = 1024

    text = render(summaries)

    assert "That is 1,024 MB; the default of `function_memory_mb` is 512 MB." in text
    summaries["cost"]["chosen_memory_mb"] = None
    assert "No setting in the table fits; the default" in render(summaries)


def test_report_says_what_was_not_measured(summaries: dict[str, Any]) -> None:
    case = summaries["case"]
    for program in ("echo", "example", "sum"):
        case[program].pop("isolate", None)
    case["not_measured"] = {"isolate": "isolate isn't installed"}

    lines = render(summaries).splitlines()

    row = "| isolate, `python -I -S` | not measured: isolate isn't installed | | | | |"
    assert lines.count(row) == 3


def test_summary_without_a_needed_figure_is_an_error(summaries: dict[str, Any]) -> None:
    del summaries["storm"]["compared"]["stack"]["lost"]

    with pytest.raises(UndefinedError, match="lost"):
        render(summaries)
