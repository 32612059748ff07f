"""Shows a gradebook to a person."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from submitter.grades.grade import Grade, State
from submitter.grades.gradebook import NEEDS_NO_PERSON, Finding, Gradebook
from submitter.invocation import command
from submitter.output import escape

_SHOWN = 10
"""Places that a finding names; --json has all."""

_WORDS = {
    State.SCORED: "",
    State.UNGRADED: "not graded",
    State.FAILED: "failed",
    State.REJECTED: "rejected",
    State.CLOSED: "closed",
    State.EARLY: "early",
    State.NO_SUBMISSION: "-",
}

_SENTENCES = {
    Finding.UNGRADED: "{count} not graded yet, and no older result counts instead. To see why: "
    "{why}",
    Finding.FAILED: "{count} without a score by the back end's fault. To see why: {why}",
    Finding.REJECTED: "{count} rejected: the submission is at fault, and has no score",
    Finding.WAITING: "{count} whose team has another one, not graded, that may be better. To see "
    "why: {why}",
    Finding.UNREADABLE: "{count} left out, because the .json does not say whose it is",
    Finding.UNKNOWN_STUDENT: "{count} by a student who is not in the roster",
    Finding.TWICE: "{count} by a student who handed the problem in with several teams: the event's "
    "rule decides between them",
    Finding.LARGE_TEAM: "{count} by a team larger than the event's group_size, {group_size}",
    Finding.MIXED_PROBLEM: "{count} graded with different versions: grade the older results again",
    Finding.CLOSED: "{count} after the last due date: does not count",
    Finding.EARLY: "{count} before the release date: does not count",
    Finding.NO_SUBMISSION: "{count} without a submission",
}


def render_gradebook(book: Gradebook) -> RenderableType:
    """Return a table of teams and problems, and a summary."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("team", overflow="fold", min_width=20)
    for name, most in (
        *((each.name, each.max_score) for each in book.problems),
        ("total", book.max_score),
    ):
        header = name if most is None else f"{name} /{_number(most)}"
        table.add_column(escape(header), justify="right")
    table.add_column("late days", justify="right")
    for team in book.teams:
        line = team.line
        table.add_row(
            escape(", ".join(book.names(team.tokens))),
            *(_cell(each) for each in line.grades.values()),
            "?" if line.score is None else _number(line.score),
            str(line.late_days or ""),
        )
    return Group(table, Text(), Text(_summary(book)))


def findings_in_words(book: Gradebook) -> Iterator[str]:
    """Yield a sentence for each finding, those first that need a person."""
    for kind, where in sorted(book.findings.items(), key=lambda each: each[0] in NEEDS_NO_PERSON):
        subid = where[0].rpartition("/")[2]
        sentence = _SENTENCES[kind].format(
            count=_counted(kind, len(where)),
            why=command(f"why {subid}"),
            group_size=book.settings.group_size,
        )
        more = [f"and {len(where) - _SHOWN:,} more"] if len(where) > _SHOWN else []
        places = "; ".join([*where[:_SHOWN], *more])
        label = "note" if kind in NEEDS_NO_PERSON else "warning"
        yield f"{label}: {sentence}: {places}"


def _counted(kind: Finding, count: int) -> str:
    noun = {Finding.NO_SUBMISSION: "student", Finding.MIXED_PROBLEM: "problem"}.get(
        kind, "submission"
    )
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _cell(grade: Grade) -> Text:
    if grade.score is None:
        style = "red" if grade.state in {State.UNGRADED, State.FAILED, State.REJECTED} else ""
        return Text(_WORDS[grade.state], style=style)
    late = f" (late {grade.late_days})" if grade.late_days else ""
    return Text(f"{_number(grade.score)}{late}{'?' if grade.waiting else ''}")


def _summary(book: Gradebook) -> str:
    counts = ", ".join(
        f"{count:,} {state.value.replace('_', ' ')}"
        for state in State
        if (count := book.counts[state])
    )
    return f"Rule {book.settings.rule}: {counts or 'no submissions'}."


def _number(number: float) -> str:
    return f"{number:.10g}"
