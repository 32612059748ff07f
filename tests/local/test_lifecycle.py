"""The stack in the hands of ops: settings, drift, deployment and removal."""

import json
import shutil
from pathlib import Path

import psutil
import pytest

from emulation.errors import EmulationError
from emulation.localstack import LocalStack
from emulation.stack import Stack, stack_settings
from emulation.terraform import Terraform
from local.intake import Intake, Submission
from package_function import INTAKE, LAMBDA, sources_of, write_package

# One worker runs all that shares the stacks, in the order of the files.
pytestmark = pytest.mark.xdist_group("stacks")


@pytest.mark.nightly
def test_second_stack_of_one_name_is_refused(intake: Intake, tmp_path: Path) -> None:
    first = intake.stack
    queues = (
        first.outputs.queue_url,
        first.outputs.dead_letter_queue_url,
        first.outputs.intake_failures_queue_url,
    )
    for url in queues:
        intake.sqs.purge_queue(QueueUrl=url)  # of other tests' messages
        intake.sqs.send_message(QueueUrl=url, MessageBody="the first stack's")
    second = Terraform(
        first.endpoint,
        tmp_path / "second",
        stack_settings({"name": first.outputs.name, "bucket_name": "course-b-uploads"}),
    )
    second.init()

    with pytest.raises(EmulationError, match=r"Role with name submitter-intake-\S+ already exists"):
        second.apply()

    # That the first one's plan has no changes is seen by test_second_plan_shows_no_changes.
    assert [each for each in second.managed_resources() if "data." not in each] == []
    for url in queues:
        message = intake.take_one(url)
        assert message is not None
        assert message.body == "the first stack's"
        intake.sqs.purge_queue(QueueUrl=url)


def test_rebuilding_the_package_changes_no_plan(
    scratch_stack: Stack, scratch_package: Path
) -> None:
    scratch_package.unlink()
    write_package(sources_of(INTAKE), scratch_package)

    assert scratch_stack.terraform.planned_changes() == []


def test_only_an_edited_function_is_deployed(
    scratch_stack: Stack, scratch_intake: Intake, scratch_package: Path, tmp_path: Path
) -> None:
    edited = tmp_path / "lambda"
    shutil.copytree(LAMBDA, edited)
    handler = edited / INTAKE / "handler.py"
    handler.write_text(handler.read_text() + '\nprint(\'{"outcome": "edited"}\')\n')
    write_package(sources_of(INTAKE, edited), scratch_package)

    changed: list[str] = []
    scratch_stack.terraform.apply(changed.append)

    [function] = changed
    assert function.startswith("module.intake_function.aws_lambda_function.this ")
    submission = Submission()
    scratch_intake.put(submission.json_key, submission.data)
    assert scratch_intake.messages(submission.json_key)
    assert scratch_intake.log_line("edited")


def test_bucket_is_private_and_versioned(intake: Intake) -> None:
    where = {"Bucket": intake.bucket}
    s3 = intake.s3
    access = s3.get_public_access_block(**where)["PublicAccessBlockConfiguration"]
    assert access == dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    assert s3.get_bucket_versioning(**where)["Status"] == "Enabled"
    [ownership] = s3.get_bucket_ownership_controls(**where)["OwnershipControls"]["Rules"]
    assert ownership["ObjectOwnership"] == "BucketOwnerEnforced"
    assert "aws:SecureTransport" in s3.get_bucket_policy(**where)["Policy"]
    assert s3.get_bucket_encryption(**where)["ServerSideEncryptionConfiguration"]["Rules"]
    rules = s3.get_bucket_lifecycle_configuration(**where)["Rules"]
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
    assert any("NoncurrentVersionExpiration" in rule for rule in rules)


