"""Shows a submit report to a person."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from submitter.output import escape, unbroken
from submitter.submit.class_list import Candidate
from submitter.submit.upload import NEEDS_ATTENTION, TO_DO, State, SubmitReport, Submitted


def render_plan(report: SubmitReport, candidates: list[Candidate]) -> RenderableType:
    """Return a table of a class before it is submitted, with names and tokens.

    The JSON has no tokens, since they are secrets.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("file", "admin", "event", "problem", "tokens", "subid"):
        table.add_column(column, no_wrap=True)
    table.add_column("state", overflow="fold", min_width=40)
    for each, candidate in zip(report.submissions, candidates, strict=True):
        names = (*candidate.submission.names, " ".join(candidate.submission.tokens))
        table.add_row(*map(escape, (each.file, *names, each.subid, _in_words(each))))
    return Group(table, Text(), Text(_summary(report)))


def render_submit(report: SubmitReport) -> RenderableType:
    """Return the state of one submission in lines, of a class in a table."""
    if len(report.submissions) == 1:
        return _render_one(report.submissions[0])
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("file", no_wrap=True)
    table.add_column("subid", no_wrap=True)
    table.add_column("state", overflow="fold", min_width=40)
    for each in report.submissions:
        style = "red" if each.state in NEEDS_ATTENTION else ""
        table.add_row(escape(each.file), escape(each.subid), escape(_in_words(each), style))
    return Group(table, Text(), Text(_summary(report)))


def _render_one(each: Submitted) -> RenderableType:
    lines = [("subid", each.subid), ("data file", each.key), ("version", each.version_id)]
    style = "bold red" if each.state in NEEDS_ATTENTION else "bold"
    return Group(
        unbroken(_in_words(each), style),
        *(unbroken(f"{label:<11}{value}") for label, value in lines if value is not None),
    )


def _in_words(each: Submitted) -> str:
    match each.state:
        case State.TO_UPLOAD:
            return "to be submitted"
        case State.TO_FINISH:
            return "its .py is there; its .json will be uploaded"
        case State.ALREADY_THERE:
            return "already there with the same content; nothing uploaded"
        case State.UPLOADED:
            return "uploaded"
        case State.ANNOUNCED:
            return f"announced as message {each.message_id}"
        case State.NOT_ANNOUNCED:
            return f"not announced: {each.detail}"
        case State.FAILED:
            return f"not submitted: {each.detail}"


def _summary(report: SubmitReport) -> str:
    counts = dict.fromkeys(State, 0)
    for each in report.submissions:
        counts[each.state] += 1
    summary = ", ".join(
        f"{count} {state.value.replace('_', ' ')}" for state, count in counts.items() if count
    )
    if report.carried_out:
        rest = any(counts[state] for state in TO_DO | {State.FAILED})
        return f"{summary}. {'Run it again to submit the rest.' if rest else ''}".rstrip()
    if any(counts[state] for state in TO_DO):
        return f"{summary}. Nothing was uploaded: add --yes to submit them."
    return f"{summary}. There is nothing to do."
