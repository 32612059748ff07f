"""The model of the costs: prices are cited, parts add up, and a month can be checked by hand."""

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from embedded_aws.project import TERRAFORM
from performance import cost
from performance.cost_model import measured_function
from performance.cost_model import prices as price_module
from performance.cost_model.bill import (
    COMMON,
    Line,
    LogWritten,
    Part,
    Watching,
    Workload,
    by_part,
    common_lines,
    direct_lines,
    dollars,
    key_lines,
    polling,
    polling_lines,
    stack_lines,
)
from performance.cost_model.function import (
    FunctionWork,
    Timing,
    cold_share,
    gb_seconds,
    smallest_within,
    timing,
)
from performance.cost_model.prices import Item, load_prices, parse_prices
from performance.record import Record
from performance.sections.cost import text

PRICES = load_prices()
WORKLOAD = Workload(
    code_bytes=3_734,
    data_bytes=266,
    kept_days=73,
    repeated_share=0.0,
    idle_minutes=10,
    burst_cold_share=0.0,
    polling_receivers=1,
    receive_wait_seconds=20,
)
WORK = FunctionWork(
    init_cpu_ms=300, first_run_cpu_ms=0, run_cpu_ms=2, wait_ms=10, first_run_wait_ms=5
)
LOG = LogWritten((400, 200), (100, 248), (374,))
NOTHING_WATCHED = Watching(0, 0, 0, 0)
MILLION = 1_000_000


