"""What the first plan of a stack may create: what this configuration's modules make, and no more.

There is nothing yet that could be lost, but rights in the account can be given all the same.
"""

import re
from collections.abc import Iterator, Mapping

from plan_guard.plan import Action, Change, Plan, any_true, configured, part
from plan_guard.policy import Statement, is_policy, parse_document, parse_policy
from plan_guard.stack import DOCUMENT, KINDS, without_indexes

_ANYWHERE = {
    *("cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics", "logs:DescribeLogGroups"),
    *("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
}
"""Actions that are allowed on what is not the stack's, and neither change nor read it."""
ACTIONS = {
    *_ANYWHERE,
    *("kms:*", "kms:Decrypt", "kms:Decrypt*", "kms:Describe*", "kms:Encrypt*"),
    *("kms:GenerateDataKey", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
    *("lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration"),
    *("lambda:GetFunctionEventInvokeConfig", "lambda:GetPolicy", "lambda:InvokeFunction"),
    *("logs:CreateLogStream", "logs:FilterLogEvents", "logs:PutLogEvents"),
    *("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetBucketNotification"),
    *("s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketVersioning"),
    *("s3:GetEncryptionConfiguration", "s3:GetMetricsConfiguration", "s3:GetObject"),
    *("s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutObject"),
    *("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    *("sqs:ReceiveMessage", "sqs:SendMessage", "ssm:GetParameter"),
}
"""What a stack's policies allow."""

_OPTIONAL = {
    *("aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment"),
    *("aws_kms_alias", "aws_kms_key"),
}
"""The types that not every stack has one of."""
_NAMES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aws_sqs_queue": (
        "name",
        ("{stack}-submissions", "{stack}-submissions-dead-letter", "{stack}-intake-failures"),
    ),
    "aws_lambda_function": ("function_name", ("{stack}-intake",)),
    "aws_cloudwatch_log_group": ("name", ("/aws/lambda/{stack}-intake",)),
    "aws_iam_role": ("name", ("{stack}-intake-{region}",)),
    "aws_iam_role_policy": ("name", ("{stack}-intake",)),
    "aws_iam_policy": (
        "name",
        tuple(
            f"{{stack}}-{who}-{{region}}"
            for who in ("back-end", "operator", "repairing-operator", "uploader")
        ),
    ),
    "aws_cloudwatch_metric_alarm": (
        "alarm_name",
        tuple(
            f"{{stack}}-{what}"
            for what in (
                *("bucket-growth", "dead-letters-waiting", "destination-delivery-failures"),
                *("function-errors", "function-throttles", "intake-failures-waiting"),
                *("oldest-message-age", "uploads-without-announcements"),
            )
        ),
    ),
    "aws_cloudwatch_dashboard": ("dashboard_name", ("{stack}",)),
    "aws_ssm_parameter": ("name", ("/submitter/{stack}/stack",)),
    "aws_kms_alias": ("name", ("alias/{stack}",)),
    "aws_s3_bucket": ("bucket", ("{bucket}",)),
    "aws_s3_bucket_metric": ("name", ("submissions",)),
}
"""The attribute that names a resource, and all names: others may be another stack's, as many
are made over what is there."""

_QUEUE = "module.submitter_queue"
_INSTANCES: Mapping[str, tuple[str, ...]] = {
    "aws_sqs_queue_policy": (
        f'{_QUEUE}.aws_sqs_queue_policy.this["queue"]',
        f'{_QUEUE}.aws_sqs_queue_policy.this["dead_letter"]',
        'module.intake_function.module.failures_queue.aws_sqs_queue_policy.this["queue"]',
    ),
    "aws_sqs_queue_redrive_policy": (f"{_QUEUE}.aws_sqs_queue_redrive_policy.queue[0]",),
    "aws_sqs_queue_redrive_allow_policy": (
        f"{_QUEUE}.aws_sqs_queue_redrive_allow_policy.dead_letter_queue[0]",
    ),
}
"""All resources of the types that no attribute names: not every module of queues makes as many."""

_MUST_BE: Mapping[str, Mapping[str, object]] = {
    "aws_s3_bucket_public_access_block": {
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    },
    "aws_s3_bucket_ownership_controls": {"rule[].object_ownership": "BucketOwnerEnforced"},
    "aws_s3_bucket_versioning": {"versioning_configuration[].status": "Enabled"},
    "aws_lambda_permission": {
        "principal": "s3.amazonaws.com",
        "action": "lambda:InvokeFunction",
    },
    # Its code is the zip that was tested.
    "aws_lambda_function": {"s3_bucket": None, "image_uri": None},
}
_MADE_BY_THE_PLAN: Mapping[str, tuple[str, ...]] = {
    "aws_lambda_function": ("role",),
    "aws_iam_role": ("managed_policy_arns",),
    "aws_iam_role_policy_attachment": ("policy_arn",),
    "aws_iam_user_policy_attachment": ("policy_arn",),
    "aws_kms_alias": ("target_key_id",),
    "aws_sqs_queue_policy": ("queue_url",),
    "aws_sqs_queue_redrive_policy": ("queue_url",),
    "aws_sqs_queue_redrive_allow_policy": ("queue_url",),
}
"""What is known only after the apply, because the plan makes it: one that is known is another's."""
_NAMED_ELSEWHERE = {
    "bucket": "aws_s3_bucket",
    "function_name": "aws_lambda_function",
    "role": "aws_iam_role",
}
"""Attributes that name what the plan makes, of a type."""

_PRINCIPAL = re.compile(r"AWS arn:[a-z-]+:iam::\d{12}:(root|role/.+|user/.+)")
_SERVICE = re.compile(r"Service [a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_FUNCTIONS = "Service lambda.amazonaws.com"
_ARN = re.compile(r"arn:[a-z-]+:(?!iam:|sns:)(\w+):[\w-]*:\d*:([^\"\s,]+)")
"""One that is not of principals, a boundary or people to tell: these are the variables'."""
_KIND_OF_NAME = re.compile(r"^(parameter(?=/)|alarm:|function:|log-group:)")
_DOCUMENT_REFERENCE = re.compile(r"data\.aws_iam_policy_document\.\w+(\.json)?")
_EACH_DOCUMENT = (
    [{"references": ["each.value"]}, {"references": ["local.documents"]}],
    [
        {"references": ["data.aws_iam_policy_document.this", "each.key"]},
        {"references": ["local.queues"]},
    ],
)
"""What a policy of several instances is, and what they are made for."""
_SOURCES = ("source_policy_documents", "override_policy_documents")
_UNKNOWN = "(known after the apply)"


def missing(plan: Plan) -> Iterator[tuple[str, str]]:
    """Tell what a stack's first plan has to create, and does not.

    Yields:
        An address, as far as it is known, and a sentence without its full stop.
    """
    for kind, about in KINDS.items():
        if kind in _OPTIONAL:
            continue
        made = [it for it in plan.changes if it.type == kind and it.action is Action.CREATE]
        for address in {*_INSTANCES.get(kind, ())} - {it.address for it in made}:
            yield address, f"is missing; it {about.role}"
        modules = () if kind in _INSTANCES else about.modules
        for module in {*modules} - {without_indexes(it.module) for it in made}:
            yield f"{module}.{kind}", f"is missing; it {about.role}"
        attribute, _ = _NAMES.get(kind, ("", ()))
        for name in {*_own_names(kind, plan)} - {it.after.get(attribute) for it in made}:
            yield f"{about.modules[0]}.{kind}", f"has none called {name}; it {about.role}"


def misfits(change: Change, plan: Plan) -> Iterator[str]:
    """Tell what a stack's first plan must not create or render.

    Args:
        change: one of the plan's.
        plan: the plan.

    Yields:
        One sentence for each, without its full stop.
    """
    if change.type == DOCUMENT:
        yield from _about_document(change, plan)
        return
    if without_indexes(change.module) not in KINDS[change.type].modules:
        yield "is not made by one of this configuration's own modules"
    elif change.address not in _INSTANCES.get(change.type, (change.address,)):
        yield "is not one of those that this configuration makes"
    values = dict(_values("", change.after))
    for path, value in _MUST_BE.get(change.type, {}).items():
        if values.get(path) != value:
            yield f"{path} is not {value}"
    if change.type == "aws_lambda_permission" and not values.get("source_account"):
        yield "lets a bucket of any account run the function: it has no source_account"
    for given in _MADE_BY_THE_PLAN.get(change.type, ()):
        if values.get(given):
            yield f"{given} is {values[given]}, which is not this plan's"
    yield from _about_names(change, plan)
    yield from _about_policies(change, plan)


def _about_names(change: Change, plan: Plan) -> Iterator[str]:
    """Tell what is called like another stack's, or is a part of something else."""
    attribute, _ = _NAMES.get(change.type, ("", ()))
    name = change.after.get(attribute)
    if attribute and name not in _own_names(change.type, plan):
        yield f"{attribute} is {name}, which is not one of this stack's"
    if change.type in {"aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment"}:
        yield from _about_attachment(change, plan)
    else:
        for name_of, kind in _NAMED_ELSEWHERE.items():
            given = change.after.get(name_of)
            is_own = name_of in _MADE_BY_THE_PLAN.get(change.type, ()) or kind == change.type
            if given and not is_own and given not in _own_names(kind, plan):
                yield f"{name_of} is {given}, which is not this plan's"
    for path, value in _values("", change.after):
        if not path.startswith("tags") and not is_policy(path):
            for arn in _ARN.finditer(str(value)):
                if not _is_own(arn, plan):
                    yield f"{path} names {arn[0]}, which is not this plan's"


def _about_attachment(change: Change, plan: Plan) -> Iterator[str]:
    """Tell whether somebody gets a policy whom the variables do not name for it."""
    policy, _, arn = change.address.partition('["')[2].removesuffix('"]').partition(" ")
    name = change.after.get("role") or change.after.get("user")
    named = plan.variables.get(f"{policy}_arns") or ()
    if arn not in named or arn.rpartition("/")[2] != name:
        yield f"{name} gets a policy, and no variable says so"


def _about_policies(change: Change, plan: Plan) -> Iterator[str]:
    for path, policy in _values("", change.after):
        is_trust = path == "assume_role_policy"
        for statement in parse_policy(policy) if is_policy(path) else ():
            yield from _too_much(statement, plan, is_trust=is_trust)
    if change.unknown and change.unknown.get("assume_role_policy"):
        yield f"who may act as it is {_UNKNOWN}"
    resource = configured(plan.configuration).get(without_indexes(change.address))
    for name in ("policy", "inline_policy"):
        expression = part(resource or {}, "expressions").get(name)
        is_computed = resource is not None and expression is None
        if any_true(change.unknown.get(name) if change.unknown else None) and not is_computed:
            for_each = resource and resource.get("for_each_expression")
            if not _is_document(expression) and [expression, for_each] not in _EACH_DOCUMENT:
                yield f"{name} is not exactly a document's"


def _about_document(change: Change, plan: Plan) -> Iterator[str]:
    for statement in parse_document(change.after):
        yield from _too_much(statement, plan)
    marks = change.unknown.get("statement") or []
    if marks is True or not all(map(_is_parts_only, marks)):
        yield f"more than the names and values of a statement is {_UNKNOWN}"
    resource = configured(plan.configuration).get(without_indexes(change.address), {})
    for name in _SOURCES:
        for text in change.after.get(name) or ():
            for statement in parse_policy(text):
                yield from _too_much(statement, plan)
        expression = part(resource, "expressions").get(name)
        if any_true(change.unknown.get(name)) and not _is_document(expression):
            yield f"{name} are not exactly documents"


def _is_parts_only(marks: object) -> bool:
    """Tell whether nothing of a block is unknown but some of its resources and values."""
    if not isinstance(marks, Mapping):
        return not any_true(marks)
    others = {name: it for name, it in marks.items() if name not in {"resources", "condition"}}
    conditions = marks.get("condition") or []
    if conditions is True or not all(isinstance(it, Mapping) for it in conditions):
        return not any_true([others, conditions])
    lists = [marks.get("resources"), *(it.get("values") for it in conditions)]
    tests = [it.get(name) for it in conditions for name in ("test", "variable")]
    return not any_true([others, tests]) and True not in lists


def _is_document(expression: object) -> bool:
    references = expression.get("references") if isinstance(expression, Mapping) else None
    return bool(references) and all(_DOCUMENT_REFERENCE.fullmatch(it) for it in references or ())


def _own_names(kind: str, plan: Plan) -> tuple[str, ...]:
    """Return what a stack's resources of a type are called."""
    known = {"stack", "account", "region"} <= plan.names.keys()
    if not known:
        return ()
    made = "{stack}-{account}-{region}".format_map(plan.names)
    words = {**plan.names, "bucket": plan.variables.get("bucket_name") or made}
    return tuple(it.format_map(words) for it in _NAMES[kind][1]) if kind in _NAMES else ()


def _is_own(arn: re.Match[str], plan: Plan) -> bool:
    """Tell whether an ARN names something that a stack's first plan makes."""
    service, name = arn[1], _KIND_OF_NAME.sub("", arn[2])
    kinds = {"aws_s3_bucket"} if service == "s3" else _NAMES.keys() - {"aws_s3_bucket"}
    own = {it for kind in kinds for it in _own_names(kind, plan)} - {plan.names.get("stack")}
    return any(name == it or name.startswith((f"{it}/", f"{it}:")) for it in own)


def _values(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for name, it in value.items():
            yield from _values(f"{path}.{name}" if path else name, it)
    elif isinstance(value, list) and any(isinstance(it, Mapping) for it in value):
        for it in value:
            yield from _values(f"{path}[]", it)
    else:
        yield path, value


def _too_much(statement: Statement, plan: Plan, *, is_trust: bool = False) -> Iterator[str]:
    """Tell what a statement allows that none of a stack's policies does."""
    if statement.get("Effect") != ["Allow"]:
        return
    sid = " ".join(statement.get("Sid", ["a statement"]))
    actions, principals = statement.get("Action", []), statement.get("Principal", [])
    for name in ("NotAction", "NotPrincipal", "NotResource"):
        if name in statement:
            yield f"{sid} has a {name}, and so allows all but what it names"
    for action in actions:
        # A key's policy leaves the key to its account, and families of actions to services.
        is_wild = "*" in action and not principals
        if is_wild or action not in ({"sts:AssumeRole"} if is_trust else ACTIONS):
            yield f"{sid} allows {action}"
    is_keys = bool(principals) and all(it.startswith("kms:") for it in actions)
    for resource in statement.get("Resource", ()) if not _ANYWHERE.issuperset(actions) else ():
        arn = _ARN.fullmatch(resource)
        is_own = (arn and _is_own(arn, plan)) or (is_keys and resource == "*")
        if resource != _UNKNOWN and not is_own:
            yield f"{sid} is about {resource}, which is not this plan's"
    for principal in principals:
        # Other accounts are told elsewhere.
        is_named = _PRINCIPAL.fullmatch(principal) and not is_trust
        is_service = _SERVICE.fullmatch(principal) and "Condition" in statement
        if principal != _FUNCTIONS if is_trust else not is_named and not is_service:
            yield f"{sid} allows something to {principal}"
