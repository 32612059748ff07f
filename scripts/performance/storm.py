"""What becomes of a storm of submissions, and whose processor time limits it.

Every student's two files come from one of many clients, as fast as they are taken, while back
ends receive and delete. All of it is on one machine and one emulator, which is one Python process:
what counts is that nothing is lost, and the rates of the designs as ratios.
"""

import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from embedded_aws.localstack import Endpoint, forget_aws_settings
from embedded_aws.stack import Stack, temporary_stack
from performance.flow.design import Design
from performance.flow.designs import Route, routes
from performance.flow.executor_share import measure_executor
from performance.flow.flow_account import Account, Receipt, account, duplicate_gaps, moments
from performance.flow.processor_time import ProcessorTime
from performance.flow.traffic import BackEnd, Client, SignedSubmission, signed_submissions

SIZES = (5_000, 20_000)
"""Submissions of the storms on the stack."""
_COMPARED_SIZE = 500
_COMPARED_ROUNDS = 3
_WARM_UP_SIZE = 100
_CLIENTS = 32
_BACK_ENDS = 4
_MOMENTS = 150
_MOST_GAPS = 100
"""Of duplicates, that are kept one by one."""
_FEWEST_PER_SECOND = 10
"""Submissions. A storm that is slower is given up; what has not arrived by then counts as lost."""
_START_SECONDS = 60
_QUIET_SECONDS = 5
"""How long the queue is listened to when all has arrived, for duplicates."""


@dataclass(frozen=True, slots=True)
class Storm:
    """A storm that is over."""

    account: Account
    upload_seconds: float
    """From the first upload's start to the last one's end."""
    announce_seconds: float
    """From the first upload's start until the queue has the last message."""
    seconds: float
    """From the first upload's start to the last message's receipt."""
    processor: ProcessorTime
    began: float
    """Seconds since the epoch, as all its times."""
    uploaded: Mapping[str, float]
    receipts: list[Receipt]

    @property
    def rates(self) -> dict[str, float]:
        """Objects that S3 has taken, and messages that the queue has had, a second."""
        return {
            "uploads_per_s": _rate(2 * self.account.uploaded, self.upload_seconds),
            "announcements_per_s": _rate(self.account.announced, self.announce_seconds),
        }


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 2) if count else 0.0


@dataclass(slots=True)
class _Progress:
    """What clients and back ends have done; theirs to write, one key or item at a time."""

    uploaded: dict[str, float] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)


def measure() -> Mapping[str, Any]:
    """Return the storms' accounts, rates and states over time; rates of all designs; shares."""
    forget_aws_settings()
    with tempfile.TemporaryDirectory() as folder:
        executor = measure_executor(Path(folder))
    with temporary_stack(print) as stack:
        ways = routes(stack)
        for design, way in ways.items():
            run_storm(stack.endpoint, way, f"warm-up {design}", _WARM_UP_SIZE)
        compared = _compare(stack.endpoint, ways)
        storms = []
        for size in SIZES:
            print(f"A storm of {size:,} submissions")
            storm = run_storm(stack.endpoint, ways[Design.STACK], f"storm {size}", size)
            storms.append(describe(storm) | _left_over(stack))
    return {
        "clients": _CLIENTS,
        "back_ends": _BACK_ENDS,
        "storms": storms,
        "compared_size": _COMPARED_SIZE,
        "compared": compared,
        "executor": executor,
    }


