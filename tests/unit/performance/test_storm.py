"""What is kept of a storm, and what the report says of it."""

import copy
from typing import Any

import pytest

from performance.flow.design import Design
from performance.flow.flow_account import Receipt, account
from performance.flow.processor_time import ProcessorTime
from performance.sections import storm as section
from performance.storm import Storm, describe

_MOMENTS = {
    "seconds": [0.0, 250.0, 500.0],
    "uploaded": [0, 15_000, 20_000],
    "announced": [0, 9_000, 20_000],
    "consumed": [0, 8_700, 20_000],
    "oldest_message_seconds": [0.0, 1.5, 0.0],
    "oldest_submission_seconds": [0.0, 42.0, 0.0],
}
_DATA: dict[str, Any] = {
    "clients": 32,
    "back_ends": 4,
    "storms": [
        {
            "uploaded": 20_000,
            "announced": 19_997,
            "lost": 3,
            "duplicates": 17,
            "duplicate_gaps_s": [5.0, 5.0, 5.1],
            "foreign": 0,
            "uploads_per_s": 99.6,
            "announcements_per_s": 40.04,
            "upload_s": 400.0,
            "announce_s": 499.0,
            "total_s": 500.0,
            "processor_s": {"emulator": 450.0, "functions": 60.0, "clients": 40.0},
            "moments": _MOMENTS,
            "waiting_messages": 0,
            "failed_events": 2,
            "dead_letters": 1,
        }
    ],
    "compared_size": 500,
    "compared": {
        design: [
            {"uploads_per_s": 100.0, "announcements_per_s": rate, "lost": 0, "duplicates": 0}
            for rate in rates
        ]
        for design, rates in {
            Design.STACK: (39.0, 40.0, 90.0),
            Design.TUTORIAL: (44.0, 44.0, 44.0),
            Design.DIRECT: (100.0, 120.0, 100.0),
        }.items()
    },
    "executor": {
        "invocations": 1000,
        "start_ms": 100.0,
        "elapsed_ms": 0.8,
        "executor_processor_ms": 0.45,
        "runtime_processor_ms": 0.4,
    },
}


def _storm(uploaded: dict[str, float], receipts: list[Receipt]) -> Storm:
    return Storm(
        account(uploaded, receipts),
        upload_seconds=2.0,
        announce_seconds=4.0,
        seconds=5.0,
        processor=ProcessorTime(4.0, 0.5, 0.25),
        began=100.0,
        uploaded=uploaded,
        receipts=receipts,
    )


def test_two_objects_are_uploaded_for_an_announcement() -> None:
    receipts = [Receipt(name, 103.0, 105.0) for name in ("a", "b", "c", "c")]

    storm = _storm({"a": 101.0, "b": 102.0, "c": 102.0, "d": 102.0}, receipts)

    assert storm.rates == {"uploads_per_s": 4.0, "announcements_per_s": 0.75}


def test_a_storm_that_announced_nothing_has_a_rate_of_none() -> None:
    assert _storm({"a": 101.0}, []).rates["announcements_per_s"] == 0.0


def test_what_is_kept_has_the_account_and_columns_of_the_same_length() -> None:
    kept = describe(_storm({"a": 101.0, "b": 102.0}, [Receipt("a", 103.0, 105.0)]))

    assert (kept["uploaded"], kept["announced"], kept["lost"]) == (2, 1, 1)
    assert len({len(column) for column in kept["moments"].values()}) == 1
    assert kept["moments"]["seconds"][-1] == 5.0
    assert kept["moments"]["consumed"][-1] == 1


def test_the_gaps_between_duplicates_are_kept() -> None:
    receipts = [Receipt("a", sent, 109.0) for sent in (108.04, 103.0)]

    assert describe(_storm({"a": 101.0}, receipts))["duplicate_gaps_s"] == [5.0]


def test_processor_time_is_told_from_one_time_to_another() -> None:
    earlier, later = ProcessorTime(1.0, 2.0, 3.0), ProcessorTime(5.0, 7.0, 9.0)

    assert later.since(earlier) == ProcessorTime(4.0, 5.0, 6.0)


@pytest.mark.parametrize(
    "line",
    [
        "| | storm of 20,000 |",
        "| announced | 19,997 |",
        "| **lost** | **3** |",
        "| messages beyond a submission's first | 17, after 5 to 5.1 s |",
        "| failed events, dead letters | 2, 1 |",
        "| announcements a second | 40.0 |",
        "| most messages in the queue | 300 |",
        "| oldest message | 1.5 s |",
        "| oldest submission | 42.0 s |",
        # The median of the rounds, and its ratio.
        "| tutorial handler | 100 | 44.0 | 1.10 | 0 |",
        "| direct notification (the floor) | 100 | 100.0 | 2.50 | 0 |",
        # 450 s for 19,997 announcements are 22.50 ms, of which the executor's are taken.
        "| emulator: S3, SQS, Lambda, logs, metrics | 22.05 | 80.2% |",
        "| emulator: the process executor | 0.45 | 1.6% |",
    ],
)
def test_the_report_says(line: str) -> None:
    assert line in section.text(_DATA).splitlines()


def test_the_emulator_is_the_limit_if_it_was_always_at_work() -> None:
    assert "for 90% of one processor: as one Python process" in section.text(_DATA)


def test_the_emulator_is_not_the_limit_if_it_waited() -> None:
    data = copy.deepcopy(_DATA)
    data["storms"][0]["processor_s"]["emulator"] = 200.0

    text = section.text(data)

    assert "limits the storm" not in text
    assert "for 40% of one processor: for the rest it waited" in text
