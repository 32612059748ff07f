"""Makes of a folder the objects that publishing it writes."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from grading.event import Event, write_event
from grading.problem import Problem, write_problem
from submission.keys import event_key, problem_key
from submitter.errors import UsageError
from submitter.problems.event_folder import EVENT_FILE, EventFolder, is_event_folder
from submitter.problems.problem_folder import ProblemFolder
from submitter.submit.submission import find_faults

_ANY_PROBLEM, _ANY_TOKENS = "p", ("t",)


class Kind(StrEnum):
    """What an object is of."""

    PROBLEM = "problem"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object to publish."""

    kind: Kind
    name: str
    key: str
    value: Event | Problem
    content: bytes


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a folder publishes."""

    admin: str
    event: str
    objects: tuple[Candidate, ...]
    """The event last: a submission needs both, and the event's object tells when it opens."""
    has_event: bool


def find_candidates(
    opened: EventFolder | ProblemFolder, admin: str, event: str | None
) -> Candidates:
    """Return what to publish.

    Args:
        opened: the folder, without errors.
        admin: the admin's identifier.
        event: the event's identifier; None: the name of its folder.

    Raises:
        UsageError: a name is missing, or none that a submission can have.
    """
    problems = opened.problems if isinstance(opened, EventFolder) else (opened,)
    event = event or _event_name(opened)
    for name in [each.name for each in problems] or [_ANY_PROBLEM]:
        if faults := find_faults(admin, event, name, _ANY_TOKENS):
            raise UsageError(f"{opened.root} can't be published. {faults[0]}")
    objects = [
        Candidate(
            Kind.PROBLEM,
            each.name,
            problem_key(admin, event, each.name),
            each.problem,
            write_problem(each.problem),
        )
        for each in problems
        if each.problem
    ]
    settings = opened.event if isinstance(opened, EventFolder) else None
    if settings is not None:
        key = event_key(admin, event)
        objects.append(Candidate(Kind.EVENT, event, key, settings, write_event(settings)))
    return Candidates(admin, event, tuple(objects), settings is not None)


def _event_name(opened: EventFolder | ProblemFolder) -> str:
    if isinstance(opened, EventFolder):
        return opened.name
    parent: Path = opened.root.absolute().parent
    if not is_event_folder(parent):
        raise UsageError(
            f"{opened.root} is in no event's folder, one with an {EVENT_FILE}: name the event "
            "with --event NAME."
        )
    return parent.name
