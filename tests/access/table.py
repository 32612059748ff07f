"""Which principal may make which call; every other cell is a denial."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from access.principals import ACCOUNT, Principal
from access.stage import (
    CODE,
    EVENTS,
    OUTPUT,
    RESULT,
    ROUND_TRIPS,
    STAFF_RESULT,
    SUBMISSIONS,
    Stage,
)

_UPLOADER = frozenset({Principal.UPLOADER})
_RESULTS_READER = frozenset({Principal.RESULTS_READER})
_AUTHOR = frozenset({Principal.AUTHOR})
_GRADEBOOK_READER = frozenset({Principal.GRADEBOOK_READER})
_STAFF = _AUTHOR | _GRADEBOOK_READER
_BACK_END = frozenset({Principal.BACK_END})
_GRADER = frozenset({Principal.GRADER})
_GRADERS = _BACK_END | _GRADER
_FUNCTION = frozenset({Principal.FUNCTION})
_REPAIRING = frozenset({Principal.REPAIRING_OPERATOR, Principal.FEDERATED_OPERATOR})
_OPERATORS = _REPAIRING | {Principal.OPERATOR}
_VERSION_DELETER = frozenset({Principal.VERSION_DELETER})
_ADMINISTRATORS = _VERSION_DELETER | {Principal.ADMINISTRATOR}
_ACROSS_ACCOUNTS = frozenset({"s3", "sqs"})
_NOBODY: frozenset[Principal] = frozenset()

type Arguments = Callable[[Stage], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """One call, and who may make it."""

    what: str
    service: str
    operation: str
    arguments: Arguments
    allowed: frozenset[Principal]
    destroys: bool = False
    """Whether it would break the stack: then those who may do it do not try."""
    undone_as: str | None = None
    """The error of a call that is allowed, and then not done: there is nothing to restore, or the
    emulator does not know the call."""

    @property
    def principals(self) -> list[Principal]:
        """Those who try."""
        others = _ADMINISTRATORS if self.destroys else _NOBODY
        if self.service not in _ACROSS_ACCOUNTS or self.undone_as is not None:
            # For the emulator these would be about the foreign account's own resources.
            others |= {Principal.FOREIGN_ADMINISTRATOR}
        return [each for each in Principal if each not in others]


def _object(place: str) -> Arguments:
    return lambda stage: {"Bucket": stage.bucket, "Key": stage.put(place)[0]}


def _version(place: str) -> Arguments:
    def arguments(stage: Stage) -> dict[str, Any]:
        key, version = stage.put(place)
        return {"Bucket": stage.bucket, "Key": key, "VersionId": version}

    return arguments


def _data(stage: Stage) -> dict[str, Any]:
    return {"Bucket": stage.bucket, "Key": stage.data()[0]}


def _data_version(stage: Stage) -> dict[str, Any]:
    return {**_data(stage), "VersionId": stage.data()[1]}


def _batch(place: str) -> Arguments:
    def arguments(stage: Stage) -> dict[str, Any]:
        key, version = stage.put(place)
        delete = {"Objects": [{"Key": key, "VersionId": version}]}
        return {"Bucket": stage.bucket, "Delete": delete}

    return arguments


def _new_object(place: str) -> Arguments:
    return lambda stage: {"Bucket": stage.bucket, "Key": stage.new_key(place), "Body": b"{}"}


def _copied(place: str, *, names_version: bool = False) -> Arguments:
    """Copy an object into a submission."""

    def arguments(stage: Stage) -> dict[str, Any]:
        key, version = stage.put(place)
        source = {"Bucket": stage.bucket, "Key": key}
        return {
            "Bucket": stage.bucket,
            "Key": stage.new_key(SUBMISSIONS),
            "CopySource": source | ({"VersionId": version} if names_version else {}),
        }

    return arguments


def _copied_part(stage: Stage) -> dict[str, Any]:
    return {**_copied(EVENTS)(stage), **stage.begin_upload(SUBMISSIONS), "PartNumber": 1}


def _bucket(stage: Stage) -> dict[str, Any]:
    return {"Bucket": stage.bucket}


def _other_bucket(stage: Stage) -> dict[str, Any]:
    return {"Bucket": stage.other.bucket_name}


def _queue(name: str, **further: object) -> Arguments:
    return lambda stage: {"QueueUrl": stage.url(name), **further}


def _received(name: str, **further: object) -> Arguments:
    return lambda stage: {
        "QueueUrl": stage.url(name),
        "ReceiptHandle": stage.receive(name),
        **further,
    }


def _released(name: str) -> Arguments:
    return lambda stage: {
        "QueueUrl": stage.url(name),
        "Entries": [{"Id": "0", "ReceiptHandle": stage.receive(name), "VisibilityTimeout": 0}],
    }


def _function(**further: object) -> Arguments:
    return lambda stage: {"FunctionName": stage.names.function_name, **further}


def _other_function(**further: object) -> Arguments:
    return lambda stage: {"FunctionName": stage.other.function_name, **further}


def _grader(**further: object) -> Arguments:
    return lambda stage: {"FunctionName": stage.names.grader_function_name, **further}


def _mapping(**further: object) -> Arguments:
    return lambda stage: {"UUID": stage.names.grader_mapping_uuid, **further}


def _log(**further: object) -> Arguments:
    return lambda stage: {"logGroupName": stage.names.function_log_group_name, **further}


def _grader_log(**further: object) -> Arguments:
    return lambda stage: {"logGroupName": stage.names.grader_log_group_name, **further}


def _other_log(**further: object) -> Arguments:
    return lambda stage: {"logGroupName": stage.other.function_log_group_name, **further}


_QUEUE, _DEAD, _FAILURES, _OTHER = "queue", "dead_letter_queue", "intake_failures_queue", "other"
_RECEIVE = {"WaitTimeSeconds": 0}
_SEND = {"MessageBody": "{}"}
_COUNT = {"AttributeNames": ["All"]}
_EVENT = {"Payload": b"{}"}
_YEAR = {
    "StartTime": datetime(2026, 1, 1, tzinfo=UTC),
    "EndTime": datetime(2026, 1, 2, tzinfo=UTC),
}
_METRIC = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateAgeOfOldestMessage",
    "Period": 86400,
    "Statistics": ["Maximum"],
    **_YEAR,
}
_LINE = {"logEvents": [{"timestamp": 0, "message": "-"}]}
_HIDE = {"VisibilityTimeout": 0}
_REPLICATION = {
    "Role": f"arn:aws:iam::{ACCOUNT}:role/replication",
    "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::elsewhere"}}],
}
_SUSPENDED = {"VersioningConfiguration": {"Status": "Suspended"}}

TABLE = (
    # Objects
    Row("put a submission", "s3", "put_object", _new_object(SUBMISSIONS),
        _UPLOADER | _REPAIRING | _ADMINISTRATORS),
    Row("put a submission encrypted as usual", "s3", "put_object",
        lambda stage: {**_new_object(SUBMISSIONS)(stage), "ServerSideEncryption": "AES256"},
        _UPLOADER | _REPAIRING | _ADMINISTRATORS),
    Row("put a submission under a key of KMS", "s3", "put_object",
        lambda stage: {**_new_object(SUBMISSIONS)(stage), "ServerSideEncryption": "aws:kms"},
        _NOBODY),
    Row("put a result", "s3", "put_object", _new_object(RESULT), _GRADERS | _ADMINISTRATORS),
    Row("put the staff's result", "s3", "put_object", _new_object(STAFF_RESULT),
        _GRADERS | _ADMINISTRATORS),
    Row("put an object elsewhere", "s3", "put_object", _new_object("elsewhere/"), _ADMINISTRATORS),
    Row("read a submission's code", "s3", "get_object", _object(CODE),
        _AUTHOR | _GRADERS | _REPAIRING | _ADMINISTRATORS),
    Row("look whether a submission's code is there", "s3", "head_object", _object(CODE),
        _AUTHOR | _GRADERS | _REPAIRING | _ADMINISTRATORS),
    Row("read a version of a submission's code", "s3", "get_object", _version(CODE),
        _AUTHOR | _GRADERS | _ADMINISTRATORS),
    Row("read a submission's data", "s3", "get_object", _data,
        _STAFF | _GRADERS | _REPAIRING | _ADMINISTRATORS),
    Row("read a version of a submission's data", "s3", "get_object", _data_version,
        _STAFF | _GRADERS | _ADMINISTRATORS),
    Row("read a result", "s3", "get_object", _object(RESULT),
        _RESULTS_READER | _STAFF | _GRADERS | _OPERATORS | _ADMINISTRATORS),
    Row("read the staff's result", "s3", "get_object", _object(STAFF_RESULT),
        _STAFF | _GRADERS | _OPERATORS | _ADMINISTRATORS),
    Row("look whether the staff's result is there", "s3", "head_object", _object(STAFF_RESULT),
        _STAFF | _GRADERS | _OPERATORS | _ADMINISTRATORS),
    Row("read a version of the staff's result", "s3", "get_object", _version(STAFF_RESULT),
        _GRADEBOOK_READER | _BACK_END | _ADMINISTRATORS),
    Row("read a version of a result", "s3", "get_object", _version(RESULT),
        _GRADEBOOK_READER | _BACK_END | _ADMINISTRATORS),
    Row("read an event's files", "s3", "get_object", _object(EVENTS),
        _STAFF | _GRADERS | _ADMINISTRATORS),
    Row("read a version of an event's files", "s3", "get_object", _version(EVENTS),
        _STAFF | _ADMINISTRATORS),
    Row("look whether an event's files are there", "s3", "head_object", _object(EVENTS),
        _STAFF | _GRADERS | _ADMINISTRATORS),
    Row("read an event's attributes", "s3", "get_object_attributes",
        lambda stage: {**_object(EVENTS)(stage), "ObjectAttributes": ["ETag", "ObjectSize"]},
        _ADMINISTRATORS),
    Row("read a version's attributes", "s3", "get_object_attributes",
        lambda stage: {**_version(EVENTS)(stage), "ObjectAttributes": ["ETag", "ObjectSize"]},
        _ADMINISTRATORS),
    Row("read an event's tags", "s3", "get_object_tagging", _object(EVENTS), _ADMINISTRATORS),
    Row("read who has access to an event's files", "s3", "get_object_acl", _object(EVENTS),
        _ADMINISTRATORS),
    Row("restore an event's files", "s3", "restore_object",
        lambda stage: {**_version(EVENTS)(stage), "RestoreRequest": {"Days": 1}},
        _ADMINISTRATORS, undone_as="ObjectAlreadyInActiveTierError"),
    # Into what the uploader may write. Nobody reads it there but those who read submissions.
    Row("copy an event's files into a submission", "s3", "copy_object", _copied(EVENTS),
        _ADMINISTRATORS),
    Row("copy a version of an event's files into a submission", "s3", "copy_object",
        _copied(EVENTS, names_version=True), _ADMINISTRATORS),
    Row("copy an event's files into a part of a submission", "s3", "upload_part_copy",
        _copied_part, _ADMINISTRATORS),
    Row("copy the staff's result into a submission", "s3", "copy_object", _copied(STAFF_RESULT),
        _REPAIRING | _ADMINISTRATORS),
    Row("copy a version of the staff's result into a submission", "s3", "copy_object",
        _copied(STAFF_RESULT, names_version=True), _ADMINISTRATORS),
    Row("put an event's files", "s3", "put_object", _new_object(EVENTS),
        _AUTHOR | _ADMINISTRATORS),
    Row("delete an event's files", "s3", "delete_object", _object(EVENTS), _ADMINISTRATORS),
    Row("read an object elsewhere", "s3", "get_object", _object("elsewhere/"), _ADMINISTRATORS),
    Row("delete a submission", "s3", "delete_object", _object(SUBMISSIONS), _ADMINISTRATORS),
    Row("delete a result", "s3", "delete_object", _object(RESULT), _ADMINISTRATORS),
    Row("delete a version of a submission", "s3", "delete_object", _version(SUBMISSIONS),
        _VERSION_DELETER),
    Row("delete a version of a result", "s3", "delete_object", _version(RESULT), _VERSION_DELETER),
    Row("delete a round trip", "s3", "delete_object", _object(ROUND_TRIPS),
        _REPAIRING | _ADMINISTRATORS),
    Row("read a version of a round trip", "s3", "get_object", _version(ROUND_TRIPS),
        _AUTHOR | _GRADERS | _ADMINISTRATORS),
    Row("delete a version of a round trip", "s3", "delete_object", _version(ROUND_TRIPS),
        _REPAIRING | _VERSION_DELETER),
    Row("delete versions of round trips together", "s3", "delete_objects", _batch(ROUND_TRIPS),
        _REPAIRING | _VERSION_DELETER),
    Row("tag a submission", "s3", "put_object_tagging",
        lambda stage: {**_object(SUBMISSIONS)(stage), "Tagging": {"TagSet": []}}, _ADMINISTRATORS),
    # The bucket
    Row("list submissions", "s3", "list_objects_v2",
        lambda stage: {"Bucket": stage.bucket, "Prefix": SUBMISSIONS},
        _STAFF | _OPERATORS | _ADMINISTRATORS),
    Row("list results", "s3", "list_objects_v2",
        lambda stage: {"Bucket": stage.bucket, "Prefix": OUTPUT},
        _STAFF | _OPERATORS | _ADMINISTRATORS),
    Row("list an event's files", "s3", "list_objects_v2",
        lambda stage: {"Bucket": stage.bucket, "Prefix": EVENTS},
        _STAFF | _OPERATORS | _ADMINISTRATORS),
    Row("list what lies elsewhere", "s3", "list_objects_v2",
        lambda stage: {"Bucket": stage.bucket, "Delimiter": "/"}, _OPERATORS | _ADMINISTRATORS),
    Row("list versions of submissions", "s3", "list_object_versions",
        lambda stage: {"Bucket": stage.bucket, "Prefix": SUBMISSIONS},
        _STAFF | _GRADERS | _OPERATORS | _ADMINISTRATORS),
    Row("list versions of results", "s3", "list_object_versions",
        lambda stage: {"Bucket": stage.bucket, "Prefix": OUTPUT},
        _STAFF | _GRADERS | _OPERATORS | _ADMINISTRATORS),
    Row("list versions of an event's files", "s3", "list_object_versions",
        lambda stage: {"Bucket": stage.bucket, "Prefix": EVENTS},
        _STAFF | _OPERATORS | _ADMINISTRATORS),
    Row("list all versions", "s3", "list_object_versions", _bucket, _OPERATORS | _ADMINISTRATORS),
    Row("list versions of another bucket", "s3", "list_object_versions",
        lambda stage: {"Bucket": stage.other.bucket_name, "Prefix": SUBMISSIONS}, _ADMINISTRATORS),
    Row("list unfinished uploads", "s3", "list_multipart_uploads", _bucket, _ADMINISTRATORS),
    Row("look whether the bucket is there", "s3", "head_bucket", _bucket,
        _OPERATORS | _ADMINISTRATORS),
    Row("list another bucket", "s3", "list_objects_v2", _other_bucket, _ADMINISTRATORS),
    Row("read the bucket's versioning", "s3", "get_bucket_versioning", _bucket,
        _OPERATORS | _ADMINISTRATORS),
    Row("read the bucket's encryption", "s3", "get_bucket_encryption", _bucket,
        _OPERATORS | _ADMINISTRATORS),
    Row("read the bucket's public access block", "s3", "get_public_access_block", _bucket,
        _OPERATORS | _ADMINISTRATORS),
    Row("read the bucket's policy", "s3", "get_bucket_policy", _bucket,
        _OPERATORS | _ADMINISTRATORS),
    Row("read the bucket's notifications", "s3", "get_bucket_notification_configuration", _bucket,
        _OPERATORS | _ADMINISTRATORS),
    Row("read the bucket's metrics", "s3", "get_bucket_metrics_configuration",
        lambda stage: {"Bucket": stage.bucket, "Id": "submissions"}, _OPERATORS | _ADMINISTRATORS),
    Row("read the bucket's lifecycle", "s3", "get_bucket_lifecycle_configuration", _bucket,
        _ADMINISTRATORS),
    Row("read another bucket's versioning", "s3", "get_bucket_versioning", _other_bucket,
        _ADMINISTRATORS),
    Row("suspend the bucket's versions", "s3", "put_bucket_versioning",
        lambda stage: {"Bucket": stage.bucket, **_SUSPENDED}, _NOBODY, destroys=True),
    Row("remove the bucket's policy", "s3", "delete_bucket_policy", _bucket, _NOBODY,
        destroys=True),
    Row("silence the bucket", "s3", "put_bucket_notification_configuration",
        lambda stage: {"Bucket": stage.bucket, "NotificationConfiguration": {}}, _NOBODY,
        destroys=True),
    Row("replicate the bucket", "s3", "put_bucket_replication",
        lambda stage: {"Bucket": stage.bucket, "ReplicationConfiguration": _REPLICATION}, _NOBODY,
        destroys=True),
    Row("delete the bucket", "s3", "delete_bucket", _bucket, _NOBODY, destroys=True),
    # The queues
    Row("send to the queue", "sqs", "send_message", _queue(_QUEUE, **_SEND), _FUNCTION),
    Row("send to the dead letters", "sqs", "send_message", _queue(_DEAD, **_SEND),
        _ADMINISTRATORS),
    Row("send to the intake failures", "sqs", "send_message", _queue(_FAILURES, **_SEND),
        _FUNCTION),
    Row("send to another queue", "sqs", "send_message", _queue(_OTHER, **_SEND), _ADMINISTRATORS),
    Row("receive from the queue", "sqs", "receive_message", _queue(_QUEUE, **_RECEIVE),
        _GRADERS | _ADMINISTRATORS),
    Row("receive from the dead letters", "sqs", "receive_message", _queue(_DEAD, **_RECEIVE),
        _OPERATORS | _ADMINISTRATORS),
    Row("receive from the intake failures", "sqs", "receive_message",
        _queue(_FAILURES, **_RECEIVE), _OPERATORS | _ADMINISTRATORS),
    Row("receive from another queue", "sqs", "receive_message", _queue(_OTHER, **_RECEIVE),
        _ADMINISTRATORS),
    Row("delete from the queue", "sqs", "delete_message", _received(_QUEUE),
        _GRADERS | _ADMINISTRATORS),
    Row("delete from the dead letters", "sqs", "delete_message", _received(_DEAD),
        _REPAIRING | _ADMINISTRATORS),
    Row("delete from the intake failures", "sqs", "delete_message", _received(_FAILURES),
        _REPAIRING | _ADMINISTRATORS),
    Row("delete from another queue", "sqs", "delete_message", _received(_OTHER), _ADMINISTRATORS),
    Row("hide a message of the queue", "sqs", "change_message_visibility",
        _received(_QUEUE, **_HIDE), _BACK_END | _ADMINISTRATORS),
    Row("hide a dead letter", "sqs", "change_message_visibility", _received(_DEAD, **_HIDE),
        _OPERATORS | _ADMINISTRATORS),
    Row("release intake failures together", "sqs", "change_message_visibility_batch",
        _released(_FAILURES), _OPERATORS | _ADMINISTRATORS),
    Row("count the queue's messages", "sqs", "get_queue_attributes", _queue(_QUEUE, **_COUNT),
        _GRADERS | _OPERATORS | _ADMINISTRATORS),
    Row("count the dead letters", "sqs", "get_queue_attributes", _queue(_DEAD, **_COUNT),
        _OPERATORS | _ADMINISTRATORS),
    Row("count the intake failures", "sqs", "get_queue_attributes", _queue(_FAILURES, **_COUNT),
        _OPERATORS | _ADMINISTRATORS),
    Row("count another queue's messages", "sqs", "get_queue_attributes",
        _queue(_OTHER, **_COUNT), _ADMINISTRATORS),
    Row("move dead letters back", "sqs", "start_message_move_task",
        lambda stage: {
            "SourceArn": stage.names.dead_letter_queue_arn,
            "DestinationArn": stage.names.queue_arn,
        },
        _ADMINISTRATORS, undone_as="InvalidAction"),
    Row("purge the queue", "sqs", "purge_queue", _queue(_QUEUE), _NOBODY, destroys=True),
    Row("change the queue", "sqs", "set_queue_attributes",
        _queue(_QUEUE, Attributes={"Policy": ""}), _NOBODY, destroys=True),
    Row("delete the dead-letter queue", "sqs", "delete_queue", _queue(_DEAD), _NOBODY,
        destroys=True),
    Row("purge the intake failures", "sqs", "purge_queue", _queue(_FAILURES), _NOBODY,
        destroys=True),
    # The function
    Row("invoke the function", "lambda", "invoke", _function(**_EVENT),
        _AUTHOR | _REPAIRING | _ADMINISTRATORS),
    Row("invoke another function", "lambda", "invoke", _other_function(**_EVENT),
        _ADMINISTRATORS),
    Row("read the function's configuration", "lambda", "get_function_configuration", _function(),
        _AUTHOR | _OPERATORS | _ADMINISTRATORS),
    Row("read the function's policy", "lambda", "get_policy", _function(),
        _OPERATORS | _ADMINISTRATORS),
    Row("read the function's concurrency", "lambda", "get_function_concurrency", _function(),
        _OPERATORS | _ADMINISTRATORS),
    Row("read the function's destination", "lambda", "get_function_event_invoke_config",
        _function(), _OPERATORS | _ADMINISTRATORS),
    Row("read another function's configuration", "lambda", "get_function_configuration",
        _other_function(), _ADMINISTRATORS),
    Row("read the function's code", "lambda", "get_function", _function(), _ADMINISTRATORS),
    Row("stop the function", "lambda", "put_function_concurrency",
        _function(ReservedConcurrentExecutions=0), _NOBODY, destroys=True),
    Row("delete the function", "lambda", "delete_function", _function(), _NOBODY, destroys=True),
    # The grader
    Row("invoke the grader", "lambda", "invoke", _grader(InvocationType="DryRun"),
        _ADMINISTRATORS),
    Row("read the grader's configuration", "lambda", "get_function_configuration", _grader(),
        _OPERATORS | _ADMINISTRATORS),
    Row("stop the grader", "lambda", "put_function_concurrency",
        _grader(ReservedConcurrentExecutions=0), _NOBODY, destroys=True),
    Row("read the grader's mapping", "lambda", "get_event_source_mapping", _mapping(),
        _OPERATORS | _ADMINISTRATORS),
    Row("read another grader's mapping", "lambda", "get_event_source_mapping",
        lambda stage: {"UUID": stage.other.grader_mapping_uuid}, _ADMINISTRATORS),
    Row("stop the grader's mapping", "lambda", "update_event_source_mapping",
        _mapping(Enabled=False), _ADMINISTRATORS),
    Row("delete the grader's mapping", "lambda", "delete_event_source_mapping", _mapping(),
        _NOBODY, destroys=True),
    # The log
    Row("search the log", "logs", "filter_log_events", _log(), _OPERATORS | _ADMINISTRATORS),
    Row("search another log", "logs", "filter_log_events", _other_log(), _ADMINISTRATORS),
    Row("find the log", "logs", "describe_log_groups",
        lambda stage: {"logGroupNamePrefix": stage.names.function_log_group_name},
        _OPERATORS | _ADMINISTRATORS),
    Row("begin a log stream", "logs", "create_log_stream",
        lambda stage: _log(logStreamName=stage.new_key("stream-"))(stage),
        _FUNCTION | _ADMINISTRATORS),
    Row("begin a stream of another log", "logs", "create_log_stream",
        lambda stage: _other_log(logStreamName=stage.new_key("stream-"))(stage), _ADMINISTRATORS),
    Row("write to the log", "logs", "put_log_events",
        lambda stage: _log(
            logStreamName=stage.log_stream(stage.names.function_log_group_name), **_LINE
        )(stage),
        _FUNCTION | _ADMINISTRATORS),
    Row("search the grader's log", "logs", "filter_log_events", _grader_log(),
        _OPERATORS | _ADMINISTRATORS),
    Row("begin a stream of the grader's log", "logs", "create_log_stream",
        lambda stage: _grader_log(logStreamName=stage.new_key("stream-"))(stage),
        _GRADER | _ADMINISTRATORS),
    Row("write to the grader's log", "logs", "put_log_events",
        lambda stage: _grader_log(
            logStreamName=stage.log_stream(stage.names.grader_log_group_name), **_LINE
        )(stage),
        _GRADER | _ADMINISTRATORS),
    Row("keep the log for ever", "logs", "delete_retention_policy", _log(), _NOBODY, destroys=True),
    Row("delete the log", "logs", "delete_log_group", _log(), _NOBODY, destroys=True),
    # The rest
    Row("find the stack", "ssm", "get_parameter",
        lambda stage: {"Name": stage.names.stack_parameter_name},
        _STAFF | _OPERATORS | _ADMINISTRATORS),
    Row("find another stack", "ssm", "get_parameter",
        lambda stage: {"Name": stage.other.stack_parameter_name}, _ADMINISTRATORS),
    Row("read the stack's history", "ssm", "get_parameter_history",
        lambda stage: {"Name": stage.names.stack_parameter_name}, _ADMINISTRATORS),
    Row("forget the stack", "ssm", "delete_parameter",
        lambda stage: {"Name": stage.names.stack_parameter_name}, _NOBODY, destroys=True),
    Row("read the alarms", "cloudwatch", "describe_alarms",
        lambda stage: {"AlarmNamePrefix": stage.names.name}, _OPERATORS | _ADMINISTRATORS),
    Row("read a metric", "cloudwatch", "get_metric_statistics", lambda _: _METRIC,
        _OPERATORS | _ADMINISTRATORS),
    Row("silence an alarm", "cloudwatch", "disable_alarm_actions",
        lambda _: {"AlarmNames": ["none"]}, _NOBODY, destroys=True),
    Row("become an administrator", "iam", "attach_user_policy",
        lambda _: {
            "UserName": Principal.NOBODY,
            "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
        },
        _NOBODY, destroys=True),
)  # fmt: skip
