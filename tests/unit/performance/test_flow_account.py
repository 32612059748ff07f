"""A storm's books: nothing that was lost or doubled goes unseen."""

from performance.flow.flow_account import Account, Moment, Receipt, account, duplicate_gaps, moments


def _receipt(name: str, sent: float = 1.0, received: float = 2.0) -> Receipt:
    return Receipt(name, sent, received)


def test_each_submission_that_a_message_told_of_is_announced() -> None:
    found = account({"a": 0.0, "b": 0.0}, [_receipt("b"), _receipt("a")])

    assert found == Account(uploaded=2, announced=2, lost=0, duplicates=0, foreign=0)


def test_a_submission_without_a_message_is_lost() -> None:
    found = account({"a": 0.0, "b": 0.0, "c": 0.0}, [_receipt("b")])

    assert (found.announced, found.lost) == (1, 2)


def test_every_message_beyond_the_first_is_a_duplicate() -> None:
    found = account({"a": 0.0, "b": 0.0}, [_receipt("a"), _receipt("a"), _receipt("a")])

    assert (found.announced, found.lost, found.duplicates) == (1, 1, 2)


def test_a_message_of_something_else_makes_up_for_no_lost_one() -> None:
    found = account({"a": 0.0}, [_receipt("x"), _receipt("x")])

    assert found == Account(uploaded=1, announced=0, lost=1, duplicates=0, foreign=2)


def test_a_storm_without_messages_has_lost_all() -> None:
    assert account({"a": 0.0}, []).lost == 1


def test_gaps_are_from_a_submissions_first_message() -> None:
    sent = (("b", 4.0), ("a", 13.0), ("a", 2.0), ("a", 7.0))

    assert duplicate_gaps([_receipt(name, at, 99.0) for name, at in sent]) == [5.0, 11.0]


def test_moments_count_what_has_happened_by_then() -> None:
    uploaded = {"a": 101.0, "b": 102.0}
    receipts = [_receipt("a", 101.5, 103.0), _receipt("b", 102.5, 104.0)]

    states = moments(100.0, uploaded, receipts, 5)

    assert [
        (state.seconds, state.uploaded, state.announced, state.consumed) for state in states
    ] == [
        (0.0, 0, 0, 0),
        (1.0, 1, 0, 0),
        (2.0, 2, 1, 0),
        (3.0, 2, 2, 1),
        (4.0, 2, 2, 2),
    ]


def test_ages_are_those_of_the_oldest_that_still_waits() -> None:
    uploaded = {"a": 100.0, "b": 102.0}
    receipts = [_receipt("a", 101.0, 104.0), _receipt("b", 103.0, 108.0)]

    states = moments(100.0, uploaded, receipts, 9)

    assert [state.oldest_message_seconds for state in states] == [0, 0, 1, 2, 1, 2, 3, 4, 0]
    assert [state.oldest_submission_seconds for state in states] == [0, 1, 2, 3, 2, 3, 4, 5, 0]


def test_what_is_lost_only_grows_older() -> None:
    states = moments(100.0, {"a": 101.0, "b": 101.0}, [_receipt("b", 102.0, 105.0)], 2)

    assert states[-1].oldest_submission_seconds == 4.0
    assert states[-1].oldest_message_seconds == 0.0


def test_a_duplicate_ends_no_wait_a_second_time() -> None:
    receipts = [_receipt("a", 101.0, 109.0), _receipt("a", 101.0, 102.0)]

    states = moments(100.0, {"a": 100.0}, receipts, 10)

    assert states[2] == Moment(2.0, 1, 2, 1, 1.0, 0.0)


def test_nothing_at_all_has_moments_too() -> None:
    assert moments(100.0, {}, [], 2) == [Moment(0.0, 0, 0, 0, 0.0, 0.0)] * 2
