"""The counts of a storm: lost, duplicate and foreign messages."""

import pytest

from performance.designs import Design
from performance.storm import account, compare
from performance.traffic import Receipt

UPLOADED = {"a": 101.0, "b": 102.0, "c": 102.0, "d": 104.0}


def receipt(name: str, sent: float = 105.0, received: float = 106.0) -> Receipt:
    return Receipt(name, sent, received)


@pytest.mark.parametrize(
    ("names", "announced", "lost", "duplicates", "foreign"),
    [
        ("abcd", 4, 0, 0, 0),
        ("dcba", 4, 0, 0, 0),
        ("abc", 3, 1, 0, 0),
        ("", 0, 4, 0, 0),
        ("abcdd", 4, 0, 1, 0),
        # Neither a duplicate nor a stranger makes up for a lost one.
        ("aaab", 2, 2, 2, 0),
        ("abcxx", 3, 1, 0, 2),
    ],
)
def test_lost_duplicate_and_foreign_messages_are_counted_separately(
    names: str, announced: int, lost: int, duplicates: int, foreign: int
) -> None:
    found = account(100.0, UPLOADED, [receipt(name) for name in names])

    assert found["uploaded"] == 4
    assert (found["announced"], found["lost"]) == (announced, lost)
    assert (found["duplicates"], found["foreign"]) == (duplicates, foreign)


def test_rates_count_two_objects_for_an_announcement() -> None:
    found = account(100.0, UPLOADED, [receipt(name, sent=108.0) for name in "abc"])

    # Eight objects within four seconds, three submissions within eight.
    assert found["uploads_per_s"] == 2.0
    assert found["announcements_per_s"] == pytest.approx(0.375, abs=0.05)


def test_waits_are_the_longest_ones() -> None:
    receipts = [receipt("a", 101.5, 103.0), receipt("b", 109.0, 110.0), receipt("b", 105.0, 107.0)]

    found = account(100.0, UPLOADED, receipts)

    assert found["oldest_message_s"] == 2.0
    # The second message of b, at 110, ends no wait: the first came at 107.
    assert found["oldest_submission_s"] == 5.0
    assert found["seconds"] == 10.0


def test_designs_are_compared_by_medians_and_losses() -> None:
    def row(rate: float, lost: int) -> dict[str, float]:
        return {"uploads_per_s": 100.0, "announcements_per_s": rate, "lost": lost}

    rounds = [
        {Design.STACK: row(rate, 0), Design.TUTORIAL: row(44.0, 1), Design.DIRECT: row(100.0, 0)}
        for rate in (39.0, 40.0, 90.0)
    ]

    found = compare(500, rounds)

    assert (found["size"], found["rounds"]) == (500, 3)
    assert found[Design.STACK]["announcements_per_s"] == 40.0
    assert found[Design.TUTORIAL]["to_stack"] == 1.1
    assert found[Design.DIRECT]["to_stack"] == 2.5
    assert found[Design.TUTORIAL]["lost"] == 3