def test_queues_are_private_and_keep_messages(intake: Intake) -> None:
    outputs = intake.stack.outputs
    queues = {
        url: intake.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        for url in (
            outputs.queue_url,
            outputs.dead_letter_queue_url,
            outputs.intake_failures_queue_url,
        )
    }
    for attributes in queues.values():
        assert attributes["SqsManagedSseEnabled"] == "true"
        assert attributes["ReceiveMessageWaitTimeSeconds"] == "20"
        assert "aws:SecureTransport" in attributes["Policy"]
    fourteen_days = str(14 * 24 * 60 * 60)
    dead_letters = queues[outputs.dead_letter_queue_url]
    assert dead_letters["MessageRetentionPeriod"] == fourteen_days
    assert queues[outputs.intake_failures_queue_url]["MessageRetentionPeriod"] == fourteen_days
    redrive = json.loads(queues[outputs.queue_url]["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"] == dead_letters["QueueArn"]
    assert outputs.queue_arn in dead_letters["RedriveAllowPolicy"]


def test_role_may_log_and_send_and_nothing_else(intake: Intake) -> None:
    iam = intake.stack.session.client("iam")
    function = intake.functions.get_function_configuration(
        FunctionName=intake.stack.outputs.function_name
    )
    role = function["Role"].rpartition("/")[2]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    statements = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]
    allowed = {
        (action, resource.split(":", 5)[5])
        for statement in statements
        if statement["Effect"] == "Allow"
        for action in _as_list(statement["Action"])
        for resource in _as_list(statement["Resource"])
    }
    log_group = intake.stack.outputs.function_log_group_name
    assert allowed == {
        ("logs:CreateLogStream", f"log-group:{log_group}:*"),
        ("logs:PutLogEvents", f"log-group:{log_group}:*"),
        ("sqs:SendMessage", "submitter-submissions"),
        ("sqs:SendMessage", "submitter-intake-failures"),
    }


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_failed_events_are_retried_and_then_kept(intake: Intake) -> None:
    outputs = intake.stack.outputs
    config = intake.functions.get_function_event_invoke_config(FunctionName=outputs.function_name)
    assert config["MaximumRetryAttempts"] == 2
    assert config["MaximumEventAgeInSeconds"] == 6 * 60 * 60
    destination = config["DestinationConfig"]["OnFailure"]["Destination"]
    assert destination.rpartition(":")[2] == outputs.intake_failures_queue_url.rpartition("/")[2]


def test_only_the_stacks_bucket_may_invoke_the_function(intake: Intake) -> None:
    policy = intake.functions.get_policy(FunctionName=intake.stack.outputs.function_name)
    [statement] = json.loads(policy["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Action"] == "lambda:InvokeFunction"
    assert statement["Condition"] == {
        "ArnLike": {"AWS:SourceArn": f"arn:aws:s3:::{intake.bucket}"},
        "StringEquals": {"AWS:SourceAccount": "000000000000"},
    }


def test_only_notification_is_for_submissions(intake: Intake) -> None:
    answer = intake.s3.get_bucket_notification_configuration(Bucket=intake.bucket)
    answer.pop("ResponseMetadata")
    [(kind, [notification])] = answer.items()
    assert kind == "LambdaFunctionConfigurations"
    assert notification["Events"] == ["s3:ObjectCreated:*"]
    rules = notification["Filter"]["Key"]["FilterRules"]
    assert {rule["Name"].lower(): rule["Value"] for rule in rules} == {
        "prefix": "submissions/",
        "suffix": ".json",
    }


def test_logs_are_kept_for_180_days(intake: Intake) -> None:
    name = intake.stack.outputs.function_log_group_name
    logs = intake.stack.session.client("logs")
    [group] = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["retentionInDays"] == 180


def test_emulator_listens_only_on_the_loopback_address(localstack: LocalStack) -> None:
    port = localstack.endpoint.port
    addresses = [
        connection.laddr
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert [ip for ip, listening in filter(None, addresses) if listening == port] == ["127.0.0.1"]


def test_variables_reach_the_function(scratch_intake: Intake) -> None:
    name = scratch_intake.stack.outputs.function_name
    function = scratch_intake.functions.get_function(FunctionName=name)

    assert function["Configuration"]["Architectures"] == ["x86_64"]
    assert function["Configuration"]["TracingConfig"] == {"Mode": "Active"}
    assert function["Configuration"]["LoggingConfig"]["LogFormat"] == "JSON"
    assert function["Concurrency"]["ReservedConcurrentExecutions"] == 5
    assert function["Tags"]["Course"] == "COMP 594"


def test_destroy_leaves_nothing(scratch_stack: Stack, localstack: LocalStack) -> None:
    name = "scratch"
    assert any(name in each for each in _everything(localstack)), "there was nothing to destroy"

    scratch_stack.terraform.destroy()

    assert scratch_stack.terraform.managed_resources() == []
    assert [each for each in _everything(localstack) if name in each] == []


def _everything(localstack: LocalStack) -> list[str]:
    """Return the names of all resources in the account."""
    session = localstack.endpoint.session()
    iam, logs, s3 = (session.client(name) for name in ("iam", "logs", "s3"))
    cloudwatch, ssm = session.client("cloudwatch"), session.client("ssm")
    return [
        *(bucket["Name"] for bucket in s3.list_buckets()["Buckets"]),
        *session.client("sqs").list_queues().get("QueueUrls", []),
        *(each["FunctionName"] for each in session.client("lambda").list_functions()["Functions"]),
        *(role["RoleName"] for role in iam.list_roles()["Roles"]),
        *(policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]),
        *(group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]),
        *(alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]),
        *(each["DashboardName"] for each in cloudwatch.list_dashboards()["DashboardEntries"]),
        *(parameter["Name"] for parameter in ssm.describe_parameters()["Parameters"]),
    ]
