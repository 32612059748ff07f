"""Every event of a storm by itself: a discrete-event simulation of asynchronous invocation."""

import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import simpy

from performance.storm_model.intake import (
    JITTER,
    NEW_ENVIRONMENTS_PER_SECOND,
    Intake,
    error_wait_seconds,
    throttle_wait_seconds,
)


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which every run fails, such as that of a queue that is out of reach."""

    begins: float
    ends: float

    def fails(self, moment: float) -> bool:
        """Tell whether a run that ends at a moment fails."""
        return self.begins <= moment < self.ends


@dataclass(slots=True)
class Outcome:
    """What became of the events, in seconds since the window began."""

    events: int
    announced: list[tuple[float, float]] = field(default_factory=list)
    """When each was announced, and at what age."""
    failed: list[tuple[float, float]] = field(default_factory=list)
    """When each went to the intake-failures queue, and at what age."""
    throttles: int = 0
    cold_starts: int = 0
    runs: int = 0

    @property
    def waiting(self) -> int:
        """Events that are neither announced nor failed."""
        return self.events - len(self.announced) - len(self.failed)


@dataclass(slots=True)
class _Environments:
    """The function's execution environments."""

    limit: int
    idle: int = 0
    busy: int = 0
    new: float = NEW_ENVIRONMENTS_PER_SECOND
    """How many may be made at this moment."""
    refilled: float = 0.0

    def take(self, now: float) -> bool | None:
        """Take an environment; return whether it is cold, None if the event is throttled."""
        if self.idle:
            self.idle -= 1
            self.busy += 1
            return False
        refill = (now - self.refilled) * NEW_ENVIRONMENTS_PER_SECOND
        # What was not used is not saved up.
        self.new = min(NEW_ENVIRONMENTS_PER_SECOND, self.new + refill)
        self.refilled = now
        if self.busy >= self.limit or self.new < 1:
            return None
        self.new -= 1
        self.busy += 1
        return True

    def give_back(self) -> None:
        """Have an environment wait for the next event."""
        self.busy -= 1
        self.idle += 1


def simulate(
    delivered: Sequence[float],
    intake: Intake,
    *,
    outage: Outage | None = None,
    until: float | None = None,
    seed: int = 0,
) -> Outcome:
    """Follow every event to its end.

    Args:
        delivered: when Lambda is told of each upload, in order; seconds.
        intake: the function.
        outage: when its runs fail.
        until: when to stop looking, in seconds; None for when every event has ended.
        seed: of the waits' jitter.
    """
    world = simpy.Environment()
    outcome = Outcome(len(delivered))
    storm = _Storm(world, intake, outage, outcome, random.Random(seed))  # noqa: S311 # nosec B311
    world.process(storm.arrive(delivered))
    world.run(until)
    return outcome


class _Storm:
    """The events of one simulation."""

    def __init__(
        self,
        world: simpy.Environment,
        intake: Intake,
        outage: Outage | None,
        outcome: Outcome,
        chance: random.Random,
    ) -> None:
        self._world = world
        self._intake = intake
        self._outage = outage
        self._outcome = outcome
        self._chance = chance
        self._environments = _Environments(intake.concurrency)

    def arrive(self, delivered: Sequence[float]) -> Generator[Any]:
        """Begin each event when it is delivered."""
        for moment in delivered:
            yield self._world.timeout(moment - self._world.now)
            self._world.process(self._event())

    def _event(self) -> Generator[Any]:
        world, outcome = self._world, self._outcome
        entered = world.now
        throttles = errors = 0
        while True:
            is_cold = self._environments.take(world.now)
            if is_cold is None:
                throttles += 1
                outcome.throttles += 1
                wait = throttle_wait_seconds(throttles)
            else:
                outcome.runs += 1
                outcome.cold_starts += is_cold
                seconds = self._intake.cold_seconds if is_cold else self._intake.warm_seconds
                yield world.timeout(seconds)
                self._environments.give_back()
                if self._outage is None or not self._outage.fails(world.now):
                    outcome.announced.append((world.now, world.now - entered))
                    return
                errors += 1
                if errors > self._intake.retry_attempts:
                    break
                wait = error_wait_seconds(errors)
            pause = wait * self._chance.uniform(1 - JITTER, 1 + JITTER)
            left = entered + self._intake.max_age_seconds - world.now
            yield world.timeout(max(0.0, min(pause, left)))
            if pause >= left:
                break
        outcome.failed.append((world.now, world.now - entered))
