"""A submission travels, each of its steps by the one whose step it is and with no other rights."""

import json
from typing import Any

import pytest

from access.context import AccessContext
from access.principals import Principal
from emulation.waiting import wait_for
from local.intake import ARRIVAL_SECONDS, Submission

# One worker has what all tests of access share.
pytestmark = pytest.mark.xdist_group("access")


@pytest.mark.parametrize("taker", [Principal.BACK_END, Principal.GRADER])
def test_each_step_needs_only_the_rights_of_its_principal(
    context: AccessContext, taker: Principal
) -> None:
    stage, submission = context.stage, Submission()
    front_end = stage.account.client("s3", Principal.UPLOADER)
    front_end.put_object(Bucket=stage.bucket, Key=submission.py_key, Body=b"")
    front_end.put_object(Bucket=stage.bucket, Key=submission.json_key, Body=submission.data)

    queue = stage.account.client("sqs", taker)

    def received() -> dict[str, Any] | None:
        answer = queue.receive_message(
            QueueUrl=stage.names.queue_url, MessageAttributeNames=["All"], WaitTimeSeconds=1
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return next((each for each in messages if each["Body"] == submission.body), None)

    message = wait_for("the announcement", received, ARRIVAL_SECONDS)
    attributes = {name: each["StringValue"] for name, each in message["MessageAttributes"].items()}
    store = stage.account.client("s3", taker)
    read = store.get_object(
        Bucket=attributes["bucket"], Key=submission.json_key, VersionId=attributes["versionId"]
    )
    assert json.loads(read["Body"].read())["subid"] == submission.subid
    results = (submission.key.staff_result_key, submission.key.result_key)
    for key in results:
        store.put_object(Bucket=stage.bucket, Key=key, Body=b"{}")
    queue.delete_message(QueueUrl=stage.names.queue_url, ReceiptHandle=message["ReceiptHandle"])
    operator = stage.account.client("s3", Principal.OPERATOR)
    reader = stage.account.client("s3", Principal.RESULTS_READER)
    gradebook = stage.account.client("s3", Principal.GRADEBOOK_READER)
    reads = (
        *((operator, results[0]), (operator, results[1]), (reader, results[1])),
        *((gradebook, results[0]), (gradebook, results[1])),
    )
    for client, key in reads:
        assert client.get_object(Bucket=stage.bucket, Key=key)["Body"].read() == b"{}"
