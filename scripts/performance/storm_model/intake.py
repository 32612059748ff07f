"""What AWS says of asynchronous invocation, and the settings that decide what becomes of events."""

from dataclasses import dataclass

ACCOUNT_CONCURRENCY = 1_000
"""An account's default; a new one has less. https://docs.aws.amazon.com/lambda/latest/dg/limits.html"""
NEW_ACCOUNT_CONCURRENCY = 10
"""What new accounts were seen to have; AWS names no figure, and raises it by use or on request."""
UNRESERVED_AT_LEAST = 100
"""What reserving must leave to other functions.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""
NEW_ENVIRONMENTS_PER_SECOND = 100
"""1,000 in ten seconds, for each function, refilled continuously.

https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
"""
JITTER = 0.1
"""Assumed: by such a share a wait is longer or shorter, or events would come back all at once."""
_FIRST_THROTTLE_WAIT_SECONDS = 1
_LONGEST_THROTTLE_WAIT_SECONDS = 300
_ERROR_WAITS_SECONDS = (60, 120)


@dataclass(frozen=True, slots=True)
class Intake:
    """The function, as Lambda runs it."""

    concurrency: int
    """How many runs at once: reserved, or what the account has."""
    warm_seconds: float
    cold_seconds: float
    """Init phase and first run."""
    max_age_seconds: int
    """`event_max_age_seconds`."""
    retry_attempts: int
    """`retry_attempts`, after an error of the function's."""


def throttle_wait_seconds(throttles: int) -> int:
    """Return how long an event waits after having been throttled so many times.

    From one second up to five minutes, doubling. "If the queue contains many entries, Lambda
    increases the retry interval and reduces the rate at which it reads events", by how much is not
    said, and not modelled.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    """
    doublings = min(throttles - 1, _LONGEST_THROTTLE_WAIT_SECONDS.bit_length())
    return min(_FIRST_THROTTLE_WAIT_SECONDS << doublings, _LONGEST_THROTTLE_WAIT_SECONDS)


def error_wait_seconds(errors: int) -> int:
    """Return how long an event waits after its run failed so many times: one, then two minutes."""
    return _ERROR_WAITS_SECONDS[min(errors, len(_ERROR_WAITS_SECONDS)) - 1]
