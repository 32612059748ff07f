"""A storm of submissions: counts losses and duplicates, and measures each design's rate.

Many clients upload as fast as the emulator accepts, while back ends receive and delete.
"""

import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any

from emulation.endpoint import Endpoint, forget_aws_settings
from emulation.stack import Stack, temporary_stack
from performance.designs import Design, Route, routes
from performance.traffic import BackEnd, Client, Receipt, Submission, submissions

_SIZE = 10_000
_COMPARED_SIZE = 500
_COMPARED_ROUNDS = 3
_WARM_UP_SIZE = 100
_QUICK_SIZE = 60
CLIENTS = 32
_BACK_ENDS = 4
_START_SECONDS = 60
_FEWEST_PER_SECOND = 10
"""Submissions. A slower storm reaches its deadline, and counts the rest as lost."""
_QUIET_SECONDS = 3
"""How long to wait for duplicates when all messages have arrived."""


@dataclass(slots=True)
class Progress:
    """Uploads and receipts so far."""

    uploaded: dict[str, float] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    is_over: Event = field(default_factory=Event)


def measure(*, quick: bool) -> dict[str, Any]:
    """Run the compared storms in turns, then the large one on the stack."""
    forget_aws_settings()
    warm_up, compared, size = _WARM_UP_SIZE, _COMPARED_SIZE, _SIZE
    if quick:
        warm_up, compared, size = _QUICK_SIZE // 10, _QUICK_SIZE, 2 * _QUICK_SIZE
    with temporary_stack(print) as stack:
        ways = routes(stack)
        for design, way in ways.items():
            run_storm(stack.endpoint, way, f"warm-up {design}", warm_up)
        rounds = [
            {
                design: run_storm(stack.endpoint, way, f"{number} {design}", compared)
                for design, way in ways.items()
            }
            for number in range(1 if quick else _COMPARED_ROUNDS)
        ]
        print(f"A storm of {size:,} submissions", flush=True)
        storm = run_storm(stack.endpoint, ways[Design.STACK], "storm", size)
        left = left_over(stack)
    return {
        "clients": CLIENTS,
        "back_ends": _BACK_ENDS,
        "storms": [storm | left],
        "compared": compare(compared, rounds),
    }


def account(
    began: float, uploaded: Mapping[str, float], receipts: Sequence[Receipt]
) -> dict[str, Any]:
    """Return a storm's counts, rates and longest waits.

    Args:
        began: when the storm began; all times are seconds since the epoch.
        uploaded: when S3 had each submission, by file name.
        receipts: the back ends' receipts, in any order.

    Returns:
        Counts: `lost` are submissions without a message, `duplicates` messages beyond a
        submission's first, `foreign` messages for files that were not uploaded. Rates per second.
        The longest waits in seconds: of a message in the queue, and from an upload until its first
        message was received.
    """
    times = Counter(receipt.file_name for receipt in receipts)
    announced = uploaded.keys() & times.keys()
    first: dict[str, float] = {}
    for receipt in receipts:
        first[receipt.file_name] = min(receipt.received, first.get(receipt.file_name, float("inf")))
    last_upload = max(uploaded.values(), default=began)
    last_sent = max((receipt.sent for receipt in receipts), default=began)
    last_received = max((receipt.received for receipt in receipts), default=began)
    return {
        "uploaded": len(uploaded),
        "announced": len(announced),
        "lost": len(uploaded) - len(announced),
        "duplicates": sum(times[name] - 1 for name in announced),
        "foreign": sum(count for name, count in times.items() if name not in uploaded),
        "uploads_per_s": _rate(2 * len(uploaded), last_upload - began),
        "announcements_per_s": _rate(len(announced), last_sent - began),
        "seconds": round(last_received - began, 1),
        "oldest_message_s": round(max((it.received - it.sent for it in receipts), default=0), 1),
        "oldest_submission_s": round(
            max((first[name] - uploaded[name] for name in announced), default=0), 1
        ),
    }


