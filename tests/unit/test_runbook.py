"""The runbook: an entry for each alarm, an alarm for each entry, and each entry complete."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALARM = re.compile(
    r'^resource "aws_cloudwatch_metric_alarm" "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL
)


def alarm_blocks() -> dict[str, str]:
    """Return the text of each alarm in the Terraform configuration, by its resource's name."""
    return {
        name: block
        for file in sorted((ROOT / "terraform").rglob("*.tf"))
        for name, block in ALARM.findall(file.read_text(encoding="utf-8"))
    }


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
    assert {name.replace("_", "-") for name in alarm_blocks()} == runbook_entries().keys()


@pytest.mark.parametrize("resource", alarm_blocks())
def test_alarm_is_named_after_its_entry_and_names_it_in_one_sentence(resource: str) -> None:
    block = alarm_blocks()[resource]
    anchor = resource.replace("_", "-")
    [name] = re.findall(r'^  alarm_name\s+= "(.+)"$', block, re.MULTILINE)
    [description] = re.findall(r'^  alarm_description\s+= "(.+)"$', block, re.MULTILINE)

    assert name == f"${{var.name}}-{anchor}"
    meaning, period, pointer = description.partition(". ")
    assert meaning
    assert period
    assert pointer == f"See docs/runbook.md#{anchor}"


@pytest.mark.parametrize("resource", alarm_blocks())
def test_alarm_notifies_when_it_starts_and_when_it_is_over(resource: str) -> None:
    block = alarm_blocks()[resource]

    assert re.search(r"^  alarm_actions\s+= local\.actions$", block, re.MULTILINE)
    assert re.search(r"^  ok_actions\s+= local\.actions$", block, re.MULTILINE)
    assert re.search(r'^  treat_missing_data\s+= "(ignore|notBreaching)"$', block, re.MULTILINE)


@pytest.mark.parametrize("anchor", runbook_entries())
def test_entry_says_what_it_means_where_to_look_how_to_repair_and_when_it_is_over(
    anchor: str,
) -> None:
    entry = runbook_entries()[anchor]

    assert re.findall(r"^\*\*(\w+)\*\* ", entry, re.MULTILINE) == [
        "Means",
        "Look",
        "Repair",
        "Over",
    ]
    assert "`submitter " in entry


def test_links_within_the_runbook_lead_somewhere() -> None:
    text = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")

    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= runbook_entries().keys()
