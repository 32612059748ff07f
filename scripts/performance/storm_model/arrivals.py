"""When submissions arrive before a deadline.

A part comes evenly over the window, from those who work to a plan. The rest comes the more, the
nearer the deadline is: the rate rises exponentially, and drops to nothing at the deadline.
"""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """The submissions of one deadline."""

    submissions: int
    window_seconds: int = 3600
    """From the first submission to the deadline."""
    even_share: float = 0.3
    """The share of submissions that comes evenly."""
    rise_seconds: float = 600
    """In this time the rate of the others grows by the factor e."""

    def share_before(self, seconds: float) -> float:
        """Return the share of submissions that came within so many seconds of the window."""
        moment = min(max(seconds, 0.0), self.window_seconds)
        first = math.exp(-self.window_seconds / self.rise_seconds)
        grown = math.exp((moment - self.window_seconds) / self.rise_seconds)
        rising = (grown - first) / (1 - first)
        return self.even_share * moment / self.window_seconds + (1 - self.even_share) * rising

    @property
    def peak_per_second(self) -> float:
        """The submissions of the last second."""
        return self.submissions * (1 - self.share_before(self.window_seconds - 1))

    def times(self, seed: int) -> list[float]:
        """Return when each submission arrives, in seconds since the window began, in order."""
        chance = random.Random(seed)  # noqa: S311 # nosec B311
        table = [self.share_before(second) for second in range(self.window_seconds + 1)]
        draws = sorted(chance.random() for _ in range(self.submissions))
        times: list[float] = []
        second = 0
        for draw in draws:
            while table[second + 1] < draw:
                second += 1
            within = (draw - table[second]) / (table[second + 1] - table[second])
            times.append(second + within)
        return times


@dataclass(frozen=True, slots=True)
class Delivery:
    """How long S3 takes to tell of an upload; a log-normal distribution.

    "Typically delivered in seconds but can sometimes take a minute or longer":
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
    """

    median_seconds: float = 1.0
    spread: float = 1.0
    """The standard deviation of the logarithm: with 1, one in 20,000 takes a minute."""

    def delivered(self, uploaded: Iterable[float], seed: int) -> list[float]:
        """Return when Lambda is told of each upload, in order."""
        chance = random.Random(seed)  # noqa: S311 # nosec B311
        location = math.log(self.median_seconds)
        return sorted(time + chance.lognormvariate(location, self.spread) for time in uploaded)


def per_second(times: Sequence[float]) -> list[int]:
    """Return how many of the times are within each second, from the first second on."""
    counts = [0] * (int(max(times, default=-1)) + 1)
    for time in times:
        counts[int(time)] += 1
    return counts
