"""The model of a grading's cost, against months that can be checked by hand."""

from dataclasses import replace
from typing import Any

import pytest

from performance import cost, grading_cost
from performance.cost import Assumed, Function, Timing
from performance.grading_cost import (
    EC2,
    FARGATE,
    Machine,
    Measured,
    measured,
    request_costs,
    stack_costs,
    vcpus_for_mean,
    vcpus_for_peak,
    worker_costs,
)

MILLION = 1_000_000
# 73 days are 2.4 of AWS's months, of 730 hours.
ASSUMED = Assumed(kept_days=73, burst_cold_share=0.0, receive_seconds=20)
FUNCTION = Function(cold_cpu_ms=500, run_cpu_ms=50, peak_mib=60, log_bytes=(400, 200))


def test_grading_reads_five_objects_writes_two_and_takes_a_message() -> None:
    costs = request_costs(MILLION, 1, ASSUMED)

    assert costs["S3 requests"] == pytest.approx(5 * 0.4 + 2 * 5.0)
    assert costs["queue"] == pytest.approx((2 + 0.1314) * 0.40)


def test_grader_is_billed_at_the_price_of_its_processor() -> None:
    # A gradings' second of 1 GB; at this volume none is cold.
    costs = stack_costs(MILLION, FUNCTION, Timing(1024, 1000, 3000), ASSUMED)

    assert costs["function"] == pytest.approx(0.20 + MILLION * 0.0000166667)
    # Its mapping waits with five requests at once.
    assert costs["queue"] == pytest.approx((2 + 5 * 0.1314) * 0.40)
    assert costs["log"] == pytest.approx(1.08 * (0.50 + 0.15 * 2.4 * 0.03))


def test_worker_is_billed_all_month_whatever_it_does() -> None:
    machine = Machine(vcpus=2, dollars_a_month=60)

    few, many = (worker_costs(count, machine, 3, FUNCTION, ASSUMED) for count in (1, MILLION))

    assert few["machines"] == many["machines"] == 180
    assert few["S3 requests"] < many["S3 requests"]


def test_machines_cost_their_hours() -> None:
    assert pytest.approx(730 * (0.04048 + 2 * 0.004445) / 4) == FARGATE.dollars_a_month
    assert pytest.approx(730 * 0.08925) == EC2.dollars_a_month


@pytest.mark.parametrize(("vcpus", "count"), [(0.01, 1), (2, 1), (2.1, 2), (7, 4)])
def test_machines_are_whole(vcpus: float, count: int) -> None:
    assert Machine(vcpus=2, dollars_a_month=60).count(vcpus) == count


def test_processors_for_the_mean_are_busy_all_month() -> None:
    # 2,628,000 gradings of a second, one after the other.
    assert vcpus_for_mean(2_628_000, 1000) == pytest.approx(1)


def test_processors_for_the_peak_keep_the_wait_below_a_minute() -> None:
    needed = vcpus_for_peak(MILLION, 1000)

    # 50,000 in an hour are 14 a second on average, and 63 a second in the end.
    assert 50_000 / 3600 < needed < 63
    assert vcpus_for_peak(MILLION, 2000) > 1.8 * needed


def test_worker_has_bubblewrap_in_the_place_of_the_sandbox() -> None:
    summaries: dict[str, Any] = {
        "grading": {"cases": 5, "log_bytes": [400, 200]},
        "grader_start": {"grader": {"cold_cpu_ms": 500, "warm_cpu_ms": 50, "peak_mib": 60}},
        "case": {
            "example": {
                "sandbox": {"cpu_ms": {"median": 6}},
                "bubblewrap_private": {"cpu_ms": {"median": 14}},
            }
        },
    }

    assert measured(summaries) == Measured(FUNCTION, worker_cpu_ms=50 + 5 * 8)
    del summaries["case"]["example"]["bubblewrap_private"]
    with pytest.raises(LookupError, match="Install bubblewrap, and run"):
        measured(summaries)


def test_designs_share_all_but_what_grades() -> None:
    found = grading_cost.model(Measured(FUNCTION, worker_cpu_ms=90))

    designs = {row["design"]: row for row in found["dollars_a_million"]}
    assert designs["EC2 worker for the mean"]["machines"] == 1
    assert designs["EC2 worker for the peak"]["wait_s"] <= grading_cost.LONGEST_WAIT_SECONDS
    assert designs["Fargate worker for the mean"]["wait_s"] > 3600
    # 50 ms, and seven requests of 30 ms.
    assert (found["warm_ms"], found["slow_warm_ms"]) == (260, 750)
    slower = grading_cost.model(Measured(replace(FUNCTION, run_cpu_ms=100), worker_cpu_ms=90))
    assert slower["parts"]["function"] > found["parts"]["function"]
    assert found["parts"]["S3 requests"] == slower["parts"]["S3 requests"]
    assert {*found["volumes"]} == {*cost.VOLUMES}
