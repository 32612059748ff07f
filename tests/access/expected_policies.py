"""Exact statements, where no call on the emulator can show a difference.

It knows no caller that is AWS itself, no key's use by way of a service, no plain HTTP (which does
not get as far as a policy where TLS is served), no other account's caller, and not what a request
says of a KMS key.
"""

from collections.abc import Iterator
from typing import Any

from access.principals import ACCOUNT, VARIABLES
from access.rendered import Documents, Statement
from emulation.endpoint import REGION
from emulation.terraform import StackOutputs

type Place = tuple[str, str]
"""A policy's name, and a statement's Sid."""

_READING = (
    *("FindStack", "ListBucket", "ReadResults", "ReadBucketConfiguration"),
    *("ReadFunctionConfiguration", "ReadLog", "FindLogGroup", "CountMessages"),
    *("LookAtFailures", "ReadMetricsAndAlarms", "ReadGradersMapping"),
)
_REPAIRING = ("Submit", "RemoveRoundTrips", "Announce", "RemoveHandledFailures")
SIDS = {
    "uploader": {"PutSubmissions"},
    "results_reader": {"ReadStudentsResults"},
    "author": {
        *("FindStack", "ListObjects", "ReadProblemsAndSubmissions", "ReadResults"),
        *("Publish", "Announce"),
    },
    "gradebook_reader": {"FindStack", "ListObjects", "ReadAllButCode"},
    "back_end": {
        *("TakeMessages", "ReadSubmissionsAndResults", "ReadEvents", "ListVersions"),
        "WriteResults",
    },
    "operator": {*_READING},
    "repairing_operator": {*_READING, *_REPAIRING},
    "function": {"WriteLogs", "SendToQueues"},
    "trust": {"AssumeByLambda"},
    "grader": {"WriteLogs"},
    "grader_submissions": {
        *("TakeMessages", "ReadSubmissions", "ReadProblemsAndResults", "ListVersions"),
        "WriteResults",
    },
    "grader_trust": {"AssumeByLambda"},
    "permission": {"AllowInvokeBySubmitterBucket"},
    "queue": {"DenyWithoutTLS", "DenyOtherSenders"},
    "dead_letter_queue": {"DenyWithoutTLS"},
    "intake_failures_queue": {"DenyWithoutTLS", "DenyOtherSenders"},
    "bucket": {
        *("DenyWithoutTLS", "DenyOtherAccounts", "DenyVersionDeletion"),
        *("DenyOtherEncryption", "DenyCustomerProvidedKeys", "DenyOtherStorageClasses"),
    },
}
"""All statements; there must be no others."""
KEYED_SIDS = {
    "uploader": {"EncryptSubmissions"},
    "results_reader": {"DecryptResults"},
    "author": {"DecryptAndEncryptObjects"},
    "gradebook_reader": {"DecryptObjects"},
    "back_end": {"DecryptMessagesAndSubmissions", "EncryptResults"},
    "operator": {"DecryptResultsAndFailures"},
    "repairing_operator": {"DecryptResultsAndFailures", "EncryptSubmissions"},
    "function": {"EncryptMessages", "SendTraces"},
    "grader": {"SendTraces"},
    "grader_submissions": {"DecryptMessagesAndObjects", "EncryptResults"},
    "key": {
        "LetTheAccountsPoliciesDecide",
        "LetS3ForTheBucket",
        "LetLambdaForTheFunction",
        "LetCloudWatchLogsForTheLogGroup",
    },
}
"""The further ones of a stack with a customer-managed key and tracing."""

_S3, _SQS = f"s3.{REGION}.amazonaws.com", f"sqs.{REGION}.amazonaws.com"


def violations(documents: Documents, names: StackOutputs) -> Iterator[str]:
    """Compare a stack's policies with what is expected.

    Args:
        documents: the policies.
        names: the stack's outputs.

    Yields:
        What differs; nothing if all is as expected.
    """
    keyed = documents.kms_key_arn is not None
    for policy in sorted(documents.policies.keys() | SIDS.keys()):
        sids = SIDS.get(policy, set()) | (KEYED_SIDS.get(policy, set()) if keyed else set())
        found = [each.get("Sid") for each in documents.policies.get(policy, ())]
        if sorted(map(str, found)) != sorted(sids):
            yield f"{policy} has the statements {found}, not {sorted(sids)}"
    for (policy, sid), statement in exact_statements(documents, names).items():
        found = [each for each in documents.policies.get(policy, ()) if each.get("Sid") == sid]
        if [_sorted(each) for each in found] != [_sorted(statement)]:
            yield f"{policy}'s {sid} is {found}, not {statement}"


