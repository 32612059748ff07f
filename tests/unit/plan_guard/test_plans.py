"""Whole plans: what loses data or opens the stack stops, and what people do every day passes."""

import pytest

from plan_guard.judgement import findings
from plan_guard.plan import Plan
from unit.plan_guard.changes import plans

EVERYDAY = plans("everyday.json")
"""Made by Terraform on an embedded AWS, without what stays as it is."""

STOPS = plans("stops.json")
"""Made by hand, each to lose submissions or to let somebody in."""


@pytest.mark.parametrize("it", EVERYDAY.values(), ids=EVERYDAY)
def test_what_people_do_every_day_passes_without_a_word(it: Plan) -> None:
    assert findings(it) == ()


def test_every_day_something_is_done() -> None:
    assert [name for name, it in EVERYDAY.items() if not it.does_something] == ["nothing"]


@pytest.mark.parametrize("it", STOPS.values(), ids=STOPS)
def test_a_plan_stops_and_says_why(it: Plan) -> None:
    found = findings(it)
    assert found
    assert all(finding.reasons for finding in found)
