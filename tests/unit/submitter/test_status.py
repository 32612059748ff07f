"""What a listing adds up to, and what of it needs a person."""

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

import pytest

from submitter.bucket import StoredObject
from submitter.queues import QueueDepth
from submitter.status import (
    PAIR_SECONDS,
    ResultCounts,
    StatusReport,
    SubmissionCounts,
    count_results,
    count_submissions,
    render_status,
)
from unit.submitter.surroundings import NOW, rendered

SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
FOLDER = f"submissions/a/e/p/{SUBID}"


def _stored(key: str, seconds: float = 60) -> StoredObject:
    return StoredObject(key, "etag", 1, NOW - timedelta(seconds=seconds))


def test_pair_counts_once_whatever_lies_between_its_halves() -> None:
    keys = [f"{SUBID}.json", f"{SUBID}.notes/deep/x", f"{SUBID}.py", "z.txt"]

    counts = count_submissions((_stored(f"{FOLDER}/{key}") for key in keys), NOW)

    assert counts == SubmissionCounts(4, 1, 0, 0, 0, 0, 60.0)


@pytest.mark.parametrize(("seconds", "for_long"), [(PAIR_SECONDS, 0), (PAIR_SECONDS + 1, 1)])
def test_half_counts_as_alone_for_long_only_after_an_upload_takes(
    seconds: float, for_long: int
) -> None:
    counts = count_submissions([_stored(f"{FOLDER}/{SUBID}.py", seconds)], NOW)

    assert (counts.code_alone, counts.data_alone, counts.unpaired_for_long) == (1, 0, for_long)


def test_json_with_a_malformed_key_is_counted_apart() -> None:
    keys = ["submissions/stray.json", f"{FOLDER}/{SUBID}.json", f"{FOLDER}/notes.json"]

    counts = count_submissions([_stored(key) for key in keys], NOW)

    assert (counts.malformed, counts.data_alone, counts.submissions) == (2, 1, 0)


def test_only_objects_in_a_results_place_are_results() -> None:
    keys = [f"output/a/e/p/{SUBID}/{SUBID}.json", f"output/a/e/p/{SUBID}/log.txt", "output/x.json"]

    assert count_results([_stored(key) for key in keys], NOW) == ResultCounts(3, 1, 60.0)


def test_hundred_thousand_objects_are_counted_without_being_kept() -> None:
    def listing() -> Iterator[StoredObject]:
        for number in range(50_000):
            subid = f"{number:032x}"
            for extension in ("json", "py"):
                yield _stored(f"submissions/a/e/p/{subid}/{subid}.{extension}")

    tracemalloc.start()
    try:
        counts = count_submissions(listing(), NOW)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert counts.submissions == 50_000
    assert peak_bytes < 1_000_000


def test_what_needs_attention_is_shown_first_and_harmlessly() -> None:
    empty = QueueDepth("queue", 0, 0, 0, None)
    report = StatusReport(
        "submitter",
        ("The alarm \x1b[2J goes off",),
        SubmissionCounts(0, 0, 0, 0, 0, 0, None),
        ResultCounts(0, 0, None),
        empty,
        empty,
        empty,
        (),
    )

    shown = rendered(render_status(report))

    assert "\x1b" not in shown
    assert shown.index("need attention") < shown.index(r"\x1b[2J") < shown.index("submissions/")
