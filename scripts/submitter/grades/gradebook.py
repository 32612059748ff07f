"""The gradebook: what each team and each student has, and what a person must look at.

Tokens are secrets: the report, which becomes JSON, has none.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction

from grading.event import Event, Rule
from grading.score import rounded
from submitter.grades.grade import NOTHING, Grade, State, counts, which_counts
from submitter.grades.reading import Submitted
from submitter.grades.roster import Roster, Student


class Finding(StrEnum):
    """What is to be said about submissions, students or problems."""

    UNGRADED = "ungraded"
    FAILED = "failed"
    REJECTED = "rejected"
    WAITING = "waiting"
    UNREADABLE = "unreadable"
    UNKNOWN_STUDENT = "unknown_student"
    TWICE = "twice"
    LARGE_TEAM = "large_team"
    MIXED_PROBLEM = "mixed_problem"
    CLOSED = "closed"
    EARLY = "early"
    NO_SUBMISSION = "no_submission"


NEEDS_NO_PERSON = frozenset({Finding.CLOSED, Finding.EARLY, Finding.NO_SUBMISSION})


@dataclass(frozen=True, slots=True)
class Problem:
    """A column of the gradebook."""

    name: str
    max_score: float | None
    """The most that results of this problem say; None if there is none."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the gradebook: what a team or a student has."""

    grades: dict[str, Grade]
    """By problem."""
    score: float | None
    """The sum; None while a score that may come is missing."""
    late_days: int


@dataclass(frozen=True, slots=True)
class Team:
    """A team's row."""

    tokens: tuple[str, ...]
    line: Line


@dataclass(slots=True)
class Gradebook:
    """An event's gradebook, with tokens."""

    settings: Event
    problems: list[Problem]
    teams: list[Team]
    students: dict[str, Line]
    """By token: all of the roster, in its order, or without one those who handed in."""
    roster: Roster | None
    findings: dict[Finding, list[str]]
    """Where: a problem and a subid; a student and a problem; or a problem."""
    counts: Counter[State] = field(default_factory=Counter)
    """Of teams' grades; for students without a submission, of each student and problem."""

    @property
    def max_score(self) -> float | None:
        """The most of all problems; None if that of one is unknown."""
        known = [each.max_score for each in self.problems if each.max_score is not None]
        return _sum(known) if len(known) == len(self.problems) else None

    @property
    def needs_attention(self) -> bool:
        """Whether a person has to act."""
        return any(found not in NEEDS_NO_PERSON for found in self.findings)

    def names(self, tokens: Sequence[str]) -> list[str]:
        """Return how a person knows students: by the roster, else by their tokens."""
        roster = self.roster or {}
        return [roster[token].student if token in roster else token for token in tokens]


def make_gradebook(
    settings: Event, problems: Iterable[str], submitted: Iterable[Submitted], roster: Roster | None
) -> Gradebook:
    """Make a gradebook.

    Args:
        settings: the event.
        problems: the published ones.
        submitted: what was handed in, in the order of the keys.
        roster: None if there is none.
    """
    findings: defaultdict[Finding, list[str]] = defaultdict(list)
    teams: defaultdict[tuple[str, ...], defaultdict[str, list[Grade]]]
    teams = defaultdict(lambda: defaultdict(list))
    students: defaultdict[str, defaultdict[str, list[Grade]]]
    students = defaultdict(lambda: defaultdict(list))
    tally: Counter[State] = Counter()
    tallies: defaultdict[str, Counter[tuple[str | None, float | None]]] = defaultdict(Counter)
    for name in problems:
        tallies[name].clear()
    for each in submitted:
        place = f"{each.problem}/{each.grade.subid}"
        if not each.tokens:
            findings[Finding.UNREADABLE].append(place)
            continue
        _examine(each, place, settings, roster, findings)
        tally[each.grade.state] += 1
        grade = each.grade
        tallies[each.problem].update(
            [(grade.problem_digest, grade.max_score)] if grade.state is State.SCORED else []
        )
        teams[each.tokens][each.problem].append(each.grade)
        for token in each.tokens:
            students[token][each.problem].append(each.grade)
    columns = [_problem(name, tallies[name], findings) for name in sorted(tallies)]
    _find_twice(students, findings)
    tokens = sorted(students) if roster is None else [*roster]
    places = {token: place for place, token in enumerate(tokens)}
    book = Gradebook(
        settings,
        columns,
        [
            Team(team, _line(settings.rule, teams[team], columns))
            for team in sorted(
                {*teams, *((token,) for token in tokens if token not in students)},
                key=lambda team: ([places.get(token, len(places)) for token in team], team),
            )
        ],
        {token: _line(settings.rule, students[token], columns) for token in tokens},
        roster,
        findings,
        tally,
    )
    if roster is not None:
        for token, line in book.students.items():
            missing = [name for name, each in line.grades.items() if each is NOTHING]
            tally[State.NO_SUBMISSION] += len(missing)
            if missing:
                findings[Finding.NO_SUBMISSION].append(
                    f"{roster[token].student}: {', '.join(missing)}"
                )
    book.findings = {each: findings[each] for each in Finding if findings[each]}
    return book


