"""Each check of doctor, on sound and on broken settings."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from submitter.doctor.checks.policies import condition_of, statements_of, texts_of
from submitter.doctor.examine import examine
from submitter.doctor.findings import DoctorReport, Finding, Verdict
from submitter.errors import ExitCode
from submitter.invocation import remember_options
from submitter.stack.deployment import Deployment
from unit.submitter.contexts import DEPLOYMENT, GRADED, context_with

BUCKET_ARN = "arn:aws:s3:::bucket"
FUNCTION_ARN = "arn:aws:lambda:us-east-1:1:function:submitter-intake"


def _error(code: str, operation: str = "Ask") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "No."}}, operation)


def _tls(action: str, *arns: str) -> dict[str, Any]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(arns),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": list(statements)})


PERMISSION = {
    "Effect": "Allow",
    "Principal": {"Service": "s3.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Condition": {
        "StringEquals": {"AWS:SourceAccount": "1"},
        "ArnLike": {"AWS:SourceArn": BUCKET_ARN},
    },
}
OURS = {
    "LambdaFunctionArn": FUNCTION_ARN,
    "Events": ["s3:ObjectCreated:*"],
    "Filter": {
        "Key": {
            "FilterRules": [
                {"Name": "Prefix", "Value": "submissions/"},
                {"Name": "Suffix", "Value": ".json"},
            ]
        }
    },
}
BUCKET_TLS = _tls("s3:*", BUCKET_ARN, f"{BUCKET_ARN}/*")
QUEUE_URL, QUEUE_ARN = DEPLOYMENT.queue_url, DEPLOYMENT.queue_arn
DEAD_URL, DEAD_ARN = DEPLOYMENT.dead_letter_queue_url, DEPLOYMENT.dead_letter_queue_arn
FAILURES_URL = DEPLOYMENT.intake_failures_queue_url
FAILURES_ARN = DEPLOYMENT.intake_failures_queue_arn
ROLE = "arn:aws:iam::1:role/submitter-intake"
OPERATOR = "arn:aws:iam::1:role/operator"
DAY = 86400


def _denial(action: str, *arns: str, **conditions: dict[str, Any]) -> dict[str, Any]:
    denied = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": action}
    return denied | {"Resource": list(arns), "Condition": conditions}


OTHER_ACCOUNTS = _denial(
    "s3:*",
    BUCKET_ARN,
    f"{BUCKET_ARN}/*",
    StringNotEquals={"aws:PrincipalAccount": "1"},
    BoolIfExists={"aws:PrincipalIsAWSService": "false"},
)
VERSION_DELETION = _denial("s3:DeleteObjectVersion", f"{BUCKET_ARN}/*")
KEY = "arn:aws:kms:us-east-1:1:key/own"
OTHER_KEY = _denial(
    "s3:PutObject",
    f"{BUCKET_ARN}/*",
    Null={"s3:x-amz-server-side-encryption": "false"},
    StringNotEquals={"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY},
)
OWN_KEY = _denial(
    "s3:PutObject",
    f"{BUCKET_ARN}/*",
    Null={"s3:x-amz-server-side-encryption": "false"},
    StringNotEquals={"s3:x-amz-server-side-encryption": "AES256"},
)
STORAGE_CLASS = _denial(
    "s3:PutObject",
    f"{BUCKET_ARN}/*",
    Null={"s3:x-amz-storage-class": "false"},
    StringNotEquals={"s3:x-amz-storage-class": "STANDARD"},
)
PROVIDED_KEY = _denial(
    "s3:PutObject",
    f"{BUCKET_ARN}/*",
    Null={"s3:x-amz-server-side-encryption-customer-algorithm": "false"},
)


def _senders(arn: str, *senders: str) -> dict[str, Any]:
    return _denial("sqs:SendMessage", arn, ArnNotLike={"aws:PrincipalArn": list(senders)})


def _queue(field: str, days: int, **attributes: str) -> dict[str, str]:
    arn = getattr(DEPLOYMENT, f"{field}queue_arn")
    senders = [] if field == "dead_letter_" else [_senders(arn, ROLE)]
    return {
        "SqsManagedSseEnabled": "true",
        "Policy": _policy(_tls("sqs:*", arn), *senders),
        "MessageRetentionPeriod": str(days * DAY),
        **attributes,
    }


REDRIVE = {"deadLetterTargetArn": DEAD_ARN, "maxReceiveCount": 5}
QUEUES = {
    QUEUE_URL: _queue("", 7, RedrivePolicy=json.dumps(REDRIVE), VisibilityTimeout="720"),
    DEAD_URL: _queue("dead_letter_", 14),
    FAILURES_URL: _queue("intake_failures_", 14),
}


def _metric(
    namespace: str, name: str, dimensions: dict[str, str], statistic: str, period: int
) -> dict[str, Any]:
    pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": pairs}
    return {"Metric": metric, "Stat": statistic, "Period": period}


def _alarm(kind: str, metric: dict[str, Any], **settings: Any) -> dict[str, Any]:  # noqa: ANN401 - any of an alarm's settings
    """Return an alarm on one metric, as CloudWatch describes it."""
    return {
        "AlarmName": f"submitter-{kind}",
        "StateValue": "OK",
        "ActionsEnabled": True,
        "AlarmActions": ["arn:aws:sns:us-east-1:1:staff"],
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 0.0,
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
        **metric.get("Metric", {}),
        **({"Statistic": metric["Stat"], "Period": metric["Period"]} if metric else {}),
        **settings,
    }


def _calculated(kind: str, expressions: dict[str, str], metrics: dict[str, Any]) -> dict[str, Any]:
    """Return an alarm on what is calculated from metrics; the first expression is compared."""
    queries = [
        {"Id": name, "Expression": each, "ReturnData": number == 0}
        for number, (name, each) in enumerate(expressions.items())
    ]
    queries += [
        {"Id": name, "MetricStat": each, "ReturnData": False} for name, each in metrics.items()
    ]
    return _alarm(kind, {}, Metrics=queries)


def _waiting(kind: str, queue: str) -> dict[str, Any]:
    expressions = {"waiting": "visible + FILL(in_flight, 0)"}
    metrics = {
        name: _metric(
            "AWS/SQS", f"ApproximateNumberOfMessages{state}", {"QueueName": queue}, "Maximum", 60
        )
        for name, state in (("visible", "Visible"), ("in_flight", "NotVisible"))
    }
    return _calculated(kind, expressions, metrics) | {"TreatMissingData": "ignore"}


FUNCTION = {"FunctionName": "submitter-intake"}
GRADER = {"FunctionName": "submitter-grader"}
REQUESTS = {"BucketName": "bucket", "FilterId": "submissions"}
ALARMS = [
    _calculated(
        "uploads-without-announcements",
        {
            "unannounced": "IF(uploads >= 2 AND FILL(announced, 0) == 0, uploads, 0)",
            "uploads": "FILL(puts, 0) + FILL(posts, 0)",
        },
        {
            "puts": _metric("AWS/S3", "PutRequests", REQUESTS, "Sum", 900),
            "posts": _metric("AWS/S3", "PostRequests", REQUESTS, "Sum", 900),
            "announced": _metric("Submitter", "Announced", {"Stack": "submitter"}, "Sum", 900),
        },
    ),
    _alarm(
        "bucket-growth", _metric("AWS/S3", "BytesUploaded", REQUESTS, "Sum", 3600), Threshold=1e9
    ),
    *(
        _alarm(kind, _metric("AWS/Lambda", metric, FUNCTION, "Sum", 300))
        for kind, metric in (
            ("function-errors", "Errors"),
            ("function-throttles", "Throttles"),
            ("destination-delivery-failures", "DestinationDeliveryFailures"),
        )
    ),
    _alarm("grader-errors", _metric("AWS/Lambda", "Errors", GRADER, "Sum", 300)),
    _alarm(
        "grading-failures",
        _metric("Submitter", "GradingFailed", {"Stack": "submitter"}, "Sum", 300),
    ),
    _alarm(
        "oldest-message-age",
        _metric(
            "AWS/SQS",
            "ApproximateAgeOfOldestMessage",
            {"QueueName": "submitter-submissions"},
            "Maximum",
            60,
        ),
        Threshold=900.0,
    ),
    _waiting("intake-failures-waiting", "submitter-intake-failures"),
    _waiting("dead-letters-waiting", "submitter-submissions-dead-letter"),
]
LOG_GROUP = {"logGroupName": DEPLOYMENT.function_log_group_name, "retentionInDays": 180}
GRADER_LOG_GROUP = LOG_GROUP | {"logGroupName": GRADED.grader_log_group_name}
DESTINATION = {"OnFailure": {"Destination": FAILURES_ARN}}
ENVIRONMENT = {"Variables": {"SUBMITTER_QUEUE_URL": QUEUE_URL, "SUBMITTER_BUCKET": "bucket"}}
SOUND: dict[str, Any] = {
    "head_bucket": {},
    "get_bucket_versioning": {"Status": "Enabled"},
    "get_bucket_encryption": {
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        }
    },
    "get_public_access_block": {
        "PublicAccessBlockConfiguration": dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"),
            True,
        )
    },
    "get_bucket_policy": {
        "Policy": _policy(
            BUCKET_TLS, OTHER_ACCOUNTS, VERSION_DELETION, OWN_KEY, PROVIDED_KEY, STORAGE_CLASS
        )
    },
    "get_bucket_notification_configuration": {"LambdaFunctionConfigurations": [OURS]},
    "get_bucket_metrics_configuration": {
        "MetricsConfiguration": {"Id": "submissions", "Filter": {"Prefix": "submissions/"}}
    },
    "get_policy": {"Policy": _policy(PERMISSION)},
    "get_function_configuration": {
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "Runtime": "python3.13",
        "Role": ROLE,
        "Environment": ENVIRONMENT,
    },
    "get_function_concurrency": {},
    "get_function_event_invoke_config": {
        "DestinationConfig": DESTINATION,
        "MaximumRetryAttempts": 2,
    },
    "describe_log_groups": {"logGroups": [LOG_GROUP, {"logGroupName": "/aws/lambda/other"}]},
    "get_queue_attributes": QUEUES,
    "describe_alarms": {"MetricAlarms": ALARMS},
    "get_event_source_mapping": {
        "State": "Enabled",
        "EventSourceArn": QUEUE_ARN,
        "FunctionArn": "arn:aws:lambda:us-east-1:1:function:submitter-grader",
        "BatchSize": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 20},
    },
    "grader_get_function_configuration": {
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "Runtime": "python3.13",
        "Timeout": 120,
        "Environment": {"Variables": {"SUBMITTER_BUCKET": "bucket"}},
    },
    "grader_get_function_concurrency": {},
    "grader_get_policy": _error("ResourceNotFoundException", "GetPolicy"),
    "grader_describe_log_groups": {"logGroups": [GRADER_LOG_GROUP]},
}
"""What AWS answers; `grader_` is before an operation on the grader."""


class _Aws:
    """Every client at once, with canned answers; an error among them is raised."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def answer(**where: object) -> Any:  # noqa: ANN401 - each operation's is another
            names = {GRADED.grader_function_name, GRADED.grader_log_group_name}
            is_grader = not names.isdisjoint(map(str, where.values()))
            found = self._answers[f"{'grader_' if is_grader else ''}{operation}"]
            if operation == "get_queue_attributes" and isinstance(found, dict):
                found = {"Attributes": found[where["QueueUrl"]]}
            if isinstance(found, Exception):
                raise found
            return found

        return answer

    def get_paginator(self, operation: str) -> "_Paginator":
        return _Paginator(getattr(self, operation))


