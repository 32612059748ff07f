"""What a measurement found is kept with where it was found; one that fails spoils no other."""

import importlib
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from performance import __main__ as command
from performance import record, report


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(record, "FOLDER", tmp_path / "performance")
    monkeypatch.setattr(report, "REPORT", tmp_path / "performance.md")
    return tmp_path


def test_a_record_is_kept_with_its_machine_and_versions() -> None:
    taken = record.take("cost", lambda: {"dollars": 1.5})
    record.save(taken)

    assert record.load("cost") == taken
    assert taken.data == {"dollars": 1.5}
    assert int(taken.machine["cores"]) > 0
    assert {"Python", "botocore"} <= set(taken.versions)
    assert record.load("storm") is None


def test_one_that_fails_keeps_no_other_from_being_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ConnectionError("the stub is gone")

    modules = {
        "performance.storm": SimpleNamespace(measure=fail),
        "performance.cost": SimpleNamespace(measure=lambda: {"dollars": 2}),
    }
    monkeypatch.setattr(importlib, "import_module", modules.__getitem__)
    monkeypatch.setattr(sys, "argv", ["performance", "measure", "storm", "cost"])
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    assert command.main() == 1

    told = capsys.readouterr().err
    assert "the stub is gone" in told
    assert "error: not measured: storm." in told
    kept = record.load("cost")
    assert kept is not None
    assert kept.data == {"dollars": 2}


def test_the_report_says_what_was_not_measured() -> None:
    text = report.write_report(["storm"]).read_text()
    assert "Not measured: there is no `docs/performance/storm.json`." in text
