"""What no call on an emulator could tell, read from the policies as Terraform rendered them."""

import pytest

from access.context import AccessContext
from access.expected_policies import violations

# One worker has what all tests of access share.
pytestmark = pytest.mark.xdist_group("access")


def test_policies_are_as_expected(context: AccessContext) -> None:
    assert list(violations(context.documents, context.stage.names)) == []


def test_policies_of_a_stack_with_a_key_are_as_expected(context: AccessContext) -> None:
    assert context.keyed_documents.kms_key_arn is not None
    assert list(violations(context.keyed_documents, context.stage.other)) == []


def test_key_encrypts_bucket_queues_and_log(context: AccessContext) -> None:
    stage, key = context.stage, context.keyed_documents.kms_key_arn
    encryption = stage.account.client("s3").get_bucket_encryption(Bucket=stage.other.bucket_name)
    (rule,) = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": key,
    }
    assert rule["BucketKeyEnabled"] is True
    for url in (
        stage.other.queue_url,
        stage.other.dead_letter_queue_url,
        stage.other.intake_failures_queue_url,
    ):
        answer = stage.account.client("sqs").get_queue_attributes(
            QueueUrl=url, AttributeNames=["All"]
        )
        assert answer["Attributes"]["KmsMasterKeyId"] == key
    groups = stage.account.client("logs").describe_log_groups(
        logGroupNamePrefix=stage.other.function_log_group_name
    )
    assert [group["kmsKeyId"] for group in groups["logGroups"]] == [key]
    rotation = stage.account.client("kms").get_key_rotation_status(KeyId=key)
    assert rotation["KeyRotationEnabled"] is True


@pytest.mark.nightly
def test_second_plan_of_a_stack_with_a_key_shows_no_changes(context: AccessContext) -> None:
    # The emulator returns other settings of alarms than were made; LocalStack does not.
    changes = context.keyed_terraform.planned_changes()
    assert [change for change in changes if ".aws_cloudwatch_metric_alarm." not in change] == []
