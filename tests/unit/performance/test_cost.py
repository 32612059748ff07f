"""The costs' model, against months that can be checked by hand."""

import math

import pytest

from performance.cost import (
    OWN_METRICS,
    Assumed,
    Function,
    Timing,
    cold_share,
    common_costs,
    function_costs,
    key_costs,
    polling,
    queue_costs,
    smallest_memory,
    stack_costs,
)
from submission.keys import IgnoredKey
from submission.log import NotAnUpload

MILLION = 1_000_000
# 73 days are 2.4 of AWS's months, of 730 hours; and 4,000 bytes a million times are 4 GB.
ASSUMED = Assumed(
    code_bytes=3_734,
    data_bytes=266,
    kept_days=73,
    repeated_share=0.0,
    burst_cold_share=0.0,
    wait_ms=10,
    connect_ms=5,
)
FUNCTION = Function(cold_cpu_ms=300, run_cpu_ms=2, peak_mib=40, log_bytes=(400, 200))
SECOND_OF_1_GB = Timing(memory_mb=1024, warm_ms=1000, cold_ms=3000)


def test_uploads_reading_and_storage() -> None:
    costs = common_costs(MILLION, ASSUMED)

    # Two uploads each, $5 a million; two reads, $0.40 a million.
    assert costs["uploads"] == pytest.approx(10.0)
    assert costs["back end's reading"] == pytest.approx(0.8)
    assert costs["storage"] == pytest.approx(4 * 2.4 * 0.023)


def test_queue_is_billed_three_requests_a_message_and_one_every_20_seconds() -> None:
    costs = queue_costs(MILLION, ASSUMED)

    assert costs == {"queue": pytest.approx((3 + 0.1314) * 0.40)}


def test_function_is_billed_by_request_memory_and_time() -> None:
    # At this volume none is cold.
    costs = function_costs(MILLION, SECOND_OF_1_GB, ASSUMED)

    assert costs == {"function": pytest.approx(0.20 + MILLION * 0.0000133334)}


def test_cold_runs_are_billed_with_their_start() -> None:
    half_cold = Assumed(burst_cold_share=0.5)

    costs = function_costs(MILLION, SECOND_OF_1_GB, half_cold)

    assert costs == {"function": pytest.approx(0.20 + 2 * MILLION * 0.0000133334)}


def test_stack_is_billed_for_its_log_and_alarms() -> None:
    costs = stack_costs(MILLION, FUNCTION, SECOND_OF_1_GB, ASSUMED)

    # 600 bytes of the function's and 376 of Lambda's, in four lines of 26 bytes more, are 1.08 GB.
    assert costs["log"] == pytest.approx(1.08 * (0.50 + 0.15 * 2.4 * 0.03))
    assert costs["metrics, alarms, dashboard"] == pytest.approx(26 * 0.30 + 12 * 0.10 + 3)


def test_repeated_runs_are_billed_for_function_queue_and_log() -> None:
    twice = Assumed(repeated_share=1.0, kept_days=73, burst_cold_share=0.0)
    once = stack_costs(MILLION, FUNCTION, SECOND_OF_1_GB, ASSUMED)

    doubled = stack_costs(MILLION, FUNCTION, SECOND_OF_1_GB, twice)

    assert doubled["function"] == pytest.approx(2 * once["function"])
    assert doubled["log"] == pytest.approx(2 * once["log"])
    assert doubled["queue"] - once["queue"] == pytest.approx(3 * 0.40)


def test_key_is_billed_a_dollar_and_requests() -> None:
    # 40,000 of S3's, and three every five minutes of 730 hours: 26,280.
    assert key_costs(MILLION) == {"key": pytest.approx(1 + 66_280 * 0.03 / 10_000)}


def test_custom_metrics_are_those_that_the_function_writes() -> None:
    assert (
        len({"Announced", "Failed", "Ignored"}) + len(IgnoredKey) + len(NotAnUpload) == OWN_METRICS
    )


def test_polling_reads_every_page_of_a_bucket_that_fills() -> None:
    # 500 submissions a day fill a page more each day: 1, 2, ... 10 pages, 1,440 times a day.
    assumed = Assumed(kept_days=10, page_seconds=0.1)

    found = polling(500 * 730 / 24, assumed, interval_seconds=60)

    assert found.requests_per_month == pytest.approx(1440 * 5.5 * 730 / 24)
    # Half an interval until the listing begins, and half of the longest listing.
    assert found.mean_wait_seconds == pytest.approx(30 + 0.5)


def test_runs_far_apart_are_cold() -> None:
    assumed = Assumed(idle_minutes=10, burst_cold_share=0.01)

    # 4,380 runs a month are one in ten minutes.
    assert cold_share(4_380, assumed) == pytest.approx(math.exp(-1))
    assert cold_share(10 * MILLION, assumed) == 0.01


def test_smallest_memory_starts_in_time_with_memory_to_spare() -> None:
    settings = [Timing(512, 15, 900), Timing(128, 30, 950), Timing(64, 60, 4000)]

    assert smallest_memory(iter(settings), peak_mib=80) == 128
    assert smallest_memory(iter(settings), peak_mib=90) == 512
    assert smallest_memory(iter(settings), peak_mib=400) is None
