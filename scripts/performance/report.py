"""Writes docs/performance.md from the summaries and `report.md.j2`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from emulation.project import ROOT
from performance.summary import load_summaries

REPORT = ROOT / "docs" / "performance.md"
_TEMPLATE = "report.md.j2"


def write_report() -> Path:
    """Write the report, and return its file."""
    REPORT.write_text(render(load_summaries()), encoding="utf-8")
    return REPORT


def render(summaries: Mapping[str, Any]) -> str:
    """Return the report in Markdown.

    Args:
        summaries: by measurement, as `summary.save` writes them.

    Raises:
        jinja2.UndefinedError: a summary lacks a field of the report.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"decimals": _decimals, "dollars": _dollars}
    return environment.get_template(_TEMPLATE).render(summaries)


def _decimals(value: float, digits: int = 0) -> str:
    return f"{float(value):,.{digits}f}"


def _dollars(value: float) -> str:
    return f"${float(value):,.2f}"
