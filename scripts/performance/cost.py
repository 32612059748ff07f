"""Models the cost of a month of submissions on AWS, and the function's memory setting.

Uses AWS's list prices, without free tiers and discounts. It runs the function to measure its CPU
time, memory and log lines; all other inputs are constants here, with their sources.
"""

import math
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from emulation.project import EXAMPLE
from performance.function_process import functions
from performance.terraform_defaults import terraform_default

REGION = "us-east-1"
PRICES_AS_OF = "2026-06"


class Price(NamedTuple):
    """The price of a number of units."""

    dollars: float
    per: int
    unit: str


PRICES = {
    # https://aws.amazon.com/s3/pricing/
    "s3_put": Price(0.005, 1_000, "PUT, COPY, POST or LIST requests"),
    "s3_get": Price(0.0004, 1_000, "GET requests"),
    "s3_storage": Price(0.023, 1, "GB-month of S3 Standard"),
    # https://aws.amazon.com/lambda/pricing/ and, for the init phase, since August 2025:
    # https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
    "lambda_request": Price(0.20, 1_000_000, "requests"),
    "lambda_duration": Price(0.0000133334, 1, "GB-second on arm64"),
    "lambda_x86_duration": Price(0.0000166667, 1, "GB-second on x86_64"),
    # https://aws.amazon.com/sqs/pricing/
    "sqs_request": Price(0.40, 1_000_000, "requests of up to 64 KB to a standard queue"),
    # https://aws.amazon.com/cloudwatch/pricing/
    "log_ingestion": Price(0.50, 1, "GB written to a log"),
    "log_storage": Price(0.03, 1, "GB-month of a log, compressed"),
    "custom_metric": Price(0.30, 1, "custom metric and month"),
    "alarm_metric": Price(0.10, 1, "metric of an alarm and month"),
    "dashboard": Price(3.00, 1, "dashboard and month"),
    # https://aws.amazon.com/kms/pricing/
    "kms_key": Price(1.00, 1, "key and month"),
    "kms_request": Price(0.03, 10_000, "requests"),
    # https://aws.amazon.com/fargate/pricing/
    "fargate_vcpu": Price(0.04048, 1, "vCPU and hour, Linux on x86"),
    "fargate_memory": Price(0.004445, 1, "GB and hour"),
    # https://aws.amazon.com/ec2/pricing/on-demand/
    "c7i.large": Price(0.08925, 1, "hour of 2 vCPUs and 4 GiB, Linux"),
}

VOLUMES = (10_000, 100_000, 1_000_000, 10_000_000)
"""Submissions a month."""
SHOWN_VOLUME = 1_000_000
POLLING_SECONDS = 60
MEMORY_SETTINGS_MB = (128, 256, 512, 1024, 1769)
LONGEST_COLD_MS = 1000
"""A cold run should not take longer than S3 needs to notify the function, which is seconds."""
SPARE_MEMORY = 1.5
"""The least memory, as a multiple of the process's peak."""

FULL_CPU_MB = 1769
"""With this memory a function has one CPU; with less it has that share of one.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""
_SECONDS_PER_DAY = 24 * 60 * 60
SECONDS_PER_MONTH = 730 * 60 * 60
"""AWS's month."""
_KEYS_PER_PAGE = 1000
_EVENT_OVERHEAD_BYTES = 26
"""CloudWatch Logs bills each line and these bytes.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""
_LOG_COMPRESSION = 0.15
"""As in the examples of CloudWatch's pricing page."""
_PLATFORM_LINES = (141, 235)
"""Bytes of Lambda's own lines about a run, platform.start and platform.report, at level INFO.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""
OWN_METRICS = 16
"""Announced, Failed, Ignored, and Ignored by each reason."""
_REQUEST_METRICS = 10
"""S3's request metrics of uploads and of a back end's reading.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
"""
_ALARM_METRICS = 12
"""Metrics in the eight alarms; an alarm with an expression has several."""
_CPU_RUNS = 200
_CPU_STARTS = 5


@dataclass(frozen=True, slots=True)
class Assumed:
    """Inputs that only AWS and a course know."""

    code_bytes: int = 4_000
    data_bytes: int = 266
    """The specification's example."""
    kept_days: int = 180
    """How long objects and the log are kept."""
    repeated_share: float = 0.002
    """Share of repeated runs, for a duplicate event or after an error."""
    burst_cold_share: float = 0.002
    """Share of runs that are cold at any volume, because several come at once."""
    idle_minutes: float = 10
    """How long Lambda keeps an idle environment."""
    wait_ms: float = 10
    """Waiting for SQS, on an open connection."""
    connect_ms: float = 15
    """Name resolution, TCP and TLS, before an environment's first request to SQS."""
    page_seconds: float = 0.1
    """Reading a page of a listing."""
    receive_seconds: int = 20
    """Time between two requests of the one worker that waits on an empty queue."""

    @property
    def kept_months(self) -> float:
        """How long objects and the log are kept, in AWS's months."""
        return self.kept_days * _SECONDS_PER_DAY / SECONDS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Function:
    """The function's measured use of CPU, memory and log."""

    cold_cpu_ms: float
    """Processor time from the process's start until its first response."""
    run_cpu_ms: float
    """Processor time of a run with one record."""
    peak_mib: float
    log_bytes: tuple[int, ...]
    """Size of each line that a run logs."""


