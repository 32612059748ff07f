"""Whole plans: what loses data or opens the stack stops, and what people do every day passes."""

import pytest

from plan_guard.judgement import findings
from plan_guard.plan import Plan
from unit.plan_guard.changes import plans

STOPS = plans("stops.json")


@pytest.mark.parametrize("it", STOPS.values(), ids=STOPS)
def test_a_plan_stops_and_says_why(it: Plan) -> None:
    found = findings(it)
    assert found
    assert all(finding.reasons for finding in found)
