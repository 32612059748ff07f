"""The counts of a storm of gradings: lost, wrong and repeated results."""

from datetime import UTC, datetime
from typing import Any

import pytest

from performance.grading import Graded, Part, account

BEGAN = 1_000.0
EXPECTED = {"submissionVersionId": "v1", "codeVersionId": "c1", "score": 75}
USED = {
    Part.GRADER: 0.03,
    Part.SANDBOX: 0.05,
    Part.INTAKE: 0.01,
    Part.EMULATOR: 0.2,
    Part.CLIENTS: 0.02,
}


def graded(
    second: float = 1.0, written: int = 1, uploaded: float = 0.5, **changes: object
) -> Graded:
    finished = datetime.fromtimestamp(BEGAN + second, UTC).isoformat(timespec="milliseconds")
    result = {"status": "completed", "finishedAt": finished, **EXPECTED, **changes}
    return Graded(BEGAN + uploaded, EXPECTED, result, written)


def missing() -> Graded:
    return Graded(BEGAN, EXPECTED, None, 0)


def counts(*each: Graded) -> dict[str, Any]:
    return account(BEGAN, 2, each, USED)


@pytest.mark.parametrize(
    ("one", "right", "lost", "wrong", "duplicates"),
    [
        (graded(), 2, 0, 0, 0),
        (missing(), 1, 1, 0, 0),
        (graded(status="failed"), 1, 1, 0, 0),
        (graded(status="rejected"), 1, 1, 0, 0),
        (graded(submissionVersionId="v0"), 1, 0, 1, 0),
        (graded(codeVersionId="c0"), 1, 0, 1, 0),
        (graded(score=100), 1, 0, 1, 0),
        (graded(written=3), 2, 0, 0, 2),
    ],
)
def test_lost_wrong_and_repeated_results_are_counted_separately(
    one: Graded, right: int, lost: int, wrong: int, duplicates: int
) -> None:
    found = counts(graded(), one)

    assert (found["uploaded"], found["graded"]) == (2, right)
    assert (found["lost"], found["wrong"], found["duplicates"]) == (lost, wrong, duplicates)


def test_rates_are_of_right_results_until_the_last_one() -> None:
    found = counts(graded(1.0), graded(4.0), graded(9.0, score=0), missing())

    assert found["seconds"] == 4.0
    assert (found["graded_per_s"], found["graded_per_s_and_core"]) == (0.5, 0.2)
    assert found["longest_wait_s"] == 3.5


def test_a_core_could_grade_as_many_as_grader_and_sandbox_use() -> None:
    found = counts(graded(), graded())

    assert found["cpu_ms"][Part.EMULATOR] == 100
    # 15 ms and 25 ms.
    assert found["core_could_grade_per_s"] == 25.0


def test_a_storm_that_graded_nothing_has_no_rates() -> None:
    found = counts(missing())

    assert (found["lost"], found["graded_per_s"], found["core_could_grade_per_s"]) == (1, 0, 0)
