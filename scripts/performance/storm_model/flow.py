"""The same storm by the second, for numbers of events that can't be followed one by one.

Events that were delivered in the same second and throttled equally often are a cohort: they are
due at the same time, and the same share of each cohort that is due finds an environment. What is
counted is whole events, so none can get lost in rounding.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from performance.storm_model.intake import (
    JITTER,
    NEW_ENVIRONMENTS_PER_SECOND,
    Intake,
    throttle_wait_seconds,
)

_NOT_WORTH_MENTIONING = 1e-9
_SMOOTHED_SECONDS = 10
"""Chosen of 1, 10, 30, 60 and 120: it comes nearest to following each event by itself."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Events that can't be told apart."""

    entered: int
    """The second in which they were delivered."""
    throttles: int
    events: int


@dataclass(slots=True)
class Flow:
    """What became of the events, second by second."""

    events: int
    announced: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    """How many went to the intake-failures queue."""
    waiting: list[int] = field(default_factory=list)
    """How many wait at the end of the second."""
    oldest_age: list[int] = field(default_factory=list)
    """Of the events that wait, in seconds."""
    ages: Counter[int] = field(default_factory=Counter)
    """At which age events were announced, in seconds."""
    throttles: int = 0
    environments: int = 0
    """The most that there were."""

    def age_percentile(self, share: float) -> int:
        """Return the age that a share of the announced events did not exceed; 0 if none was."""
        wanted = share * self.ages.total()
        seen = 0
        for age in sorted(self.ages):
            seen += self.ages[age]
            if seen >= wanted:
                return age
        return 0


@dataclass(slots=True)
class _Capacity:
    """The environments, and how many events they take in a second."""

    intake: Intake
    warm: int = 0
    starting: Counter[int] = field(default_factory=Counter)
    """How many become warm, by the second."""
    unused: float = 0.0
    """What is left of an event."""
    returning: float = 0.0
    """Events a second that come back, over the last ten seconds or so.

    A cohort comes back as one, but its events would not: each has its own jitter.
    """

    @property
    def environments(self) -> int:
        """How many there are, warm or starting."""
        return self.warm + self.starting.total()

    def wake(self, second: int) -> None:
        """Have those be warm that have started by a second."""
        self.warm += self.starting.pop(second, 0)

    def take(self, second: int, arrived: int, due: int) -> int:
        """Return how many of the events that are due are taken, and start environments for more.

        As in Lambda, each event that finds no environment waiting has one started for itself.

        Args:
            second: the present one.
            arrived: events that are delivered in it.
            due: those, and the ones that come back in it.
        """
        self.returning += (due - arrived - self.returning) / _SMOOTHED_SECONDS
        if not due:
            return 0
        load = (arrived + self.returning) * self.intake.warm_seconds
        blocked = blocked_share(load, self.warm)
        wanted = due * (1 - blocked) + self.unused
        by_warm = min(due, int(wanted))
        self.unused = min(wanted - by_warm, 1.0)
        room = self.intake.concurrency - self.environments
        new = max(0, min(due - by_warm, NEW_ENVIRONMENTS_PER_SECOND, room))
        if new:
            # It takes that event, and until that is done it is no use to another.
            self.starting[second + max(1, round(self.intake.cold_seconds))] += new
        return by_warm + new


def blocked_share(load: float, servers: int) -> float:
    """Return the share of events that find every server busy; Erlang's formula B.

    Events come at random within a second and do not wait where they find no server: those that
    are throttled come back later, like any others.

    Args:
        load: events a second, times the seconds that each takes.
        servers: how many there are.
    """
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
        if blocked < _NOT_WORTH_MENTIONING and number > load:
            return 0.0
    return blocked


def flow(delivered: Sequence[int], intake: Intake, *, seed: int = 0) -> Flow:
    """Follow all events to their ends.

    Args:
        delivered: how many events Lambda is told of in each second.
        intake: the function; its runs do not fail.
        seed: of the waits' jitter, which is the same for all of a cohort.
    """
    result = Flow(sum(delivered))
    capacity = _Capacity(intake)
    chance = random.Random(seed)  # noqa: S311 # nosec B311
    due: defaultdict[int, list[Cohort]] = defaultdict(list)
    expiring: Counter[int] = Counter()
    open_events: Counter[int] = Counter()
    oldest = second = 0
    waiting = 0
    while second < len(delivered) or waiting:
        arrived = delivered[second] if second < len(delivered) else 0
        cohorts = due.pop(second, [])
        if arrived:
            cohorts.append(Cohort(second, 0, arrived))
            open_events[second] = arrived
        present = sum(cohort.events for cohort in cohorts)
        capacity.wake(second)
        taken = capacity.take(second, arrived, present)
        result.environments = max(result.environments, capacity.environments)
        result.throttles += present - taken
        shares = shared_out(cohorts, taken, chance)
        for cohort, accepted in zip(cohorts, shares, strict=True):
            result.ages[second - cohort.entered] += accepted
            open_events[cohort.entered] -= accepted
            rest = cohort.events - accepted
            if rest:
                wait = throttle_wait_seconds(cohort.throttles + 1)
                wait = max(1, round(wait * chance.uniform(1 - JITTER, 1 + JITTER)))
                next_second = second + wait
                end = cohort.entered + intake.max_age_seconds
                if next_second >= end:
                    expiring[end] += rest
                else:
                    due[next_second].append(Cohort(cohort.entered, cohort.throttles + 1, rest))
        failed = expiring.pop(second, 0)
        if failed:
            open_events[second - intake.max_age_seconds] -= failed
        waiting += arrived - taken - failed
        while oldest <= second and not open_events[oldest]:
            del open_events[oldest]
            oldest += 1
        result.announced.append(taken)
        result.failed.append(failed)
        result.waiting.append(waiting)
        result.oldest_age.append(second - oldest if waiting else 0)
        second += 1
    result.ages = +result.ages
    return result


def shared_out(cohorts: Sequence[Cohort], taken: int, chance: random.Random) -> list[int]:
    """Share out what is taken, to each cohort by its size, in whole events.

    What the rounding leaves goes to any, or those that wait longest would always come off worst.

    Args:
        cohorts: those that are due.
        taken: how many events are taken of them in all; not more than there are.
        chance: decides about the rounding.
    """
    present = sum(cohort.events for cohort in cohorts)
    shares: list[int] = []
    offset = chance.randrange(present) if present else 0
    before = given = 0
    for cohort in cohorts:
        before += cohort.events
        until_here = (before * taken + offset) // present
        shares.append(until_here - given)
        given = until_here
    return shares