def _examine(
    each: Submitted,
    place: str,
    settings: Event,
    roster: Roster | None,
    findings: defaultdict[Finding, list[str]],
) -> None:
    if each.grade.state is not State.SCORED:
        findings[Finding(each.grade.state.value)].append(place)
    if each.grade.waiting:
        findings[Finding.WAITING].append(place)
    if len(each.tokens) > settings.group_size:
        findings[Finding.LARGE_TEAM].append(place)
    if roster is not None and not roster.keys() >= {*each.tokens}:
        findings[Finding.UNKNOWN_STUDENT].append(place)


def _problem(
    name: str,
    tally: Counter[tuple[str | None, float | None]],
    findings: defaultdict[Finding, list[str]],
) -> Problem:
    if len({digest for digest, _ in tally}) > 1:
        findings[Finding.MIXED_PROBLEM].append(name)
    return Problem(name, max((most for _, most in tally if most is not None), default=None))


def _find_twice(
    students: dict[str, defaultdict[str, list[Grade]]],
    findings: defaultdict[Finding, list[str]],
) -> None:
    """Find who handed in a problem in several teams."""
    twice = {
        f"{problem}/{each.subid}"
        for problems in students.values()
        for problem, grades in problems.items()
        if sum(map(counts, grades)) > 1
        for each in grades
        if counts(each)
    }
    findings[Finding.TWICE] += sorted(twice)


def _line(rule: Rule, handed_in: dict[str, list[Grade]], problems: list[Problem]) -> Line:
    grades = {
        each.name: which_counts(rule, sorted(handed_in[each.name], key=_newest_first))
        if each.name in handed_in
        else NOTHING
        for each in problems
    }
    is_final = all(each.is_final for each in grades.values())
    return Line(
        grades,
        _sum(each.score for each in grades.values()) if is_final else None,
        sum(each.late_days for each in grades.values()),
    )


def _newest_first(grade: Grade) -> tuple[float, str]:
    submitted = grade.submitted_at or datetime.min.replace(tzinfo=UTC)
    return -submitted.timestamp(), grade.subid or ""


def _sum(scores: Iterable[float | None]) -> float:
    """Add scores without errors, and round once."""
    return rounded(sum((Fraction(each) for each in scores if each is not None), Fraction()))


@dataclass(frozen=True, slots=True)
class TeamReport:
    """A team in the report."""

    students: list[str]
    """Their names in the roster; those who are not in it are left out."""
    size: int
    grades: dict[str, Grade]
    score: float | None
    late_days: int


@dataclass(frozen=True, slots=True)
class StudentReport:
    """A student of the roster in the report."""

    student: Student
    grades: dict[str, Grade]
    score: float | None
    late_days: int


@dataclass(frozen=True, slots=True)
class FindingReport:
    """A finding in the report."""

    kind: Finding
    needs_attention: bool
    count: int
    where: list[str]


@dataclass(frozen=True, slots=True)
class GradesReport:
    """What `--json` writes."""

    stack: str
    admin: str
    event: str
    rule: Rule
    due_date: datetime
    late_due_date: datetime | None
    max_score: float | None
    problems: list[Problem]
    counts: dict[State, int]
    findings: list[FindingReport]
    teams: list[TeamReport]
    students: list[StudentReport]
    """Empty without a roster."""


def report_of(book: Gradebook, stack: str, admin: str, event: str) -> GradesReport:
    """Return a gradebook without tokens."""
    roster = book.roster or {}
    return GradesReport(
        stack,
        admin,
        event,
        book.settings.rule,
        book.settings.due_date,
        book.settings.late_due_date,
        book.max_score,
        book.problems,
        {state: book.counts[state] for state in State},
        [
            FindingReport(kind, kind not in NEEDS_NO_PERSON, len(where), where)
            for kind, where in book.findings.items()
        ],
        [
            TeamReport(
                book.names([token for token in team.tokens if token in roster]),
                len(team.tokens),
                team.line.grades,
                team.line.score,
                team.line.late_days,
            )
            for team in book.teams
        ],
        [
            StudentReport(student, line.grades, line.score, line.late_days)
            for student, line in (
                (student, book.students[token]) for token, student in roster.items()
            )
        ],
    )