def compare(size: int, rounds: Sequence[Mapping[Design, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return each design's median rates, their ratio to this stack's, and its losses.

    Args:
        size: the number of submissions in each storm.
        rounds: accounts of storms, by design.
    """
    rates = {
        design: statistics.median(each[design]["announcements_per_s"] for each in rounds)
        for design in Design
    }
    return {
        "size": size,
        "rounds": len(rounds),
        **{
            design: {
                "uploads_per_s": statistics.median(
                    each[design]["uploads_per_s"] for each in rounds
                ),
                "announcements_per_s": rates[design],
                "to_stack": round(rates[design] / rates[Design.STACK], 3),
                "lost": sum(each[design]["lost"] for each in rounds),
            }
            for design in Design
        },
    }


def run_storm(endpoint: Endpoint, way: Route, series: str, size: int) -> dict[str, Any]:
    """Let clients submit and back ends receive until all messages have arrived; return the account.

    Args:
        endpoint: the emulator.
        way: the design's route.
        series: a name unique to this storm, which makes its submissions unique.
        size: the number of submissions.

    Raises:
        UploadError: S3 refused an upload.
        TimeoutError: the uploads took too long.
    """
    session = endpoint.session()
    waiting: SimpleQueue[Submission] = SimpleQueue()
    for submission in submissions(session.client("s3"), way.bucket, series, size):
        waiting.put(submission)
    progress = Progress()
    began = time.time()
    deadline = began + _START_SECONDS + size / _FEWEST_PER_SECOND
    with ThreadPoolExecutor(CLIENTS + _BACK_ENDS) as pool:
        try:
            receiving = [
                pool.submit(_receive, BackEnd(session.client("sqs"), way), progress)
                for _ in range(_BACK_ENDS)
            ]
            uploading = [
                pool.submit(submit_all, endpoint.url, waiting, progress) for _ in range(CLIENTS)
            ]
            for each in uploading:
                each.result(deadline - time.time())
            _await_arrival(progress, size, deadline, receiving)
            progress.is_over.wait(_QUIET_SECONDS)
        except TimeoutError:
            raise TimeoutError(
                f"Only {len(progress.uploaded):,} of {size:,} submissions were uploaded in time: "
                "the emulator hangs, or the machine is busy. Stop other programs, and try again."
            ) from None
        finally:
            progress.is_over.set()
        for each in receiving:
            each.result()
    return account(began, progress.uploaded, progress.receipts)


def submit_all(url: str, waiting: SimpleQueue[Submission], progress: Progress) -> None:
    """Upload submission by submission, the .py first, until none is left."""
    with closing(Client(url)) as client, suppress(Empty):
        while not progress.is_over.is_set():
            submission = waiting.get_nowait()
            client.put_py(submission)
            client.put_json(submission)
            progress.uploaded[submission.file_name] = time.time()


def _receive(back_end: BackEnd, progress: Progress) -> None:
    while not progress.is_over.is_set():
        progress.receipts.extend(back_end.receive())


def _await_arrival(
    progress: Progress, size: int, deadline: float, receiving: Sequence[Future[None]]
) -> None:
    """Wait until each submission has arrived, the deadline has passed or a back end failed."""
    arrived: set[str] = set()
    seen = 0
    while (
        len(arrived) < size
        and time.time() < deadline
        and not any(each.done() for each in receiving)
    ):
        new = progress.receipts[seen:]
        seen += len(new)
        arrived.update(receipt.file_name for receipt in new)
        progress.is_over.wait(0.2)


def left_over(stack: Stack) -> dict[str, int]:
    """Return the number of messages in each queue; all should be empty after a storm."""
    sqs = stack.session.client("sqs")
    queues = {
        "waiting_messages": stack.outputs.queue_url,
        "failed_events": stack.outputs.intake_failures_queue_url,
        "dead_letters": stack.outputs.dead_letter_queue_url,
    }
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return {
        name: sum(
            int(count)
            for count in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)[
                "Attributes"
            ].values()
        )
        for name, url in queues.items()
    }


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if count and seconds > 0 else 0.0
