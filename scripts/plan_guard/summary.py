"""The plan in Markdown, short enough for a comment on a pull request."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from plan_guard.allowances import NO_REASON, Allowance
from plan_guard.difference import Difference, differences, drifted
from plan_guard.harmless import row_for
from plan_guard.judgement import Finding, Verdict
from plan_guard.plan import Action, Change, Plan
from plan_guard.policy import UNKNOWN, describe, parse_document
from plan_guard.stack import DOCUMENT, KINDS

LONGEST = 60_000
"""Characters; GitHub refuses a comment of more than 65,536."""

_ORDER = (Action.DELETE, Action.REPLACE, Action.FORGET, Action.UPDATE, Action.CREATE)
_COSTLY = {
    *("aws_cloudwatch_dashboard", "aws_cloudwatch_metric_alarm", "aws_kms_key"),
    "aws_s3_bucket_metric",
}
"""The types that cost something even if they are not used."""
_LONGEST_VALUE = 40
_MOST_ATTRIBUTES = 6
_USUAL_TERM = timedelta(days=30)


def summarize(plan: Plan, verdict: Verdict, title: str, today: date) -> str:
    """Return the summary: Markdown of at most `LONGEST` characters that starts with `marker`.

    Args:
        plan: a whole plan.
        verdict: the judgement on it.
        title: the name shown for the plan, such as an environment's.
        today: the first day of the entries that it suggests for the allow-list.
    """
    lines = [marker(title), "", *_lines(plan, verdict, title), ""]
    text = "\n".join((*lines, *_entries(verdict, today)))
    if len(text) <= LONGEST:
        return text
    end = "\n\n*Cut off here: `terraform show` of the plan file has all of it.*\n"
    return "\n".join(lines)[: LONGEST - len(end)].rpartition("\n")[0] + end


def marker(title: str) -> str:
    """Return the line by which a workflow finds its comment again; readers do not see it."""
    return f"<!-- submitter plan: {title.replace('--', '- -')} -->"


def _lines(plan: Plan, verdict: Verdict, title: str) -> Iterator[str]:
    state = "passes" if plan.does_something or any(drifted(plan)) else "no changes"
    yield f"### Plan for {_code(title)}: {state if verdict.passes else 'STOPPED'}"
    yield f"\n{_counts(plan)}"
    yield from _judged(verdict)
    yield from _later(plan, verdict)
    changes = sorted((it for it in plan.changes if it.changes_something), key=_rank)
    if changes:
        yield "\n| what | resource | changes | why it matters | cost |"
        yield "| --- | --- | --- | --- | --- |"
        yield from map(_row, changes)
    for what, names in (
        ("Expired entries of the allow-list, to be removed", _named(verdict.expired)),
        ("Entries of the allow-list that match nothing in this plan", _named(verdict.unused)),
        ("Outputs that change", list(plan.outputs)),
        ("Checks that fail", list(plan.failed_checks)),
        ("Changed outside Terraform since its last apply", list(drifted(plan))),
    ):
        if names:
            yield f"\n{what}: {', '.join(map(_code, names))}"


def _judged(verdict: Verdict) -> Iterator[str]:
    if verdict.stopped:
        yield f"\n**Stopped by {_number(len(verdict.stopped), 'change')}:**\n"
        for finding in verdict.stopped:
            yield from _finding(finding)
        yield (
            "\nIf you want that, add these entries to the allow-list "
            "(`terraform/allowed_changes.toml`) in the same change, each with its reason."
        )
    if verdict.allowed:
        yield "\n**Allowed by name:**\n"
        for finding, allowance in verdict.allowed:
            yield from _finding(finding)
            yield f"  - Reason, until {allowance.expires}: {_text(allowance.reason)}."


def _named(allowances: Iterable[Allowance]) -> list[str]:
    return [f"{it.address} {it.digest}" for it in allowances]


def _later(plan: Plan, verdict: Verdict) -> Iterator[str]:
    """Yield the known parts of the policies that only the apply renders."""
    stopped = {finding.address for finding in verdict.stopped}
    documents = [it for it in plan.changes if it.type == DOCUMENT and it.action is Action.READ]
    if not documents or not any(it.unknown and it.address in stopped for it in plan.changes):
        return
    yield "\n**Policies that are written during the apply:**\n"
    for document in documents:
        yield f"- {_code(document.address)}"
        for statement in parse_document(document.after):
            yield f"  - {_text(describe(statement))}."


def _entries(verdict: Verdict, today: date) -> Iterator[str]:
    """Yield the entries of the allow-list that would let the findings pass."""
    if not verdict.stopped:
        return
    lines: list[str] = []
    for finding in verdict.stopped:
        lines += [
            "[[allow]]",
            f"address = {_visible(json.dumps(finding.address, ensure_ascii=False))}",
            f'digest  = "{finding.digest}"',
            f'reason  = "{NO_REASON}"',
            f"expires = {today + _USUAL_TERM}",
            "",
        ]
    fence = "`" * max(3, 1 + max(len(it) for it in re.findall("`*", "".join(lines))))
    yield f"{fence}toml"
    yield from lines[:-1]
    yield f"{fence}\n"


def _counts(plan: Plan) -> str:
    moved = sum(change.previous_address is not None for change in plan.changes)
    imported = sum(change.imports is not None for change in plan.changes)
    always = (
        (plan.count(Action.CREATE), "to add"),
        (plan.count(Action.UPDATE), "to change"),
        (plan.count(Action.REPLACE), "to replace"),
        (plan.count(Action.DELETE), "to delete"),
    )
    seldom = (
        (imported, "to import"),
        (len(plan.actions), "to run"),
        (moved, "moved"),
        (plan.count(Action.FORGET), "forgotten"),
    )
    told = (*always, *(it for it in seldom if it[0]))
    return ", ".join(f"{count} {what}" for count, what in told) + "."


def _finding(finding: Finding) -> Iterator[str]:
    yield f"- {_code(finding.address)}"
    for reason in finding.reasons:
        yield f"  - {_text(reason)}."


def _rank(change: Change) -> tuple[int, str]:
    order = _ORDER.index(change.action) if change.action in _ORDER else len(_ORDER)
    return order, change.address


def _row(change: Change) -> str:
    cells = (
        _verb(change),
        _code(change.address),
        _difference(change),
        _why_it_matters(change),
        cost_direction(change),
    )
    # A code span does not keep a bar from ending the cell.
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _verb(change: Change) -> str:
    if change.action is not Action.NOTHING:
        return str(change.action)
    return "import" if change.imports is not None else "move"


def _why_it_matters(change: Change) -> str:
    kind = KINDS.get(change.type)
    role = kind.role if kind else "is not of a type that a stack has"
    rows = [row_for(change, it) for it in differences(change)]
    effects = [row.effect for row in rows if row] if change.action is Action.UPDATE else []
    return "; ".join(dict.fromkeys((role, *effects)))


def cost_direction(change: Change) -> str:
    """Return where the bill goes for the same submissions: ``up``, ``down``, ``same`` or ``-``."""
    match change.action:
        case Action.CREATE | Action.DELETE if change.type in _COSTLY:
            return "up" if change.action is Action.CREATE else "down"
        case Action.UPDATE:
            for it in differences(change):
                row = row_for(change, it)
                if row and row.costs:
                    # To CloudWatch, 0 days are for ever.
                    return "up" if (it.after or float("inf")) > (it.before or 0) else "down"
            return "same"
        case Action.REPLACE:
            return "same"
        case _:
            return "-"


def _difference(change: Change) -> str:
    parts = [f"from {_code(change.previous_address)}"] if change.previous_address else []
    if change.imports is not None:
        parts.append("imported")
    if change.action in {Action.UPDATE, Action.REPLACE}:
        # Unknown values mostly follow from other changes.
        found = sorted(differences(change), key=lambda it: it.is_unknown)
        if change.replaced_for:
            found = [it for it in found if it.attribute in change.replaced_for]
        parts += [_attribute(change, it) for it in found[:_MOST_ATTRIBUTES]]
        more = len(found) - _MOST_ATTRIBUTES
        parts += [f"and {more} more"] if more > 0 else []
    return "<br>".join(parts)


def _attribute(change: Change, it: Difference) -> str:
    if it.attribute in change.hidden:
        return f"{_code(it.path)}: (sensitive)"
    before = _value(it.before)
    after = UNKNOWN if it.is_unknown else _value(it.after)
    if not before or not after:
        return _code(it.path)
    return f"{_code(it.path)}: {before} → {after}"


def _value(value: object) -> str:
    """Return a value in a code span; nothing if it is too long for a table."""
    text = json.dumps(value)
    return _code(text) if len(text) <= _LONGEST_VALUE else ""


def _code(text: str) -> str:
    """Return a code span, in which nothing is markup and nothing breaks the line."""
    plain = _plain(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", plain)), default=0))
    padding = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{padding}{plain}{padding}{fence}"


def _text(text: str) -> str:
    """Return a text in which Markdown and HTML find no markup."""
    return "".join(f"\\{it}" if it in "\\`*_[]<>|#@" else it for it in _plain(text)).rstrip(".")


def _plain(text: str) -> str:
    return _visible(" ".join(text.split()))


def _visible(text: str) -> str:
    """Return a text with numbers for letters that are invisible or change the order of others."""
    return "".join(it if it.isprintable() else f"\\u{ord(it):04x}" for it in text)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
