"""The allow-list: by name, with a reason, and for a time."""

from datetime import date
from pathlib import Path

import pytest

from plan_guard.allowances import load_allowances
from plan_guard.errors import PlanGuardError
from plan_guard.verdict import judge
from unit.plan_guard.changes import deleted, plan

ENTRY = """
[[allow]]
rule = "data_loss"
address = "aws_sqs_queue.this"
reason = "It is empty."
expires = 2027-01-31
"""
LAST_DAY = date(2027, 1, 31)
DELETION = plan(deleted("aws_sqs_queue"))


def _file(folder: Path, text: str) -> Path:
    path = folder / "allowed.toml"
    path.write_text(text)
    return path


def test_what_is_allowed_by_name_passes_until_its_day_is_over(tmp_path: Path) -> None:
    allowances = load_allowances(_file(tmp_path, ENTRY))

    verdict = judge(DELETION, allowances, LAST_DAY)
    assert verdict.passes
    assert [allowance.reason for _, allowance in verdict.allowed] == ["It is empty."]
    assert verdict.expired == ()

    verdict = judge(DELETION, allowances, date(2027, 2, 1))
    assert not verdict.passes
    assert verdict.expired == allowances


@pytest.mark.parametrize(
    "change",
    ['rule = "wildcard"', 'address = "aws_sqs_queue.other"', 'address = "module.a.*"'],
)
def test_an_entry_allows_nothing_else(tmp_path: Path, change: str) -> None:
    field = change.partition(" ")[0]
    lines = [change if line.startswith(field) else line for line in ENTRY.splitlines()]
    allowances = load_allowances(_file(tmp_path, "\n".join(lines)))

    assert not judge(DELETION, allowances, LAST_DAY).passes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[allow]", "is not TOML"),
        ("[allowed]", "something else than"),
        ("allow = 1", "something else than"),
        (ENTRY.replace("reason", "because"), "it has to have rule, address, reason and expires"),
        (ENTRY.replace("data_loss", "everything"), "no rule: data_loss, "),
        (ENTRY.replace("It is empty.", " "), "has no reason"),
        (ENTRY.replace('"aws_sqs_queue.this"', "1"), "has no address"),
        (ENTRY.replace("2027-01-31", '"2027-01-31"'), "expires on no date"),
        (ENTRY.replace("2027-01-31", "2027-01-31T10:00:00"), "expires on no date"),
    ],
)
def test_an_entry_that_is_not_complete_allows_nothing(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(PlanGuardError, match=message):
        load_allowances(_file(tmp_path, text))


def test_a_list_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PlanGuardError, match="cannot be read"):
        load_allowances(tmp_path / "none.toml")


def test_the_projects_own_list_can_be_read() -> None:
    load_allowances(Path(__file__).parents[3] / "terraform" / "allowed_changes.toml")
