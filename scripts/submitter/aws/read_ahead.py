"""Makes many small requests in parallel, and yields the answers in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

_AT_ONCE = 10
"""As many as boto3's connections."""
_AHEAD = 4 * _AT_ONCE
"""Items in memory at most."""


def read_ahead[Item, Answer](
    items: Iterable[Item], ask: Callable[[Item], Answer]
) -> Iterator[tuple[Item, Answer]]:
    """Yield each item with its answer, in order; ``ask`` is called from threads."""
    pool = ThreadPoolExecutor(_AT_ONCE)
    asked: deque[tuple[Item, Future[Answer]]] = deque()
    try:
        for each in items:
            asked.append((each, pool.submit(ask, each)))
            if len(asked) >= _AHEAD:
                item, answer = asked.popleft()
                yield item, answer.result()
        while asked:
            item, answer = asked.popleft()
            yield item, answer.result()
    finally:
        pool.shutdown(cancel_futures=True)
