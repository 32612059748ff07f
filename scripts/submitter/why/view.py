"""Shows the report about a submission to a person."""

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from submitter.output import escape, unbroken
from submitter.why.story import Event, EventKind, Story, WhyReport


def render_why(report: WhyReport) -> RenderableType:
    """Return a timeline for each folder, where it stopped, and what to do."""
    parts: list[RenderableType] = []
    for story in report.stories:
        parts.append(unbroken(story.folder or f"subid {report.subid}", "bold"))
        if story.timeline:
            parts += [Text(), _render_timeline(story), Text()]
        style = "yellow" if story.needs_attention else "green"
        parts.append(
            Text.assemble((story.diagnosis.name, f"bold {style}"), ": ", escape(story.explanation))
        )
        parts.extend(escape(remark) for remark in story.remarks)
        next_step = unbroken(f"Next: {story.next_step}")
        next_step.stylize("bold", end=len("Next:"))
        parts.append(next_step)
        parts.append(Text())
    parts.extend(escape(remark, style="yellow") for remark in report.remarks)
    return Group(*parts)


def _render_timeline(story: Story) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    # Of the facts that people copy, only a key may have spaces.
    keys = (_name(event, story.folder) for event in story.timeline)
    table.add_column(overflow="fold", min_width=max(map(cell_len, keys)) + len(_SEPARATOR.rstrip()))
    for event in story.timeline:
        table.add_row(
            escape(f"{event.time:%Y-%m-%d %H:%M:%S}Z"),
            escape(event.what.value, style=_STYLES[event.what]),
            escape(_describe(event, story.folder)),
        )
    return table


_SEPARATOR = ", "
_STYLES = {
    EventKind.UPLOADED: "cyan",
    EventKind.DELETED: "yellow",
    EventKind.ANNOUNCED: "green",
    EventKind.IGNORED: "yellow",
    EventKind.FAILED: "red",
    EventKind.INTAKE_FAILURE: "red",
    EventKind.DEAD_LETTER: "red",
    EventKind.RESULT: "green",
}


def _name(event: Event, folder: str | None) -> str:
    """Return an event's key, in the submission's folder only the rest of it."""
    return (event.key or "").removeprefix(folder or "")


def _describe(event: Event, folder: str | None) -> str:
    name = _name(event, folder)
    extension = name.rpartition(".")[2] if "." in name else name
    is_own = event.what is not EventKind.RESULT and "/" not in name and len(extension) < len(name)
    facts = (
        (f".{extension}" if is_own and name.rpartition(".")[0] in (folder or "") else name, ""),
        (event.version_id, "version "),
        (event.etag, "ETag "),
        (event.message_id, "message "),
        (event.request_id, "request "),
        (event.detail, ""),
    )
    return _SEPARATOR.join(f"{label}{value}" for value, label in facts if value)
