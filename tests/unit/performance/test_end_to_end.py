"""What the report says of a submission's way."""

from typing import Any

import pytest

from performance.flow.design import Design
from performance.sections import end_to_end as section

_DATA: dict[str, Any] = {
    "rounds": 101,
    "warm_up_rounds": 30,
    "designs": {
        design: {
            "from_start_ms": [first + step for step in range(101)],
            "from_answer_ms": [first - 5.0 + step for step in range(101)],
        }
        for design, first in {
            Design.STACK: 50.0,
            Design.TUTORIAL: 75.0,
            Design.DIRECT: -10.0,
        }.items()
    },
}


@pytest.mark.parametrize(
    "line",
    [
        "| this stack | 100.0 | 145.0 | 149.0 | 95.0 |",
        "| tutorial handler | 125.0 | 170.0 | 174.0 | 120.0 |",
        "| direct notification (the floor) | 40.0 | 85.0 | 89.0 | 35.0 |",
    ],
)
def test_percentiles_of_each_design(line: str) -> None:
    assert line in section.text(_DATA).splitlines()


@pytest.mark.parametrize(
    ("beginning", "end"),
    [
        ("| tutorial handler | 0.80 | ", " | 0.85 | 0.86 |"),
        ("| direct notification (the floor) | 2.50 | ", " | 1.71 | 1.67 |"),
    ],
)
def test_ratios_are_of_this_stack_to_the_others(beginning: str, end: str) -> None:
    lines = section.text(_DATA).splitlines()

    assert any(line.startswith(beginning) and line.endswith(end) for line in lines)


def test_the_price_of_a_function_is_the_distance_to_the_floor() -> None:
    assert "A function between bucket and queue costs 60.0 ms here." in section.text(_DATA)
