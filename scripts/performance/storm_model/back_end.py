"""The submitter queue and the workers of a back end, by the second."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueCourse:
    """How a queue fared, second by second until it was empty, or until a limit was passed."""

    depth: list[int]
    """Messages that are not deleted yet, waiting or worked on."""
    oldest_age: list[int]
    """Age of the oldest of them, in seconds, as SQS tells it."""
    deleted: int

    @property
    def highest_age(self) -> int:
        """The age that an alarm would have seen, in seconds."""
        return max(self.oldest_age, default=0)


def queue_course(
    announced: Sequence[int],
    workers: int,
    service_seconds: int,
    *,
    stop_at_age: int | None = None,
) -> QueueCourse:
    """Follow a queue.

    Each worker takes the oldest message as soon as it is free, works on it for so many seconds,
    and deletes it. SQS keeps no strict order, so single messages can be older.

    Args:
        announced: how many messages arrive in each second.
        workers: how many there are, from the beginning; 1 or more.
        service_seconds: what one submission takes; 1 or more.
        stop_at_age: an age in seconds with which to stop; None to go on until the queue is empty.

    Raises:
        ValueError: there are no workers, or work takes no time; the queue would never be empty.
    """
    if workers < 1 or service_seconds < 1:
        raise ValueError(f"{workers} workers of {service_seconds} s each empty no queue.")
    total = sum(announced)
    arrived = started = deleted = second = oldest = gone_before_oldest = 0
    starts: list[int] = []
    depth: list[int] = []
    ages: list[int] = []
    while second < len(announced) or deleted < total:
        if second < len(announced):
            arrived += announced[second]
        if second >= service_seconds:
            deleted += starts[second - service_seconds]
        new = min(arrived - started, workers - (started - deleted))
        started += new
        starts.append(new)
        # The second in which the oldest message that is left arrived.
        while oldest < len(announced) and gone_before_oldest + announced[oldest] <= deleted:
            gone_before_oldest += announced[oldest]
            oldest += 1
        depth.append(arrived - deleted)
        ages.append(second - oldest if arrived > deleted else 0)
        second += 1
        if stop_at_age is not None and ages[-1] > stop_at_age:
            break
    return QueueCourse(depth, ages, deleted)


def workers_needed(announced: Sequence[int], service_seconds: int, longest_age: int) -> int | None:
    """Return the fewest workers with which no message gets older than so many seconds.

    Args:
        announced: how many messages arrive in each second.
        service_seconds: what one submission takes.
        longest_age: what the alarm allows, work included.

    Returns:
        The number; None if no number is enough, as one submission alone takes longer.
    """
    if service_seconds > longest_age:
        return None

    def is_enough(workers: int) -> bool:
        course = queue_course(announced, workers, service_seconds, stop_at_age=longest_age)
        return course.highest_age <= longest_age

    low, high = 0, 1
    while not is_enough(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


@dataclass(frozen=True, slots=True)
class Service:
    """How long submissions take, log-normally distributed, and how many a worker receives."""

    mean_seconds: float
    spread: float
    """The standard deviation of the logarithm."""
    messages_at_once: int
    """Received together, and worked on one after the other."""

    def worked_on_twice(self, visibility_timeout_seconds: float, batches: int, seed: int) -> float:
        """Return the share of messages that SQS hands out again while they are still worked on.

        The worker does not extend its claim on them.

        Args:
            visibility_timeout_seconds: how long its claim holds.
            batches: how many to try.
            seed: of the chances.
        """
        chance = random.Random(seed)  # noqa: S311 # nosec B311
        location = math.log(self.mean_seconds) - self.spread**2 / 2
        late = 0
        for _ in range(batches):
            passed = 0.0
            for _ in range(self.messages_at_once):
                passed += chance.lognormvariate(location, self.spread)
                late += passed > visibility_timeout_seconds
        return late / (batches * self.messages_at_once)
