"""The plan in Markdown, short enough to be read in a pull request."""

import json
import re
from collections.abc import Iterator

from plan_guard.effects import cost_direction, why_it_matters
from plan_guard.findings import Finding
from plan_guard.plan import Action, Change, Plan
from plan_guard.verdict import Verdict

LONGEST = 60_000
"""Characters; GitHub refuses a comment of more than 65,536."""

_ORDER = (Action.DELETE, Action.REPLACE, Action.FORGET, Action.UPDATE, Action.CREATE)
_LONGEST_VALUE = 40
_HIDDEN = "(sensitive)"
_UNKNOWN = "(known after the apply)"
_MOST_ATTRIBUTES = 6


def summarize(plan: Plan, verdict: Verdict, title: str) -> str:
    """Return the summary.

    Args:
        plan: what Terraform wants to do.
        verdict: the judgement on it.
        title: what the plan is for, such as an environment's name.

    Returns:
        Markdown that begins with `marker(title)` and has at most `LONGEST` characters.
    """
    text = "\n".join((marker(title), "", *_lines(plan, verdict, title), ""))
    if len(text) <= LONGEST:
        return text
    end = "\n\n*Cut off here: `terraform show` of the plan file has all of it.*\n"
    return text[: LONGEST - len(end)].rpartition("\n")[0] + end


def marker(title: str) -> str:
    """Return the line by which a workflow finds its own comment again; readers don't see it."""
    return f"<!-- submitter plan: {title.replace('--', '- -')} -->"


def _lines(plan: Plan, verdict: Verdict, title: str) -> Iterator[str]:
    state = "passes" if verdict.passes else "STOPPED"
    yield f"### Plan for {_code(title)}: {state if plan.does_something else 'no changes'}"
    yield ""
    yield _counts(plan)
    if verdict.stopped:
        yield ""
        yield f"**Stopped by {_number(len(verdict.stopped), 'finding')}:**"
        yield ""
        yield from map(_finding, verdict.stopped)
        yield ""
        yield (
            "If that is what you want, add each to the allow-list "
            "(`terraform/allowed_changes.toml`) in the same change: its rule, its address, the "
            "reason and the day it expires."
        )
    if verdict.allowed:
        yield ""
        yield "**Allowed by name:**"
        yield ""
        for finding, allowance in verdict.allowed:
            reason = _text(allowance.reason)
            yield f"{_finding(finding)} Reason, until {allowance.expires}: {reason}."
    if verdict.expired:
        names = ", ".join(f"{it.rule} of {_code(it.address)}" for it in verdict.expired)
        yield ""
        yield f"Expired entries of the allow-list, to be removed: {names}"
    changes = [change for change in plan.changes if change.changes_something]
    if changes:
        yield ""
        yield "| what | resource | changes | why it matters | cost |"
        yield "| --- | --- | --- | --- | --- |"
        for change in sorted(changes, key=_rank):
            yield _row(change)
    if plan.outputs:
        yield ""
        yield f"Outputs that change: {', '.join(map(_code, plan.outputs))}"


def _counts(plan: Plan) -> str:
    replaced = plan.count(Action.REPLACE)
    parts = [
        f"{plan.count(Action.CREATE)} to add",
        f"{plan.count(Action.UPDATE)} to change",
        f"{replaced} to replace",
        f"{plan.count(Action.DELETE)} to delete",
    ]
    moved = sum(change.previous_address is not None for change in plan.changes)
    forgotten = plan.count(Action.FORGET)
    if moved:
        parts.append(f"{moved} moved")
    if forgotten:
        parts.append(f"{forgotten} forgotten")
    return ", ".join(parts) + "."


def _finding(finding: Finding) -> str:
    return f"- {_code(finding.rule)} at {_code(finding.address)}: {_text(finding.what)}."


def _rank(change: Change) -> tuple[int, str]:
    order = _ORDER.index(change.action) if change.action in _ORDER else len(_ORDER)
    return order, change.address


def _row(change: Change) -> str:
    cells = (
        str(change.action) if change.action is not Action.NOTHING else "move",
        _code(change.address),
        _difference(change),
        why_it_matters(change),
        cost_direction(change),
    )
    # A code span does not keep a bar from ending the cell.
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _difference(change: Change) -> str:
    moved = f"from {_code(change.previous_address)}" if change.previous_address else ""
    if change.action not in {Action.UPDATE, Action.REPLACE}:
        return moved
    names = change.replaced_for or change.changed()
    parts = [moved] if moved else []
    # What merely follows from a change says nothing: it comes last.
    ordered = sorted(names, key=change.is_unknown)
    parts += [_attribute(change, name) for name in ordered[:_MOST_ATTRIBUTES]]
    more = len(ordered) - _MOST_ATTRIBUTES
    return "<br>".join(parts) + (f"<br>and {more} more" if more > 0 else "")


def _attribute(change: Change, name: str) -> str:
    if name in change.hidden:
        return f"{_code(name)}: {_HIDDEN}"
    before = _value(change.before.get(name))
    after = _UNKNOWN if change.is_unknown(name) else _value(change.after.get(name))
    if not before or not after:
        return _code(name)
    return f"{_code(name)}: {before} → {after}"


def _value(value: object) -> str:
    """Return a value in a code span; nothing if it is too long to be read in a table."""
    text = json.dumps(value)
    return _code(text) if len(text) <= _LONGEST_VALUE else ""


def _code(text: str) -> str:
    """Return a code span, in which nothing is markup and nothing breaks the line."""
    plain = " ".join(text.split())
    fence = "`" * (1 + max(map(len, re.findall("`+", plain)), default=0))
    padding = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{padding}{plain}{padding}{fence}"


def _text(text: str) -> str:
    """Return a text with nothing in it that Markdown or HTML would take as markup."""
    escaped = "".join(f"\\{it}" if it in "\\`*_[]<>|#@" else it for it in text)
    return " ".join(escaped.split()).rstrip(".")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