class Timing(NamedTuple):
    """A run's duration at one memory setting, in milliseconds as Lambda bills them."""

    memory_mb: int
    warm_ms: int
    cold_ms: int
    """The init phase and the first run."""


def timing(function: Function, assumed: Assumed, memory_mb: int) -> Timing:
    """Return the durations of warm and cold runs: a share of a CPU lengthens only CPU time."""
    share = min(1.0, memory_mb / FULL_CPU_MB)
    warm = assumed.wait_ms + function.run_cpu_ms / share
    cold = assumed.connect_ms + assumed.wait_ms + function.cold_cpu_ms / share
    return Timing(memory_mb, math.ceil(warm), math.ceil(cold))


def cold_share(runs: float, assumed: Assumed) -> float:
    """Return the share of runs that find no idle environment.

    Runs come at random over the month (a Poisson process), which gives the chance that none came
    while an environment was kept.
    """
    runs_per_idle_time = runs / SECONDS_PER_MONTH * assumed.idle_minutes * 60
    return max(assumed.burst_cold_share, math.exp(-runs_per_idle_time))


def common_costs(volume: float, assumed: Assumed) -> dict[str, float]:
    """Return the costs of a month's submissions in every design, in dollars by part."""
    stored_gb = volume * (assumed.code_bytes + assumed.data_bytes) / 1e9
    return {
        "uploads": dollars("s3_put", 2 * volume),
        "back end's reading": dollars("s3_get", 2 * volume),
        "storage": dollars("s3_storage", stored_gb * assumed.kept_months),
    }


def queue_costs(messages: float, assumed: Assumed) -> dict[str, float]:
    """Return a queue's cost: to send, receive and delete messages, and to wait for them."""
    waits = SECONDS_PER_MONTH / assumed.receive_seconds
    return {"queue": dollars("sqs_request", 3 * messages + waits)}


def function_costs(
    runs: float, at: Timing, assumed: Assumed, duration: str = "lambda_duration"
) -> dict[str, float]:
    """Return the cost of a function's requests and duration; the latter has a price's name."""
    cold = cold_share(runs, assumed)
    mean_ms = (1 - cold) * at.warm_ms + cold * at.cold_ms
    gb_seconds = runs * mean_ms / 1000 * at.memory_mb / 1024
    return {"function": dollars("lambda_request", runs) + dollars(duration, gb_seconds)}


def log_costs(runs: float, function: Function, assumed: Assumed) -> dict[str, float]:
    """Return the cost of a function's lines in its log, and of Lambda's."""
    lines = (*function.log_bytes, *_PLATFORM_LINES)
    written_gb = runs * (sum(lines) + len(lines) * _EVENT_OVERHEAD_BYTES) / 1e9
    stored = written_gb * _LOG_COMPRESSION * assumed.kept_months
    return {"log": dollars("log_ingestion", written_gb) + dollars("log_storage", stored)}


def stack_costs(
    volume: float, function: Function, at: Timing, assumed: Assumed
) -> dict[str, float]:
    """Return what this design adds: function, queue, log, and metrics, alarms and dashboard."""
    runs = volume * (1 + assumed.repeated_share)
    return {
        **function_costs(runs, at, assumed),
        **queue_costs(runs, assumed),
        **log_costs(runs, function, assumed),
        "metrics, alarms, dashboard": dollars("custom_metric", OWN_METRICS + _REQUEST_METRICS)
        + dollars("alarm_metric", _ALARM_METRICS)
        + dollars("dashboard", 1),
    }


def key_costs(volume: float) -> dict[str, float]:
    """Return the cost of a KMS key of the stack.

    With a bucket key, S3 makes about one in a hundred of its requests to KMS. SQS makes requests
    every five minutes: two for a sender and one for a receiver.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    """
    requests = 2 * 2 * volume * 0.01 + SECONDS_PER_MONTH / 300 * 3
    return {"key": dollars("kms_key", 1) + dollars("kms_request", requests)}


class Polling(NamedTuple):
    """The requests and the wait of a worker that lists the bucket again and again."""

    requests_per_month: float
    """On average while the bucket fills."""
    mean_wait_seconds: float
    """When the bucket is full."""