class _Paginator:
    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask

    def paginate(self, **where: object) -> Iterator[Any]:
        yield self._ask(**where)


def _examine(deployment: Deployment = GRADED, /, **broken: Any) -> list[Finding]:  # noqa: ANN401 - each operation's answer is another
    aws = _Aws(SOUND | broken)
    clients = dict.fromkeys(("s3", "sqs", "functions", "logs", "cloudwatch"), aws)
    return list(examine(context_with(deployment=deployment, **clients)))


def _notified(*functions: dict[str, Any], **others: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "get_bucket_notification_configuration": {
            "LambdaFunctionConfigurations": list(functions),
            **others,
        }
    }


def _configured(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the function's settings
    return {"get_function_configuration": SOUND["get_function_configuration"] | changes}


def _graded(operation: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any setting
    return {operation: SOUND[operation] | changes}


def _variables(**changes: str | None) -> dict[str, Any]:
    variables = {**ENVIRONMENT["Variables"], **changes}
    return _configured(Environment={"Variables": variables})


def _queues(url: str, **changes: str) -> dict[str, Any]:
    return {"get_queue_attributes": QUEUES | {url: QUEUES[url] | changes}}


def _alarms(alarms: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"describe_alarms": {"MetricAlarms": list(alarms)}}


def _allowed(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a statement
    return {"get_policy": {"Policy": _policy(PERMISSION | changes)}}


def _bucket_policy(
    *statements: dict[str, Any],
    uploads: tuple[dict[str, Any], ...] = (OWN_KEY, PROVIDED_KEY, STORAGE_CLASS),
) -> dict[str, Any]:
    return {"get_bucket_policy": {"Policy": _policy(*statements, *uploads)}}


def _uploads(*statements: dict[str, Any]) -> dict[str, Any]:
    return _bucket_policy(BUCKET_TLS, OTHER_ACCOUNTS, VERSION_DELETION, uploads=statements)


def _keyed(*statements: dict[str, Any]) -> dict[str, Any]:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    return {
        "get_bucket_encryption": {"ServerSideEncryptionConfiguration": {"Rules": rules}}
    } | _uploads(*statements, STORAGE_CLASS)


def _sent(url: str, arn: str, statement: dict[str, Any]) -> dict[str, Any]:
    return _queues(url, Policy=_policy(_tls("sqs:*", arn), statement))


def _weakened(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a statement with each of its parts saying less, or something else."""
    yield statement | {"Principal": {"AWS": "arn:aws:iam::1:root"}}
    yield statement | {"Action": "s3:GetObject"}
    yield statement | {"Resource": statement["Resource"][:-1]}
    further = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    yield statement | {"Condition": statement["Condition"] | further}
    for operator, keys in statement["Condition"].items():
        yield statement | {"Condition": statement["Condition"] | {operator: {}}}
        yield statement | {
            "Condition": statement["Condition"] | {operator: dict.fromkeys(keys, "other")}
        }


def _wrong_alarms() -> Iterator[tuple[dict[str, Any], dict[str, Any], str]]:
    """Yield alarms of the stack's names, what each is set to instead, and how that is named."""
    uploads, growth, errors, *_, age, _, dead = ALARMS
    other = [{"Name": "FunctionName", "Value": "other-intake"}]
    for alarm, change, found in (
        (errors, {"Threshold": 1e9}, "threshold is 1000000000, not 0"),
        (errors, {"Threshold": -1}, "threshold is -1, not 0"),
        (errors, {"Threshold": None}, "threshold is none, not 0"),
        (growth, {"Threshold": 0.0}, "threshold is 0, not 1000000 to 1000000000000"),
        (growth, {"Threshold": 1e15}, "threshold is 1000000000000000, not 1000000 to"),
        (dead, {"Threshold": 0.5}, "threshold is 0.5, not 0"),
        (age, {"Threshold": 59.0}, "threshold is 59, not 60 or more"),
        (age, {"Threshold": 7 * DAY}, "threshold is 604800, not 60 or more and less than the 6048"),
        (errors, {"Dimensions": other}, "metric is AWS/Lambda Errors of FunctionName=other-intake"),
        (errors, {"Dimensions": []}, "metric is AWS/Lambda Errors of , Sum"),
        (errors, {"MetricName": "Invocations"}, "metric is AWS/Lambda Invocations"),
        (errors, {"Namespace": "Own"}, "metric is Own Errors"),
        (errors, {"Statistic": "Minimum"}, "metric is AWS/Lambda Errors of Fu"),
        (errors, {"Statistic": None, "ExtendedStatistic": "p10"}, "metric is AWS/Lambda Errors"),
        (errors, {"Period": 86400}, "metric is AWS/Lambda Errors"),
        (errors, {"Unit": "Bytes"}, "metric is AWS/Lambda Errors"),
        (errors, {"ComparisonOperator": "LessThanThreshold"}, "comparison is LessThanThreshold"),
        (errors, {"EvaluationPeriods": 50}, "periods is 50 of 50, not 1 of 1"),
        (errors, {"TreatMissingData": "ignore"}, "missing data is ignore, not notBreaching"),
        (errors, {"TreatMissingData": None}, "missing data is missing, not notBreaching"),
        (errors, {"ActionsEnabled": False}, "actions is off, not on"),
        (errors, {"ThresholdMetricId": "band"}, "threshold metric is band, not none"),
        (uploads, {"Metrics": uploads["Metrics"][:-1]}, "metric announced is none, not Submitter"),
        (
            uploads,
            {"Metrics": [uploads["Metrics"][0] | {"Expression": "0"}, *uploads["Metrics"][1:]]},
            "metric unannounced is 0, which is compared, not IF(",
        ),
        (dead, {"Metrics": ALARMS[-2]["Metrics"]}, "metric in_flight is AWS/SQS Approx"),
        (
            dead,
            {
                "Metrics": [
                    each | {"ReturnData": each["Id"] == "visible"} for each in dead["Metrics"]
                ]
            },
            "metric visible is AWS/SQS",
        ),
        (
            dead,
            {
                "Metrics": [
                    dead["Metrics"][0],
                    *(x | {"AccountId": "2"} for x in dead["Metrics"][1:]),
                ]
            },
            "metric in_flight is AWS/SQS",
        ),
    ):
        yield alarm, alarm | change, found


ARN_ONLY = {"ArnLike": {"AWS:SourceArn": BUCKET_ARN}}
OTHER_BUCKET = {"ArnLike": {"AWS:SourceArn": f"{BUCKET_ARN}-of-others"}}
GRANT = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::1:role/stranger"},
    "Action": "s3:GetObject",
    "Resource": "*",
}
SILENT: dict[str, Any] = {"AlarmActions": []}
BLOCKS = SOUND["get_public_access_block"]["PublicAccessBlockConfiguration"]
DENIALS: list[tuple[dict[str, Any], Callable[[Any], dict[str, Any]], str, str, str]] = [
    (
        OTHER_ACCOUNTS,
        lambda weak: _bucket_policy(BUCKET_TLS, weak, VERSION_DELETION),
        *("bucket accounts", "does not deny other accounts", "apply"),
    ),
    (
        VERSION_DELETION,
        lambda weak: _bucket_policy(BUCKET_TLS, OTHER_ACCOUNTS, weak),
        *("bucket version deletion", "Any principal of the account with s3:Del", "apply"),
    ),
    (
        OTHER_KEY,
        lambda weak: _keyed(weak, PROVIDED_KEY),
        *("bucket key", "ask for another key.", "may not be able"),
    ),
    (
        OWN_KEY,
        lambda weak: _uploads(weak, PROVIDED_KEY, STORAGE_CLASS),
        *("bucket key", "ask for another key.", "may not be able"),
    ),
    (
        STORAGE_CLASS,
        lambda weak: _uploads(OWN_KEY, PROVIDED_KEY, weak),
        *("bucket storage class", "ask to be archived", "takes hours"),
    ),
    (
        PROVIDED_KEY,
        lambda weak: _keyed(OTHER_KEY, weak),
        *("bucket key", "the uploader's own key.", "may not be able"),
    ),
]
"""Statements of the bucket's policy, how to break them, and what doctor then says."""
BROKEN: list[tuple[dict[str, Any], str, str, str]] = [
    ({"head_bucket": _error("404", "HeadBucket")}, "bucket", "not exist (HeadBucket)", "apply"),
    ({"get_bucket_versioning": {}}, "bucket versions", "never enabled", "overwrite"),
    (
        {"get_bucket_versioning": {"Status": "Suspended"}},
        *("bucket versions", "Suspended", "overwrite"),
    ),
    (
        {"get_bucket_encryption": _error("ServerSideEncryptionConfigurationNotFoundError")},
        *("bucket encryption", "with nothing", "apply"),
    ),
    (
        {"get_public_access_block": _error("NoSuchPublicAccessBlockConfiguration")},
        "bucket public access",
        "BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets",
        "made public",
    ),
    (
        {
            "get_public_access_block": {
                "PublicAccessBlockConfiguration": BLOCKS | {"IgnorePublicAcls": False}
            }
        },
        *("bucket public access", "Not blocked: IgnorePublicAcls.", "made public"),
    ),
    (
        _bucket_policy(_tls("s3:*", BUCKET_ARN), OTHER_ACCOUNTS, VERSION_DELETION),
        *("bucket TLS", "No policy", "apply"),
    ),
    *(
        (broken(weak), check, found, advice)
        for statement, broken, check, found, advice in DENIALS
        for weak in _weakened(statement)
    ),
    *(
        (
            _sent(QUEUE_URL, QUEUE_ARN, statement),
            "queue senders",
            "Any principal of the account",
            "apply",
        )
        for statement in list(_weakened(_senders(QUEUE_ARN, ROLE)))[:-1]
    ),
    (
        _sent(FAILURES_URL, FAILURES_ARN, _senders(FAILURES_ARN, OPERATOR)),
        *("intake-failures queue senders", "denies sending to the function's own role", "apply"),
    ),
    *(
        (
            _sent(url, arn, _senders(arn, ROLE, stranger)),
            f"{title} senders",
            f"lets {stranger} send",
            "apply",
        )
        for title, url, arn in (
            ("queue", QUEUE_URL, QUEUE_ARN),
            ("intake-failures queue", FAILURES_URL, FAILURES_ARN),
        )
        for stranger in ("arn:aws:iam::1:role/stranger", "arn:aws:iam::1:*", OPERATOR)
    ),
    (
        _bucket_policy(BUCKET_TLS, OTHER_ACCOUNTS, VERSION_DELETION, GRANT),
        "other grants",
        's3:GetObject on the bucket to {"AWS": "arn:aws:iam::1:role/stranger"}',
        "who added it",
    ),
    (
        _queues(DEAD_URL, Policy=_policy(_tls("sqs:*", DEAD_ARN), GRANT)),
        *("other grants", "on the dead-letter queue", "who added it"),
    ),
    (
        {"get_policy": {"Policy": _policy(PERMISSION, GRANT)}},
        "permission",
        'gives rights to {"AWS": "arn:aws:iam::1:role/stranger"}',
        "RemovePermission",
    ),
    (_notified(), "notification", "no upload is announced", "submitter reconcile"),
    (_notified(OURS, OURS), "notification", "2 times", "apply"),
    (
        _notified(OURS | {"Events": ["s3:ObjectCreated:Put"]}),
        *("notification", "of s3:ObjectCreated:Put for", "It should be s3:ObjectCreated:*"),
    ),
    (
        _notified({name: value for name, value in OURS.items() if name != "Filter"}),
        *("notification", "prefix '' and suffix ''", "'submissions/' and '.json'"),
    ),
    (
        _notified(OURS, OURS | {"LambdaFunctionArn": "arn:other"}),
        *("other notifications", "arn:other", "one notification configuration"),
    ),
    (
        _notified(OURS, TopicConfigurations=[{"TopicArn": "arn:topic", "Events": []}]),
        *("other notifications", "arn:topic", "one notification configuration"),
    ),
    ({"get_policy": _error("ResourceNotFoundException")}, "permission", "may not", "reconcile"),
    (_allowed(Effect="Deny"), "permission", "may not invoke", "reconcile"),
    (_allowed(Principal={"Service": "sns.amazonaws.com"}), "permission", "may not", "reconcile"),
    (_allowed(Action="lambda:GetFunction"), "permission", "may not invoke", "reconcile"),
    (_allowed(Condition={}), "permission", "may not invoke", "reconcile"),
    (_allowed(Condition=OTHER_BUCKET), "permission", "may not invoke", "reconcile"),
    (_allowed(Condition=ARN_ONLY), "permission", "in any account", "another account"),
    (_configured(State="Failed"), "function", "is Failed", "Wait a minute"),
    (_configured(LastUpdateStatus="Failed"), "function", "last update Failed", "Wait a minute"),
    (_configured(Runtime="python3.9"), "function runtime", "python3.9", "apply"),
    (
        _variables(SUBMITTER_QUEUE_URL=None),
        *("function queue", "SUBMITTER_QUEUE_URL is not set", QUEUE_URL),
    ),
    (
        _variables(SUBMITTER_BUCKET=None),
        *("function bucket", "SUBMITTER_BUCKET is not set", "be bucket."),
    ),
    (_variables(SUBMITTER_BUCKET="other"), "function bucket", "is other", "be bucket."),
    (
        {"get_function_concurrency": {"ReservedConcurrentExecutions": 0}},
        *("function concurrency", "is 0", "reserved_concurrency"),
    ),
    (
        {"get_function_event_invoke_config": _error("ResourceNotFoundException")},
        *("function failures", "goes to nowhere", "or it is lost"),
    ),
    (
        {
            "get_function_event_invoke_config": {
                "DestinationConfig": DESTINATION,
                "MaximumRetryAttempts": 0,
            }
        },
        *("function retries", "retried 0 times", "retry_attempts"),
    ),
    (
        {"describe_log_groups": {"logGroups": [{"logGroupName": "/aws/lambda/submitter-intake2"}]}},
        *("function log", "does not exist", "apply"),
    ),
    (
        {"describe_log_groups": {"logGroups": [{"logGroupName": LOG_GROUP["logGroupName"]}]}},
        *("function log", "forever", "apply"),
    ),
    *(
        (_graded("grader_get_function_configuration", **change), check, found, advice)
        for change, check, found, advice in (
            ({"State": "Failed"}, "grader", "submitter-grader is Failed", "Wait a minute"),
            ({"LastUpdateStatus": "Failed"}, "grader", "last update Failed", "Wait a minute"),
            ({"Runtime": "python3.9"}, "grader runtime", "python3.9", "apply"),
            ({"Environment": {}}, "grader bucket", "is not set", "be bucket."),
            ({"Timeout": 121}, "queue visibility", "after 720 seconds, and", "6 times as long"),
        )
    ),
    (
        {"grader_get_function_concurrency": {"ReservedConcurrentExecutions": 0}},
        *("grader concurrency", "is 0", "become dead letters"),
    ),
    *(
        ({"grader_describe_log_groups": {"logGroups": groups}}, "grader log", found, "apply")
        for groups, found in (
            ([], "/aws/lambda/submitter-grader does not exist"),
            ([{"logGroupName": GRADED.grader_log_group_name}], "forever"),
        )
    ),
    *(
        (_graded("get_event_source_mapping", **change), "grader mapping", found, "Wait a minute")
        for change, found in (
            ({"State": "Disabled"}, "State is Disabled, not Enabled."),
            ({"EventSourceArn": DEAD_ARN}, f"EventSourceArn is {DEAD_ARN}, not {QUEUE_ARN}."),
            ({"FunctionArn": FUNCTION_ARN}, f"FunctionArn is {FUNCTION_ARN}, not arn:aws:lambda:"),
            ({"BatchSize": 10}, "BatchSize is 10, not 1."),
            ({"FunctionResponseTypes": []}, "FunctionResponseTypes is [], not ['ReportBatch"),
        )
    ),
    (
        {"get_event_source_mapping": _error("ResourceNotFoundException", "GetEventSourceMapping")},
        *("grader mapping", "not exist (GetEventSourceMapping)", "apply"),
    ),
    (
        _queues(QUEUE_URL, RedrivePolicy=json.dumps(REDRIVE | {"maxReceiveCount": 4})),
        *("queue receives", "after 4 receives", "max_receive_count to 5"),
    ),
    (
        {"grader_get_policy": {"Policy": _policy(GRANT)}},
        *("other grants", "s3:GetObject on the grader to", "who added it"),
    ),
    (_queues(QUEUE_URL, SqsManagedSseEnabled="false"), "queue encryption", "with nothing", "apply"),
    (
        _queues(DEAD_URL, Policy=_policy(_tls("sqs:*", "arn:other"))),
        *("dead-letter queue TLS", "No policy", "apply"),
    ),
    (
        _queues(FAILURES_URL, Policy=_policy(_senders(FAILURES_ARN, ROLE))),
        *("intake-failures queue TLS", "No policy", "apply"),
    ),
    (_queues(QUEUE_URL, RedrivePolicy=""), "queue redrive", "stays until it expires", DEAD_ARN),
    (
        _queues(DEAD_URL, MessageRetentionPeriod=str(7 * DAY)),
        *("dead-letter queue retention", "for 7 days, messages for 7", "soon expire"),
    ),
    (
        _queues(FAILURES_URL, RedrivePolicy='{"deadLetterTargetArn": "arn:x"}'),
        *("intake-failures queue keeps", "move on to arn:x", "move them away"),
    ),
    (
        _alarms(ALARMS[1:]),
        *("alarms", "do not exist: submitter-uploads-without-announcements.", "apply"),
    ),
    (_alarms([]), "alarms", "submitter-dead-letters-waiting", "apply"),
    (
        _alarms([ALARMS[0] | SILENT, *ALARMS[1:]]),
        *("alarms", "notify nobody: submitter-uploads-without-announcements.", "apply"),
    ),
    *(
        (
            _alarms(change if each is sound else each for each in ALARMS),
            "alarms",
            f"{sound['AlarmName']} differs from what the stack needs: {found}",
            "never fire",
        )
        for sound, change, found in _wrong_alarms()
    ),
    (
        {"get_bucket_metrics_configuration": _error("NoSuchConfiguration")},
        *("bucket metrics", "S3 does not count uploads.", "needs that count"),
    ),
    (
        {
            "get_bucket_metrics_configuration": {
                "MetricsConfiguration": {"Id": "submissions", "Filter": {"Prefix": "output/"}}
            }
        },
        *("bucket metrics", "'output/'", "needs that count"),
    ),
]


def test_sound_stack_needs_nothing() -> None:
    findings = _examine()

    assert {finding.verdict for finding in findings} == {Verdict.OK}
    assert not any(finding.advice for finding in findings)
    assert all(finding.found.endswith(".") for finding in findings)
    assert DoctorReport("submitter", tuple(findings)).exit_code is ExitCode.OK


def test_stack_without_grading_needs_no_grader() -> None:
    alarms = [each for each in ALARMS if "grad" not in each["AlarmName"]]
    nothing = {name: _error("Unasked") for name in SOUND if name.startswith("grader_")}
    nothing["get_event_source_mapping"] = _error("Unasked")

    findings = _examine(DEPLOYMENT, **_alarms(alarms), **nothing)

    assert {finding.verdict for finding in findings} == {Verdict.OK}
    assert {each.check for each in _examine()} - {each.check for each in findings} == {
        *("grader", "grader runtime", "grader bucket", "grader concurrency", "grader log"),
        *("grader mapping", "queue visibility", "queue receives"),
    }


def test_every_check_is_broken_by_a_test() -> None:
    sound = {finding.check for finding in _examine()}
    alike = {  # the same check on the other queues
        "queue TLS",
        "dead-letter queue encryption",
        "intake-failures queue encryption",
        "dead-letter queue keeps",
    }

    assert sound - alike == {check for _, check, _, _ in BROKEN}


@pytest.mark.parametrize(("answers", "check", "found", "advice"), BROKEN)
def test_broken_setting_is_the_only_finding_with_advice(
    answers: dict[str, Any], check: str, found: str, advice: str
) -> None:
    findings = _examine(**answers)

    [broken] = [finding for finding in findings if finding.verdict is not Verdict.OK]
    assert (broken.check, broken.verdict) == (check, Verdict.ATTENTION)
    assert found in broken.found
    assert advice in broken.advice
    assert "terraform apply" not in broken.advice
    assert DoctorReport("submitter", tuple(findings)).exit_code is ExitCode.ATTENTION


@pytest.mark.parametrize(
    "answers",
    [
        _configured(State="Inactive"),
        {"get_function_concurrency": {"ReservedConcurrentExecutions": 5}},
        _queues(QUEUE_URL, SqsManagedSseEnabled="false", KmsMasterKeyId="alias/own"),
        _notified(
            OURS,
            QueueConfigurations=[
                {
                    "QueueArn": "arn:exports",
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "output/"}]}},
                }
            ],
        ),
        {"get_policy": {"Policy": _policy(PERMISSION | {"Effect": "Deny"}, PERMISSION)}},
        _keyed(OTHER_KEY, PROVIDED_KEY),
        _bucket_policy(
            BUCKET_TLS,
            OTHER_ACCOUNTS,
            VERSION_DELETION | {"Condition": {"ArnNotLike": {"aws:PrincipalArn": [OPERATOR]}}},
        ),
    ],
)
def test_unusual_but_sound_setting_passes(answers: dict[str, Any]) -> None:
    assert {finding.verdict for finding in _examine(**answers)} == {Verdict.OK}


