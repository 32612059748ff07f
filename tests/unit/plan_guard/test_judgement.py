"""What a plan may not do apart from changing values, and what an allowance of it binds to."""

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
Q, R, A = {"name": "q"}, {"name": "r"}, {"a": 1}
KEPT = {"before": A, "after": A}


def _plan(*changes: Attributes, **parts: object) -> Plan:
    return parse_plan(document(resource_changes=list(changes), **parts))


def _of(address: str, *actions: str, stack: object = "submitter-prod", **sides: object) -> Plan:
    """Return a plan of one change, of a stack with a name."""
    return _plan(entry(address, *actions, **sides), variables={"name": {"value": stack}})


def _of_policy(after: str, stack: str = "submitter-prod") -> Plan:
    sides = {"before": {"policy": policy()}, "after": {"policy": after}}
    return _of("aws_iam_policy.x", "update", stack=stack, **sides)


def _reasons(it: Plan) -> list[str]:
    return [reason for finding in findings(it) for reason in finding.reasons]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (entry(QUEUE, "delete", before=Q), "is deleted; it holds messages"),
        (entry(QUEUE, "forget", before=Q), "is no longer Terraform's"),
        (
            entry(QUEUE, "delete", "create", before=Q, after=R, replace_paths=[["name"]]),
            "is replaced because name changes",
        ),
        (
            entry(QUEUE, "create", "forget", before={}, after={}),
            "is replaced because its configuration changes",
        ),
        (entry(QUEUE, "create", after=R), "is created in a stack that exists"),
        (
            entry(QUEUE, "no-op", **KEPT, after_unknown={"a": True}),
            "is planned as unchanged, but its values differ",
        ),
        (
            entry(QUEUE, "update", before=Q, after=Q),
            "is changed in a way that the plan does not show",
        ),
        (entry("aws_instance.x", "create", after={}), "a type or provider that no stack has"),
        (entry("data.external.x", "read", after={}), "reads external"),
        (entry(QUEUE, "no-op", **KEPT, importing={"id": "q"}), 'imports {"id": "q"}'),
    ],
    ids=lambda it: it if isinstance(it, str) else "-".join(it["change"]["actions"]),
)
def test_what_is_more_than_a_change_of_values_stops(change: Attributes, reason: str) -> None:
    assert reason in _reasons(_plan(change))[0]


def test_a_move_passes_and_one_that_changes_the_type_does_not() -> None:
    here = entry(QUEUE, "no-op", **KEPT)
    assert findings(_plan(here | {"previous_address": 'aws_sqs_queue.old["a.b"]'})) == ()
    [reason] = _reasons(_plan(here | {"previous_address": "module.a.aws_sqs_queue_policy.old"}))
    assert reason == "was a aws_sqs_queue_policy"


def test_reading_what_a_stack_reads_and_outputs_pass() -> None:
    # A document matters where a policy becomes it, and that change is judged.
    after = {"statement": [{"actions": ["iam:*"]}]}
    read = entry("module.a.data.aws_iam_policy_document.d", "read", after=after)
    assert findings(_plan(read, output_changes={"more": {"actions": ["create"]}})) == ()


def test_a_configuration_like_the_stacks_own_passes() -> None:
    region = {"address": "data.aws_region.x", "mode": "data", "type": "aws_region"}
    queue = {"address": "aws_sqs_queue.this", "mode": "managed", "type": "aws_sqs_queue"}
    inner = {"failures_queue": {"source": "../queue", "module": {"resources": [region, queue]}}}
    function = {"source": "./modules/function", "module": {"module_calls": inner}}
    provider = {
        "name": "aws",
        "full_name": "registry.opentofu.org/hashicorp/aws",
        "expressions": {"default_tags": [{"tags": {"references": ["local.tags"]}}]},
    }
    root = {"resources": [region], "module_calls": {"intake_function": function}}
    configuration = {"provider_config": {"aws": provider}, "root_module": root}
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
        *(
            {"alarm_name": name}
            # The third is of another stack, which is called submitter-prod-two.
            for name in ("other-eighth", "submitter-prod-first", "submitter-prod-two-first", None)
        ),
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


