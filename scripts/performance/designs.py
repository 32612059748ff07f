"""The compared designs, on one emulator.

Terraform makes this project's design; a few calls of the SDK make the others, as in a tutorial.
"""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote_plus

from emulation.endpoint import Endpoint
from emulation.stack import Stack
from performance.function_process import TUTORIAL
from submission.keys import DATA_SUFFIX, SUBMISSIONS
from submission.message import SUBDATA

_FUNCTION = "tutorial"
_TIMEOUT_SECONDS = 30
"""The same as the intake function's."""
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


class Design(StrEnum):
    """How an upload becomes a message. Summaries have these values as keys."""

    STACK = "stack"
    """This project's, provisioned by Terraform."""
    TUTORIAL = "tutorial"
    """A tutorial's handler between a bucket and a queue."""
    DIRECT = "direct"
    """S3 notifies the queue: no function, no check of the key, S3's own message."""


@dataclass(frozen=True, slots=True)
class Route:
    """One design, ready for uploads."""

    bucket: str
    queue_url: str
    names: Callable[[str], list[str]]
    """Reads the names of the announced files from a message's body."""


def routes(stack: Stack) -> dict[Design, Route]:
    """Make the other designs on a stack's emulator, and return a route for each design."""
    outputs = stack.outputs
    return {
        Design.STACK: Route(outputs.bucket_name, outputs.queue_url, announced_names),
        Design.TUTORIAL: _tutorial_route(stack.endpoint),
        Design.DIRECT: _direct_route(stack.endpoint),
    }


def announced_names(body: str) -> list[str]:
    """Return the file name in the specification's message.

    Args:
        body: the message's body.

    Raises:
        KeyError: the body announces nothing.
        ValueError: the body is not JSON.
    """
    return [json.loads(body)[SUBDATA]]


def notified_names(body: str) -> list[str]:
    """Return the file names in S3's own message.

    Args:
        body: the message's body.

    Raises:
        KeyError: the body names no upload.
        ValueError: the body is not JSON.
    """
    keys = (record["s3"]["object"]["key"] for record in json.loads(body)["Records"])
    return [unquote_plus(key).rpartition("/")[2] for key in keys]


def _tutorial_route(endpoint: Endpoint) -> Route:
    session = endpoint.session()
    bucket, queue_url, _ = _bucket_and_queue(session, Design.TUTORIAL)
    role = session.client("iam").create_role(
        RoleName=_FUNCTION, AssumeRolePolicyDocument=json.dumps(_TRUST)
    )
    functions = session.client("lambda")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.write(TUTORIAL, TUTORIAL.name)
    function = functions.create_function(
        FunctionName=_FUNCTION,
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler=f"{TUTORIAL.stem}.lambda_handler",
        Code={"ZipFile": content.getvalue()},
        Timeout=_TIMEOUT_SECONDS,
        Environment={"Variables": {"QUEUE_URL": queue_url}},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=_FUNCTION)
    functions.add_permission(
        FunctionName=_FUNCTION,
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{bucket}",
    )
    target = {"LambdaFunctionArn": function["FunctionArn"]}
    _notify(session, bucket, "LambdaFunctionConfigurations", target)
    return Route(bucket, queue_url, announced_names)


def _direct_route(endpoint: Endpoint) -> Route:
    session = endpoint.session()
    bucket, queue_url, queue_arn = _bucket_and_queue(session, Design.DIRECT)
    _notify(session, bucket, "QueueConfigurations", {"QueueArn": queue_arn})
    # Remove S3's test event.
    session.client("sqs").purge_queue(QueueUrl=queue_url)
    return Route(bucket, queue_url, notified_names)


def _bucket_and_queue(session: Any, name: str) -> tuple[str, str, str]:  # noqa: ANN401 - LocalStack's
    """Make a bucket and a queue; return the bucket's name, the queue's URL and its ARN."""
    bucket = f"performance-{name}"
    session.client("s3").create_bucket(Bucket=bucket)
    sqs = session.client("sqs")
    url: str = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return bucket, url, answer["Attributes"]["QueueArn"]


def _notify(session: Any, bucket: str, kind: str, target: dict[str, str]) -> None:  # noqa: ANN401 - LocalStack's
    """Make a bucket notify a target of every .json, with the same filter as the stack's bucket."""
    rules = [{"Name": "prefix", "Value": SUBMISSIONS}, {"Name": "suffix", "Value": DATA_SUFFIX}]
    configuration = {
        **target,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }
    session.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={kind: [configuration]}
    )
