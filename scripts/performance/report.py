"""Writes docs/performance.md and its plots from the records, and from nothing else."""

import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from embedded_aws.project import ROOT
from performance.record import FOLDER, Record, load

REPORT = ROOT / "docs" / "performance.md"


def write_report(names: Iterable[str]) -> Path:
    """Write the report, and return its file.

    Args:
        names: the measurements, in order; one without a record is said to be missing.
    """
    REPORT.write_text("\n".join(_lines(names)) + "\n", encoding="utf-8")
    return REPORT


def _lines(names: Iterable[str]) -> Iterator[str]:
    yield "# Performance"
    yield ""
    yield (
        "Made by `make bench` from the records in [performance/](performance/); nothing in it is "
        "written by hand. What counts are the ratios: both sides of each were measured in turns, "
        "in one run on one machine."
    )
    for name in names:
        record = load(name)
        yield ""
        if record is None:
            yield f"## {name}"
            yield ""
            yield f"Not measured: there is no `docs/performance/{name}.json`."
        else:
            yield from _section(record)


def _section(record: Record) -> Iterator[str]:
    section = importlib.import_module(f"performance.sections.{record.name}")
    plot = FOLDER / f"{record.name}.png"
    yield f"## {section.TITLE}"
    yield ""
    yield section.text(record.data).strip()
    yield ""
    if section.plot(record.data, plot):
        yield f"![{section.TITLE}](performance/{plot.name})"
        yield ""
    machine = ", ".join(
        f"{value} cores" if name == "cores" else value for name, value in record.machine.items()
    )
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    yield f"*{record.measured}, {record.seconds:g} s; {machine}; {versions}.*"
