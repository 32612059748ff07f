"""The runbook: an entry for each alarm, an alarm for each entry, and each entry complete."""

import re
from pathlib import Path

import pytest

from submitter.aws.alarms import AlarmKind
from submitter.reconcile.gaps import GapKind

ROOT = Path(__file__).resolve().parents[2]


def runbook_entries() -> dict[str, str]:
    """Return the runbook's entries by their anchors, which GitHub makes from the headings."""
    _, *sections = re.split(
        "^## ", (ROOT / "docs/runbook.md").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    return {
        heading.lower().replace(" ", "-"): text
        for heading, _, text in (section.partition("\n") for section in sections)
    }


def test_every_alarm_has_an_entry_and_every_entry_an_alarm() -> None:
    assert runbook_entries().keys() == set(AlarmKind)


@pytest.mark.parametrize("anchor", runbook_entries())
def test_entry_has_all_four_parts(anchor: str) -> None:
    entry = runbook_entries()[anchor]

    assert re.findall(r"^\*\*(\w+)\*\* ", entry, re.MULTILINE) == [
        "Means",
        "Look",
        "Repair",
        "Over",
    ]
    assert "`submitter " in entry


def test_every_gap_that_an_announcement_may_not_close_has_a_row() -> None:
    text = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| `(\w+)`", text, re.MULTILINE)
    assert sorted(rows) == sorted(set(GapKind) - {GapKind.NEVER_ANNOUNCED, GapKind.FAILED})
