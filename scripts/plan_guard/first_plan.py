"""What the first plan of a stack may create: what this configuration's modules make, and no more.

Nothing can be lost yet, but rights in the account can be given all the same.
"""

import re
from collections.abc import Iterator, Mapping

from plan_guard.harmless import BLOCKS
from plan_guard.plan import Action, Change, Plan, any_true, part
from plan_guard.policy import UNKNOWN, Statement, is_policy, parse_document, parse_policy
from plan_guard.resource_types import DOCUMENT, GRADERS, KINDS, without_indexes

_ANYWHERE = {
    *("cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics", "logs:DescribeLogGroups"),
    *("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
}
"""Actions that policies allow on foreign resources, and that neither change nor read them."""
_BY_SERVICE = {
    "kms": "* Decrypt Decrypt* Describe* Encrypt* GenerateDataKey GenerateDataKey* ReEncrypt*",
    "lambda": "GetEventSourceMapping GetFunctionConcurrency GetFunctionConfiguration "
    "GetFunctionEventInvokeConfig GetPolicy InvokeFunction",
    "logs": "CreateLogStream FilterLogEvents PutLogEvents",
    "s3": "DeleteObject DeleteObjectVersion GetBucketNotification GetBucketPolicy "
    "GetBucketPublicAccessBlock GetBucketVersioning GetEncryptionConfiguration "
    "GetMetricsConfiguration GetObject GetObjectVersion ListBucket ListBucketVersions PutObject",
    "sqs": "ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage SendMessage",
    "ssm": "GetParameter",
}
ACTIONS = _ANYWHERE | {
    f"{it}:{name}" for it, names in _BY_SERVICE.items() for name in names.split()
}

_ATTACHMENTS = {"aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment"}
_OPTIONAL = _ATTACHMENTS | {"aws_kms_alias", "aws_kms_key"}
"""The types that some stacks have none of."""
_POLICIES = (
    *("author", "back-end", "gradebook-reader", "operator", "repairing-operator"),
    *("results-reader", "uploader"),
)
_ALARMS = (
    *("bucket-growth", "dead-letters-waiting", "destination-delivery-failures", "function-errors"),
    *("function-throttles", "intake-failures-waiting", "oldest-message-age"),
    "uploads-without-announcements",
)
_QUEUES = ("submissions", "submissions-dead-letter", "intake-failures")
_ALARM = "aws_cloudwatch_metric_alarm"
_NAMES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aws_sqs_queue": ("name", tuple(f"{{stack}}-{it}" for it in _QUEUES)),
    "aws_lambda_function": ("function_name", ("{stack}-intake",)),
    "aws_cloudwatch_log_group": ("name", ("/aws/lambda/{stack}-intake",)),
    "aws_iam_role": ("name", ("{stack}-intake-{region}",)),
    "aws_iam_role_policy": ("name", ("{stack}-intake",)),
    "aws_iam_policy": ("name", tuple(f"{{stack}}-{it}-{{region}}" for it in _POLICIES)),
    _ALARM: ("alarm_name", tuple(f"{{stack}}-{it}" for it in _ALARMS)),
    "aws_cloudwatch_dashboard": ("dashboard_name", ("{stack}",)),
    "aws_ssm_parameter": ("name", ("/submitter/{stack}/stack",)),
    "aws_kms_alias": ("name", ("alias/{stack}",)),
    "aws_s3_bucket": ("bucket", ("{bucket}",)),
    "aws_s3_bucket_metric": ("name", ("submissions",)),
}
"""The attribute that names a resource, and all its names: AWS would overwrite another stack's."""
_GRADERS_NAMES: Mapping[str, tuple[str, ...]] = {
    "aws_lambda_function": ("{stack}-grader",),
    "aws_cloudwatch_log_group": ("/aws/lambda/{stack}-grader",),
    "aws_iam_role": ("{stack}-grader-{region}",),
    "aws_iam_role_policy": ("{stack}-grader", "{stack}-grader-submissions"),
    _ALARM: ("{stack}-grader-errors", "{stack}-grading-failures"),
}
"""The further names in a stack with `grading`."""

