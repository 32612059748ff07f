"""What people read of a plan."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from plan_guard.allowances import Allowance
from plan_guard.judgement import findings, judge
from plan_guard.plan import Action, Change, Plan, parse_plan
from plan_guard.summary import LONGEST, cost_direction, marker, summarize
from unit.plan_guard.changes import changed, document, entry, plan, policy

TODAY = date(2026, 11, 24)
FUNCTION = "module.intake_function.aws_lambda_function"


def _created(kind: str, name: str = "this") -> Change:
    return Change(f"{kind}.{name}", kind, Action.CREATE, after={"name": "x"})


def _deleted(kind: str, address: str = "") -> Change:
    return Change(address or f"{kind}.this", kind, Action.DELETE, {"name": "x"})


def _summary(it: Plan, *allowances: Allowance) -> str:
    return summarize(it, judge(it, allowances, TODAY), "prod", TODAY)


def test_a_plan_that_passes_tells_what_changes_why_it_matters_and_what_it_costs() -> None:
    text = _summary(plan(changed(FUNCTION, {"memory_size": 128}, {"memory_size": 256})))

    assert text.startswith("<!-- submitter plan: prod -->\n\n### Plan for `prod`: passes\n")
    assert "0 to add, 1 to change, 0 to replace, 0 to delete." in text
    assert (
        "| update | `module.intake_function.aws_lambda_function.this` | `memory_size`: `128` → "
        "`256` | announces submissions, or grades them; runs have enough memory | up |\n" in text
    )
    assert "[[allow]]" not in text


def test_a_plan_that_is_stopped_says_why_and_prints_the_entries_to_paste() -> None:
    it = plan(_deleted("aws_sqs_queue", 'aws_sqs_queue.this["a"]'))
    text = _summary(it)
    [finding] = findings(it)

    assert "### Plan for `prod`: STOPPED" in text
    assert "**Stopped by 1 change:**" in text
    assert '- `aws_sqs_queue.this["a"]`\n  - is deleted; it holds messages' in text
    assert "terraform/allowed_changes.toml" in text
    assert text.endswith(
        "\n\n```toml\n[[allow]]\n"
        'address = "aws_sqs_queue.this[\\"a\\"]"\n'
        f'digest  = "{finding.digest}"\n'
        'reason  = "..."\n'
        "expires = 2026-12-24\n"
        "```\n"
    )


def test_what_is_allowed_is_told_with_its_reason() -> None:
    it = plan(_deleted("aws_sqs_queue"))
    [finding] = findings(it)
    text = _summary(it, Allowance(finding.address, finding.digest, "It is empty.", TODAY))

    assert ": passes" in text
    assert "  - Reason, until 2026-11-24: It is empty." in text
    assert "[[allow]]" not in text


def test_entries_that_have_expired_or_match_nothing_are_told() -> None:
    old = Allowance("aws_a.old", "1" * 32, "Once.", TODAY - timedelta(days=1))
    text = _summary(plan(), old, replace(old, address="aws_a.new", expires=TODAY))
    assert "### Plan for `prod`: no changes" in text
    assert f"to be removed: `aws_a.old {'1' * 32}`" in text
    assert f"match nothing in this plan: `aws_a.new {'1' * 32}`" in text


def test_what_is_seldom_is_counted_if_there_is_any_and_told() -> None:
    kept = {"before": {"a": 1}, "after": {"a": 1}}
    queue = entry("aws_sqs_queue.q", "no-op", **kept, importing={"id": "x"})
    moved = entry("aws_sqs_queue.r", "no-op", **kept) | {"previous_address": "aws_sqs_queue.s"}
    forgotten = entry("aws_sqs_queue.t", "forget", before={"name": "t"})
    action = {"address": "action.aws_lambda_invoke.x", "type": "aws_lambda_invoke"}
    changes = [queue, moved, forgotten]
    text = _summary(parse_plan(document(resource_changes=changes, action_invocations=[action])))
    assert " 0 to delete, 1 to import, 1 to run, 1 moved, 1 forgotten.\n" in text
    assert "| import | `aws_sqs_queue.q` | imported |" in text
    assert "| move | `aws_sqs_queue.r` | from `aws_sqs_queue.s` |" in text
    assert "runs the action aws\\_lambda\\_invoke" in text


def test_outputs_checks_and_what_was_changed_by_hand_are_told() -> None:
    by_hand = entry(
        "aws_sqs_queue.q",
        "update",
        before={"delay_seconds": 5, "policy": "", "tags": None},
        after={"delay_seconds": 9, "policy": "{}", "tags": {}},
    )
    it = document(
        output_changes={"more": {"actions": ["create"]}},
        checks=[{"address": {"to_display": "check.x"}, "status": "fail"}],
        resource_drift=[by_hand, entry("aws_sqs_queue.r", "delete", before={"name": "r"})],
    )
    text = _summary(parse_plan(it))
    assert "Outputs that change: `more`\n" in text
    assert "Checks that fail: `check.x`\n" in text
    # Not what was only read again.
    assert "outside Terraform since its last apply: `aws_sqs_queue.q delay_seconds`, " in text
    assert "`aws_sqs_queue.r, which is gone`\n" in text


def test_policies_that_are_written_during_the_apply_are_shown_as_far_as_they_are_known() -> None:
    statement = {"sid": "Read", "actions": ["s3:GetObject"], "resources": [None]}
    read = entry("data.aws_iam_policy_document.d", "read", after={"statement": [statement]})
    sides = {"before": {"policy": policy()}, "after": {}, "after_unknown": {"policy": True}}
    bound = entry("aws_iam_policy.p", "update", **sides)
    text = _summary(parse_plan(document(resource_changes=[read, bound])))
    assert "- `data.aws_iam_policy_document.d`\n  - Read: Effect Allow; Action s3:GetObject" in text
    assert "apply:**" not in _summary(parse_plan(document(resource_changes=[read])))


def test_deletions_come_before_all_else() -> None:
    it = plan(_created("aws_a"), changed("aws_b", {}, {"x": 1}), _deleted("aws_z"))
    text = _summary(it).partition("| what |")[2]
    assert text.index("`aws_z.this`") < text.index("`aws_b.this`") < text.index("`aws_a.this`")


def test_what_is_sensitive_is_not_shown() -> None:
    change = changed("aws_ssm_parameter", {"value": "old"}, {"value": "new"})
    text = _summary(plan(replace(change, hidden=frozenset({"value"}))))
    assert "`value`: (sensitive)" in text
    assert "old" not in text
    assert "new" not in text.replace("renewed", "")


def test_values_cannot_break_out_of_the_table_nor_addresses_out_of_their_entry() -> None:
    name = 'aws_a.this["```"]'
    change = replace(changed("aws_a", {"v": "a"}, {"v": "`|\n<b>"}), address=name)
    text = _summary(plan(change))
    [row] = [line for line in text.splitlines() if line.startswith("| update")]
    assert '``"`\\|\\n<b>"``' in row
    assert "\n````toml\n" in text
    assert text.endswith("\n````\n")


def test_letters_that_deceive_a_reader_are_shown_by_their_numbers() -> None:
    change = changed(
        "aws_iam_policy", {"policy": ""}, {"policy": policy(Action="s3:\u202egnihton")}
    )
    assert "s3:\\\\u202egnihton" in _summary(plan(change))


def test_long_values_are_named_only() -> None:
    text = _summary(plan(changed(FUNCTION, {"description": "x" * 100}, {"description": "y"})))
    assert "| `description` |" in text
    assert "xxx" not in text


def test_a_huge_plan_fits_into_a_comment() -> None:
    text = _summary(plan(*(_created(f"aws_{'x' * 100}", str(it)) for it in range(1000))))
    assert len(text) <= LONGEST
    assert "Cut off here" in text


def test_a_title_cannot_end_the_marker() -> None:
    assert "-->" not in marker("a --> b").removesuffix("-->")


@pytest.mark.parametrize(
    ("change", "cost"),
    [
        (_created("aws_kms_key"), "up"),
        (_deleted("aws_cloudwatch_dashboard"), "down"),
        (_created("aws_s3_bucket"), "-"),
        (changed(FUNCTION, {"memory_size": 512}, {"memory_size": 256}), "down"),
        (
            changed(
                "aws_cloudwatch_log_group", {"retention_in_days": 30}, {"retention_in_days": 0}
            ),
            "up",
        ),
        (changed(FUNCTION, {"timeout": 1}, {"timeout": 2}), "same"),
        (Change("aws_sqs_queue.q", "aws_sqs_queue", Action.REPLACE), "same"),
    ],
)
def test_cost_goes_where_the_change_takes_it(change: Change, cost: str) -> None:
    assert cost_direction(change) == cost
