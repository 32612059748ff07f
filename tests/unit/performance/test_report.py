"""docs/performance.md says what the summaries say, and nothing else."""

import copy
import json
from typing import Any

import pytest
from jinja2 import UndefinedError

from performance import cost, deadline
from performance.report import REPORT, render
from performance.summary import FOLDER, MEASUREMENTS, load_summaries


@pytest.fixture
def summaries() -> dict[str, Any]:
    return load_summaries()


def as_json(value: object) -> object:
    return json.loads(json.dumps(value))


def test_committed_report_is_what_the_committed_summaries_say(summaries: dict[str, Any]) -> None:
    assert REPORT.read_text(encoding="utf-8") == render(summaries), (
        "Run: .venv/bin/python -m performance report"
    )


def test_every_summary_is_a_measurement_s_and_short() -> None:
    files = list(FOLDER.iterdir())

    assert {file.name for file in files} == {f"{name}.json" for name in MEASUREMENTS}
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) < 400


def test_committed_costs_are_what_the_model_says_today(summaries: dict[str, Any]) -> None:
    used = summaries["cost"]["function"]
    function = cost.Function(**used | {"log_bytes": tuple(used["log_bytes"])})

    found = as_json(cost.model(function))

    assert isinstance(found, dict)
    assert found.items() <= summaries["cost"].items(), "Run: make bench MEASUREMENTS=cost"


def test_committed_deadlines_are_what_the_model_says_today(summaries: dict[str, Any]) -> None:
    found = as_json(deadline.measure(quick=True))

    assert isinstance(found, dict)
    assert found.items() <= summaries["deadline"].items(), "Run: make bench MEASUREMENTS=deadline"


def test_lost_submissions_and_what_else_went_wrong_are_shown(summaries: dict[str, Any]) -> None:
    storm = summaries["storm"]["storms"][0]
    storm |= {"announced": 4_997, "lost": 3, "duplicates": 17, "failed_events": 2}
    summaries["storm"]["storms"] = [storm]

    lines = render(summaries).splitlines()

    assert "| announced | 4,997 |" in lines
    assert "| **lost**: without any message | 3 |" in lines
    assert "| duplicates: messages beyond the first | 17 |" in lines
    assert "| failed events | 2 |" in lines


def test_memory_default_that_breaks_the_rule_is_shown(summaries: dict[str, Any]) -> None:
    summaries["cost"]["chosen_memory_mb"] = 1024

    text = render(summaries)

    assert "That is 1,024 MB; the default of `function_memory_mb` is 512 MB." in text
    summaries["cost"]["chosen_memory_mb"] = None
    assert "No setting in the table fits; the default" in render(summaries)


def test_each_measurement_names_its_commit_machine_and_load(summaries: dict[str, Any]) -> None:
    changed = copy.deepcopy(summaries)
    for name in ("cold_start", "warm_path", "end_to_end", "storm", "cost"):
        changed[name] |= {"commit": f"commit-of-{name}", "load_avg_1min": 7.5}

    text = render(changed)

    for name in ("cold_start", "warm_path", "end_to_end", "storm", "cost"):
        assert f"at commit commit-of-{name} on" in text
    assert text.count("(load before: 7.5)") == 5
    assert "(load before" not in render(
        {
            name: {k: v for k, v in it.items() if k != "load_avg_1min"}
            for name, it in summaries.items()
        }
    )


def test_summary_without_a_figure_that_the_report_shows_is_an_error(
    summaries: dict[str, Any],
) -> None:
    del summaries["storm"]["compared"]["stack"]["lost"]

    with pytest.raises(UndefinedError, match="lost"):
        render(summaries)