def _price_file() -> dict[str, Any]:
    file = Path(price_module.__file__).with_name("prices.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def test_every_item_has_a_price_with_a_page_of_aws() -> None:
    assert set(PRICES.prices) == set(Item)
    assert PRICES.region == "us-east-1"
    sources = {price.source for price in PRICES.prices.values()}
    assert all(source.startswith("https://aws.amazon.com/") for source in sources)


def test_a_price_is_for_so_many_units() -> None:
    assert PRICES.prices[Item.S3_PUT].of(2_000) == pytest.approx(0.01)
    assert PRICES.prices[Item.SQS_REQUEST].of(500_000) == pytest.approx(0.2)


def test_a_price_list_with_a_gap_a_stranger_or_nonsense_is_refused() -> None:
    gap, stranger, negative, without_source = (deepcopy(_price_file()) for _ in range(4))
    del gap["prices"]["s3_put"]
    stranger["prices"]["s3_push"] = stranger["prices"]["s3_put"]
    negative["prices"]["s3_put"]["dollars"] = -1
    without_source["prices"]["s3_put"]["source"] = "somebody"
    for content, said in (
        (gap, "No price of: s3_put"),
        (stranger, "s3_push"),
        (negative, "not usable"),
        (without_source, "not usable"),
    ):
        with pytest.raises(ValueError, match=said):
            parse_prices(content)


def test_what_all_designs_have_can_be_checked_by_hand() -> None:
    costs = by_part(PRICES, common_lines(WORKLOAD, MILLION))
    # Two uploads each, at $5 a million; two reads, at $0.40 a million.
    assert costs[Part.UPLOADS] == pytest.approx(10.0)
    assert costs[Part.READING] == pytest.approx(0.8)
    # 4,000 bytes are 4 GB for a million, and 73 days are 2.4 months of 730 hours.
    assert costs[Part.STORAGE] == pytest.approx(4 * 2.4 * 0.023)
    assert set(costs) == COMMON


def test_the_direct_notification_costs_three_requests_a_message() -> None:
    varying = [line for line in direct_lines(WORKLOAD, MILLION) if not line.is_fixed]
    assert dollars(PRICES, varying) == pytest.approx(3 * 0.40)
    fixed = [line for line in direct_lines(WORKLOAD, MILLION) if line.is_fixed]
    # A receive every 20 seconds of 730 hours.
    assert fixed == [Line(Part.QUEUE, Item.SQS_REQUEST, 131_400, is_fixed=True)]


def test_the_stack_costs_the_function_and_its_log_beside_that() -> None:
    at = Timing(memory_mb=1024, warm_ms=10, cold_ms=1000)
    costs = by_part(PRICES, stack_lines(WORKLOAD, MILLION, at, LOG, NOTHING_WATCHED))
    # A million requests, and 10 ms of 1 GB each; at this volume none is cold.
    assert costs[Part.FUNCTION] == pytest.approx(0.20 + 10_000 * 0.0000133334)
    # 948 bytes in four events of 26 bytes more are 1.052 GB for a million.
    written = 0.50 * 1.052
    assert costs[Part.LOG] == pytest.approx(written + 1.052 * 0.15 * 2.4 * 0.03)


def test_repeated_runs_are_paid_for_by_everything_behind_them() -> None:
    at = Timing(256, 20, 2000)
    twice = Workload(**{**_fields(WORKLOAD), "repeated_share": 1.0})
    once = _varying(stack_lines(WORKLOAD, MILLION, at, LOG, NOTHING_WATCHED))
    doubled = _varying(stack_lines(twice, MILLION, at, LOG, NOTHING_WATCHED))
    assert doubled == pytest.approx(2 * once)


def _fields(workload: Workload) -> dict[str, Any]:
    return {name: getattr(workload, name) for name in Workload.__dataclass_fields__}


def _varying(lines: Any) -> float:  # noqa: ANN401 - any iterable of lines
    return dollars(PRICES, [line for line in lines if not line.is_fixed])


def test_parts_add_up_to_the_whole() -> None:
    watching = Watching(own_metrics=15, request_metrics=10, alarm_metrics=11, dashboards=1)
    lines = [
        *common_lines(WORKLOAD, 12_345),
        *stack_lines(WORKLOAD, 12_345, timing(WORK, 256), LOG, watching),
        *key_lines(12_345),
    ]
    assert sum(by_part(PRICES, lines).values()) == pytest.approx(dollars(PRICES, lines))
    fixed = by_part(PRICES, [line for line in lines if line.is_fixed])
    assert fixed[Part.METRICS] == pytest.approx(25 * 0.30)
    assert fixed[Part.ALARMS] == pytest.approx(1.10)
    assert fixed[Part.DASHBOARD] == pytest.approx(3.00)


def test_the_fixed_part_does_not_grow_with_the_volume() -> None:
    watching = Watching(15, 10, 11, 1)
    at = timing(WORK, 256)
    few, many = (
        [line for line in stack_lines(WORKLOAD, volume, at, LOG, watching) if line.is_fixed]
        for volume in (10, MILLION)
    )
    assert few == many


def test_polling_pays_for_every_page_of_a_bucket_that_fills() -> None:
    # 500 submissions a day are a page a day more: 1, 2, ... 10 pages, each day 1,440 times.
    workload = Workload(**{**_fields(WORKLOAD), "kept_days": 10})
    monthly = 500 * 730 / 24
    found = polling(workload, monthly, interval_seconds=60, page_seconds=0.1)
    mean_a_day = 1440 * (1 + 10) / 2
    assert found.list_requests_per_month == pytest.approx(mean_a_day * 730 / 24)
    assert found.longest_listing_seconds == pytest.approx(1.0)
    assert found.longest_mean_wait_seconds == pytest.approx(30.5)
    lines = list(polling_lines(found))
    assert dollars(PRICES, lines) == pytest.approx(found.list_requests_per_month * 0.005 / 1000)


def test_polling_cannot_be_more_than_without_a_pause() -> None:
    found = polling(WORKLOAD, 100 * MILLION, interval_seconds=10, page_seconds=0.1)
    assert found.list_requests_per_month == pytest.approx(730 * 60 * 60 / 0.1)
    assert found.longest_mean_wait_seconds == pytest.approx(found.longest_listing_seconds)


def test_polling_an_empty_bucket_costs_a_page_each_time() -> None:
    found = polling(WORKLOAD, 0, interval_seconds=60, page_seconds=0.1)
    assert found.list_requests_per_month == pytest.approx(730 * 60)


def test_a_run_takes_its_cpu_time_by_the_share_of_a_cpu_and_its_waits_as_they_are() -> None:
    full = timing(WORK, 1769)
    assert (full.warm_ms, full.cold_ms) == (12, 300 + 17)
    # A quarter of a CPU: 2 ms become 8, 300 ms 1,200, and the waits stay.
    quarter = FunctionWork(300, 0, 2, 10, 5)
    slow = timing(quarter, 442)
    assert slow.warm_ms == 19
    assert slow.cold_ms == pytest.approx(1200 + 23, abs=3)


def test_more_memory_than_a_cpu_makes_nothing_faster() -> None:
    assert timing(WORK, 3538).warm_ms == timing(WORK, 1769).warm_ms


def test_a_run_is_billed_by_its_memory() -> None:
    assert gb_seconds(Timing(512, 100, 1100), cold=0.0) == pytest.approx(0.05)
    assert gb_seconds(Timing(512, 100, 1100), cold=0.5) == pytest.approx(0.3)


def test_runs_far_apart_are_cold_and_runs_close_together_are_not() -> None:
    assert cold_share(1, 10, 0.01) == pytest.approx(1.0, abs=0.001)
    assert cold_share(10 * MILLION, 10, 0.01) == 0.01
    shares = [cold_share(volume, 10, 0.0) for volume in (10, 1000, 10_000, 100_000)]
    assert shares == sorted(shares, reverse=True)


def test_the_smallest_memory_that_starts_in_time_and_holds_the_process_is_chosen() -> None:
    settings = [Timing(128, 30, 4000), Timing(256, 20, 2000), Timing(512, 15, 900)]
    assert smallest_within(reversed(settings), 2000, 100) == settings[1]
    assert smallest_within(settings, 2000, 300) == settings[2]
    assert smallest_within(settings, 500, 100) is None


def test_alarms_are_counted_by_what_cloudwatch_bills() -> None:
    files = (TERRAFORM / "modules" / "observability").glob("*.tf")
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    named = [line for line in lines if line.split("=")[0].strip() == "metric_name"]
    assert cost.watched().alarm_metrics == len(named) > 0


def test_what_was_recorded_is_used_and_else_an_assumption() -> None:
    footprint = _record({"peak_kib": {"intake": [40 * 1024, 42 * 1024, 90 * 1024]}})
    assert cost.peak_memory_mb(footprint) == {"mb": 42, "is_measured": True}
    assert not cost.peak_memory_mb(None)["is_measured"]
    starts = _record({"starts": {"intake": {"cpu_ms": [210.0, 200.0, 900.0]}}})
    assert measured_function.recorded_cold_start_ms(starts) == 210.0
    assert measured_function.recorded_cold_start_ms(_record({"other": 1})) is None
    assert measured_function.recorded_cold_start_ms(None) is None


def _record(data: dict[str, Any]) -> Record:
    return Record("a name", "2026-11-24T00:00:00Z", 1.0, {}, {}, data)


def test_the_section_shows_what_was_modelled(monkeypatch: pytest.MonkeyPatch) -> None:
    run = {"init_cpu_ms": 300.0, "run_cpu_ms": 1.0, "line_bytes": [467, 207]}
    monkeypatch.setattr(measured_function, "run_function", lambda: run)
    data = cost.measure()
    said = text(data)
    stack = next(
        each
        for each in data["designs"]
        if each["design"] == "this stack" and each["submissions_per_month"] == MILLION
    )
    whole = sum(stack["dollars_per_million"].values())
    assert f"${whole:.2f}" in said
    varying = whole * stack["submissions_per_month"] / MILLION
    fixed = sum(stack["fixed_dollars_per_month"].values())
    assert stack["dollars_per_month"] == pytest.approx(varying + fixed, abs=0.01)
    assert f"That is {data['memory_chosen_mb']} MB" in said