def exact_statements(documents: Documents, names: StackOutputs) -> dict[Place, Statement]:
    """Return the statements that must match exactly, by place."""
    bucket = f"arn:aws:s3:::{names.bucket_name}"
    every_log_group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*"
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{names.function_name}"
    find_log_group = _statement("FindLogGroup", ["logs:DescribeLogGroups"], every_log_group)
    # Only listings have a prefix, so no call shows whether the condition alone keeps others out.
    list_objects = _statement(
        "ListObjects",
        ["s3:ListBucket", "s3:ListBucketVersions"],
        bucket,
        {"StringLike": {"s3:prefix": ["submissions/*", "output/*", "events/*"]}},
    )
    assume_by_lambda = {
        "Sid": "AssumeByLambda",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"},
    }
    # Not every action that reads an object can be tried.
    put_submissions = _statement("PutSubmissions", ["s3:PutObject"], f"{bucket}/submissions/*")
    read_results = _statement(
        "ReadStudentsResults", ["s3:GetObject"], f"{bucket}/output/*/{'?' * 32}.json"
    )
    statements = {
        ("uploader", "PutSubmissions"): put_submissions,
        ("results_reader", "ReadStudentsResults"): read_results,
        ("operator", "FindLogGroup"): find_log_group,
        ("repairing_operator", "FindLogGroup"): find_log_group,
        ("author", "ListObjects"): list_objects,
        ("gradebook_reader", "ListObjects"): list_objects,
        ("trust", "AssumeByLambda"): assume_by_lambda,
        ("grader_trust", "AssumeByLambda"): assume_by_lambda,
        ("permission", "AllowInvokeBySubmitterBucket"): {
            "Sid": "AllowInvokeBySubmitterBucket",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": names.function_name,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": bucket},
            },
        },
        ("bucket", "DenyOtherAccounts"): _denial(
            "DenyOtherAccounts",
            "s3:*",
            [bucket, f"{bucket}/*"],
            {
                "StringNotEquals": {"aws:PrincipalAccount": ACCOUNT},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        ),
    }
    # The stack with a key names no principal.
    named = VARIABLES if documents.kms_key_arn is None else {}
    repairing = [
        *named.get("repairing_operator_arns", []),
        *named.get("further_repairing_operator_arns", []),
    ]
    role = documents.role_arns["trust"]
    for policy, resource, senders in (
        ("queue", names.queue_arn, [role]),
        ("intake_failures_queue", names.intake_failures_queue_arn, [role]),
    ):
        statements[policy, "DenyOtherSenders"] = _denial(
            "DenyOtherSenders",
            "sqs:SendMessage",
            resource,
            {"ArnNotLike": {"aws:PrincipalArn": senders}},
        )
    deleters = [*repairing, *named.get("version_deleter_arns", [])]
    statements["bucket", "DenyVersionDeletion"] = _denial(
        "DenyVersionDeletion",
        "s3:DeleteObjectVersion",
        f"{bucket}/*",
        {"ArnNotLike": {"aws:PrincipalArn": deleters}} if deleters else None,
    )
    for policy, action, covered in (
        ("bucket", "s3:*", [bucket, f"{bucket}/*"]),
        ("queue", "sqs:*", names.queue_arn),
        ("dead_letter_queue", "sqs:*", names.dead_letter_queue_arn),
        ("intake_failures_queue", "sqs:*", names.intake_failures_queue_arn),
    ):
        statements[policy, "DenyWithoutTLS"] = _denial(
            "DenyWithoutTLS", action, covered, {"Bool": {"aws:SecureTransport": "false"}}
        )
    key = documents.kms_key_arn
    asks = "s3:x-amz-server-side-encryption"
    for sid, conditions in (
        (
            "DenyOtherEncryption",
            {
                "Null": {asks: "false"},
                "StringNotEquals": {f"{asks}-aws-kms-key-id": key} if key else {asks: "AES256"},
            },
        ),
        ("DenyCustomerProvidedKeys", {"Null": {f"{asks}-customer-algorithm": "false"}}),
        (
            "DenyOtherStorageClasses",
            {
                "Null": {"s3:x-amz-storage-class": "false"},
                "StringNotEquals": {"s3:x-amz-storage-class": "STANDARD"},
            },
        ),
    ):
        statements["bucket", sid] = _denial(sid, "s3:PutObject", f"{bucket}/*", conditions)
    if documents.kms_key_arn is not None:
        log_groups = [
            f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"
            for name in (names.function_log_group_name, names.grader_log_group_name)
        ]
        statements |= _about_key(documents.kms_key_arn, bucket, function, log_groups)
    return statements


