"""The last outcome of a version in the log, in any order of lines."""

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations

import pytest

from submitter.aws.intake_log import LogLine
from submitter.reconcile.announcement_index import AnnouncementIndex, LastOutcome
from unit.submitter.contexts import NOW

KEY = "submissions/m.soltys/aws_labs/lab5_containers/x/x.json"


def _line(
    outcome: str, seconds: float = 0, key: str | None = KEY, version: str | None = "v1"
) -> LogLine:
    others = dict.fromkeys(("request_id", "subid", "message_id", "reason", "cause", "detail"))
    return LogLine(
        time=NOW + timedelta(seconds=seconds),
        outcome=outcome,
        key=key,
        version_id=version,
        **others,
    )


def test_version_that_is_not_in_the_log_is_unknown() -> None:
    announcement_index = AnnouncementIndex.read([_line("announced")])

    assert announcement_index.of(KEY, "v2") is LastOutcome.UNKNOWN
    assert announcement_index.of(KEY + "x", "v1") is LastOutcome.UNKNOWN
    assert announcement_index.of(KEY[:-1], "nv1") is LastOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ([("failed", 0), ("announced", 1)], LastOutcome.ANNOUNCED),
        ([("announced", 0), ("failed", 1)], LastOutcome.FAILED),
        ([("failed", 0), ("announced", 0)], LastOutcome.ANNOUNCED),
        ([("failed", 0), ("failed", 1), ("announced", 2)], LastOutcome.ANNOUNCED),
        ([("announced", 0), ("ignored", 1)], LastOutcome.ANNOUNCED),
        ([("ignored", 0)], LastOutcome.UNKNOWN),
    ],
)
def test_latest_line_counts_in_any_order(lines: list[tuple[str, float]], last: LastOutcome) -> None:
    for order in permutations(lines):
        announcement_index = AnnouncementIndex.read(
            _line(outcome, seconds) for outcome, seconds in order
        )
        assert announcement_index.of(KEY, "v1") is last


def test_time_of_the_last_announcement_is_known_until_a_failure() -> None:
    lines = [_line("announced", 1.5), _line("announced", 0)]

    announcement_index = AnnouncementIndex.read(lines)

    assert announcement_index.announced_at(KEY, "v1") == NOW + timedelta(seconds=1.5)
    assert announcement_index.announced_at(KEY, "v2") is None
    announcement_index.add(_line("failed", 2))
    assert announcement_index.announced_at(KEY, "v1") is None


def test_line_without_a_key_or_version_is_ignored() -> None:
    announcement_index = AnnouncementIndex.read(
        [_line("announced", key=None), _line("failed", version=None)]
    )

    assert len(announcement_index) == 0


def test_key_with_a_surrogate_is_found_again() -> None:
    announcement_index = AnnouncementIndex.read([_line("announced", key="submissions/\udcff")])

    assert announcement_index.of("submissions/\udcff", "v1") is LastOutcome.ANNOUNCED


def test_each_version_takes_little_memory() -> None:
    count = 30_000

    def lines() -> Iterator[LogLine]:
        for number in range(count):
            yield _line("announced", key=f"{KEY}{number}")

    tracemalloc.start()
    try:
        announcement_index = AnnouncementIndex.read(lines())
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(announcement_index) == count
    assert held / count < 250
