"""Every row of the table lets pass what it is there for, and nothing in another direction."""

import json
from typing import Any

import pytest

from plan_guard import harmless
from plan_guard.harmless import TABLE
from plan_guard.judgement import findings
from plan_guard.plan import Change
from plan_guard.summary import cost_direction
from unit.plan_guard.changes import PLANS, Attributes, changed, plan

EXAMPLES: dict[tuple[str, str], tuple[list[Any], list[Any]]] = {
    (row.split()[0], path): directions
    for row, directions in json.loads((PLANS / "harmless.json").read_text()).items()
    for path in row.split()[1:]
}
"""By type and attribute: what may become what, and what may not."""

UNKNOWN = {
    *("last_modified", "code_sha256", "source_code_size"),
    *("version", "qualified_arn", "qualified_invoke_arn"),
}
"""AWS sets these attributes of a function after the apply; others stop if they are unknown."""
COSTS = {
    *("memory_size", "architectures", "retention_in_days"),
    *("noncurrent_days", "days_after_initiation"),
}
"""The last parts of the attributes that cost."""
ROWS = {(row.type, row.path): row for row in TABLE}
MAPPING = "aws_lambda_event_source_mapping"


def _attributes(path: str, value: object) -> Attributes:
    """Return attributes with a value at a path: ``a[].b`` is ``{"a": [{"b": value}]}``."""
    for part in reversed(path.replace("*", "Course").split(".")):
        name = part.removesuffix("[]")
        value = {name: [value] if part.endswith("[]") else value}
    return value if isinstance(value, dict) else {}


def _change(key: tuple[str, str], before: object, after: object) -> Change:
    kind = "aws_sqs_queue" if key[0] == "*" else key[0]
    return changed(kind, _attributes(key[1], before), _attributes(key[1], after))


def test_each_row_has_its_examples_and_there_is_none_without_one() -> None:
    assert set(ROWS) == set(EXAMPLES)
    assert len(ROWS) == len(TABLE)
    assert {row.path for row in TABLE if row.may_be_unknown} == UNKNOWN
    assert {row.path.split(".")[-1] for row in TABLE if row.costs} == COSTS