def test_bucket_without_a_policy_fails_every_policy_check() -> None:
    findings = _examine(get_bucket_policy=_error("NoSuchBucketPolicy"))

    assert {each.check for each in findings if each.verdict is Verdict.ATTENTION} == {
        "bucket TLS",
        "bucket accounts",
        "bucket version deletion",
        "bucket key",
        "bucket storage class",
    }


def test_principals_exempt_from_a_denial_are_named() -> None:
    named = VERSION_DELETION | {"Condition": {"ArnNotLike": {"aws:PrincipalArn": [OPERATOR]}}}
    findings = {
        each.check: each.found
        for each in _examine(**_bucket_policy(BUCKET_TLS, OTHER_ACCOUNTS, named))
    }

    assert OPERATOR in findings["bucket version deletion"]
    assert ROLE in findings["queue senders"]
    assert "nobody" in {each.check: each.found for each in _examine()}["bucket version deletion"]


def test_alarms_without_any_action_are_unknown() -> None:
    findings = _examine(**_alarms(alarm | SILENT for alarm in ALARMS))

    [said] = [finding for finding in findings if finding.verdict is not Verdict.OK]
    assert (said.check, said.verdict) == ("alarms", Verdict.UNKNOWN)
    assert "set alarm_topic_arn, and run `make plan` and `make apply`" in said.advice