def polling(volume: float, assumed: Assumed, interval_seconds: float = POLLING_SECONDS) -> Polling:
    """Model polling: each time the worker reads every page, because new keys can be anywhere.

    Args:
        volume: submissions a month. The bucket fills for as long as objects are kept.
        assumed: how long objects are kept, and how long a page takes.
        interval_seconds: from one listing's start to the next one's, unless a listing takes longer.
    """
    per_day = volume * _SECONDS_PER_DAY / SECONDS_PER_MONTH
    requests = listing = 0.0
    for day in range(1, assumed.kept_days + 1):
        pages = max(1, math.ceil(2 * per_day * day / _KEYS_PER_PAGE))
        listing = pages * assumed.page_seconds
        requests += pages * _SECONDS_PER_DAY / max(interval_seconds, listing)
    monthly = requests / assumed.kept_days * SECONDS_PER_MONTH / _SECONDS_PER_DAY
    return Polling(monthly, (max(interval_seconds, listing) + listing) / 2)


def smallest_memory(timings: Iterator[Timing], peak_mib: float) -> int | None:
    """Return the smallest setting that starts in time with memory to spare; None if none does."""
    return min(
        (
            each.memory_mb
            for each in timings
            if each.cold_ms <= LONGEST_COLD_MS and each.memory_mb >= SPARE_MEMORY * peak_mib
        ),
        default=None,
    )


def measure(*, quick: bool) -> dict[str, Any]:
    """Run the function to measure it, and model the costs."""
    starts, runs = (1, 5) if quick else (_CPU_STARTS, _CPU_RUNS)
    with functions() as place:
        package = place.intake()
        taken = [place.run(package, runs) for _ in range(starts)]
    function = Function(
        cold_cpu_ms=round(statistics.median(each.cpu_ms for each in taken), 1),
        run_cpu_ms=round(statistics.median(each.run_cpu_ms for each in taken), 2),
        peak_mib=round(max(each.peak_mib for each in taken), 1),
        log_bytes=taken[-1].log,
    )
    how = f"median of {starts} processes of {runs} runs each, with a stub of SQS over TLS"
    return model(function) | {"how_measured": how}


def model(function: Function) -> dict[str, Any]:
    """Return the costs by design and volume, and the memory settings.

    Args:
        function: the function's measured use.
    """
    assumed = Assumed(
        data_bytes=next(EXAMPLE.glob("*.json")).stat().st_size,
        kept_days=terraform_default("log_retention_days"),
    )
    default_mb = terraform_default("function_memory_mb")
    timings = [timing(function, assumed, mb) for mb in sorted({*MEMORY_SETTINGS_MB, default_mb})]
    at = next(each for each in timings if each.memory_mb == default_mb)
    designs = {volume: _designs(volume, function, at, assumed) for volume in VOLUMES}
    return {
        "region": REGION,
        "prices_as_of": PRICES_AS_OF,
        "function": asdict(function),
        "assumed": asdict(assumed),
        "volumes": VOLUMES,
        "dollars_a_month": [
            {"design": name, "by_volume": [_sum(designs[volume][name]) for volume in VOLUMES]}
            for name in designs[SHOWN_VOLUME]
        ],
        "shown_volume": SHOWN_VOLUME,
        "parts": {
            name: {part: round(value, 2) for part, value in parts.items()}
            for name, parts in designs[SHOWN_VOLUME].items()
        },
        "polling_wait_s": [round(polling(volume, assumed).mean_wait_seconds) for volume in VOLUMES],
        "memory": [
            each._asdict() | {"dollars": _sum(function_costs(SHOWN_VOLUME, each, assumed))}
            for each in timings
        ],
        "default_memory": at._asdict(),
        "chosen_memory_mb": smallest_memory(iter(timings), function.peak_mib),
        "longest_cold_ms": LONGEST_COLD_MS,
        "spare_memory": SPARE_MEMORY,
    }


def _designs(
    volume: int, function: Function, at: Timing, assumed: Assumed
) -> dict[str, dict[str, float]]:
    common = common_costs(volume, assumed)
    stack = common | stack_costs(volume, function, at, assumed)
    listing = {"listing": dollars("s3_put", polling(volume, assumed).requests_per_month)}
    return {
        "this stack": stack,
        "this stack with a customer managed key": stack | key_costs(volume),
        "direct notification": common | queue_costs(volume, assumed),
        f"polling every {POLLING_SECONDS} s": common | listing,
    }


def _sum(parts: Mapping[str, float]) -> float:
    return round(math.fsum(parts.values()), 2)


def dollars(item: str, quantity: float) -> float:
    """Return what a quantity costs at AWS's list price."""
    price = PRICES[item]
    return price.dollars * quantity / price.per
