"""Accounts for submissions between their upload and their message: lost, doubled, waiting."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Receipt:
    """A submission that a message announced."""

    file_name: str
    sent: float
    """When the queue had the message, by the queue; in seconds since the epoch."""
    received: float
    """When the back end had it, on the clock that it was asked with, in seconds."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the submissions of a storm."""

    uploaded: int
    announced: int
    """Submissions that a message told of, once or more."""
    lost: int
    duplicates: int
    """Messages beyond the first of a submission."""
    foreign: int
    """Messages about what was not uploaded."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A storm's state at one time."""

    seconds: float
    """Since the storm began."""
    uploaded: int
    announced: int
    """Messages that the queue has had by then."""
    consumed: int
    """Messages that a back end has had by then."""
    oldest_message_seconds: float
    """The age of the oldest message that waits in the queue; 0 if none does."""
    oldest_submission_seconds: float
    """The age of the oldest upload that no back end has had; 0 if there is none."""


def account(uploaded: Mapping[str, float], receipts: Sequence[Receipt]) -> Account:
    """Count what arrived of what was uploaded.

    Args:
        uploaded: by file name, when S3 had it.
        receipts: what the back ends received, in any order.
    """
    times = Counter(receipt.file_name for receipt in receipts)
    known = uploaded.keys() & times.keys()
    return Account(
        uploaded=len(uploaded),
        announced=len(known),
        lost=len(uploaded) - len(known),
        duplicates=sum(times[name] - 1 for name in known),
        foreign=sum(count for name, count in times.items() if name not in uploaded),
    )


def duplicate_gaps(receipts: Sequence[Receipt]) -> list[float]:
    """Return how long after a submission's first message each further one was sent, in seconds.

    It tells where duplicates come from: from a sender that has waited for an answer in vain, or
    from an event that was run again.

    Args:
        receipts: what the back ends received, in any order.
    """
    first: dict[str, float] = {}
    gaps = []
    for receipt in sorted(receipts, key=lambda each: each.sent):
        if receipt.file_name in first:
            gaps.append(receipt.sent - first[receipt.file_name])
        else:
            first[receipt.file_name] = receipt.sent
    return sorted(gaps)


def moments(
    began: float, uploaded: Mapping[str, float], receipts: Sequence[Receipt], count: int
) -> list[Moment]:
    """Return a storm's states at times of equal distance, from its start to its last receipt.

    Args:
        began: when the storm began.
        uploaded: by file name, when S3 had it.
        receipts: what the back ends received.
        count: how many states, two at the least.

    All times are in seconds on one clock.
    """
    last = max([*uploaded.values(), *(receipt.received for receipt in receipts)], default=began)
    first_received = {
        receipt.file_name: receipt.received
        for receipt in sorted(receipts, key=lambda each: each.received, reverse=True)
    }
    in_bucket = [(at, first_received.get(name, float("inf"))) for name, at in uploaded.items()]
    in_queue = [(receipt.sent, receipt.received) for receipt in receipts]
    ends = [
        sorted(uploaded.values()),
        sorted(sent for sent, _ in in_queue),
        sorted(received for _, received in in_queue),
    ]
    states = []
    for number in range(count):
        now = began + (last - began) * number / (count - 1)
        in_the_past, sent, received = (bisect_right(times, now) for times in ends)
        ages = (_oldest(in_queue, now), _oldest(in_bucket, now))
        states.append(Moment(now - began, in_the_past, sent, received, *ages))
    return states


def _oldest(stays: Sequence[tuple[float, float]], now: float) -> float:
    """Return the age of the oldest of what has come and not gone by a time, in seconds."""
    return max((now - came for came, gone in stays if came <= now < gone), default=0.0)
