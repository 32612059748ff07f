"""Sending: batches of ten, and a known outcome for each announcement."""

import pytest

from submission.message import Announcement
from submission_intake.submitter_queue import Delivered, Delivery, SubmitterQueue, Undelivered
from unit.submission_intake.examples import announcement, announcements, subid_of
from unit.submission_intake.receiving_queue import ReceivingQueue
from unit.submission_intake.scripted_sqs import (
    DETAIL,
    Answer,
    ScriptedSqs,
    all_of,
    forgetting,
    message_id,
    of,
    out_of_reach,
    refusing,
    refusing_calls_with,
    refusing_the_call,
    taken,
    taken_under_other_ids,
)

BUSY = refusing(0, sender_fault=False, code="InternalError")
INVALID = refusing(0, sender_fault=True, code="InvalidMessageContents")
NOT_ANSWERED = "SQS did not say what became of it"
UNREACHABLE = 'Could not connect to the endpoint URL: "https://sqs.us-west-2.amazonaws.com"'


def delivered(*items: Announcement) -> list[Delivery]:
    return [Delivered(item, message_id(item.body)) for item in items]


def undelivered(cause: str, *items: Announcement, detail: str = DETAIL) -> list[Delivery]:
    return [Undelivered(item, cause, detail) for item in items]


def whole(code: str) -> str:
    """Return what the SDK says of a call that was refused as a whole."""
    return f"An error occurred ({code}) when calling the SendMessageBatch operation: {DETAIL}"


def in_order(deliveries: list[Delivery]) -> list[Delivery]:
    return sorted(deliveries, key=lambda delivery: delivery.announcement.key.subid)


def bodies(*items: Announcement) -> list[str]:
    return [item.body for item in items]


@pytest.mark.parametrize(
    ("count", "batch_sizes"),
    [(0, []), (1, [1]), (9, [9]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5]), (1000, [10] * 100)],
)
def test_announcements_are_sent_ten_at_a_time(count: int, batch_sizes: list[int]) -> None:
    sqs = ScriptedSqs()
    items = announcements(count)
    assert list(sqs.queue.send(items)) == delivered(*items)
    assert [len(call) for call in sqs.calls] == batch_sizes
    assert all(len({entry["Id"] for entry in call}) == len(call) for call in sqs.calls)
    assert sqs.sleeps == []


def test_entry_refused_as_invalid_is_not_sent_again() -> None:
    sqs = ScriptedSqs([refusing(1, sender_fault=True, code="InvalidMessageContents"), taken])
    first, bad, last = announcements(3)
    assert in_order(list(sqs.queue.send([first, bad, last]))) == [
        *delivered(first),
        *undelivered("InvalidMessageContents", bad),
        *delivered(last),
    ]
    assert len(sqs.calls) == 1
    assert sqs.sleeps == []


@pytest.mark.parametrize("once", [BUSY, forgetting(0)])
@pytest.mark.parametrize(("failures", "sleeps"), [(1, [0.1]), (2, [0.1, 0.4])])
def test_entry_that_failed_is_sent_again_alone_after_a_wait(
    once: Answer, failures: int, sleeps: list[float]
) -> None:
    sqs = ScriptedSqs([*[once] * failures, taken])
    first, second, third = announcements(3)
    assert in_order(list(sqs.queue.send([first, second, third]))) == delivered(first, second, third)
    assert sqs.bodies == [bodies(first, second, third), *[bodies(first)] * failures]
    assert sqs.sleeps == sleeps


@pytest.mark.parametrize(
    ("always", "cause", "detail"),
    [(BUSY, "InternalError", DETAIL), (forgetting(0), "NotAnswered", NOT_ANSWERED)],
)
def test_entry_that_always_fails_is_undelivered_after_three_attempts(
    always: Answer, cause: str, detail: str
) -> None:
    sqs = ScriptedSqs([always])
    lost, kept = announcements(2)
    assert in_order(list(sqs.queue.send([lost, kept]))) == [
        *undelivered(cause, lost, detail=detail),
        *delivered(kept),
    ]
    assert sqs.bodies == [bodies(lost, kept), bodies(lost), bodies(lost)]
    assert sqs.sleeps == [0.1, 0.4]


