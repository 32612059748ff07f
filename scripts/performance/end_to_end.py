"""How long a submission is on its way, from its upload to its message, in each design.

The designs are side by side on one emulator, and take turns upload by upload, in every order.
"""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice, permutations
from threading import Event
from typing import Any

from embedded_aws.localstack import Endpoint, forget_aws_settings
from embedded_aws.stack import temporary_stack
from performance.flow.design import Design
from performance.flow.designs import Route, routes
from performance.flow.traffic import BackEnd, Client, SignedSubmission, signed_submissions

_ROUNDS = 300
_WARM_UP_ROUNDS = 30
_ARRIVAL_SECONDS = 60


def measure() -> Mapping[str, Any]:
    """Return each upload's time until its message was received, by design, in milliseconds."""
    forget_aws_settings()
    with temporary_stack(print) as stack:
        print("The designs take turns")
        ways = routes(stack)
        _take_turns(stack.endpoint, ways, "warm-up", _WARM_UP_ROUNDS)
        samples = _take_turns(stack.endpoint, ways, "measured", _ROUNDS)
    return {"rounds": _ROUNDS, "warm_up_rounds": _WARM_UP_ROUNDS, "designs": samples}


def _take_turns(
    endpoint: Endpoint, ways: Mapping[Design, Route], series: str, rounds: int
) -> dict[Design, dict[str, list[float]]]:
    s3 = endpoint.session().client("s3")
    client = Client(endpoint.url)
    uploads = {
        design: signed_submissions(s3, way.bucket, f"{series} {design}", rounds)
        for design, way in ways.items()
    }
    back_ends = {
        design: BackEnd(endpoint.session().client("sqs"), way) for design, way in ways.items()
    }
    samples: dict[Design, dict[str, list[float]]] = {
        design: {"from_start_ms": [], "from_answer_ms": []} for design in ways
    }
    with ThreadPoolExecutor(1) as receiver:
        for order in islice(cycle(permutations(ways)), rounds):
            for design in order:
                times = _travel(client, back_ends[design], next(uploads[design]), receiver)
                for name, milliseconds in times.items():
                    samples[design][name].append(milliseconds)
    client.close()
    return samples


def _travel(
    client: Client, back_end: BackEnd, submission: SignedSubmission, receiver: ThreadPoolExecutor
) -> dict[str, float]:
    """Upload a submission while a back end waits for its message; return how long it took.

    Raises:
        TimeoutError: no message came.
    """
    given_up = Event()
    arrival = receiver.submit(_arrival, back_end, submission, given_up)
    try:
        client.put_py(submission)  # while it goes there, the back end begins to listen
        began = time.monotonic()
        client.put_json(submission)
        answered = time.monotonic()
        # Back only when the message is deleted, so that this does not fall into the next's time.
        received = arrival.result()
    finally:
        given_up.set()
    return {
        "from_start_ms": round(1000 * (received - began), 2),
        "from_answer_ms": round(1000 * (received - answered), 2),
    }


def _arrival(back_end: BackEnd, submission: SignedSubmission, given_up: Event) -> float:
    """Wait for a submission's message; return when it was there."""
    deadline = time.monotonic() + _ARRIVAL_SECONDS
    while time.monotonic() < deadline and not given_up.is_set():
        for receipt in back_end.receive(time.monotonic):
            if receipt.file_name == submission.file_name:
                return receipt.received
    raise TimeoutError(f"No message came within {_ARRIVAL_SECONDS} seconds of an upload.")