@pytest.mark.parametrize(
    "it",
    [
        _plan(entry(ALARM, "create", after=EIGHTH, after_unknown={"alarm_actions": [True]})),
        _plan(entry(ALARM, "create", after=EIGHTH), variables={}),
        _plan(entry("aws_sqs_queue.eighth", "create", after=EIGHTH | Q)),
        *(
            _plan(
                entry(ALARM, "create", after=EIGHTH | {"threshold": 99999}),
                resource_drift=[entry(address, "delete", before=EIGHTH)],
            )
            for address in (ALARM, f"{ALARM}s")
        ),
    ],
    ids=["unknown topics", "no stack", "a queue", "deleted by hand", "one of its name deleted"],
)
def test_what_is_not_known_to_be_an_alarm_of_the_stack_or_to_be_as_it_was_stops(it: Plan) -> None:
    assert findings(it)


SECRET = {
    f"{side}{end}": {"value": value}
    for side, secret in (("before", "old secret"), ("after", "new secret"))
    for end, value in (("", secret), ("_sensitive", True))
}
POLICIES = changed("aws_iam_policy", {"policy": policy()}, {"policy": policy(Action="sqs:*")})


@pytest.mark.parametrize(
    ("it", "reasons"),
    [
        (
            _of("module.stack_parameter.aws_ssm_parameter.this", "update", **SECRET),
            ["value becomes another sensitive value"],
        ),
        (plan(replace(POLICIES, hidden=frozenset({"policy"}))), ["policy changes"]),
        (plan(POLICIES), ["changes One: Action gains sqs:*; Action loses sqs:SendMessage"]),
        (
            _of("aws_s3_bucket_policy.x", "delete", before={"policy": policy(Effect="Deny")}),
            [
                "is deleted; it denies what no policy may allow on the bucket",
                "removes the policy: Policy Version 2012-10-17",
                "removes One: Effect Deny; Action sqs:SendMessage; Resource arn:one",
            ],
        ),
        # Of other values that are not known only the policy matters.
        (
            _of("aws_iam_policy.x", "create", after_unknown={"policy": True, "arn": True}),
            [
                "is created in a stack that exists; it says what people and programs may do",
                "policy is known only after the apply",
            ],
        ),
    ],
)
def test_values_and_policies_are_told_unless_they_are_sensitive(
    it: Plan, reasons: list[str]
) -> None:
    assert _reasons(it) == reasons


def test_what_is_not_in_the_form_of_its_type_cannot_be_judged() -> None:
    change = changed("aws_iam_policy", {"policy": policy()}, {"policy": "not JSON"})
    with pytest.raises(PlanGuardError, match=r"aws_iam_policy\.this is not in the form"):
        findings(plan(change))


def _allowance(it: Plan) -> Allowance:
    [finding] = findings(it)
    return Allowance(finding.address, finding.digest, "It is empty.", TODAY)


def _allows(one: Plan, *others: Plan) -> list[bool]:
    """Tell whether an allowance of a plan's finding lets pass that plan, and others."""
    allowance = _allowance(one)
    return [judge(it, [allowance], TODAY).passes for it in (one, *others)]


DELETION = _of(QUEUE, "delete", before=Q)


def test_what_is_allowed_passes_until_its_day_is_over() -> None:
    allowance = _allowance(DELETION)
    verdict = judge(DELETION, [allowance], TODAY)
    assert verdict.passes
    assert [it for _, it in verdict.allowed] == [allowance]
    assert verdict.expired == verdict.unused == ()

    verdict = judge(DELETION, [allowance], TODAY + timedelta(days=1))
    assert not verdict.passes
    assert verdict.expired == (allowance,)


@pytest.mark.parametrize("other", [{"address": f"{QUEUE}s"}, {"digest": "0" * 32}])
def test_an_allowance_of_something_else_allows_nothing_and_is_reported(
    other: Attributes,
) -> None:
    allowance = replace(_allowance(DELETION), **other)
    verdict = judge(DELETION, [allowance], TODAY)
    assert not verdict.passes
    assert verdict.unused == (allowance,)


