"""Summaries of samples, and where they are saved."""

import importlib
import json
import random
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from performance import __main__ as command
from performance import report, summary
from performance.summary import ratio, save, summarize, with_metadata


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(summary, "FOLDER", tmp_path)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "write_report", lambda: tmp_path / report.REPORT.name)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return tmp_path


def test_summary_has_the_extremes_the_median_and_the_95th_percentile() -> None:
    # 0 to 100 have their percentiles for values, and come in any order.
    samples = random.Random(1).sample(range(101), 101)  # noqa: S311 - no secret

    found = {"n": 101, "min": 0, "median": 50, "p95": 95, "max": 100}
    assert summarize(samples) == found
    assert summarize(samples, with_p99=True) == found | {"p99": 99}


def test_ratio_uses_the_medians() -> None:
    assert ratio([1, 2, 300], [4, 4, 4])["value"] == 0.5


def test_saved_summary_has_commit_and_machine_but_no_paths(folder: Path) -> None:
    file = save("cost", with_metadata(lambda: {"rows": [{"a": 1}, {"a": 2}], "volumes": [1, 2]}))

    kept = json.loads(file.read_text(encoding="utf-8"))
    assert file == folder / "cost.json"
    assert (kept["rows"], kept["volumes"]) == ([{"a": 1}, {"a": 2}], [1, 2])
    assert {"commit", "date", "cpu_count", "platform", "python_version", "seconds"} <= kept.keys()
    assert kept["botocore_version"] != "unknown"
    assert not {"hostname", "python_executable", "python_config_args"} & kept.keys()


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    def fail(*, quick: bool) -> None:
        raise ConnectionError(f"the stub is gone, quick: {quick}")

    modules = {
        "performance.storm": SimpleNamespace(measure=fail),
        "performance.cost": SimpleNamespace(measure=lambda *, quick: {"dollars": 2, "is": quick}),
    }
    monkeypatch.setattr(importlib, "import_module", modules.__getitem__)
    monkeypatch.setattr(sys, "argv", ["performance", "measure", *arguments])
    return command.main()


def test_failed_measurement_does_not_stop_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "storm", "cost") == 1

    told = capsys.readouterr()
    assert "the stub is gone" in told.err
    assert "error: could not measure storm;" in told.err
    assert "Wrote performance.md" in told.out
    assert json.loads((folder / "cost.json").read_text(encoding="utf-8"))["dollars"] == 2


def test_quick_measurement_is_not_saved(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "cost", "--quick") == 0

    told = capsys.readouterr().out
    assert '"dollars": 2' in told
    assert '"is": true' in told
    assert "Wrote" not in told
    assert not list(folder.iterdir())
