"""What samples say: medians, percentiles, and how sure a ratio of two sides is.

Standard library only: the report is made in an environment that has no more.
"""

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

_SEED = 7
"""The same samples give the same interval, in every run."""
_RESAMPLES = 2000
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A bootstrap interval of a ratio."""

    low: float
    high: float


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of the values does not exceed, between two by their distance.

    Args:
        values: the samples, in any order.
        share: between 0, the smallest value, and 1, the largest; 0.95 is the 95th percentile.

    Raises:
        ValueError: there are no values, or the share is not between 0 and 1.
    """
    if not values:
        raise ValueError("There is no percentile of no values.")
    if not 0 <= share <= 1:
        raise ValueError(f"A share is between 0 and 1, which {share} is not.")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(values: Sequence[float]) -> float:
    """Return the median.

    Raises:
        ValueError: there are no values.
    """
    return percentile(values, 0.5)


def ratio(numerator: Sequence[float], denominator: Sequence[float]) -> float:
    """Return the ratio of two sides' medians.

    Raises:
        ValueError: a side has no values.
        ZeroDivisionError: the denominator's median is 0.
    """
    return median(numerator) / median(denominator)


def ratio_interval(numerator: Sequence[float], denominator: Sequence[float]) -> Interval:
    """Return the 95 % interval of the ratio of two sides' medians, by the percentile bootstrap.

    Each side is drawn from anew, with replacement and as often as it has values; what the middle
    95 % of the ratios span is the interval. The draws are the same in every run.

    Args:
        numerator: the samples of the side above the line.
        denominator: the samples of the side below it; all above 0.

    Raises:
        ValueError: a side has no values.
        ZeroDivisionError: a draw's median in the denominator is 0.
    """
    source = random.Random(_SEED)  # noqa: S311 # nosec B311 - no secret
    ratios = [
        statistics.median(source.choices(numerator, k=len(numerator)))
        / statistics.median(source.choices(denominator, k=len(denominator)))
        for _ in range(_RESAMPLES if numerator and denominator else 0)
    ]
    tail = (1 - _CONFIDENCE) / 2
    return Interval(percentile(ratios, tail), percentile(ratios, 1 - tail))