def test_an_allowance_binds_to_what_stops_and_not_to_what_passes_beside_it() -> None:
    def update(**after: object) -> Plan:
        before = {"delay_seconds": 0, "tags": {}, "max_message_size": 9}
        return _of(QUEUE, "update", before=before, after=before | after)

    sides = {"before": {"delay_seconds": 0}, "after": {"delay_seconds": 5}}
    assert _allows(
        update(delay_seconds=5),
        update(delay_seconds=5, tags={"a": "b"}),
        update(delay_seconds=6),
        update(delay_seconds=5, max_message_size=8),
        update(max_message_size=5),
        _of(QUEUE, "delete", "create", **sides),
        DELETION,
    ) == [True, True, False, False, False, False, False]


def test_an_allowance_of_what_is_created_binds_to_all_that_it_sets() -> None:
    def created(*unknown: str, **after: object) -> Plan:
        return _of(QUEUE, "create", after=Q | after, after_unknown=dict.fromkeys(unknown, True))

    others: tuple[Attributes, ...] = (
        {"policy": policy()},
        {"tags": {"Course": "CS101"}},
        {"source_code_hash": "x"},
        {"delay_seconds": 900},
    )
    more = [created(), created("arn", "policy"), *(created("arn", **it) for it in others)]
    assert _allows(created("arn"), *more) == [True, *[False] * 6]


def test_an_allowance_of_a_replacement_binds_to_what_is_made_anew() -> None:
    def replaced(delay: int) -> Plan:
        sides = {"before": Q, "after": R | {"delay_seconds": delay}}
        return _of(QUEUE, "delete", "create", **sides, replace_paths=[["name"]])

    assert _allows(replaced(0), replaced(900)) == [True, False]


@pytest.mark.parametrize("action", ["delete", "forget"])
def test_an_allowance_of_a_deletion_binds_to_what_goes(action: str) -> None:
    own, other = (
        _of(QUEUE, action, before={"name": f"submitter-prod-{end}"}) for end in ("q", "r")
    )
    theirs = _of(QUEUE, action, stack="dev", before={"name": "dev-q"})
    assert _allows(own, theirs, other) == [True, True, False]


def test_an_allowance_binds_to_the_statements_that_differ() -> None:
    def given(action: str, *others: str) -> Plan:
        sides = (
            [{"Sid": it, "Effect": "Allow", "Action": it, "Resource": "*"} for it in actions]
            for actions in (others, (*others, action))
        )
        texts = [{"policy": json.dumps({"Statement": it})} for it in sides]
        return plan(changed("aws_iam_policy", *texts))

    others = given("s3:GetObject", "sqs:SendMessage"), given("s3:GetObject*")
    assert _allows(given("s3:GetObject"), *others) == [True, True, False]


def test_an_allowance_of_a_policy_that_is_not_known_binds_to_what_will_be_rendered() -> None:
    def unknown(action: str, *others: Attributes) -> Plan:
        after = {"statement": [{"actions": [action]}]}
        read = entry("data.aws_iam_policy_document.d", "read", after=after)
        sides = {"before": {"policy": policy()}, "after": {}, "after_unknown": {"policy": True}}
        bound = entry("module.access_policies.aws_iam_policy.this", "update", **sides)
        return _plan(read, bound, *others)

    # And not to what passes beside it.
    tags = entry(QUEUE, "update", before={"tags": {}}, after={"tags": {"a": "b"}})
    region = entry("data.aws_region.x", "read", after={"id": "x"})
    others = unknown("s3:*"), unknown("s3:GetObject", tags, region)
    assert _allows(unknown("s3:GetObject"), *others) == [True, False, True]


