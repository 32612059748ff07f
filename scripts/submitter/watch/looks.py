"""Looks at the flow again and again: what came in, what was announced, what waits.

Uploads are counted in the bucket's listing, announcements in the function's log: two sources that
know nothing of each other, so that an upload which is not announced shows as a difference. A
listing costs one request for a thousand objects; a prefix makes it cheaper. It has each object's
newest version only: two uploads of one key between two looks count as one.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from submission.keys import SubmissionKey, parse_key
from submission.log import Outcome
from submitter.aws.bucket import walk_objects
from submitter.aws.intake_log import LogLine, read_intake_log
from submitter.aws.queues import oldest_message_seconds, queue_depth
from submitter.errors import explain, may_pass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from submitter.stack.context import Context

_LATE = timedelta(seconds=60)
"""How much later than its time a log line or an object may turn up."""
_METRIC_SECONDS = 60
"""How often SQS tells CloudWatch the age of the oldest message."""
_REMEMBERED = 10_000
"""Items that are remembered before the first look through them for old ones."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What happened between two looks, and what was there at the second."""

    time: datetime
    seconds: float
    """Between the two looks."""
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
    """As CloudWatch last heard; None if it has not lately."""
    intake_failures: int
    dead_letters: int

    @property
    def needs_attention(self) -> bool:
        """Whether something failed or waits in a failure queue."""
        return bool(self.failed or self.intake_failures or self.dead_letters)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A look that AWS did not answer; what happened meanwhile is in the next that it does."""

    time: datetime
    error: str
    """What happened, as a sentence."""


class NewItems[Item]:
    """Tells which items of overlapping looks are new, remembering only the latest.

    Looks overlap since listings and logs show some things late.
    """

    def __init__(self) -> None:
        """Start before the first look."""
        self._seen: dict[Item, datetime] = {}
        self._newest: datetime | None = None
        self._room = _REMEMBERED

    @property
    def since(self) -> datetime | None:
        """The time from which on a look has to show everything; None before there was any."""
        return None if self._newest is None else self._newest - _LATE

    def new(self, look: Iterable[tuple[Item, datetime]]) -> Iterator[Item]:
        """Take a look in.

        A look that breaks off has not shown everything, so ``since`` stays where it was; what it
        did show is new only once all the same.

        Args:
            look: items with their times, in any order; older ones than ``since`` may be missing.

        Yields:
            Those that no look before has shown.
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
    """Looks at one stack; every look tells what is new since the one before."""

    def __init__(
        self, context: Context, prefix: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the first look, which what follows is counted from.

        Args:
            context: the command's context.
            prefix: where in the bucket uploads are counted.
            clock: tells the time, in seconds.
        """
        self._context = context
        self._prefix = prefix
        self._clock = clock
        self._uploads: NewItems[tuple[str, str, datetime]] = NewItems()
        self._lines: NewItems[LogLine] = NewItems()
        # Clocks are never further apart: AWS would refuse the requests.
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
        """Tell what happened since the last look that told something.

        Raises:
            botocore.exceptions.ClientError: AWS refused one of the questions.
            botocore.exceptions.BotoCoreError: AWS could not be asked.
        """
        names = self._context.deployment
        self._count_uploads()
        self._count_outcomes()
        queue = queue_depth(self._context, names.queue_url)
        intake_failures = queue_depth(self._context, names.intake_failures_queue_url)
        dead_letters = queue_depth(self._context, names.dead_letter_queue_url)
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

    # Counted one by one, so that a look that breaks off loses none.

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
    """Look again and again, also after a look that AWS did not answer.

    Args:
        watcher: what looks.
        interval: seconds from one look to the next; a look that takes longer delays the next.
        duration: seconds until the last look; None to go on for ever.
        clock: tells the time, in seconds.
        pause: waits, in seconds.

    Yields:
        What each look found, or why it found nothing; at least one.

    Raises:
        botocore.exceptions.ClientError: AWS refused for a reason that does not pass by itself.
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
