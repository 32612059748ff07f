"""Results: the document that docs/results.md describes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from submission import result
from submission.result import ResultDocument, Status, parse_result

PAGE = (Path(__file__).parents[3] / "docs" / "results.md").read_text(encoding="utf-8")


def test_documented_result_is_read() -> None:
    example = PAGE.partition("```json\n")[2].partition("```")[0]
    assert parse_result(example.encode()) == ResultDocument(
        judged_version_id="096fKKXTRTtl3on89fVO.nfljtsv6qko",
        code_version_id="3HL4kqtJvjVBH40Nrjfkd.pZ8kRxQmTa",
        status="completed",
        started_at=datetime(2026, 11, 23, 20, 15, 2, tzinfo=UTC),
    )
    assert json.loads(example).keys() == {
        *("subid", result.DATA_VERSION, result.CODE_VERSION, result.STATUS),
        *(result.STARTED_AT, "finishedAt"),
    }


def test_document_names_every_status_and_field() -> None:
    assert list(Status) == ["completed", "rejected", "failed"]
    assert all(f"`{name}`" in PAGE for name in (*Status, result.REASON))
    assert f"{result.MAX_RESULT_BYTES:,} bytes" in PAGE


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"\xff", b"{", b'{"status": 1, "startedAt": "yesterday"}', b"[" * 100_000],
)
def test_invalid_result_reads_as_empty(document: bytes) -> None:
    assert parse_result(document) == ResultDocument()


def test_time_without_a_zone_is_utc() -> None:
    started = parse_result(b'{"startedAt": "2026-11-23T20:15:02"}').started_at
    assert started == datetime(2026, 11, 23, 20, 15, 2, tzinfo=UTC)