_QUEUE = "module.submitter_queue"
_EVENTS, _MAPPING = "aws_lambda_function_event_invoke_config", "aws_lambda_event_source_mapping"
_INSTANCES: Mapping[str, tuple[str, ...]] = {
    "aws_sqs_queue_policy": (
        f'{_QUEUE}.aws_sqs_queue_policy.this["queue"]',
        f'{_QUEUE}.aws_sqs_queue_policy.this["dead_letter"]',
        'module.intake_failures.aws_sqs_queue_policy.this["queue"]',
    ),
    "aws_sqs_queue_redrive_policy": (f"{_QUEUE}.aws_sqs_queue_redrive_policy.queue[0]",),
    "aws_sqs_queue_redrive_allow_policy": (
        f"{_QUEUE}.aws_sqs_queue_redrive_allow_policy.dead_letter_queue[0]",
    ),
    _EVENTS: (f"module.intake_function.{_EVENTS}.this[0]",),
    _MAPPING: (f"module.grader_mapping[0].{_MAPPING}.this",),
}
"""All resources of the types without names of which a module makes several or none."""
_MUST_BE: Mapping[str, Mapping[str, object]] = {
    "aws_s3_bucket_public_access_block": dict.fromkeys(BLOCKS, True),
    "aws_s3_bucket_ownership_controls": {"rule[].object_ownership": "BucketOwnerEnforced"},
    "aws_s3_bucket_versioning": {"versioning_configuration[].status": "Enabled"},
    "aws_lambda_permission": {"principal": "s3.amazonaws.com", "action": "lambda:InvokeFunction"},
    # Its code is the zip that was tested.
    "aws_lambda_function": {"s3_bucket": None, "image_uri": None},
    # Lambda deletes messages that a filter leaves out, and those that a run gives back unreported.
    _MAPPING: {
        "batch_size": 1,
        "enabled": True,
        "filter_criteria": [],
        "function_response_types": ["ReportBatchItemFailures"],
    },
}
_LINKS = {
    "aws_lambda_function": "role",
    "aws_iam_role": "managed_policy_arns",
    **dict.fromkeys(_ATTACHMENTS, "policy_arn"),
    "aws_kms_alias": "target_key_id",
    **dict.fromkeys(_INSTANCES, "queue_url"),
    _MAPPING: "event_source_arn",
}
"""The attribute that is unknown because the plan makes its target: a known one is foreign."""
_TYPES = {"bucket": "aws_s3_bucket", "function_name": "aws_lambda_function", "role": "aws_iam_role"}
"""The types of resources that attributes name."""

