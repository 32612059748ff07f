"""`submitter doctor` names what is broken."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from emulation.stack import Stack
from emulation.waiting import wait_for
from local.fault_proxy import denying_all_but, fault_proxy
from local.intake import ARRIVAL_SECONDS, Intake
from local.tool import TOOL, run_in, run_tool, tool_environment

# One worker runs the tool's tests, on a stack of their own.
pytestmark = pytest.mark.xdist_group("tool")

TEST_FOLDER = "submissions/submitter-doctor/"


def _needing_attention(stack: Stack, *options: str) -> dict[str, str]:
    """Return what doctor found wrong, by check, after its exit code has been checked."""
    done = run_tool(stack, "doctor", "--json", *options)
    findings = {
        finding["check"]: finding["found"]
        for finding in done.report["findings"]
        if finding["verdict"] == "attention"
    }
    assert done.exit_code == int(bool(findings)), done.errors
    return findings


def _test_objects(intake: Intake) -> list[Any]:
    answer = intake.s3.list_object_versions(Bucket=intake.bucket, Prefix=TEST_FOLDER)
    return [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]


def test_provisioned_stack_is_sound(stack: Stack) -> None:
    done = run_tool(stack, "doctor")

    assert done.exit_code == 0, done.output
    assert "passed" in done.output
    assert "attention" not in done.output
    assert "\x1b" not in done.output


def test_round_trip_is_announced_and_leaves_no_version(intake: Intake) -> None:
    done = run_tool(intake.stack, "doctor", "--round-trip", "--json")

    findings = {finding["check"]: finding for finding in done.report["findings"]}
    assert findings["round trip"]["verdict"] == "ok"
    assert "back end receives a message" in findings["round trip's traces"]["found"]
    assert done.exit_code == 0
    assert _test_objects(intake) == []


@contextmanager
def _notification(intake: Intake, change: Callable[[dict[str, Any]], Any]) -> Iterator[None]:
    """Have another notification configuration for the length of a block."""
    where = {"Bucket": intake.bucket}
    answer = intake.s3.get_bucket_notification_configuration(**where)
    answer.pop("ResponseMetadata")
    changed = json.loads(json.dumps(answer))
    change(changed)
    intake.s3.put_bucket_notification_configuration(**where, NotificationConfiguration=changed)
    try:
        yield
    finally:
        intake.s3.put_bucket_notification_configuration(**where, NotificationConfiguration=answer)


def test_removed_notification_is_named_and_the_round_trip_fails(intake: Intake) -> None:
    with _notification(intake, dict.clear):
        findings = _needing_attention(intake.stack, "--round-trip", "--patience", "3")

    assert set(findings) == {"notification", "round trip"}
    assert "not announced within 3 seconds" in findings["round trip"]
    assert _test_objects(intake) == []


def test_second_notification_is_named(intake: Intake) -> None:
    def add(configuration: dict[str, Any]) -> None:
        events = ["s3:ObjectRemoved:*"]
        arn = intake.sqs.get_queue_attributes(
            QueueUrl=intake.stack.outputs.intake_failures_queue_url, AttributeNames=["QueueArn"]
        )["Attributes"]["QueueArn"]
        configuration["QueueConfigurations"] = [{"Id": "x", "QueueArn": arn, "Events": events}]

    with _notification(intake, add):
        findings = _needing_attention(intake.stack)

    assert set(findings) == {"other notifications"}


def test_wrong_filter_is_named(intake: Intake) -> None:
    def narrow(configuration: dict[str, Any]) -> None:
        [ours] = configuration["LambdaFunctionConfigurations"]
        ours["Filter"]["Key"]["FilterRules"] = [{"Name": "prefix", "Value": "submissions/lab/"}]

    with _notification(intake, narrow):
        findings = _needing_attention(intake.stack)

    assert set(findings) == {"notification"}


@contextmanager
def _versioning_suspended(intake: Intake) -> Iterator[None]:
    where = {"Bucket": intake.bucket}
    intake.s3.put_bucket_versioning(**where, VersioningConfiguration={"Status": "Suspended"})
    try:
        yield
    finally:
        intake.s3.put_bucket_versioning(**where, VersioningConfiguration={"Status": "Enabled"})


@contextmanager
def _world_let_in(intake: Intake) -> Iterator[None]:
    where = {"Bucket": intake.bucket}
    usual = intake.s3.get_public_access_block(**where)["PublicAccessBlockConfiguration"]
    changed = usual | {"BlockPublicPolicy": False}
    intake.s3.put_public_access_block(**where, PublicAccessBlockConfiguration=changed)
    try:
        yield
    finally:
        intake.s3.put_public_access_block(**where, PublicAccessBlockConfiguration=usual)


@contextmanager
def _bucket_without(intake: Intake, sid: str) -> Iterator[None]:
    policy = intake.s3.get_bucket_policy(Bucket=intake.bucket)["Policy"]
    intake.s3.put_bucket_policy(Bucket=intake.bucket, Policy=_without(policy, sid))
    try:
        yield
    finally:
        intake.s3.put_bucket_policy(Bucket=intake.bucket, Policy=policy)


def _without(policy: str, sid: str) -> str:
    """Return a policy without one of its statements."""
    document = json.loads(policy)
    left = [each for each in document["Statement"] if each["Sid"] != sid]
    assert len(left) == len(document["Statement"]) - 1
    return json.dumps(document | {"Statement": left})


def _queue_without(intake: Intake, sid: str) -> AbstractContextManager[None]:
    answer = intake.sqs.get_queue_attributes(
        QueueUrl=intake.stack.outputs.queue_url, AttributeNames=["Policy"]
    )
    return _queue_attribute(intake, "Policy", _without(answer["Attributes"]["Policy"], sid))


@contextmanager
def _function_stopped(intake: Intake) -> Iterator[None]:
    name = intake.stack.outputs.function_name
    intake.functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        yield
    finally:
        intake.functions.delete_function_concurrency(FunctionName=name)


@contextmanager
def _other_queue(intake: Intake) -> Iterator[None]:
    name = intake.stack.outputs.function_name
    usual = intake.functions.get_function_configuration(FunctionName=name)["Environment"]
    url = intake.stack.outputs.dead_letter_queue_url
    other = {"Variables": usual["Variables"] | {"SUBMITTER_QUEUE_URL": url}}
    updated = intake.functions.get_waiter("function_updated_v2")
    for environment in (other, usual):
        intake.functions.update_function_configuration(FunctionName=name, Environment=environment)
        updated.wait(FunctionName=name, WaiterConfig={"Delay": 1})
        if environment is other:
            yield


@contextmanager
def _permission_removed(intake: Intake) -> Iterator[None]:
    name = intake.stack.outputs.function_name
    [statement] = json.loads(intake.functions.get_policy(FunctionName=name)["Policy"])["Statement"]
    intake.functions.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    try:
        yield
    finally:
        intake.functions.add_permission(
            FunctionName=name,
            StatementId=statement["Sid"],
            Action=statement["Action"],
            Principal=statement["Principal"]["Service"],
            SourceAccount=statement["Condition"]["StringEquals"]["AWS:SourceAccount"],
            SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
        )


@contextmanager
def _failures_dropped(intake: Intake) -> Iterator[None]:
    name = intake.stack.outputs.function_name
    usual = intake.functions.get_function_event_invoke_config(FunctionName=name)
    intake.functions.delete_function_event_invoke_config(FunctionName=name)
    try:
        yield
    finally:
        intake.functions.put_function_event_invoke_config(
            FunctionName=name,
            MaximumRetryAttempts=usual["MaximumRetryAttempts"],
            MaximumEventAgeInSeconds=usual["MaximumEventAgeInSeconds"],
            DestinationConfig=usual["DestinationConfig"],
        )


@contextmanager
def _queue_attribute(intake: Intake, name: str, value: str) -> Iterator[None]:
    url = intake.stack.outputs.queue_url
    usual = intake.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
    intake.sqs.set_queue_attributes(QueueUrl=url, Attributes={name: value})
    try:
        yield
    finally:
        intake.sqs.set_queue_attributes(QueueUrl=url, Attributes=usual)


@contextmanager
def _log_kept_for_ever(intake: Intake) -> Iterator[None]:
    logs, name = intake.stack.session.client("logs"), intake.stack.outputs.function_log_group_name
    logs.delete_retention_policy(logGroupName=name)
    try:
        yield
    finally:
        logs.put_retention_policy(logGroupName=name, retentionInDays=180)


@contextmanager
def _uploads_not_counted(intake: Intake) -> Iterator[None]:
    where = {"Bucket": intake.bucket, "Id": "submissions"}
    usual = intake.s3.get_bucket_metrics_configuration(**where)["MetricsConfiguration"]
    intake.s3.delete_bucket_metrics_configuration(**where)
    try:
        yield
    finally:
        intake.s3.put_bucket_metrics_configuration(**where, MetricsConfiguration=usual)


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (_versioning_suspended, "bucket versions"),
        (_world_let_in, "bucket public access"),
        (lambda intake: _bucket_without(intake, "DenyWithoutTLS"), "bucket TLS"),
        (lambda intake: _bucket_without(intake, "DenyOtherAccounts"), "bucket accounts"),
        (lambda intake: _bucket_without(intake, "DenyVersionDeletion"), "bucket version deletion"),
        (_permission_removed, "permission"),
        (_function_stopped, "function concurrency"),
        (_other_queue, "function queue"),
        (_failures_dropped, "function failures"),
        (_log_kept_for_ever, "function log"),
        (_uploads_not_counted, "bucket metrics"),
        (lambda intake: _queue_attribute(intake, "RedrivePolicy", ""), "queue redrive"),
        (lambda intake: _queue_without(intake, "DenyWithoutTLS"), "queue TLS"),
        (lambda intake: _queue_without(intake, "DenyOtherSenders"), "queue senders"),
        (
            lambda intake: _queue_attribute(intake, "MessageRetentionPeriod", "1209600"),
            "dead-letter queue retention",
        ),
        (
            lambda intake: _queue_attribute(intake, "SqsManagedSseEnabled", "false"),
            "queue encryption",
        ),
    ],
)
def test_broken_setting_is_the_only_finding(
    intake: Intake, broken: Callable[[Intake], Any], check: str
) -> None:
    with broken(intake):
        findings = _needing_attention(intake.stack)

    assert set(findings) == {check}


@contextmanager
def _alarm(intake: Intake, name: str, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Have an alarm changed, for the length of a block."""
    cloudwatch = intake.stack.session.client("cloudwatch")
    settings = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    [found] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    usual = {key: value for key, value in found.items() if key in settings}
    changed = dict(usual)
    change(changed)
    cloudwatch.delete_alarms(AlarmNames=[name])
    if changed:
        cloudwatch.put_metric_alarm(**changed)
    try:
        yield
    finally:
        cloudwatch.put_metric_alarm(**usual)


