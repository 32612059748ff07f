"""End to end: from the upload of a .json until a waiting back end has its message.

The designs run on one emulator and take turns upload by upload, in every order.
"""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import cycle, islice, permutations
from threading import Event
from typing import Any

from emulation.endpoint import Endpoint, forget_aws_settings
from emulation.stack import temporary_stack
from performance.designs import Design, Route, routes
from performance.summary import ratio, summarize
from performance.traffic import BackEnd, Client, Submission, submissions

_ROUNDS = 300
_WARM_UP_ROUNDS = 30
_QUICK_ROUNDS = 6
_ARRIVAL_SECONDS = 60


def measure(*, quick: bool) -> dict[str, Any]:
    """Return milliseconds by design, and this stack's ratios to the others."""
    forget_aws_settings()
    rounds = _QUICK_ROUNDS if quick else _ROUNDS
    with temporary_stack(print) as stack:
        print("The designs take turns", flush=True)
        ways = routes(stack)
        _take_turns(stack.endpoint, ways, "warm-up", min(rounds, _WARM_UP_ROUNDS))
        samples = _take_turns(stack.endpoint, ways, "measured", rounds)
    return summarize_designs(samples)


def summarize_designs(samples: Mapping[Design, list[float]]) -> dict[str, Any]:
    """Return the summary of each design's times, and this stack's ratios to the others.

    Args:
        samples: milliseconds, by design.
    """
    return {
        "upload_to_message_ms": {design: summarize(taken) for design, taken in samples.items()},
        "stack_to": {
            design: ratio(samples[Design.STACK], samples[design])
            for design in (Design.TUTORIAL, Design.DIRECT)
        },
    }


def _take_turns(
    endpoint: Endpoint, ways: Mapping[Design, Route], series: str, rounds: int
) -> dict[Design, list[float]]:
    s3 = endpoint.session().client("s3")
    uploads = {
        design: submissions(s3, way.bucket, f"{series} {design}", rounds)
        for design, way in ways.items()
    }
    back_ends = {
        design: BackEnd(endpoint.session().client("sqs"), way) for design, way in ways.items()
    }
    samples: dict[Design, list[float]] = {design: [] for design in ways}
    with closing(Client(endpoint.url)) as client, ThreadPoolExecutor(1) as receiver:
        for order in islice(cycle(permutations(ways)), rounds):
            for design in order:
                taken = _travel(client, back_ends[design], next(uploads[design]), receiver)
                samples[design].append(taken)
    return samples


def _travel(
    client: Client, back_end: BackEnd, submission: Submission, receiver: ThreadPoolExecutor
) -> float:
    """Upload a submission while a back end waits for its message; return the milliseconds.

    Raises:
        TimeoutError: no message came.
    """
    given_up = Event()
    arrival = receiver.submit(_arrival, back_end, submission, given_up)
    try:
        client.put_py(submission)  # meanwhile the back end starts to receive
        began = time.monotonic()
        client.put_json(submission)
        # Returns after the message is deleted, so that this does not add to the next one's time.
        received = arrival.result()
    finally:
        given_up.set()
    return 1000 * (received - began)


def _arrival(back_end: BackEnd, submission: Submission, given_up: Event) -> float:
    """Wait for a submission's message; return when it arrived, on the clock of time.monotonic."""
    deadline = time.monotonic() + _ARRIVAL_SECONDS
    while time.monotonic() < deadline and not given_up.is_set():
        for receipt in back_end.receive(time.monotonic):
            if receipt.file_name == submission.file_name:
                return receipt.received
    raise TimeoutError(
        f"No message came within {_ARRIVAL_SECONDS} s of the upload of {submission.file_name}. "
        "Stop other programs on this machine, and measure again."
    )
