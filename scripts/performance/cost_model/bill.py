"""What each design has AWS bill, line by line.

A design's lines are what it *adds* to the two uploads and the back end's reading of them, which
every design has in common; those are lines of their own.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from performance.cost_model.function import SECONDS_PER_MONTH, Timing, cold_share, gb_seconds
from performance.cost_model.prices import Item, PriceList

OBJECTS_PER_SUBMISSION = 2
_BYTES_PER_GB = 10**9
_EVENT_OVERHEAD_BYTES = 26
"""What CloudWatch Logs adds to each event, and bills.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""
_LOG_COMPRESSION = 0.15
"""A stored log's share of what was written, as in the examples of CloudWatch's pricing page."""
_SECONDS_PER_DAY = 24 * 60 * 60
_KEYS_PER_PAGE = 1000
"""https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html"""


class Part(StrEnum):
    """What a line of the bill is for."""

    UPLOADS = "uploads"
    STORAGE = "storage"
    READING = "back end's reading"
    FUNCTION = "function"
    QUEUE = "queue"
    LOG = "log"
    LISTING = "listing"
    KEY = "key"
    METRICS = "metrics"
    ALARMS = "alarms"
    DASHBOARD = "dashboard"


COMMON = frozenset({Part.UPLOADS, Part.STORAGE, Part.READING})
"""The parts that every design has."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a month's bill."""

    part: Part
    item: Item
    quantity: float
    """In the item's unit."""
    is_fixed: bool = False
    """Whether it is billed without any submission too."""


@dataclass(frozen=True, slots=True)
class LogWritten:
    """What one run leaves in the log."""

    application_bytes: tuple[int, ...]
    """Of each of the function's own lines."""
    platform_bytes: tuple[int, ...]
    """Of each of Lambda's own lines about a run."""
    cold_bytes: tuple[int, ...]
    """Of each of Lambda's own lines about a new environment."""

    def billed_bytes(self, cold: float) -> float:
        """Return the bytes that an average run is billed for; ``cold`` is a share."""
        every_run = (*self.application_bytes, *self.platform_bytes)
        return _billed(every_run) + cold * _billed(self.cold_bytes)


def _billed(lines: tuple[int, ...]) -> float:
    return sum(lines) + len(lines) * _EVENT_OVERHEAD_BYTES


@dataclass(frozen=True, slots=True)
class Workload:
    """What is submitted, and how it is worked on."""

    code_bytes: int
    data_bytes: int
    kept_days: int
    """How long objects and the log are kept."""
    repeated_share: float
    """Runs beside the first, for a duplicate event or after an error, for each submission."""
    idle_minutes: float
    """How long Lambda keeps an idle environment."""
    burst_cold_share: float
    polling_receivers: int
    """Workers of the back end that wait on the queue all month, by long polling."""
    receive_wait_seconds: int

    @property
    def kept_months(self) -> float:
        """How long objects and the log are kept, in AWS's months."""
        return self.kept_days * _SECONDS_PER_DAY / SECONDS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Watching:
    """What of the stack is billed for being there."""

    own_metrics: int
    request_metrics: int
    alarm_metrics: int
    dashboards: int


def common_lines(workload: Workload, submissions: float) -> Iterator[Line]:
    """Yield what a month's submissions cost in every design.

    Storage is that of this month's submissions for as long as they are kept, whether as the
    current version or as one that was replaced.
    """
    stored_bytes = submissions * (workload.code_bytes + workload.data_bytes)
    yield Line(Part.UPLOADS, Item.S3_PUT, submissions * OBJECTS_PER_SUBMISSION)
    yield Line(Part.READING, Item.S3_GET, submissions * OBJECTS_PER_SUBMISSION)
    yield Line(Part.STORAGE, Item.S3_STORAGE, stored_bytes / _BYTES_PER_GB * workload.kept_months)