@pytest.mark.parametrize("key", EXAMPLES, ids=".".join)
def test_what_a_row_is_there_for_passes_and_only_thanks_to_it(
    key: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = [_change(key, *values) for values in EXAMPLES[key][0]]
    for change in changes:
        assert findings(plan(change)) == (), change
    monkeypatch.setattr(harmless, "TABLE", [row for row in TABLE if row is not ROWS[key]])
    for change in changes:
        assert findings(plan(change)), change


@pytest.mark.parametrize(
    ("key", "values"),
    [(key, values) for key, (_, bad) in EXAMPLES.items() for values in bad],
    ids=str,
)
def test_any_other_direction_stops(key: tuple[str, str], values: tuple[object, object]) -> None:
    [finding] = findings(plan(_change(key, *values)))
    name = key[1].split(".")[0].removesuffix("[]")
    assert any(name in reason for reason in finding.reasons)


@pytest.mark.parametrize("key", EXAMPLES, ids=".".join)
def test_what_is_known_only_after_the_apply_stops_unless_aws_says_it(key: tuple[str, str]) -> None:
    known = EXAMPLES[key][0][0][0]
    kind = "aws_sqs_queue" if key[0] == "*" else key[0]
    before, after = _attributes(key[1], known), _attributes(key[1], None)
    change = changed(kind, before, after, _attributes(key[1], value=True))
    assert bool(findings(plan(change))) is (key[1] not in UNKNOWN)


@pytest.mark.parametrize("key", EXAMPLES, ids=".".join)
def test_a_row_is_about_its_own_type_and_attribute(key: tuple[str, str]) -> None:
    good = EXAMPLES[key][0][0]
    others = [kind for kind in ("aws_sqs_queue_policy", "aws_kms_alias") if kind != key[0]]
    if key[0] != "*":
        for kind in others:
            assert findings(plan(_change((kind, key[1]), *good)))
    assert findings(plan(_change((key[0], f"{key[1].removesuffix('.*')}x"), *good)))


@pytest.mark.parametrize("name", ["tags", "tags_all"])
@pytest.mark.parametrize("pinned", ["Project", "Stack", "stack"])
@pytest.mark.parametrize(("before", "after"), [("a", "b"), (None, "b"), ("a", None)])
def test_tags_by_which_the_stack_is_found_may_not_change(
    name: str, pinned: str, before: str | None, after: str | None
) -> None:
    sides = [{"name": "q", name: {pinned: it} if it else {}} for it in (before, after)]
    [finding] = findings(plan(changed("aws_sqs_queue", *sides)))
    assert f"{name}.{pinned}" in finding.reasons[0]


# A cost centre may have as many digits as an account.
@pytest.mark.parametrize("value", ["CS101", "999999999999"])
@pytest.mark.parametrize("before", [None, {}])
def test_tags_that_were_not_there_yet_pass(before: Attributes | None, value: str) -> None:
    change = changed("aws_sqs_queue", {"tags": before}, {"tags": {"Course": value}})
    assert findings(plan(change)) == ()


@pytest.mark.parametrize("tags", [[], ["a"], "a", 1], ids=repr)
@pytest.mark.parametrize("name", ["tags", "tags_all"])
def test_tags_of_another_type_stop(name: str, tags: object) -> None:
    assert findings(plan(changed("aws_sqs_queue", {name: {"a": "b"}}, {name: tags})))


@pytest.mark.parametrize(
    ("kind", "name", "before", "after"),
    [
        ("module.grader_function.aws_lambda_function", "architectures", ["x86_64"], ["arm64"]),
        (MAPPING, "batch_size", 1, 2),
        (MAPPING, "enabled", True, False),
        (MAPPING, "event_source_arn", "arn:queue", "arn:other"),
        (MAPPING, "filter_criteria", [], [{"filter": [{"pattern": "{}"}]}]),
        (MAPPING, "function_name", "a-grader", "a-intake"),
        (MAPPING, "function_response_types", ["ReportBatchItemFailures"], []),
        (MAPPING, "scaling_config", [{"maximum_concurrency": 20}], []),
    ],
    ids=str,
)
def test_what_would_stop_the_grader_or_lose_messages_stops(
    kind: str, name: str, before: object, after: object
) -> None:
    [finding] = findings(plan(changed(kind, {name: before}, {name: after})))
    assert name in finding.reasons[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (("aws_lambda_function", "description"), "for 999999999999"),
        (("aws_sqs_queue", "tags.*"), "arn:aws:iam::999999999999:root"),
        (
            ("aws_cloudwatch_metric_alarm", "alarm_actions"),
            ["arn:aws:sns:us-east-1:999999999999:staff"],
        ),
        (
            ("aws_cloudwatch_dashboard", "dashboard_body"),
            json.dumps({"widgets": [{"type": "metric", "accountId": "999999999999"}]}),
        ),
    ],
    ids=str,
)
def test_another_account_stops_in_what_is_harmless_otherwise(
    key: tuple[str, str], value: object
) -> None:
    [finding] = findings(plan(_change(key, [] if isinstance(value, list) else "a", value)))
    assert "999999999999" in finding.reasons[0]
    own = json.loads(json.dumps(value).replace("999999999999", "123456789012"))
    assert findings(plan(_change(key, [] if isinstance(value, list) else "a", own))) == ()


@pytest.mark.parametrize("key", EXAMPLES, ids=".".join)
def test_the_bill_goes_where_a_value_goes_that_costs_and_stays_otherwise(
    key: tuple[str, str],
) -> None:
    values = EXAMPLES[key][0][0]
    if ROWS[key].costs:
        values = (["arm64"], ["x86_64"]) if "arch" in key[1] else (512, 1024)
    assert cost_direction(_change(key, *values)) == ("up" if ROWS[key].costs else "same")