def test_removed_alarm_is_named(intake: Intake) -> None:
    with _alarm(intake, "submitter-function-errors", dict.clear):
        findings = _needing_attention(intake.stack)

    assert findings == {"alarms": "These do not exist: submitter-function-errors."}


def test_changed_alarm_is_named(intake: Intake) -> None:
    def watch_another(alarm: dict[str, Any]) -> None:
        alarm["Dimensions"] = [{"Name": "FunctionName", "Value": "submitter-test-intake"}]
        alarm["Threshold"] = 1e9

    with _alarm(intake, "submitter-function-errors", watch_another):
        findings = _needing_attention(intake.stack)

    assert set(findings) == {"alarms"}
    assert "FunctionName=submitter-test-intake" in findings["alarms"]
    assert "threshold is 1000000000, not 0" in findings["alarms"]


def test_silent_alarms_are_named_when_another_notifies(intake: Intake) -> None:
    def tell(alarm: dict[str, Any]) -> None:
        alarm["AlarmActions"] = ["arn:aws:sns:us-east-1:000000000000:topic"]

    with _alarm(intake, "submitter-function-errors", tell):
        findings = _needing_attention(intake.stack)

    assert set(findings) == {"alarms"}
    assert "submitter-function-throttles" in findings["alarms"]
    assert "submitter-function-errors" not in findings["alarms"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_round_trip_leaves_nothing(intake: Intake, how: signal.Signals) -> None:
    with (
        _notification(intake, dict.clear),
        subprocess.Popen(
            [*TOOL, "doctor", "--round-trip"],
            env=tool_environment(intake.stack),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        wait_for("the upload", lambda: len(_test_objects(intake)) == 2, ARRIVAL_SECONDS)
        process.send_signal(how)
        _, errors = process.communicate(timeout=ARRIVAL_SECONDS)

    assert process.returncode == 130
    assert "Traceback" not in errors
    assert _test_objects(intake) == []
    assert _needing_attention(intake.stack, "--round-trip") == {}


def test_checks_without_rights_are_unknown(stack: Stack) -> None:
    with fault_proxy(stack.endpoint.url, denying_all_but("ssm", "sqs")) as aws:
        environment = tool_environment(stack) | {"AWS_ENDPOINT_URL": aws.url}
        done = run_in(environment, "doctor", "--json")

    verdicts = {finding["check"]: finding["verdict"] for finding in done.report["findings"]}
    assert done.exit_code == 0
    assert verdicts["bucket versions"] == verdicts["permission"] == "unknown"
    assert verdicts["queue redrive"] == "ok"
    assert "Traceback" not in done.errors
