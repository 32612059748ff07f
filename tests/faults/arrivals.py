"""Submissions that arrive while things break, and the count of them afterwards."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

from emulation.stack import Stack
from emulation.waiting import wait_for
from local.intake import ARRIVAL_SECONDS, Intake, Message, Submission
from local.tool import run_tool

SETTLING_SECONDS = 180
"""Three attempts of the slowest fault, on a machine that is busy with other tests."""
PACE_SECONDS = 0.3
"""From one submission to the next, where a fault is over soon."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of the submissions that arrived around a fault."""

    fault: str
    uploaded: int
    announced: int
    """Without a repair, once or more."""
    waiting: int
    """Those whose event waited in the intake-failures queue."""
    unnoticed: int
    """Those that stood in the bucket only."""
    repaired_by: str
    twice: int
    """Announced more than once, which the back end must bear."""
    lost: int


type Report = Callable[[Any], None]
"""Records an outcome for the table at the end."""


def table(outcome: type[Any], rows: list[dict[str, Any]]) -> Iterator[str]:
    """Write outcomes' fields as a table, and their sums as its last line."""
    names = [field.name for field in fields(outcome)]
    numbers = {field.name for field in fields(outcome) if field.type is int}
    sums = {name: sum(row[name] for row in rows) for name in numbers}
    lines = [
        {name: name.replace("_", " ") for name in names},
        *rows,
        sums | {"fault": f"{len(rows)} faults", "repaired_by": ""},
    ]
    widths = {name: max(len(str(line[name])) for line in lines) for name in names}
    for line in lines:
        cells = (
            str(line[name]).rjust(width) if name in numbers else str(line[name]).ljust(width)
            for name, width in widths.items()
        )
        yield "  ".join(cells).rstrip()


def repaired(stack: Stack, repair: tuple[str, ...]) -> str:
    """Run the command that repairs, and return it as staff type it; without one, nobody does."""
    if not repair:
        return "nobody"
    done = run_tool(stack, *repair, "--yes")
    assert done.exit_code == 0, done.output + done.errors
    return " ".join(("submitter", *repair, "--yes"))


@dataclass(slots=True)
class Arrivals:
    """Students who submit, one after the other."""

    hand_in: Callable[[], tuple[str, str]]
    """Uploads a submission; returns its key and version."""
    pace_seconds: float
    uploaded: dict[str, str] = field(default_factory=dict)
    """By key, the newest version."""
    _count: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _open: threading.Event = field(default_factory=threading.Event)

    def more(self, count: int = 5) -> None:
        """Wait until this many more have arrived."""
        enough = self._count + count
        wait_for(f"{count} uploads", lambda: self._count >= enough, ARRIVAL_SECONDS)

    def submit(self) -> None:
        """Submit until stopped."""
        self._open.set()
        while not self._stop.wait(self.pace_seconds):
            self._open.wait()
            key, version = self.hand_in()
            self.uploaded[key] = version
            self._count += 1

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Pause submissions for the length of a block, so that failed events can catch up."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    def stop(self) -> None:
        """Stop submitting."""
        self._stop.set()


def submitting(intake: Intake) -> Callable[[], tuple[str, str]]:
    """Return a function that uploads a further submission at each call."""

    def hand_in() -> tuple[str, str]:
        submission = Submission(problem="fault")
        return submission.json_key, intake.submit(submission)

    return hand_in


@contextmanager
def arriving(
    hand_in: Callable[[], tuple[str, str]], pace_seconds: float = PACE_SECONDS, around: int = 5
) -> Iterator[Arrivals]:
    """Let submissions arrive, from the start of a block to its end: some before and after it."""
    arrivals = Arrivals(hand_in, pace_seconds)
    thread = threading.Thread(target=arrivals.submit)
    thread.start()
    try:
        arrivals.more(around)
        yield arrivals
        arrivals.more(around)
    finally:
        arrivals.stop()
        thread.join()


def count_up(
    intake: Intake, uploaded: dict[str, str], fault: str, repair: tuple[str, ...] = ()
) -> Outcome:
    """Wait until each submission is somewhere; repair; count what the back end received.

    Args:
        intake: the stack, repaired.
        uploaded: what arrived: by key, the version.
        fault: what was broken.
        repair: the command that announces what was not; none if nothing needs it.

    Returns:
        The outcome.

    Raises:
        TimeoutError: a submission is nowhere: neither announced, nor in the intake-failures
            queue, nor does `submitter reconcile` name it.
    """

    def places() -> tuple[set[str], set[str], set[str]] | None:
        announced = _announced(intake, uploaded)
        missing = set(uploaded) - announced
        waiting = _waiting(intake) & missing if missing else set()
        unnoticed = missing - waiting
        if unnoticed and (repair[:1] != ("reconcile",) or _gaps(intake) != unnoticed):
            return None
        return announced, waiting, unnoticed

    announced, waiting, unnoticed = wait_for(
        "every submission to be somewhere", places, SETTLING_SECONDS
    )
    repaired_by = repaired(intake.stack, repair)
    after = _announced(intake, uploaded)
    # Redriven events are handled, and the log is written, a little later.
    wait_for("the log of it", lambda: _logged(intake, uploaded), SETTLING_SECONDS)
    wait_for("no gap to be left", lambda: not _gaps(intake), SETTLING_SECONDS)
    return Outcome(
        fault,
        uploaded=len(uploaded),
        announced=len(announced),
        waiting=len(waiting),
        unnoticed=len(unnoticed),
        repaired_by=repaired_by,
        twice=sum(len(_of_version(intake, key, uploaded)) > 1 for key in after),
        lost=len(set(uploaded) - after),
    )


def _announced(intake: Intake, uploaded: dict[str, str]) -> set[str]:
    intake.drain()
    return {key for key in uploaded if _of_version(intake, key, uploaded)}


def _of_version(intake: Intake, key: str, uploaded: dict[str, str]) -> list[Message]:
    return [
        message
        for message in intake.received(key)
        if message.attributes["versionId"] == uploaded[key]
    ]


def _logged(intake: Intake, uploaded: dict[str, str]) -> bool:
    """Tell whether the log has an announcement of each version."""
    logged = {
        line["versionId"] for line in intake.log_lines() if line.get("outcome") == "announced"
    }
    return logged >= set(uploaded.values())


def _waiting(intake: Intake) -> set[str]:
    """Return the keys in the intake-failures queue, as staff sees them."""
    if not intake.count(intake.stack.outputs.intake_failures_queue_url):
        return set()
    [queue] = run_tool(intake.stack, "redrive", "intake", "--json").report
    return {key for message in queue["messages"] for key in message["keys"]}


def _gaps(intake: Intake) -> set[str]:
    """Return the keys that were never announced, as staff sees them."""
    shown = run_tool(
        intake.stack, "reconcile", "--older-than", "0s", "--show", "10000", "--json"
    ).report
    return {gap["key"] for gap in shown["named"]}