def test_faults_of_one_batch_are_handled_separately() -> None:
    mixed = all_of(of(slice(1), INVALID), of(slice(1, 2), BUSY), of(slice(3, None), taken))
    sqs = ScriptedSqs([mixed, taken])
    bad, busy, forgotten, good = items = announcements(4)
    assert in_order(list(sqs.queue.send(items))) == [
        *undelivered("InvalidMessageContents", bad),
        *delivered(busy, forgotten, good),
    ]
    assert sqs.bodies == [bodies(*items), bodies(busy, forgotten)]


@pytest.mark.parametrize("order", [(taken, INVALID), (INVALID, taken), (taken, BUSY), (taken,) * 2])
def test_accepted_entry_is_delivered_once_despite_other_answers(order: tuple[Answer, ...]) -> None:
    sqs = ScriptedSqs([all_of(*order)])
    items = announcements(2)
    assert in_order(list(sqs.queue.send(items))) == delivered(*items)
    assert len(sqs.calls) == 1


@pytest.mark.parametrize("order", [(INVALID, INVALID), (BUSY, INVALID), (INVALID, BUSY)])
def test_entry_refused_twice_is_undelivered_once(order: tuple[Answer, ...]) -> None:
    sqs = ScriptedSqs([of(slice(1), all_of(*order)), taken])
    bad, forgotten = announcements(2)
    assert list(sqs.queue.send([bad, forgotten])) == [
        *undelivered("InvalidMessageContents", bad),
        *delivered(forgotten),
    ]
    assert sqs.bodies == [bodies(bad, forgotten), bodies(forgotten)]


def test_answers_about_unknown_entries_are_ignored() -> None:
    items = announcements(2)
    sqs = ScriptedSqs([taken_under_other_ids, all_of(taken_under_other_ids, taken)])
    assert list(sqs.queue.send(items)) == delivered(*items)
    assert sqs.bodies == [bodies(*items)] * 2


def test_refusal_without_a_message_has_no_detail() -> None:
    failed = {"Id": "0", "SenderFault": True, "Code": "InvalidMessageContents"}
    sqs = ScriptedSqs([lambda _entries: {"Failed": [failed]}])
    assert list(sqs.queue.send([announcement()])) == undelivered(
        "InvalidMessageContents", announcement(), detail=""
    )


def test_refused_batch_is_sent_again_one_by_one() -> None:
    items = announcements(12)
    sqs = ScriptedSqs([refusing_calls_with(subid_of(4), "InvalidMessageContents")])
    assert list(sqs.queue.send(items)) == [
        *delivered(*items[:4]),
        *undelivered("InvalidMessageContents", items[4], detail=whole("InvalidMessageContents")),
        *delivered(*items[5:]),
    ]
    assert sqs.bodies == [
        bodies(*items[:10]),
        *(bodies(item) for item in items[:10]),
        bodies(*items[10:]),
    ]


def test_delivered_entry_is_not_sent_again_when_the_retry_is_refused() -> None:
    busy_twice = refusing(0, 2, sender_fault=False, code="InternalError")
    sqs = ScriptedSqs([busy_twice, refusing_the_call("RequestThrottled"), taken])
    first, second, third = announcements(3)
    assert in_order(list(sqs.queue.send([first, second, third]))) == delivered(first, second, third)
    assert sqs.bodies == [
        bodies(first, second, third),
        bodies(first, third),
        bodies(first),
        bodies(third),
    ]


def test_unanswered_batch_is_undelivered_and_the_next_one_sent() -> None:
    items = announcements(12)
    sqs = ScriptedSqs([out_of_reach, taken])
    assert list(sqs.queue.send(items)) == [
        *undelivered("EndpointConnectionError", *items[:10], detail=UNREACHABLE),
        *delivered(*items[10:]),
    ]
    assert len(sqs.calls) == 2


def test_missing_queue_is_the_cause(receiving: ReceivingQueue) -> None:
    queue = SubmitterQueue(receiving.client, f"{receiving.url}-of-another-name")
    items = announcements(2)
    deliveries = list(queue.send(items))
    assert [delivery.announcement for delivery in deliveries] == items
    for delivery in deliveries:
        assert isinstance(delivery, Undelivered)
        assert delivery.cause == "AWS.SimpleQueueService.NonExistentQueue"
        assert "The specified queue does not exist" in delivery.detail


def test_environment_names_the_queue(receiving: ReceivingQueue) -> None:
    queue = SubmitterQueue.from_environment({"SUBMITTER_QUEUE_URL": receiving.url})
    (delivery,) = queue.send([announcement()])
    (message,) = receiving.receive()
    assert delivery == Delivered(announcement(), message["MessageId"])
