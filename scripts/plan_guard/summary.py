"""The plan in Markdown, short enough for a comment on a pull request."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

from plan_guard.allowances import NO_REASON
from plan_guard.difference import Difference, differences, drifted
from plan_guard.harmless import row_for
from plan_guard.judgement import Finding, Verdict
from plan_guard.plan import Action, Change, Plan
from plan_guard.policy import UNKNOWN, describe, parse_document
from plan_guard.resource_types import DOCUMENT, KINDS

LONGEST = 60_000
"""Characters; GitHub refuses a comment of more than 65,536."""

_ORDER = (Action.DELETE, Action.REPLACE, Action.FORGET, Action.UPDATE, Action.CREATE)
_COSTLY = {  # even if they are not used
    *("aws_cloudwatch_dashboard", "aws_cloudwatch_metric_alarm"),
    *("aws_kms_key", "aws_s3_bucket_metric"),
}
_LONGEST_VALUE = 40
_MOST_ATTRIBUTES = 6
_USUAL_TERM = timedelta(days=30)


def summarize(
    plan: Plan, verdict: Verdict, title: str, today: date, *, expect_no_changes: bool = False
) -> str:
    """Return Markdown of at most `LONGEST` characters that starts with `marker(title)`.

    It suggests entries for the allow-list that hold from today.
    """
    lines = [
        marker(title),
        "",
        *_lines(plan, verdict, title, expect_no_changes=expect_no_changes),
        "",
    ]
    text = "\n".join((*lines, *_entries(verdict, today)))
    if len(text) <= LONGEST:
        return text
    end = "\n\n*Cut off here: `terraform show` of the plan file has all of it.*\n"
    return "\n".join(lines)[: LONGEST - len(end)].rpartition("\n")[0] + end


def marker(title: str) -> str:
    """Return the line by which a workflow finds its comment again; readers do not see it."""
    return f"<!-- submitter plan: {title.replace('--', '- -')} -->"


def _lines(plan: Plan, verdict: Verdict, title: str, *, expect_no_changes: bool) -> Iterator[str]:
    by_hand = list(drifted(plan))
    state = "no changes"
    if plan.does_something or by_hand:
        state = "DIFFERS from the stack" if expect_no_changes else "passes"
    yield f"### Plan for {_code(title)}: {state if verdict.passes else 'STOPPED'}"
    yield f"\n{_counts(plan)}"
    if count := len(verdict.stopped):
        yield f"\n**Stopped by {count} change{'s' if count > 1 else ''}:**\n"
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
    yield from _later(plan, verdict)
    yield from _table(plan)
    expired, unused = (
        [f"{it.address} {it.digest}" for it in them] for them in (verdict.expired, verdict.unused)
    )
    for what, names in (
        ("Expired entries of the allow-list, to be removed", expired),
        ("Entries of the allow-list that match nothing in this plan", unused),
        ("Outputs that change", plan.outputs),
        ("Checks that fail", plan.failed_checks),
        ("Changed outside Terraform since its last apply", by_hand),
    ):
        if names:
            yield f"\n{what}: {', '.join(map(_code, names))}"


def _counts(plan: Plan) -> str:
    moved = sum(change.previous_address is not None for change in plan.changes)
    imported = sum(change.imports is not None for change in plan.changes)
    always = (
        f"{plan.count(Action.CREATE)} to add, {plan.count(Action.UPDATE)} to change, "
        f"{plan.count(Action.REPLACE)} to replace, {plan.count(Action.DELETE)} to delete"
    )
    forgotten = plan.count(Action.FORGET)
    seldom = [(imported, "to import"), (len(plan.actions), "to run"), (moved, "moved")]
    told = [f"{count} {what}" for count, what in (*seldom, (forgotten, "forgotten")) if count]
    return ", ".join([always, *told]) + "."


def _finding(finding: Finding) -> Iterator[str]:
    yield f"- {_code(finding.address)}"
    for reason in finding.reasons:
        yield f"  - {_text(reason)}."


def _later(plan: Plan, verdict: Verdict) -> Iterator[str]:
    """Yield the known parts of the policies that only the apply renders."""
    stopped = {finding.address for finding in verdict.stopped}
    documents = [it for it in plan.changes if it.type == DOCUMENT and it.action is Action.READ]
    if documents and any(it.unknown and it.address in stopped for it in plan.changes):
        yield "\n**Policies that are written during the apply:**\n"
        for document in documents:
            yield f"- {_code(document.address)}"
            for statement in parse_document(document.after):
                yield f"  - {_text(describe(statement))}."


def _entries(verdict: Verdict, today: date) -> Iterator[str]:
    """Yield the entries of the allow-list that would let the findings pass."""
    entries = "\n".join(
        f"[[allow]]\naddress = {_visible(json.dumps(it.address, ensure_ascii=False))}\n"
        f'digest  = "{it.digest}"\nreason  = "{NO_REASON}"\nexpires = {today + _USUAL_TERM}\n'
        for it in verdict.stopped
    )
    if entries:
        fence = _fence(entries, 3)
        yield f"{fence}toml\n{entries}{fence}\n"


def _table(plan: Plan) -> Iterator[str]:
    changes = [it for it in plan.changes if it.changes_something]
    if changes:
        yield "\n| what | resource | changes | why it matters | cost |"
        yield "| --- | --- | --- | --- | --- |"
    # First those in the order above, then imports and moves.
    for change in sorted(
        changes, key=lambda it: ((*_ORDER, it.action).index(it.action), it.address)
    ):
        kept = "import" if change.imports is not None else "move"
        cells = (
            kept if change.action is Action.NOTHING else change.action,
            _code(change.address),
            _difference(change),
            _why_it_matters(change),
            cost_direction(change),
        )
        # A code span does not keep a bar from ending the cell.
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


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
    texts = [json.dumps(value) for value in (it.before, it.after)]
    # Longer values would spoil the table.
    if any(len(text) > _LONGEST_VALUE for text in texts):
        return _code(it.path)
    before, after = map(_code, texts)
    return f"{_code(it.path)}: {before} → {UNKNOWN if it.is_unknown else after}"


def _fence(text: str, shortest: int) -> str:
    """Return more backticks than stand anywhere in a text."""
    return "`" * max(shortest, 1 + max(map(len, re.findall("`+", text)), default=0))


def _code(text: str) -> str:
    """Return a code span, in which nothing is markup and nothing breaks the line."""
    plain = _plain(text)
    fence = _fence(plain, 1)
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