_PRINCIPAL = re.compile(r"AWS arn:[a-z-]+:iam::\d{12}:(root|role/.+|user/.+)")
_SERVICE = re.compile(r"Service [a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_FUNCTIONS = "Service lambda.amazonaws.com"
_ARN = re.compile(r"arn:[a-z-]+:(?!iam:|sns:)(\w+):[\w-]*:\d*:([^\"\s,]+)")
"""Variables name principals, a boundary and topics: any of the account's are right."""
_KIND_OF_NAME = re.compile(r"^(parameter(?=/)|alarm:|function:|log-group:)")
_DOCUMENT_REFERENCE = re.compile(r"data\.aws_iam_policy_document\.\w+(\.json)?")
_EACH_DOCUMENT = (
    [{"references": ["each.value"]}, {"references": ["local.documents"]}],
    [
        {"references": ["data.aws_iam_policy_document.this", "each.key"]},
        {"references": ["local.queues"]},
    ],
)
"""The policies of several instances: the expression, and what there is one for each of."""
_SOURCES = ("source_policy_documents", "override_policy_documents")


def missing(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what a first plan must create but does not: its address, and a sentence about it."""
    for kind in KINDS.keys() - _OPTIONAL:
        modules, role = _own_modules(kind, plan), KINDS[kind].role
        if not modules:
            continue
        made = [it for it in plan.changes if it.type == kind and it.action is Action.CREATE]
        for address in {*_INSTANCES.get(kind, ())} - {it.address for it in made}:
            yield address, f"is missing; it {role}"
        if kind not in _INSTANCES:
            for module in {*modules} - {without_indexes(it.module) for it in made}:
                yield f"{module}.{kind}", f"is missing; it {role}"
        attribute, _ = _NAMES.get(kind, ("", ()))
        for name in {*_own_names(kind, plan)} - {it.after.get(attribute) for it in made}:
            yield f"{modules[0]}.{kind}", f"has none called {name}; it {role}"


def misfits(change: Change, plan: Plan) -> Iterator[str]:
    """Yield sentences about what a resource, or a document, must not be in a first plan."""
    if change.type == DOCUMENT:
        yield from _about_document(change, plan)
        return
    if without_indexes(change.module) not in _own_modules(change.type, plan):
        yield "is not made by one of this configuration's own modules"
    elif change.address not in _INSTANCES.get(change.type, (change.address,)):
        yield "is not one of those that this configuration makes"
    values = dict(_values("", change.after))
    for path, value in _MUST_BE.get(change.type, {}).items():
        if values.get(path) != value:
            yield f"{path} is not {value}"
    if change.type == "aws_lambda_permission" and not values.get("source_account"):
        yield "lets a bucket of any account run the function: it has no source_account"
    yield from _about_names(change, plan)
    yield from _about_values(change, plan)
    yield from _about_unknown_policies(change, plan)


def _about_values(change: Change, plan: Plan) -> Iterator[str]:
    for path, value in _values("", change.after):
        if is_policy(path):
            for statement in parse_policy(value):
                yield from _too_much(statement, plan, is_trust=path == "assume_role_policy")
        elif not path.startswith("tags"):
            for arn in _ARN.finditer(str(value)):
                if not _is_own(arn, plan):
                    yield f"{path} names {arn[0]}, which is not this plan's"


def _about_names(change: Change, plan: Plan) -> Iterator[str]:
    """Yield names that may be another stack's, and links to foreign resources."""
    attribute, _ = _NAMES.get(change.type, ("", ()))
    name, module = change.after.get(attribute), without_indexes(change.module)
    if attribute and name not in _own_names(change.type, plan, module):
        yield f"{attribute} is {name}, which is not one of this stack's"
    link = _LINKS.get(change.type, "")
    if given := change.after.get(link):
        yield f"{link} is {given}, which is not this plan's"
    if change.type in _ATTACHMENTS:
        # A variable must name the principal for this policy.
        policy, _, arn = change.address.partition('["')[2].removesuffix('"]').partition(" ")
        name = change.after.get("role") or change.after.get("user")
        is_named = arn in (plan.variables.get(f"{policy}_arns") or ())
        if not is_named or arn.rpartition("/")[2] != name:
            yield f"{name} gets a policy, and no variable says so"
        return
    for name_of, kind in _TYPES.items():
        given = change.after.get(name_of)
        is_own = name_of == link or kind == change.type
        if given and not is_own and given not in _own_names(kind, plan, module):
            yield f"{name_of} is {given}, which is not this plan's"


def _about_unknown_policies(change: Change, plan: Plan) -> Iterator[str]:
    unknown = change.unknown or {}
    if unknown.get("assume_role_policy"):
        yield f"who may assume it is {UNKNOWN}"
    resource = plan.configured.get(without_indexes(change.address), {})
    for name in ("policy", "inline_policy"):
        expression = part(resource, "expressions").get(name)
        is_computed = resource and expression is None
        if any_true(unknown.get(name)) and not is_computed:
            for_each = resource.get("for_each_expression")
            if not _is_document(expression) and [expression, for_each] not in _EACH_DOCUMENT:
                yield f"{name} is not exactly a document's"


def _about_document(change: Change, plan: Plan) -> Iterator[str]:
    given = [text for name in _SOURCES for text in change.after.get(name) or ()]
    merged = [statement for text in given for statement in parse_policy(text)]
    for statement in [*parse_document(change.after), *merged]:
        yield from _too_much(statement, plan)
    marks = change.unknown.get("statement") or []
    if marks is True or not all(map(_is_parts_only, marks)):
        yield f"more than the names and values of a statement is {UNKNOWN}"
    resource = plan.configured.get(without_indexes(change.address), {})
    for name in _SOURCES:
        expression = part(resource, "expressions").get(name)
        if any_true(change.unknown.get(name)) and not _is_document(expression):
            yield f"{name} are not exactly documents"


def _is_parts_only(marks: object) -> bool:
    """Return whether nothing of a block is unknown but some of its resources and values."""
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


def _has_grader(plan: Plan) -> bool:
    return plan.variables.get("grading") is not None


def _own_modules(kind: str, plan: Plan) -> tuple[str, ...]:
    """Return the modules that make a type in this stack."""
    modules = KINDS[kind].modules
    return modules if _has_grader(plan) else tuple(it for it in modules if it not in GRADERS)


def _own_names(kind: str, plan: Plan, module: str | None = None) -> tuple[str, ...]:
    """Return the names of a stack's resources of a type, or those that one module uses."""
    if kind not in _NAMES or not {"stack", "account", "region"} <= plan.names.keys():
        return ()
    names = _NAMES[kind][1]
    graders = _GRADERS_NAMES.get(kind, ()) if _has_grader(plan) else ()
    if module is None or kind == _ALARM:
        names += graders
    elif module in GRADERS:
        names = graders
    made = "{stack}-{account}-{region}".format_map(plan.names)
    words = {**plan.names, "bucket": plan.variables.get("bucket_name") or made}
    return tuple(it.format_map(words) for it in names)


def _is_own(arn: re.Match[str], plan: Plan) -> bool:
    """Return whether an ARN names something that a stack's first plan makes."""
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
    """Yield what a statement allows and none of a stack's policies does."""
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
        if resource != UNKNOWN and not is_own:
            yield f"{sid} names {resource}, which is not this plan's"
    for principal in principals:
        # The check of accounts finds foreign ones.
        is_named = _PRINCIPAL.fullmatch(principal) and not is_trust
        is_service = _SERVICE.fullmatch(principal) and "Condition" in statement
        if principal != _FUNCTIONS if is_trust else not is_named and not is_service:
            yield f"{sid} allows something to {principal}"
