"""What a plan may not do beside changing values, and what an allowance of it binds to."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from plan_guard.allowances import Allowance
from plan_guard.judgement import findings, judge
from plan_guard.plan import Action, Change, Plan, PlanGuardError, parse_plan
from unit.plan_guard.changes import Attributes, changed, document, entry, plan, policy

TODAY = date(2026, 11, 24)
QUEUE = 'module.submitter_queue.aws_sqs_queue.this["queue"]'
ALARM = "aws_cloudwatch_metric_alarm.eighth"
TOPIC = "arn:aws:sns:us-east-1:123456789012:staff"


def _plan(*changes: Attributes, **parts: object) -> Plan:
    return parse_plan(document(resource_changes=list(changes), **parts))


def _reasons(it: Plan) -> list[str]:
    return [reason for finding in findings(it) for reason in finding.reasons]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (entry(QUEUE, "delete", before={"name": "q"}), "is deleted; it holds messages"),
        (entry(QUEUE, "forget", before={"name": "q"}), "is no longer Terraform's"),
        (
            entry(
                QUEUE,
                "delete",
                "create",
                before={"name": "q"},
                after={"name": "r"},
                replace_paths=[["name"]],
            ),
            "is replaced because name changes",
        ),
        (
            entry(QUEUE, "create", "forget", before={}, after={}),
            "is replaced because its configuration changes",
        ),
        (entry(QUEUE, "create", after={"name": "r"}), "is created in a stack that exists"),
        (
            entry(QUEUE, "no-op", before={"a": 1}, after={"a": 1}, after_unknown={"a": True}),
            "is said to stay as it is, but its values change",
        ),
        (
            entry(QUEUE, "update", before={"name": "q"}, after={"name": "q"}),
            "is changed in a way that the plan does not show",
        ),
        (entry("aws_instance.x", "create", after={}), "a type or provider that no stack has"),
        (entry("data.external.x", "read", after={}), "reads external"),
        (
            entry(QUEUE, "no-op", before={"a": 1}, after={"a": 1}, importing={"id": "q"}),
            'imports {"id": "q"}',
        ),
    ],
    ids=lambda it: it if isinstance(it, str) else "-".join(it["change"]["actions"]),
)
def test_what_is_more_than_a_change_of_values_stops(change: Attributes, reason: str) -> None:
    assert reason in _reasons(_plan(change))[0]


def test_a_move_passes_and_one_that_changes_the_type_does_not() -> None:
    here = entry(QUEUE, "no-op", before={"a": 1}, after={"a": 1})
    assert findings(_plan(here | {"previous_address": 'aws_sqs_queue.old["a.b"]'})) == ()
    [reason] = _reasons(_plan(here | {"previous_address": "module.a.aws_sqs_queue_policy.old"}))
    assert reason == "was a aws_sqs_queue_policy"


def test_reading_what_a_stack_reads_and_outputs_pass() -> None:
    # What it says matters where a policy becomes it, and that change is judged.
    after = {"statement": [{"actions": ["iam:*"]}]}
    read = entry("module.a.data.aws_iam_policy_document.d", "read", after=after)
    outputs = {"more": {"actions": ["create"]}}
    assert findings(_plan(read, output_changes=outputs)) == ()


def test_a_configuration_like_the_stacks_own_passes() -> None:
    region = {"address": "data.aws_region.x", "mode": "data", "type": "aws_region"}
    queue = {"address": "aws_sqs_queue.this", "mode": "managed", "type": "aws_sqs_queue"}
    inner = {"failures_queue": {"source": "../queue", "module": {"resources": [region, queue]}}}
    calls = {
        "intake_function": {
            "source": "./modules/function",
            "module": {"module_calls": inner},
        }
    }
    provider = {
        "name": "aws",
        "full_name": "registry.opentofu.org/hashicorp/aws",
        "expressions": {"default_tags": [{"tags": {"references": ["local.tags"]}}]},
    }
    configuration = {
        "provider_config": {"aws": provider},
        "root_module": {"resources": [region], "module_calls": calls},
    }
    assert findings(_plan(configuration=configuration)) == ()


EIGHTH = {
    "alarm_name": "submitter-prod-eighth",
    "alarm_actions": [TOPIC],
    "actions_enabled": True,
    "threshold": 0,
}


def test_an_alarm_that_only_tells_people_is_added_without_a_word() -> None:
    alarm = entry(ALARM, "create", after=EIGHTH, after_unknown={"arn": True, "id": True})
    assert findings(_plan(alarm)) == ()
    # Nor one that somebody deleted by hand.
    gone = entry(ALARM, "delete", before=EIGHTH | {"arn": "arn:x"})
    assert findings(_plan(alarm, resource_drift=[gone])) == ()


@pytest.mark.parametrize(
    "difference",
    [
        {"alarm_name": "other-eighth"},
        {"alarm_name": "submitter-prod-first"},
        # Another stack's, which is called submitter-prod-two.
        {"alarm_name": "submitter-prod-two-first"},
        {"alarm_name": None},
        {"alarm_actions": ["arn:aws:automate:us-east-1:ec2:terminate"]},
        {"ok_actions": ["arn:aws:lambda:us-east-1:123456789012:function:x"]},
        {"insufficient_data_actions": [TOPIC.replace("123456789012", "999999999999")]},
        {"actions_enabled": False},
        {"actions_enabled": None},
        # The first one tells somebody.
        {"alarm_actions": []},
    ],
    ids=str,
)
def test_an_alarm_that_does_more_stops(difference: Attributes) -> None:
    first = {"alarm_name": "submitter-prod-first", "alarm_actions": [TOPIC]}
    there = entry(f"{ALARM}s", "no-op", before=first, after=first)
    assert findings(_plan(there, entry(ALARM, "create", after=EIGHTH))) == ()
    assert findings(_plan(there, entry(ALARM, "create", after=EIGHTH | difference)))


@pytest.mark.parametrize("address", [ALARM, f"{ALARM}s"])
def test_an_alarm_that_was_deleted_by_hand_is_not_made_anew_with_other_settings(
    address: str,
) -> None:
    gone = entry(address, "delete", before=EIGHTH)
    alarm = entry(ALARM, "create", after=EIGHTH | {"threshold": 99999})
    assert findings(_plan(alarm, resource_drift=[gone]))


def test_an_alarm_with_a_value_that_is_not_known_stops() -> None:
    alarm = entry(ALARM, "create", after=EIGHTH, after_unknown={"alarm_actions": [True]})
    assert findings(_plan(alarm))


def test_an_alarm_stops_where_the_stacks_name_is_not_known() -> None:
    assert findings(_plan(entry(ALARM, "create", after=EIGHTH), variables={}))


def test_another_kind_of_resource_is_not_added_like_an_alarm() -> None:
    after = EIGHTH | {"name": "submitter-prod-eighth"}
    assert findings(_plan(entry("aws_sqs_queue.eighth", "create", after=after)))


def test_a_sensitive_value_is_not_told() -> None:
    change = entry(
        "module.stack_parameter.aws_ssm_parameter.this",
        "update",
        before={"value": "old secret"},
        after={"value": "new secret"},
        before_sensitive={"value": True},
        after_sensitive={"value": True},
    )
    assert _reasons(_plan(change)) == ["value becomes another sensitive value"]


def test_a_policy_that_is_sensitive_is_not_told_either() -> None:
    change = changed("aws_iam_policy", {"policy": policy()}, {"policy": policy(Action="sqs:*")})
    assert _reasons(plan(replace(change, hidden=frozenset({"policy"})))) == ["policy changes"]


def test_a_policy_that_changes_is_told_statement_by_statement() -> None:
    change = changed("aws_iam_policy", {"policy": policy()}, {"policy": policy(Action="sqs:*")})
    assert _reasons(plan(change)) == [
        "changes One: Action gains sqs:*; Action loses sqs:SendMessage"
    ]


def test_a_policy_that_goes_is_told_too() -> None:
    change = entry("aws_s3_bucket_policy.x", "delete", before={"policy": policy(Effect="Deny")})
    assert _reasons(_plan(change))[-1] == (
        "removes One: Effect Deny; Action sqs:SendMessage; Resource arn:one"
    )


def test_a_new_policy_that_is_not_known_is_told_and_other_new_values_are_not() -> None:
    unknown = {"policy": True, "arn": True}
    change = entry("aws_iam_policy.x", "create", after={}, after_unknown=unknown)
    assert _reasons(_plan(change))[1:] == ["policy is known only after the apply"]


def test_what_is_not_in_the_form_of_its_type_cannot_be_judged() -> None:
    change = changed("aws_iam_policy", {"policy": policy()}, {"policy": "not JSON"})
    with pytest.raises(PlanGuardError, match=r"aws_iam_policy\.this is not in the form"):
        findings(plan(change))


# Allowances


def _allowance(it: Plan) -> Allowance:
    [finding] = findings(it)
    return Allowance(finding.address, finding.digest, "It is empty.", TODAY)


DELETION = _plan(entry(QUEUE, "delete", before={"name": "q"}))


def test_what_is_allowed_passes_until_its_day_is_over() -> None:
    allowance = _allowance(DELETION)
    verdict = judge(DELETION, [allowance], TODAY)
    assert verdict.passes
    assert [it for _, it in verdict.allowed] == [allowance]
    assert verdict.expired == verdict.unused == ()

    verdict = judge(DELETION, [allowance], TODAY + timedelta(days=1))
    assert not verdict.passes
    assert verdict.expired == (allowance,)


@pytest.mark.parametrize(
    "allowance",
    [
        replace(_allowance(DELETION), address=f"{QUEUE}s"),
        replace(_allowance(DELETION), digest="0" * 32),
    ],
    ids=["another address", "another digest"],
)
def test_an_allowance_of_something_else_allows_nothing_and_is_reported(
    allowance: Allowance,
) -> None:
    verdict = judge(DELETION, [allowance], TODAY)
    assert not verdict.passes
    assert verdict.unused == (allowance,)


def _update(**after: object) -> Plan:
    before = {"delay_seconds": 0, "tags": {}, "max_message_size": 9}
    return _plan(entry(QUEUE, "update", before=before, after=before | after))


def test_an_allowance_binds_to_what_stops_and_not_to_what_passes_beside_it() -> None:
    allowance = _allowance(_update(delay_seconds=5))
    assert judge(_update(delay_seconds=5, tags={"a": "b"}), [allowance], TODAY).passes
    assert not judge(_update(delay_seconds=6), [allowance], TODAY).passes
    assert not judge(_update(delay_seconds=5, max_message_size=8), [allowance], TODAY).passes
    assert not judge(_update(max_message_size=5), [allowance], TODAY).passes
    replaced = entry(
        QUEUE, "delete", "create", before={"delay_seconds": 0}, after={"delay_seconds": 5}
    )
    assert not judge(_plan(replaced), [allowance], TODAY).passes
    assert not judge(DELETION, [allowance], TODAY).passes


def test_an_allowance_of_what_is_created_binds_to_all_that_it_sets() -> None:
    def created(*unknown: str, **after: object) -> Plan:
        marks = dict.fromkeys(unknown, True)
        return _plan(entry(QUEUE, "create", after={"name": "q"} | after, after_unknown=marks))

    allowance = _allowance(created("arn"))
    assert judge(created("arn"), [allowance], TODAY).passes
    others: tuple[Attributes, ...] = (
        {"policy": policy()},
        {"tags": {"Course": "CS101"}},
        {"source_code_hash": "x"},
    )
    for other in (created(), created("arn", "policy"), *(created("arn", **it) for it in others)):
        assert not judge(other, [allowance], TODAY).passes
    assert not judge(created("arn", delay_seconds=900), [allowance], TODAY).passes


def test_an_allowance_of_a_replacement_binds_to_what_is_made_anew() -> None:
    def replaced(delay: int) -> Plan:
        sides = {"before": {"name": "q"}, "after": {"name": "r", "delay_seconds": delay}}
        return _plan(entry(QUEUE, "delete", "create", **sides, replace_paths=[["name"]]))

    allowance = _allowance(replaced(0))
    assert judge(replaced(0), [allowance], TODAY).passes
    assert not judge(replaced(900), [allowance], TODAY).passes


@pytest.mark.parametrize("action", ["delete", "forget"])
def test_an_allowance_of_a_deletion_binds_to_what_goes(action: str) -> None:
    allowance = _allowance(_plan(entry(QUEUE, action, before={"name": "submitter-prod-q"})))
    theirs = _plan(
        entry(QUEUE, action, before={"name": "dev-q"}), variables={"name": {"value": "dev"}}
    )
    assert judge(theirs, [allowance], TODAY).passes
    other = _plan(entry(QUEUE, action, before={"name": "submitter-prod-r"}))
    assert not judge(other, [allowance], TODAY).passes


def _policy(action: str, others: tuple[str, ...] = ()) -> Plan:
    sides = [
        {
            "policy": json.dumps(
                {
                    "Statement": [
                        {"Sid": it, "Effect": "Allow", "Action": it, "Resource": "*"}
                        for it in (*others, *end)
                    ]
                }
            )
        }
        for end in ((), (action,))
    ]
    return plan(changed("aws_iam_policy", *sides))


def test_an_allowance_binds_to_the_statements_that_differ() -> None:
    allowance = _allowance(_policy("s3:GetObject"))
    assert judge(_policy("s3:GetObject", ("sqs:SendMessage",)), [allowance], TODAY).passes
    assert not judge(_policy("s3:GetObject*"), [allowance], TODAY).passes


def _unknown(action: str, *others: Attributes) -> Plan:
    read = entry(
        "data.aws_iam_policy_document.d", "read", after={"statement": [{"actions": [action]}]}
    )
    policies = entry(
        "module.access_policies.aws_iam_policy.this",
        "update",
        before={"policy": policy()},
        after={},
        after_unknown={"policy": True},
    )
    return _plan(read, policies, *others)


def test_an_allowance_of_a_policy_that_is_not_known_binds_to_what_will_be_rendered() -> None:
    allowance = _allowance(_unknown("s3:GetObject"))
    assert judge(_unknown("s3:GetObject"), [allowance], TODAY).passes
    assert not judge(_unknown("s3:*"), [allowance], TODAY).passes
    # And not to what passes beside it.
    tags = entry(QUEUE, "update", before={"tags": {}}, after={"tags": {"a": "b"}})
    region = entry("data.aws_region.x", "read", after={"id": "x"})
    assert judge(_unknown("s3:GetObject", tags, region), [allowance], TODAY).passes


def _in(account: str, region: str, stack: str) -> Plan:
    def local(text: str) -> str:
        return text.replace("ACCOUNT", account).replace("REGION", region).replace("STACK", stack)

    resource = "arn:aws:sqs:REGION:ACCOUNT:STACK-submissions"
    parameter = "arn:aws:ssm:REGION:ACCOUNT:parameter/submitter/STACK/stack"
    after = policy(
        Resource=[local(it) for it in (resource, parameter, "arn:aws:s3:::STACK-bucket/*")]
    )
    bucket = local("STACK-bucket")
    it = document(
        variables={"name": {"value": stack}},
        resource_changes=[
            entry(
                "module.access_policies.aws_iam_policy.this",
                "update",
                before={"policy": policy()},
                after={"policy": after},
            ),
            entry(
                "module.submitter_bucket.aws_s3_bucket.this",
                "no-op",
                before={"bucket": bucket},
                after={"bucket": bucket},
            ),
        ],
    )
    text = (
        json.dumps(it)
        .replace('"us-east-1"', f'"{region}"')
        .replace('"123456789012"', f'"{account}"')
    )
    return parse_plan(json.loads(text))


@pytest.mark.parametrize("stack", ["submitter", "submitter-prod", "cs101"])
def test_an_allowance_holds_in_every_stack_so_that_a_release_can_bring_its_own(stack: str) -> None:
    allowance = _allowance(_in("123456789012", "us-east-1", "submitter-dev"))
    assert judge(_in("210987654321", "eu-west-1", stack), [allowance], TODAY).passes


def test_an_allowance_does_not_hold_for_another_account_in_the_policy() -> None:
    allowance = _allowance(_in("123456789012", "us-east-1", "submitter"))
    other = _in("210987654321", "us-east-1", "submitter")
    other = replace(other, names=_in("123456789012", "us-east-1", "submitter").names)
    assert not judge(other, [allowance], TODAY).passes


def test_the_digest_is_the_same_whatever_order_the_plan_has() -> None:
    one, two = ({"b": 1, "a": 2}, {"a": 2, "b": 1})
    digests = {
        findings(_plan(entry(QUEUE, "update", before={"policy_": 0}, after={"policy_": it})))[
            0
        ].digest
        for it in (one, two)
    }
    assert len(digests) == 1


def _told(bucket: str, stack: str = "new", **parts: object) -> Plan:
    """Return a plan that tells the function its bucket, which is called like the stack."""
    sides = [{"environment": [{"variables": it}]} for it in ({}, {"BUCKET": bucket})]
    there = {"bucket": f"{stack}-bucket"}
    return _plan(
        entry("aws_lambda_function.this", "update", before=sides[0], after=sides[1]),
        entry("module.submitter_bucket.aws_s3_bucket.this", "no-op", before=there, after=there),
        variables={"name": {"value": stack}},
        **parts,
    )


@pytest.mark.parametrize(
    "text",
    ["{bucket}", "bucket", "\1bucket\1", "\\u0001bucket\\u0001", "{stack}-bucket", "other-bucket"],
    ids=repr,
)
def test_no_value_can_spell_what_stands_for_a_name(text: str) -> None:
    allowance = _allowance(_told("new-bucket"))
    assert judge(_told("new-bucket"), [allowance], TODAY).passes
    assert judge(_told("dev-bucket", "dev"), [allowance], TODAY).passes
    assert not judge(_told(text), [allowance], TODAY).passes


@pytest.mark.parametrize(
    "resource", ["arn:aws:iam::123456789012:role/{}", "arn:aws:iam::123456789012:{}", "{}", "a-{}"]
)
def test_a_stack_called_like_something_else_stands_for_itself(resource: str) -> None:
    def given(stack: str) -> Plan:
        after = policy(Resource=resource.format(stack))
        change = entry("aws_iam_policy.x", "update", before={"policy": policy()})
        change["change"]["after"] = {"policy": after}
        return _plan(change, variables={"name": {"value": stack}})

    allowance = _allowance(given("reader"))
    assert not judge(given("root"), [allowance], TODAY).passes


def test_one_of_two_accounts_is_not_the_other() -> None:
    def given(account: str) -> Plan:
        change = entry("aws_iam_policy.x", "update", before={"policy": policy()})
        change["change"]["after"] = {"policy": policy(Resource=f"arn:aws:sqs::{account}:q")}
        callers = [
            {"type": "aws_caller_identity", "mode": "data", "values": {"account_id": it}}
            for it in ("123456789012", "999999999999")
        ]
        return _plan(change, prior_state={"values": {"root_module": {"resources": callers}}})

    allowance = _allowance(given("123456789012"))
    assert judge(given("123456789012"), [allowance], TODAY).passes
    assert not judge(given("999999999999"), [allowance], TODAY).passes


def test_a_name_does_not_decide_the_order_of_what_an_allowance_binds_to() -> None:
    def given(stack: str) -> Plan:
        resources = [f"arn:aws:sqs:::{stack}-q", "arn:aws:sqs:::middle"]
        change = entry("aws_iam_policy.x", "update", before={"policy": policy()})
        change["change"]["after"] = {"policy": policy(Resource=sorted(resources))}
        return _plan(change, variables={"name": {"value": stack}})

    assert judge(given("z"), [_allowance(given("a"))], TODAY).passes


def test_an_allowance_of_what_is_not_known_binds_to_what_the_configuration_has() -> None:
    def unknown(*references: str) -> Plan:
        resource: Attributes = {
            "address": "aws_cloudwatch_dashboard.this",
            "mode": "managed",
            "type": "aws_cloudwatch_dashboard",
            "expressions": {"dashboard_body": {"references": references}},
        }
        change = entry(
            resource["address"],
            "update",
            before={"dashboard_body": "{}"},
            after={},
            after_unknown={"dashboard_body": True},
        )
        return _plan(change, configuration={"root_module": {"resources": [resource]}})

    allowance = _allowance(unknown("local.widgets"))
    assert judge(unknown("local.widgets"), [allowance], TODAY).passes
    assert not judge(unknown("local.others"), [allowance], TODAY).passes


def _provider(**expressions: object) -> Attributes:
    expressions = {"region": {"references": ["var.region"]}, "default_tags": [{}]} | expressions
    return {"provider_config": {"aws": {"name": "aws", "expressions": expressions}}}


LOCAL = [{"s3": {"constant_value": "http://127.0.0.1:4566"}}]
TEST = {name: {"constant_value": "test"} for name in ("access_key", "secret_key")}


@pytest.mark.parametrize(
    "expressions",
    [{}, {"region": {"constant_value": "us-east-1"}}, {"endpoints": LOCAL, **TEST}],
    ids=str,
)
def test_a_provider_of_the_stacks_account_and_region_passes(expressions: Attributes) -> None:
    assert findings(_plan(configuration=_provider(**expressions))) == ()


@pytest.mark.parametrize(
    "expressions",
    [
        {name: value}
        for name, value in {
            "endpoints": LOCAL,
            "http_proxy": {"constant_value": "http://evil"},
            "https_proxy": {"references": ["var.proxy"]},
            "access_key": {"constant_value": "test"},
            "profile": {"constant_value": "admin"},
            "shared_config_files": {"constant_value": ["./aws"]},
            "shared_credentials_files": {"constant_value": ["./aws"]},
            "assume_role": [{"role_arn": {"references": ["var.role"]}}],
            "ignore_tags": [{"keys": {"constant_value": ["Stack"]}}],
            "region": {"constant_value": "eu-west-1"},
            "insecure": {"constant_value": True},
        }.items()
    ]
    + [
        {"region": {"references": ["var.other"]}},
        TEST,
        {"endpoints": [{"s3": {"constant_value": "http://evil/127.0.0.1"}}], **TEST},
        {"endpoints": [{"s3": {"references": ["var.endpoint"]}}], **TEST},
        {"endpoints": LOCAL, **TEST, "access_key": {"constant_value": "AKIA"}},
        {"endpoints": LOCAL, **TEST, "http_proxy": {"constant_value": "http://evil"}},
    ],
    ids=str,
)
def test_a_provider_that_works_elsewhere_or_as_somebody_else_stops(
    expressions: Attributes,
) -> None:
    [finding] = findings(_plan(configuration=_provider(**expressions)))
    assert finding.address == "provider.aws"


@pytest.mark.parametrize(
    ("source", "inner"),
    [
        ("../../../../elsewhere", "../queue"),
        ("./elsewhere", "../queue"),
        ("./modules/../../elsewhere", "../queue"),
        ("./modules/a", "../../elsewhere"),
        ("./modules/a", "./elsewhere"),
        (None, "../queue"),
    ],
)
def test_a_module_from_outside_the_folder_of_modules_stops(source: str, inner: str) -> None:
    module = {"module_calls": {"inner": {"source": inner, "module": {}}}}
    calls = {"outer": {"source": source, "module": module}}
    assert len(findings(_plan(configuration={"root_module": {"module_calls": calls}}))) == 1


@pytest.mark.parametrize("action", [*Action])
def test_no_action_to_what_no_stack_has_passes(action: Action) -> None:
    change = Change("aws_instance.x", "aws_instance", action, {"a": 1}, {"a": 2}, {})
    assert findings(plan(change))
    is_read = Change("data.aws_ami.x", "aws_ami", action, {"a": 1}, {"a": 2}, is_managed=False)
    assert findings(plan(is_read))


@pytest.mark.parametrize(
    "configuration",
    [
        {"root_module": {"resources": [{}]}},
        {"provider_config": [1]},
        {"root_module": {"resources": 1}},
    ],
    ids=str,
)
def test_a_configuration_of_another_form_is_no_reason_to_pass(configuration: Attributes) -> None:
    with pytest.raises((PlanGuardError, KeyError, AttributeError, TypeError)):
        findings(_plan(configuration=configuration))
