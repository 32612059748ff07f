"""What is new from look to look, and when looks are taken."""

from datetime import timedelta

from submitter.watch import NewItems, Sample, Watcher, samples
from unit.submitter.surroundings import NOW


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


class _Watcher(Watcher):
    """Looks take as long as they are told to, and find nothing."""

    def __init__(self, clock: _Clock, seconds: float) -> None:
        self.clock, self.seconds, self.looks = clock, seconds, list[float]()

    def look(self) -> Sample:
        self.looks.append(self.clock.now)
        self.clock.now += self.seconds
        return Sample(NOW, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, 0, 0)


def test_item_is_new_once_however_looks_overlap() -> None:
    items: NewItems[str] = NewItems()
    first = [("a", NOW), ("b", NOW)]

    assert list(items.new(first)) == ["a", "b"]
    assert list(items.new([*first, ("c", NOW)])) == ["c"]
    assert list(items.new([*first, ("c", NOW)])) == []


def test_item_that_turns_up_late_is_still_counted() -> None:
    items: NewItems[str] = NewItems()
    list(items.new([("a", NOW)]))

    assert list(items.new([("a", NOW), ("late", NOW - timedelta(seconds=30))])) == ["late"]


def test_old_items_are_neither_remembered_nor_counted_again() -> None:
    items: NewItems[int] = NewItems()
    list(items.new((number, NOW - timedelta(hours=1)) for number in range(30_000)))
    list(items.new([(-1, NOW)]))

    assert list(items.new([(5, NOW - timedelta(hours=1)), (-1, NOW)])) == []


def test_looks_keep_their_interval_and_end_in_time() -> None:
    clock = _Clock()
    watcher = _Watcher(clock, seconds=1)

    list(samples(watcher, 5, 12, clock=clock, pause=clock.pause))

    assert watcher.looks == [5, 10, 12]


def test_look_that_takes_longer_than_the_interval_delays_the_next() -> None:
    clock = _Clock()
    watcher = _Watcher(clock, seconds=7)

    list(samples(watcher, 5, 20, clock=clock, pause=clock.pause))

    assert watcher.looks == [5, 12, 19]
