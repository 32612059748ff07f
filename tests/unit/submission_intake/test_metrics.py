"""Metrics: lines in CloudWatch's format, which never stop an announcement."""

import io
import json
import logging
import sys
import time
from collections import Counter
from typing import Any

import pytest

from submission_intake.intake import take_in
from submission_intake.metrics import write_counts
from unit.submission_intake.examples import event_file, s3_event, s3_record
from unit.submission_intake.scripted_sqs import ScriptedSqs

STACK = "submitter-test"


def read_metrics(written: str) -> Counter[str]:
    """Read lines as CloudWatch does: check each against the format, and add up its metrics."""
    totals: Counter[str] = Counter()
    for line in written.splitlines():
        document: dict[str, Any] = json.loads(line)
        assert document["_aws"].keys() == {"Timestamp", "CloudWatchMetrics"}
        assert abs(document["_aws"]["Timestamp"] / 1000 - time.time()) < 60
        assert document["_aws"]["CloudWatchMetrics"]
        for directive in document["_aws"]["CloudWatchMetrics"]:
            assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
            assert directive["Namespace"] == "Submitter"
            for metric in directive["Metrics"]:
                assert metric["Unit"] == "Count"
                for dimensions in directive["Dimensions"]:
                    where = "/".join(document[name] for name in dimensions)
                    totals[f"{where} {metric['Name']}"] += document[metric["Name"]]
    return totals


@pytest.mark.parametrize(
    ("announced", "ignored", "failed", "expected"),
    [
        (1, {}, 0, {f"{STACK} Announced": 1}),
        (0, {}, 2, {f"{STACK} Failed": 2}),
        (0, {"wrong_depth": 1}, 0, {f"{STACK} Ignored": 1, f"{STACK}/wrong_depth Ignored": 1}),
        (
            5,
            {"wrong_depth": 2, "other_event": 1},
            3,
            {
                f"{STACK} Announced": 5,
                f"{STACK} Failed": 3,
                f"{STACK} Ignored": 3,
                f"{STACK}/wrong_depth Ignored": 2,
                f"{STACK}/other_event Ignored": 1,
            },
        ),
    ],
)
def test_counts_become_metrics_by_stack_and_reason(
    announced: int,
    ignored: dict[str, int],
    failed: int,
    expected: dict[str, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_counts(STACK, announced=announced, ignored=ignored, failed=failed)
    written = capsys.readouterr().out
    assert read_metrics(written) == expected
    assert len(written.splitlines()) == max(1, len(ignored))


def test_line_is_written_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[str] = []

    class Recording(io.StringIO):
        def write(self, text: str, /) -> int:
            writes.append(text)
            return len(text)

    monkeypatch.setattr(sys, "stdout", Recording())
    write_counts(STACK, announced=1, ignored={}, failed=0)
    [line] = writes
    assert line.endswith("}\n")
    assert line.count("\n") == 1


def test_counts_of_zero_write_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    write_counts(STACK, announced=0, ignored={}, failed=0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("stack", [None, ""])
def test_no_metrics_are_written_without_a_stack(
    stack: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    write_counts(stack, announced=1, ignored={"wrong_depth": 1}, failed=1)
    assert capsys.readouterr().out == ""


class FullDisk(io.StringIO):
    """Standard output that takes nothing."""

    def write(self, _text: str, /) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("stdout", [FullDisk(), None], ids=["full", "missing"])
def test_unwritable_metrics_do_not_stop_an_announcement(
    stdout: io.StringIO | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "stdout", stdout)
    sqs = ScriptedSqs()
    assert take_in(event_file("put"), sqs.queue, STACK) == {"announced": 1, "ignored": {}}
    assert len(sqs.bodies) == 1
    [told] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "its announcements stand" in told.getMessage()


def test_names_from_uploads_are_no_metrics(capsys: pytest.CaptureFixture[str]) -> None:
    take_in(s3_event(s3_record("submissions/a name of mine.json")), ScriptedSqs().queue, STACK)
    assert "a name of mine" not in capsys.readouterr().out
