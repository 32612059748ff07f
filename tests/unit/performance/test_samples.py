"""What samples say, on values whose answers are known."""

import random
import statistics

import pytest

from performance.samples import median, percentile, ratio, ratio_interval

TEN = [70, 10, 100, 30, 20, 90, 60, 50, 40, 80]


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 10), (0.5, 55), (0.9, 91), (0.95, 95.5), (1, 100)]
)
def test_a_percentile_lies_between_the_two_values_next_to_it(share: float, expected: float) -> None:
    assert percentile(TEN, share) == pytest.approx(expected)


def test_percentiles_are_those_of_the_standard_library() -> None:
    source = random.Random(1)  # noqa: S311 - samples, and no secret
    values = [source.gauss(100, 15) for _ in range(101)]
    hundredths = statistics.quantiles(values, n=100, method="inclusive")
    assert [percentile(values, n / 100) for n in range(1, 100)] == pytest.approx(hundredths)


def test_a_single_value_is_every_percentile_of_itself() -> None:
    assert {percentile([3.5], share) for share in (0, 0.5, 0.95, 1)} == {3.5}


@pytest.mark.parametrize(("values", "expected"), [([3, 1, 2], 2), ([4, 1, 2, 3], 2.5)])
def test_the_median_is_the_middle(values: list[float], expected: float) -> None:
    assert median(values) == expected


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_outside_of_its_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile(TEN, share)


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@pytest.mark.parametrize("sides", [([], TEN), (TEN, [])])
def test_no_values_have_no_interval(sides: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match="no values"):
        ratio_interval(*sides)


def test_a_ratio_is_that_of_the_medians() -> None:
    assert ratio([1, 2, 300], [4, 4, 4]) == pytest.approx(0.5)


def test_sides_that_do_not_vary_leave_no_doubt() -> None:
    interval = ratio_interval([3, 3, 3], [4, 4, 4])
    assert (interval.low, interval.high) == (0.75, 0.75)


def test_the_interval_holds_the_ratio_and_narrows_with_more_samples() -> None:
    source = random.Random(2)  # noqa: S311 - samples, and no secret
    ours = [source.gauss(80, 8) for _ in range(400)]
    theirs = [source.gauss(100, 8) for _ in range(400)]
    few, many = ratio_interval(ours[:20], theirs[:20]), ratio_interval(ours, theirs)
    assert few.low < ratio(ours[:20], theirs[:20]) < few.high
    assert many.low < 0.8 < many.high
    assert many.high - many.low < (few.high - few.low) / 2


def test_the_same_samples_give_the_same_interval() -> None:
    assert ratio_interval(TEN, TEN[:5]) == ratio_interval(TEN, TEN[:5])