def run_storm(endpoint: Endpoint, way: Route, series: str, size: int) -> Storm:
    """Let many clients submit, and back ends receive, until all has arrived.

    Args:
        endpoint: the emulator.
        way: the design.
        series: makes the submissions others than those of another storm.
        size: how many submissions.

    Raises:
        TimeoutError: not all could be uploaded, let alone arrive.
    """
    waiting: SimpleQueue[SignedSubmission] = SimpleQueue()
    for submission in signed_submissions(endpoint.session().client("s3"), way.bucket, series, size):
        waiting.put(submission)
    progress = _Progress()
    session = endpoint.session()
    back_ends = [
        threading.Thread(
            target=_receive, args=(BackEnd(session.client("sqs"), way), progress), daemon=True
        )
        for _ in range(_BACK_ENDS)
    ]
    clients = [
        threading.Thread(target=_submit, args=(endpoint.url, waiting, progress), daemon=True)
        for _ in range(_CLIENTS)
    ]
    before, began = ProcessorTime.now(), time.time()
    deadline = began + _START_SECONDS + size / _FEWEST_PER_SECOND
    for thread in (*back_ends, *clients):
        thread.start()
    for thread in clients:
        thread.join(max(deadline - time.time(), 0))
    _await_arrival(progress, size, deadline)
    processor = ProcessorTime.now().since(before)
    progress.is_over.wait(_QUIET_SECONDS)
    progress.is_over.set()
    for thread in (*back_ends, *clients):
        thread.join()
    uploaded, receipts = progress.uploaded, progress.receipts
    if len(uploaded) < size:
        raise TimeoutError(
            f"Only {len(uploaded)} of {size} submissions were uploaded, by clients that failed, as "
            f"told above, or within {deadline - began:.0f} seconds."
        )
    return Storm(
        account(uploaded, receipts),
        upload_seconds=max(uploaded.values(), default=began) - began,
        announce_seconds=max((each.sent for each in receipts), default=began) - began,
        seconds=max((each.received for each in receipts), default=began) - began,
        processor=processor,
        began=began,
        uploaded=uploaded,
        receipts=receipts,
    )


def _submit(url: str, waiting: SimpleQueue[SignedSubmission], progress: _Progress) -> None:
    """Upload what waits, submission by submission, the .py first."""
    with closing(Client(url)) as client, suppress(Empty):
        while not progress.is_over.is_set():
            submission = waiting.get_nowait()
            client.put_py(submission)
            client.put_json(submission)
            progress.uploaded[submission.file_name] = time.time()


def _receive(back_end: BackEnd, progress: _Progress) -> None:
    while not progress.is_over.is_set():
        progress.receipts.extend(back_end.receive())


def _await_arrival(progress: _Progress, size: int, deadline: float) -> None:
    """Wait until each submission has arrived, or the deadline has."""
    arrived: set[str] = set()
    seen = 0
    while len(arrived) < size and time.time() < deadline:
        new = progress.receipts[seen:]
        seen += len(new)
        arrived.update(receipt.file_name for receipt in new)
        progress.is_over.wait(0.2)


def _compare(
    endpoint: Endpoint, ways: Mapping[Design, Route]
) -> dict[Design, list[dict[str, float]]]:
    """Return the rates of the designs' storms, which take turns."""
    rates: dict[Design, list[dict[str, float]]] = {design: [] for design in ways}
    for number in range(_COMPARED_ROUNDS):
        for design, way in ways.items():
            print(f"{design}: a storm of {_COMPARED_SIZE} submissions")
            storm = run_storm(endpoint, way, f"compared {number} {design}", _COMPARED_SIZE)
            lost = {"lost": storm.account.lost, "duplicates": storm.account.duplicates}
            rates[design].append(storm.rates | lost)
    return rates


def describe(storm: Storm) -> dict[str, Any]:
    """Return what is kept of a storm."""
    states = moments(storm.began, storm.uploaded, storm.receipts, _MOMENTS)
    return {
        **asdict(storm.account),
        **storm.rates,
        "upload_s": round(storm.upload_seconds, 1),
        "announce_s": round(storm.announce_seconds, 1),
        "total_s": round(storm.seconds, 1),
        "processor_s": {name: round(value, 1) for name, value in asdict(storm.processor).items()},
        "duplicate_gaps_s": [round(gap, 1) for gap in duplicate_gaps(storm.receipts)][:_MOST_GAPS],
        # As columns, which take a fraction of the rows' place.
        "moments": {
            name: [round(getattr(state, name), 2) for state in states] for name in asdict(states[0])
        },
    }


def _left_over(stack: Stack) -> dict[str, int]:
    """Return how many messages are in the queues that should be empty after a storm."""
    sqs = stack.session.client("sqs")
    outputs = stack.outputs
    queues = {
        "waiting_messages": outputs.queue_url,
        "failed_events": outputs.intake_failures_queue_url,
        "dead_letters": outputs.dead_letter_queue_url,
    }
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return {
        name: sum(
            map(
                int,
                sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values(),
            )
        )
        for name, url in queues.items()
    }
