"""What people read of a plan."""

from dataclasses import replace
from datetime import date

import pytest

from plan_guard.allowances import Allowance
from plan_guard.effects import Cost, cost_direction
from plan_guard.findings import Rule
from plan_guard.plan import Change, Plan
from plan_guard.summary import LONGEST, marker, summarize
from plan_guard.verdict import judge
from unit.plan_guard.changes import created, deleted, plan, replaced, updated

TODAY = date(2026, 11, 24)
FUNCTION = "aws_lambda_function"


def _summary(it: Plan, *allowances: Allowance) -> str:
    return summarize(it, judge(it, allowances, TODAY), "prod")


def test_a_plan_that_passes_tells_what_changes_why_it_matters_and_what_it_costs() -> None:
    text = _summary(
        plan(
            updated(FUNCTION, {"memory_size": 128}, {"memory_size": 256}),
            created("aws_cloudwatch_metric_alarm"),
        )
    )

    assert text.startswith("<!-- submitter plan: prod -->\n\n### Plan for `prod`: passes\n")
    assert "1 to add, 1 to change, 0 to replace, 0 to delete." in text
    assert (
        "| update | `aws_lambda_function.this` | `memory_size`: `128` → `256` | "
        "decides what is a submission, and announces it | up |" in text
    )
    assert "| create | `aws_cloudwatch_metric_alarm.this` |" in text


def test_a_plan_that_is_stopped_says_why_and_what_to_do() -> None:
    text = _summary(plan(replaced("aws_sqs_queue", replaced_for=("name",))))

    assert "### Plan for `prod`: STOPPED" in text
    assert "**Stopped by 1 finding:**" in text
    assert "`data_loss` at `aws_sqs_queue.this`: makes another one in its place" in text
    assert "terraform/allowed_changes.toml" in text


def test_what_is_allowed_is_told_with_its_reason() -> None:
    allowance = Allowance(Rule.DATA_LOSS, "aws_sqs_queue.this", "It is empty.", TODAY)
    text = _summary(plan(deleted("aws_sqs_queue")), allowance)

    assert ": passes" in text
    assert "Reason, until 2026-11-24: It is empty." in text


def test_an_entry_that_has_expired_is_told() -> None:
    allowance = Allowance(Rule.WILDCARD, "aws_iam_policy.this", "Once.", date(2026, 11, 23))
    assert "to be removed: wildcard of `aws_iam_policy.this`" in _summary(plan(), allowance)


def test_a_plan_of_nothing_says_so() -> None:
    assert "### Plan for `prod`: no changes" in _summary(plan())


def test_deletions_come_before_all_else() -> None:
    text = _summary(plan(created("aws_a"), updated("aws_b", {}, {"x": 1}), deleted("aws_z")))
    assert text.index("`aws_z.this`") < text.index("`aws_b.this`") < text.index("`aws_a.this`")


def test_what_is_sensitive_is_not_shown() -> None:
    change = updated("aws_a", {"s": "old"}, {"s": "new"}, hidden=frozenset({"s"}))
    text = _summary(plan(change))
    assert "`s`: (sensitive)" in text
    assert "old" not in text
    assert "new" not in text


def test_values_cannot_break_out_of_the_table() -> None:
    change = updated("aws_a", {"v": "a"}, {"v": "`|\n<b>"})
    [row] = [line for line in _summary(plan(change)).splitlines() if "aws_a" in line]
    assert "\\|" in row
    assert '``"`\\|\\n<b>"``' in row


def test_long_values_are_named_only() -> None:
    text = _summary(plan(updated("aws_a", {"v": "x" * 100}, {"v": "y" * 100})))
    assert "`v`" in text
    assert "xxx" not in text


def test_a_move_is_told() -> None:
    change = replace(updated("aws_a", {"x": 1}, {"x": 2}), previous_address="aws_a.old")
    assert "from `aws_a.old`" in _summary(plan(change))


def test_a_huge_plan_fits_into_a_comment() -> None:
    many = [created(f"aws_{'x' * 100}_{number}") for number in range(1000)]
    text = _summary(plan(*many))
    assert len(text) <= LONGEST
    assert "Cut off here" in text


def test_a_title_cannot_end_the_marker() -> None:
    assert "-->" not in marker("a --> b").removesuffix("-->")


@pytest.mark.parametrize(
    ("change", "cost"),
    [
        (created("aws_kms_key"), Cost.UP),
        (deleted("aws_cloudwatch_dashboard"), Cost.DOWN),
        (created("aws_s3_bucket"), Cost.NONE),
        (updated(FUNCTION, {"memory_size": 256}, {"memory_size": 128}), Cost.DOWN),
        (updated(FUNCTION, {"architectures": ["arm64"]}, {"architectures": ["x86_64"]}), Cost.UP),
        (
            updated(
                "aws_cloudwatch_log_group", {"retention_in_days": 30}, {"retention_in_days": 0}
            ),
            Cost.UP,
        ),
        (updated(FUNCTION, {"timeout": 1}, {"timeout": 2}), Cost.SAME),
        (replaced("aws_sqs_queue"), Cost.SAME),
    ],
)
def test_cost_goes_where_the_change_takes_it(change: Change, cost: Cost) -> None:
    assert cost_direction(change) is cost