def stack_lines(
    workload: Workload, submissions: float, timing: Timing, log: LogWritten, watching: Watching
) -> Iterator[Line]:
    """Yield what this design adds: the function, its log, the queue and what watches over them."""
    runs = submissions * (1 + workload.repeated_share)
    cold = cold_share(runs, workload.idle_minutes, workload.burst_cold_share)
    yield Line(Part.FUNCTION, Item.LAMBDA_REQUEST, runs)
    yield Line(Part.FUNCTION, Item.LAMBDA_DURATION_ARM64, runs * gb_seconds(timing, cold))
    yield from _queue_lines(workload, runs)
    written_gb = runs * log.billed_bytes(cold) / _BYTES_PER_GB
    yield Line(Part.LOG, Item.LOG_INGESTION, written_gb)
    yield Line(Part.LOG, Item.LOG_STORAGE, written_gb * _LOG_COMPRESSION * workload.kept_months)
    metrics = watching.own_metrics + watching.request_metrics
    yield Line(Part.METRICS, Item.CUSTOM_METRIC, metrics, is_fixed=True)
    yield Line(Part.ALARMS, Item.ALARM_METRIC, watching.alarm_metrics, is_fixed=True)
    yield Line(Part.DASHBOARD, Item.DASHBOARD, watching.dashboards, is_fixed=True)


def direct_lines(workload: Workload, submissions: float) -> Iterator[Line]:
    """Yield what it adds that S3 notifies the queue itself, without a check or a watch."""
    yield from _queue_lines(workload, submissions)


def key_lines(submissions: float) -> Iterator[Line]:
    """Yield what a KMS key of the stack's own adds.

    A bucket key leaves about one in a hundred of S3's requests to KMS; SQS asks anew after the
    reuse period, twice for each who sends and for each who receives.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    """
    object_requests = submissions * OBJECTS_PER_SUBMISSION * 2
    yield Line(Part.KEY, Item.KMS_KEY, 1, is_fixed=True)
    yield Line(Part.KEY, Item.KMS_REQUEST, object_requests * 0.01)
    senders, receivers = 1, 1
    periods = SECONDS_PER_MONTH / 300
    yield Line(Part.KEY, Item.KMS_REQUEST, periods * (2 * senders + receivers), is_fixed=True)


def _queue_lines(workload: Workload, messages: float) -> Iterator[Line]:
    """Yield one request each to send, to receive and to delete a message, and idle receives."""
    yield Line(Part.QUEUE, Item.SQS_REQUEST, messages * 3)
    empty = SECONDS_PER_MONTH / workload.receive_wait_seconds * workload.polling_receivers
    yield Line(Part.QUEUE, Item.SQS_REQUEST, empty, is_fixed=True)


@dataclass(frozen=True, slots=True)
class Polling:
    """What polling for new objects comes to, over the time that objects are kept."""

    list_requests_per_month: float
    """On average."""
    longest_listing_seconds: float
    """Of one listing of the bucket, when it is fullest."""
    longest_mean_wait_seconds: float
    """Until an object is seen, on average, when the bucket is fullest."""


def polling(
    workload: Workload, submissions_per_month: float, interval_seconds: float, page_seconds: float
) -> Polling:
    """Model a worker that lists all of ``submissions/`` again and again.

    New objects can be anywhere in a listing, which is in the order of keys, so every page has to
    be read each time. The bucket fills from empty for as long as objects are kept.

    Args:
        workload: what is submitted.
        submissions_per_month: how many.
        interval_seconds: from the start of a listing to that of the next, if it is over by then.
        page_seconds: how long a request for a page takes.
    """
    per_day = submissions_per_month * _SECONDS_PER_DAY / SECONDS_PER_MONTH
    requests = longest = 0.0
    for day in range(1, workload.kept_days + 1):
        objects = per_day * day * OBJECTS_PER_SUBMISSION
        pages = max(1, math.ceil(objects / _KEYS_PER_PAGE))
        longest = pages * page_seconds
        requests += pages * _SECONDS_PER_DAY / max(interval_seconds, longest)
    cycle = max(interval_seconds, longest)
    return Polling(
        requests / workload.kept_days * SECONDS_PER_MONTH / _SECONDS_PER_DAY,
        longest,
        cycle / 2 + longest / 2,
    )


def polling_lines(found: Polling) -> Iterator[Line]:
    """Yield what polling adds; the worker that polls is not counted."""
    yield Line(Part.LISTING, Item.S3_PUT, found.list_requests_per_month)


def dollars(prices: PriceList, lines: Iterable[Line]) -> float:
    """Return what lines come to."""
    return math.fsum(prices.prices[line.item].of(line.quantity) for line in lines)


def by_part(prices: PriceList, lines: Iterable[Line]) -> dict[Part, float]:
    """Return what lines come to, by part, in the order of the parts."""
    found = list(lines)
    return {
        part: dollars(prices, (line for line in found if line.part is part))
        for part in Part
        if any(line.part is part for line in found)
    }
