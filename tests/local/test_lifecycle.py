"""The stack in the hands of ops: settings, drift, deployment and removal."""

import json
import shutil
from pathlib import Path

import pytest

from embedded_aws.localstack import LocalStack
from embedded_aws.stack import Stack
from local.intake import Intake, Submission
from package_function import SOURCE, write_package

# One worker runs all that shares the stacks, in the order of the files.
pytestmark = pytest.mark.xdist_group("stacks")


def test_second_plan_shows_no_changes(stack: Stack) -> None:
    assert stack.terraform.planned_changes() == []


def test_rebuilding_the_package_changes_no_plan(
    scratch_stack: Stack, scratch_package: Path
) -> None:
    scratch_package.unlink()
    write_package(SOURCE, scratch_package)

    assert scratch_stack.terraform.planned_changes() == []


def test_edited_handler_is_planned_and_deployed(
    scratch_stack: Stack, scratch_intake: Intake, scratch_package: Path, tmp_path: Path
) -> None:
    edited = tmp_path / SOURCE.name
    shutil.copytree(SOURCE, edited)
    handler = edited / "handler.py"
    handler.write_text(handler.read_text() + '\nprint(\'{"outcome": "edited"}\')\n')
    write_package(edited, scratch_package)

    assert scratch_stack.terraform.planned_changes() == [
        "update module.intake_function.aws_lambda_function.this"
    ]

    scratch_stack.terraform.apply()
    submission = Submission()
    scratch_intake.put(submission.json_key, submission.data)
    assert scratch_intake.messages(submission.json_key)
    assert scratch_intake.log_line("edited")


def test_missing_package_is_an_error_that_says_how_to_build_it(
    scratch_stack: Stack, scratch_package: Path
) -> None:
    scratch_package.unlink()
    with pytest.raises(Exception, match="make package"):
        scratch_stack.terraform.planned_changes()
    write_package(SOURCE, scratch_package)


def test_bucket_is_as_private_and_lasting_as_it_claims(intake: Intake) -> None:
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


def test_queues_are_as_patient_and_private_as_they_claim(intake: Intake) -> None:
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


def test_variables_reach_the_function(scratch_intake: Intake) -> None:
    name = scratch_intake.stack.outputs.function_name
    function = scratch_intake.functions.get_function(FunctionName=name)

    assert function["Configuration"]["Architectures"] == ["x86_64"]
    assert function["Configuration"]["TracingConfig"] == {"Mode": "Active"}
    assert function["Configuration"]["LoggingConfig"]["LogFormat"] == "JSON"
    assert function["Concurrency"]["ReservedConcurrentExecutions"] == 5
    assert function["Tags"]["Course"] == "COMP 594"


def test_destroy_leaves_nothing_behind(scratch_stack: Stack, localstack: LocalStack) -> None:
    name = "scratch"
    assert any(name in each for each in _everything(localstack)), "there was nothing to destroy"

    scratch_stack.terraform.destroy()

    assert scratch_stack.terraform.managed_resources() == []
    assert [each for each in _everything(localstack) if name in each] == []


def _everything(localstack: LocalStack) -> list[str]:
    """Return the names of whatever stands in the account."""
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
