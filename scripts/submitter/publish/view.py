"""Shows what is published, or would be, to a person."""

import shlex
from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.table import Table

from submitter.invocation import command
from submitter.output import escape, unbroken
from submitter.publish.differences import Differences, Items
from submitter.publish.folder import Kind
from submitter.publish.upload import Change, Planned, PublishReport, State

_SHOWN_NAMES = 10
_NEEDS_ATTENTION = frozenset({State.CONFLICT, State.FAILED})


def render_publish(report: PublishReport) -> RenderableType:
    """Return a table of objects, how they differ from what is published, and what to do."""
    table = Table(box=None, pad_edge=False)
    for column in ("OBJECT", "CHANGE", "STATE", "OUTDATED RESULTS"):
        table.add_column(column, no_wrap=True)
    for each in report.objects:
        style = "bold red" if each.state in _NEEDS_ATTENTION else ""
        table.add_row(
            escape(each.key),
            escape(each.change),
            escape(each.state.replace("_", " "), style),
            escape(_outdated(each)),
        )
    parts: list[RenderableType] = [table]
    for each in report.objects:
        if lines := [*_lines(each.differences)]:
            parts.append(escape(f"{each.kind} {each.name}:", "bold"))
            parts += [escape(f"  {line}") for line in lines]
    parts += map(escape, _closing(report))
    if report.outdated and any(each.state is State.PUBLISHED for each in report.objects):
        again = command(shlex.join(("regrade", report.admin, report.event)))
        parts.append(unbroken(f"To see what grading again changes: {again}"))
    return Group(*parts)


def _outdated(planned: Planned) -> str:
    if planned.kind is Kind.EVENT or planned.change is Change.UNCHANGED:
        return "-"
    return f"{planned.outdated:,} of {planned.results:,}"


def _lines(differences: Differences) -> Iterator[str]:
    for setting in differences.settings:
        yield f"{setting.name}: {setting.old} -> {setting.new}"
    yield from _item_lines("cases", differences.cases)
    yield from _item_lines("files", differences.files)


def _item_lines(label: str, items: Items) -> Iterator[str]:
    if items.added:
        yield f"{label} added: {_names(items.added)}"
    if items.removed:
        yield f"{label} removed: {_names(items.removed)}"
    for parts, names in _by_parts(items.changed).items():
        yield f"{label} changed ({', '.join(parts)}): {_names(names)}"


def _by_parts(changed: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for name, parts in changed.items():
        found[parts] = (*found.get(parts, ()), name)
    return found


def _names(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN_NAMES
    shown = ", ".join(names[:_SHOWN_NAMES])
    return f"{shown} and {more} more; --json has all" if more > 0 else shown


def _closing(report: PublishReport) -> Iterator[str]:
    states = [each.state for each in report.objects]
    if not report.event_is_published:
        yield (
            f"The event {report.event} is not published: its submissions can't be graded until "
            "you publish its folder, which has its dates."
        )
    if report.not_in_folder:
        names = _names(tuple(report.not_in_folder))
        yield f"Published, but not in the folder, and left as it is: {names}"
    if State.CONFLICT in states:
        published = states.count(State.PUBLISHED)
        yield (
            "Somebody published at the same time. "
            + (f"{published} published before that was seen. " if published else "")
            + f"{'Nothing else' if published else 'Nothing'} was changed: run it again, and see "
            "the differences from what is published now."
        )
    yield from (f"{each.name}: {each.detail}" for each in report.objects if each.detail)
    if not report.needs_attention and State.PUBLISHED not in states:
        yield "There is nothing to do."
    if report.needs_attention and not report.carried_out:
        yield "Nothing was published: add --yes to publish it."