def test_missing_and_silent_alarms_are_both_named() -> None:
    findings = _examine(**_alarms([ALARMS[2] | SILENT, ALARMS[1], *ALARMS[3:]]))

    missing, silent = [each for each in findings if each.verdict is Verdict.ATTENTION]
    assert "uploads-without-announcements" in missing.found
    assert "function-errors" in silent.found


@pytest.mark.parametrize("operation", sorted(SOUND))
def test_check_without_rights_is_unknown_and_the_others_run(operation: str) -> None:
    sound = _examine()

    findings = _examine(**{operation: _error("AccessDeniedException", "TheQuestion")})

    unknown = [each for each in findings if each.verdict is Verdict.UNKNOWN]
    assert unknown
    assert all("TheQuestion" in each.found for each in unknown)
    others = {each.check for each in findings if each.verdict is Verdict.OK}
    also = {"function retries", "other notifications"}  # second findings of a check
    assert others | {each.check for each in unknown} | also == {each.check for each in sound}
    assert DoctorReport("submitter", tuple(findings)).exit_code is ExitCode.OK


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (EndpointConnectionError(endpoint_url="https://aws"), "AWS could not be asked"),
        (RuntimeError("the refreshed credentials are still expired"), "have expired"),
        (ConnectionResetError("Connection reset by peer"), "Connection reset by peer"),
    ],
)
def test_check_that_does_not_reach_aws_is_unknown_and_the_others_run(
    error: Exception, said: str
) -> None:
    findings = _examine(get_bucket_versioning=error)

    [unknown] = [each for each in findings if each.verdict is not Verdict.OK]
    assert (unknown.check, unknown.verdict) == ("bucket versions", Verdict.UNKNOWN)
    assert said in unknown.found
    assert len(findings) == len(_examine())