def _in(account: str, region: str, stack: str) -> Plan:
    """Return a plan that gives rights on a stack's own resources."""
    resources = [
        f"arn:aws:sqs:{region}:{account}:{stack}-submissions",
        f"arn:aws:ssm:{region}:{account}:parameter/submitter/{stack}/stack",
        f"arn:aws:s3:::{stack}-bucket/*",
    ]
    sides = {"before": {"policy": policy()}, "after": {"policy": policy(Resource=resources)}}
    there = {"bucket": f"{stack}-bucket"}
    it = document(
        variables={"name": {"value": stack}},
        resource_changes=[
            entry("module.access_policies.aws_iam_policy.this", "update", **sides),
            entry("module.submitter_bucket.aws_s3_bucket.this", "no-op", before=there, after=there),
        ],
    )
    text = json.dumps(it).replace('"us-east-1"', f'"{region}"')
    return parse_plan(json.loads(text.replace('"123456789012"', f'"{account}"')))


@pytest.mark.parametrize("stack", ["submitter", "submitter-prod", "cs101"])
def test_an_allowance_holds_in_every_stack_so_that_a_release_can_bring_its_own(stack: str) -> None:
    own = _in("123456789012", "us-east-1", "submitter-dev")
    theirs = _in("210987654321", "eu-west-1", stack)
    # But not if the account in the policy is not the stack's.
    other = replace(_in("210987654321", "us-east-1", "submitter-dev"), names=own.names)
    assert _allows(own, theirs, other) == [True, True, False]


def test_the_digest_is_the_same_whatever_order_the_plan_has() -> None:
    one, two = (
        _of(QUEUE, "update", before={"policy_": 0}, after={"policy_": it})
        for it in ({"b": 1, "a": 2}, {"a": 2, "b": 1})
    )
    assert _allows(one, two) == [True, True]


def _told(bucket: str, stack: str = "new") -> Plan:
    """Return a plan that tells the function its bucket, which is called like the stack."""
    sides = [{"environment": [{"variables": it}]} for it in ({}, {"BUCKET": bucket})]
    there = {"bucket": f"{stack}-bucket"}
    return _plan(
        entry("aws_lambda_function.this", "update", before=sides[0], after=sides[1]),
        entry("module.submitter_bucket.aws_s3_bucket.this", "no-op", before=there, after=there),
        variables={"name": {"value": stack}},
    )


@pytest.mark.parametrize(
    "text",
    ["{bucket}", "bucket", "\1bucket\1", "\\u0001bucket\\u0001", "{stack}-bucket", "other-bucket"],
    ids=repr,
)
def test_no_value_can_spell_what_stands_for_a_name(text: str) -> None:
    own, theirs = _told("new-bucket"), _told("dev-bucket", "dev")
    assert _allows(own, theirs, _told(text)) == [True, True, False]


@pytest.mark.parametrize(
    "resource", ["arn:aws:iam::123456789012:role/{}", "arn:aws:iam::123456789012:{}", "{}", "a-{}"]
)
def test_a_stack_called_like_something_else_stands_for_itself(resource: str) -> None:
    one, two = (
        _of_policy(policy(Resource=resource.format(stack)), stack) for stack in ("reader", "root")
    )
    assert _allows(one, two) == [True, False]


def test_a_stacks_tag_stands_for_its_name_and_no_other_tag_does() -> None:
    def tagged(name: str, value: str, stack: str) -> Plan:
        return _of(QUEUE, "create", stack=stack, after={"tags": {name: value}})

    own = tagged("Stack", "dev", "dev")
    others = tagged("Stack", "prod", "prod"), tagged("Stack", "dev", "prod")
    assert _allows(own, *others) == [True, True, False]
    assert _allows(tagged("Course", "dev", "dev"), tagged("Course", "prod", "prod"))[1] is False


def test_one_of_two_accounts_is_not_the_other() -> None:
    def given(account: str) -> Plan:
        after = {"policy": policy(Resource=f"arn:aws:sqs::{account}:q")}
        change = entry("aws_iam_policy.x", "update", before={"policy": policy()}, after=after)
        callers = [
            {"type": "aws_caller_identity", "mode": "data", "values": {"account_id": it}}
            for it in ("123456789012", "999999999999")
        ]
        return _plan(change, prior_state={"values": {"root_module": {"resources": callers}}})

    assert _allows(given("123456789012"), given("999999999999")) == [True, False]


