"""The allow-list: by name, with a reason, and for a time."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from plan_guard.allowances import load_allowances
from plan_guard.plan import PlanGuardError

TODAY = date(2026, 11, 24)
ENTRY = """
[[allow]]
address = "aws_sqs_queue.this"
digest = "0f343b0931126a20f133d67c2b018a3b"
reason = "It is empty: nothing waits."
expires = 2027-01-31
"""


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "allowed.toml"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_list_is_read_in_any_encoding_that_windows_writes(tmp_path: Path, encoding: str) -> None:
    text = ENTRY.replace("empty", "émpty").replace("\n", "\r\n")
    [allowance] = load_allowances(_file(tmp_path, text.lstrip().encode(encoding)), TODAY)
    assert allowance.reason == "It is émpty: nothing waits."
    assert allowance.expires == date(2027, 1, 31)


def test_an_entry_may_hold_for_90_days_and_no_longer(tmp_path: Path) -> None:
    def load(days: int) -> None:
        expires = str(TODAY + timedelta(days=days))
        load_allowances(_file(tmp_path, ENTRY.replace("2027-01-31", expires).encode()), TODAY)

    load(90)
    load(-1)
    with pytest.raises(PlanGuardError, match=r"more than 90 days from today\. Write 2027-02-22"):
        load(91)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[allow]", "is not TOML"),
        ("[allowed]", "has more than"),
        ("allow = 1", "has more than"),
        ("allow = [1]", "has 1; it must have"),
        (ENTRY.replace("reason", "because"), "must have address, digest, reason and expires"),
        (ENTRY + 'rule = "data_loss"', "must have address, digest, reason and expires"),
        (ENTRY.replace("It is empty: nothing waits.", " "), "has no reason"),
        (ENTRY.replace("It is empty: nothing waits.", "..."), "has no reason"),
        (ENTRY.replace('"aws_sqs_queue.this"', "1"), "has no address"),
        (ENTRY.replace("2027-01-31", '"2027-01-31"'), "expires on no date"),
        (ENTRY.replace("2027-01-31", "2027-01-31T10:00:00"), "expires on no date"),
    ],
)
def test_an_entry_that_is_not_complete_allows_nothing(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(PlanGuardError, match=message):
        load_allowances(_file(tmp_path, text.encode()), TODAY)
    with pytest.raises(PlanGuardError, match="cannot be read"):
        load_allowances(tmp_path, TODAY)


def test_the_projects_own_list_can_be_read() -> None:
    own = Path(__file__).parents[3] / "terraform" / "allowed_changes.toml"
    # Whatever the day of a checkout is, an entry that was written holds for as long as it may.
    load_allowances(own, date.max - timedelta(days=90))