def test_stack_is_unavailable_when_every_check_is_refused() -> None:
    findings = _examine(**dict.fromkeys(SOUND, _error("AccessDenied")))

    assert DoctorReport("submitter", tuple(findings)).exit_code is ExitCode.UNAVAILABLE


@pytest.mark.parametrize("policy", [None, "", "[]", "no JSON", '{"Statement": ["x"]}', "{}"])
def test_invalid_policy_has_no_statements(policy: str | None) -> None:
    assert statements_of(policy) == []


def test_policies_may_have_one_value_or_a_list() -> None:
    assert statements_of('{"Statement": {"Effect": "Allow"}}') == [{"Effect": "Allow"}]
    assert texts_of("a") == {"a"}
    assert texts_of(["a", "b"]) == {"a", "b"}
    one = {"Condition": {"Bool": {"AWS:SecureTransport": [False]}}}
    assert condition_of(one, "aws:securetransport") == {"false"}
    assert condition_of({}, "aws:securetransport") == set()


FINDINGS = (
    Finding("bucket", Verdict.OK, "It exists."),
    Finding("bucket versions", Verdict.OK, "Versioning is Enabled."),
    Finding("other notifications", Verdict.ATTENTION, "arn:\x1b[2J", "Find \u202eout."),
    Finding("alarms", Verdict.UNKNOWN, "[bold]x"),
)


def test_commands_in_advice_name_the_checked_stack() -> None:
    remember_options(stack="course", profile=None, region=None)
    unset = _notified() | {"get_policy": {"Policy": _policy()}}

    advice = [finding.advice for finding in _examine(**unset) if finding.advice]

    assert len(advice) == 2
    for each in advice:
        assert "`make plan` and `make apply`" in each
        assert "`submitter --stack course reconcile`" in each
