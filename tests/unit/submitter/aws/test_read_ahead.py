"""Many questions are asked at once, and answered in their order."""

from threading import Barrier

import pytest

from submitter.aws.read_ahead import read_ahead


def test_answers_keep_the_order_of_the_items() -> None:
    together = Barrier(10, timeout=10)

    def ask(number: int) -> int:
        together.wait()
        return -number

    assert list(read_ahead(range(20), ask)) == [(number, -number) for number in range(20)]


def test_few_items_are_read_ahead() -> None:
    taken = []

    def items() -> object:
        for number in range(1000):
            taken.append(number)
            yield number

    first, _ = next(iter(read_ahead(items(), str)))  # type: ignore[arg-type]

    assert first == 0
    assert len(taken) < 100


def test_error_ends_the_reading_ahead() -> None:
    def ask(number: int) -> int:
        return 1 // (number - 3)

    answers = read_ahead(range(1000), ask)

    assert [next(answers)[0] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError):
        next(answers)