def test_a_name_does_not_decide_the_order_of_what_an_allowance_binds_to() -> None:
    one, two = (
        _of_policy(policy(Resource=sorted([f"arn:aws:sqs:::{it}-q", "arn:aws:sqs:::middle"])), it)
        for it in ("a", "z")
    )
    assert _allows(one, two) == [True, True]


def test_an_allowance_of_what_is_not_known_binds_to_what_the_configuration_has() -> None:
    def unknown(references: str, for_each: str = "local.all") -> Plan:
        address = "aws_cloudwatch_dashboard.this"
        resource: Attributes = {
            "address": address,
            "mode": "managed",
            "type": "aws_cloudwatch_dashboard",
            "expressions": {"dashboard_body": {"references": [references]}},
            "for_each_expression": {"references": [for_each]},
        }
        body = {"dashboard_body": "{}"}
        change = entry(
            f'{address}["x"]',
            "update",
            before=body,
            after={},
            after_unknown=dict.fromkeys(body, True),
        )
        change["type"] = "aws_cloudwatch_dashboard"
        return _plan(change, configuration={"root_module": {"resources": [resource]}})

    others = unknown("local.others"), unknown("local.widgets", "local.more")
    assert _allows(unknown("local.widgets"), *others) == [True, False, False]


def _provider(expressions: Attributes) -> Plan:
    usual = {"region": {"references": ["var.region"]}, "default_tags": [{}]}
    aws = {"name": "aws", "expressions": usual | expressions}
    return _plan(configuration={"provider_config": {"aws": aws}})


LOCAL = [{"s3": {"constant_value": "http://127.0.0.1:4566"}}]
TEST = {name: {"constant_value": "test"} for name in ("access_key", "secret_key")}
EVIL = {"constant_value": "http://evil"}


def test_a_provider_of_the_stacks_account_and_region_passes() -> None:
    for expressions in (
        {},
        {"region": {"constant_value": "us-east-1"}},
        {"endpoints": LOCAL, **TEST},
    ):
        assert findings(_provider(expressions)) == ()


@pytest.mark.parametrize(
    "expressions",
    [
        {"endpoints": LOCAL},
        {"http_proxy": EVIL},
        {"https_proxy": {"references": ["var.proxy"]}},
        {"access_key": TEST["access_key"]},
        {"profile": {"constant_value": "admin"}},
        {"shared_config_files": {"constant_value": ["./aws"]}},
        {"shared_credentials_files": {"constant_value": ["./aws"]}},
        {"assume_role": [{"role_arn": {"references": ["var.role"]}}]},
        {"ignore_tags": [{"keys": {"constant_value": ["Stack"]}}]},
        {"region": {"constant_value": "eu-west-1"}},
        {"insecure": {"constant_value": True}},
        {"region": {"references": ["var.other"]}},
        TEST,
        {"endpoints": [{"s3": {"constant_value": "http://evil/127.0.0.1"}}], **TEST},
        {"endpoints": [{"s3": {"references": ["var.endpoint"]}}], **TEST},
        {"endpoints": [*LOCAL, {"sqs": EVIL}], **TEST},
        {"endpoints": LOCAL, **TEST, "access_key": {"constant_value": "AKIA"}},
        {"endpoints": LOCAL, **TEST, "http_proxy": EVIL},
    ],
    ids=str,
)
def test_a_provider_that_works_elsewhere_or_as_somebody_else_stops(
    expressions: Attributes,
) -> None:
    [finding] = findings(_provider(expressions))
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
@pytest.mark.parametrize(("kind", "is_managed"), [("aws_instance", True), ("aws_ami", False)])
def test_no_action_to_what_no_stack_has_passes(
    action: Action, kind: str, *, is_managed: bool
) -> None:
    change = Change(f"{kind}.x", kind, action, {"a": 1}, {"a": 2}, is_managed=is_managed)
    assert findings(plan(change))