def _about_key(
    key: str, bucket: str, function: str, log_groups: list[str]
) -> dict[Place, Statement]:
    def use(policy: str, sid: str, actions: list[str], *services: str) -> None:
        statements[policy, sid] = _statement(
            sid, actions, key, {"StringEquals": {"kms:ViaService": list(services)}}
        )

    def let(sid: str, actions: list[str], service: str, condition: dict[str, Any]) -> None:
        statements["key", sid] = _statement(sid, actions, "*", condition) | {
            "Principal": {"Service": f"{service}.amazonaws.com"}
        }

    send_traces = _statement(
        "SendTraces", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"
    )
    statements: dict[Place, Statement] = {
        ("key", "LetTheAccountsPoliciesDecide"): {
            **_statement("LetTheAccountsPoliciesDecide", ["kms:*"], "*"),
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        },
        ("function", "SendTraces"): send_traces,
        ("grader", "SendTraces"): send_traces,
    }
    decrypt, encrypt = ["kms:Decrypt"], ["kms:GenerateDataKey"]
    use("uploader", "EncryptSubmissions", encrypt, _S3)
    use("back_end", "DecryptMessagesAndSubmissions", decrypt, _S3, _SQS)
    use("back_end", "EncryptResults", encrypt, _S3)
    use("operator", "DecryptResultsAndFailures", decrypt, _S3, _SQS)
    use("repairing_operator", "DecryptResultsAndFailures", decrypt, _S3, _SQS)
    use("repairing_operator", "EncryptSubmissions", encrypt, _S3)
    use("function", "EncryptMessages", [*decrypt, *encrypt], _SQS)
    use("results_reader", "DecryptResults", decrypt, _S3)
    use("author", "DecryptAndEncryptObjects", [*decrypt, *encrypt], _S3)
    use("gradebook_reader", "DecryptObjects", decrypt, _S3)
    use("grader_submissions", "DecryptMessagesAndObjects", decrypt, _S3, _SQS)
    use("grader_submissions", "EncryptResults", encrypt, _S3)
    for sid, service, source in (
        ("LetS3ForTheBucket", "s3", bucket),
        ("LetLambdaForTheFunction", "lambda", function),
    ):
        let(
            sid,
            [*decrypt, *encrypt],
            service,
            {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnEquals": {"aws:SourceArn": source},
            },
        )
    let(
        "LetCloudWatchLogsForTheLogGroup",
        [f"kms:{each}*" for each in ("Decrypt", "Describe", "Encrypt", "GenerateDataKey")]
        + ["kms:ReEncrypt*"],
        f"logs.{REGION}",
        {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
    )
    return statements


def _statement(
    sid: str, actions: list[str], resource: object, condition: dict[str, Any] | None = None
) -> Statement:
    statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
    return statement if condition is None else statement | {"Condition": condition}


def _denial(sid: str, action: str, resource: object, condition: dict[str, Any] | None) -> Statement:
    return _statement(sid, [action], resource, condition) | {"Effect": "Deny", "Principal": "*"}


def _sorted(value: Any) -> Any:  # noqa: ANN401 - a policy's value is any of JSON's
    """Make two values equal if they mean the same: one text or a list of it, in any order."""
    if isinstance(value, dict):
        return {key: _sorted(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted(map(str, value))
    return [str(value)]
