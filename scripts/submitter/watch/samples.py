"""Looks at the flow again and again: uploads, announcements and queues.

Uploads are counted in the bucket's listing and announcements in the function's log, two independent
sources, so an upload that is not announced shows as a difference. A listing has each object's
newest version only: two uploads of one key between two looks count as one.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from submission.keys import SubmissionKey, parse_key
from submission.log import Outcome
from submitter.aws.bucket import walk_objects
from submitter.aws.intake_log import LogLine, read_intake_log
from submitter.aws.queues import oldest_message_seconds, queue_depth
from submitter.errors import explain, may_pass
from submitter.stack.context import Context

_LATE = timedelta(seconds=60)
"""How late a log line or an object may appear."""
_METRIC_SECONDS = 60
"""How often SQS reports the age of the oldest message to CloudWatch."""
_REMEMBERED = 10_000
"""Items in memory before old ones are first dropped."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What happened since the last look, and what is there now."""

    time: datetime
    seconds: float
    """Since the last look."""
    uploads: int
    """New .json versions of submissions, counted in the bucket's listing."""
    uploads_per_second: float
    announced: int
    announced_per_second: float
    ignored: int
    failed: int
    """Attempts of the function that failed; Lambda tries each event three times."""
    queue_visible: int
    queue_in_flight: int
    queue_delayed: int
    queue_growth_per_second: float
    oldest_message_seconds: float | None
    """See `QueueDepth.oldest_seconds`."""
    intake_failures: int
    dead_letters: int

    @property
    def needs_attention(self) -> bool:
        """Whether something failed or waits in a failure queue."""
        return bool(self.failed or self.intake_failures or self.dead_letters)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A look that AWS did not answer; the next answered look includes what happened."""

    time: datetime
    error: str


class NewItems[Item]:
    """Finds the new items in overlapping looks, with only the latest items in memory.

    Looks overlap because listings and logs show some items late.
    """

    def __init__(self) -> None:
        self._seen: dict[Item, datetime] = {}
        self._newest: datetime | None = None
        self._room = _REMEMBERED

    @property
    def since(self) -> datetime | None:
        """The time from which the next look must show every item; None at first."""
        return None if self._newest is None else self._newest - _LATE

    def new(self, look: Iterable[tuple[Item, datetime]]) -> Iterator[Item]:
        """Yield the items that no earlier look has shown.

        A look that fails half-way leaves ``since`` as it was, and what it did show is not new
        again.

        Args:
            look: items from ``since`` on with their times, in any order.
        """
        since, newest = self.since, self._newest
        for item, moment in look:
            if since is not None and moment < since:
                continue
            if newest is None or moment > newest:
                newest = moment
            if item not in self._seen:
                self._seen[item] = moment
                yield item
            if len(self._seen) > self._room:
                self._forget(newest - _LATE if since is None else since)
        self._newest = newest
        if newest is not None:
            self._forget(newest - _LATE)

    def _forget(self, before: datetime) -> None:
        self._seen = {item: at for item, at in self._seen.items() if at >= before}
        self._room = max(_REMEMBERED, 2 * len(self._seen))


class Watcher:
    """Looks at one stack for what is new."""

    def __init__(
        self, context: Context, prefix: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the first look, from which the others count.

        Args:
            context: the command's context.
            prefix: where in the bucket uploads are counted.
            clock: returns the time in seconds.
        """
        self._context = context
        self._prefix = prefix
        self._clock = clock
        self._uploads: NewItems[tuple[str, str, datetime]] = NewItems()
        self._lines: NewItems[LogLine] = NewItems()
        # AWS refuses requests from clocks that are further off.
        self._log_start = datetime.now(UTC) - timedelta(minutes=15)
        self._oldest_seconds: float | None = None
        self._oldest_asked: float | None = None
        self._looked = clock()
        self._new_uploads = 0
        self._new_outcomes: Counter[str] = Counter()
        self._count_uploads()
        self._count_outcomes()
        self._start_counting()
        self._waiting = queue_depth(context, context.deployment.queue_url).total

    def look(self) -> Sample:
        """Return what happened since the last answered look.

        Raises:
            botocore.exceptions.ClientError: AWS refused.
            botocore.exceptions.BotoCoreError: AWS could not be asked.
        """
        stack = self._context.deployment
        self._count_uploads()
        self._count_outcomes()
        queue = queue_depth(self._context, stack.queue_url)
        intake_failures = queue_depth(self._context, stack.intake_failures_queue_url)
        dead_letters = queue_depth(self._context, stack.dead_letter_queue_url)
        oldest = self._ask_oldest()
        now = self._clock()
        seconds = max(now - self._looked, 0.001)
        grown = queue.total - self._waiting
        self._looked, self._waiting = now, queue.total
        uploads, outcomes = self._start_counting()
        announced = outcomes[Outcome.ANNOUNCED]
        return Sample(
            time=datetime.now(UTC),
            seconds=round(seconds, 3),
            uploads=uploads,
            uploads_per_second=round(uploads / seconds, 3),
            announced=announced,
            announced_per_second=round(announced / seconds, 3),
            ignored=outcomes[Outcome.IGNORED],
            failed=outcomes[Outcome.FAILED],
            queue_visible=queue.visible,
            queue_in_flight=queue.in_flight,
            queue_delayed=queue.delayed,
            queue_growth_per_second=round(grown / seconds, 3),
            oldest_message_seconds=oldest,
            intake_failures=intake_failures.total,
            dead_letters=dead_letters.total,
        )

    def _start_counting(self) -> tuple[int, Counter[str]]:
        counted = self._new_uploads, self._new_outcomes
        self._new_uploads, self._new_outcomes = 0, Counter()
        return counted

    # Counted one by one, so that a look that fails half-way loses none.

    def _count_uploads(self) -> None:
        listing = (
            ((stored.key, stored.etag, stored.modified), stored.modified)
            for stored in walk_objects(self._context, self._prefix)
            if isinstance(parse_key(stored.key), SubmissionKey)
        )
        for _ in self._uploads.new(listing):
            self._new_uploads += 1

    def _count_outcomes(self) -> None:
        lines = read_intake_log(self._context, since=self._lines.since or self._log_start)
        for line in self._lines.new((line, line.time) for line in lines):
            self._new_outcomes[line.outcome] += 1

    def _ask_oldest(self) -> float | None:
        now = self._clock()
        if self._oldest_asked is None or now - self._oldest_asked >= _METRIC_SECONDS:
            url = self._context.deployment.queue_url
            self._oldest_seconds = oldest_message_seconds(self._context, url)
            self._oldest_asked = now
        return self._oldest_seconds


def samples(
    watcher: Watcher,
    interval: float,
    duration: float | None,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Sample | Trouble]:
    """Yield at least one look, and go on after one that AWS did not answer.

    Args:
        watcher: what looks.
        interval: seconds between looks; a slower look delays the next.
        duration: seconds until the last look; None for no end.
        clock: returns the time in seconds.
        pause: waits for seconds.

    Raises:
        botocore.exceptions.ClientError: AWS refused for a reason that only a person can fix.
        botocore.exceptions.BotoCoreError: AWS could not be asked, for such a reason.
    """
    next_look = started = clock()
    end = None if duration is None else started + duration
    while True:
        next_look = max(next_look + interval, clock())
        if end is not None:
            next_look = min(next_look, end)
        pause(max(0.0, next_look - clock()))
        yield _look_or_trouble(watcher)
        if end is not None and clock() >= end:
            return


def _look_or_trouble(watcher: Watcher) -> Sample | Trouble:
    try:
        return watcher.look()
    except (ClientError, BotoCoreError) as error:
        if not may_pass(error):
            raise
        return Trouble(datetime.now(UTC), str(explain(error)))
