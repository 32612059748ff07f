"""Makes the designs that are measured, beside each other on one emulator.

What a user would make instead is made as a tutorial makes it: by a few calls of the SDK.
"""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from embedded_aws.localstack import Endpoint
from embedded_aws.project import SCRIPTS
from embedded_aws.stack import Stack
from performance.flow.design import Design

TUTORIAL_HANDLER = SCRIPTS / "performance" / "function_runs" / "tutorial" / "lambda_function.py"
_ROLE = "tutorial-function"
_FUNCTION = "tutorial-function"
_TIMEOUT_SECONDS = 30
"""As the stack's own function has it, so that neither is stopped before the other."""
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


@dataclass(frozen=True, slots=True)
class Route:
    """One design, ready for uploads."""

    bucket: str
    queue_url: str
    keys: Callable[[str], list[str]]
    """Reads the keys of the uploads that a message's body announces."""


def routes(stack: Stack) -> dict[Design, Route]:
    """Make the other designs beside a provisioned stack, and return the ways through each."""
    return {
        Design.STACK: stack_route(stack),
        Design.TUTORIAL: tutorial_route(stack.endpoint),
        Design.DIRECT: direct_route(stack.endpoint),
    }


def stack_route(stack: Stack) -> Route:
    """Return the way through a provisioned stack."""
    return Route(stack.outputs.bucket_name, stack.outputs.queue_url, announced_names)


def tutorial_route(endpoint: Endpoint) -> Route:
    """Make a bucket, a queue and a tutorial's function between them, and return the way."""
    session = endpoint.session()
    bucket, queue_url, _ = _bucket_and_queue(session, "tutorial")
    role = session.client("iam").create_role(
        RoleName=_ROLE, AssumeRolePolicyDocument=json.dumps(_TRUST)
    )
    functions = session.client("lambda")
    function = functions.create_function(
        FunctionName=_FUNCTION,
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="lambda_function.lambda_handler",
        Code={"ZipFile": _zip(TUTORIAL_HANDLER)},
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
    _notify(
        session,
        bucket,
        "LambdaFunctionConfigurations",
        {"LambdaFunctionArn": function["FunctionArn"]},
    )
    return Route(bucket, queue_url, announced_names)


def direct_route(endpoint: Endpoint) -> Route:
    """Make a bucket that notifies a queue, and return the way."""
    session = endpoint.session()
    bucket, queue_url, queue_arn = _bucket_and_queue(session, "direct")
    _notify(session, bucket, "QueueConfigurations", {"QueueArn": queue_arn})
    # S3 tells the queue that it will tell it of uploads.
    session.client("sqs").purge_queue(QueueUrl=queue_url)
    return Route(bucket, queue_url, notified_names)


def announced_names(body: str) -> list[str]:
    """Return the file names of a message as the specification has it.

    Args:
        body: the message's body.

    Raises:
        KeyError: it announces nothing.
        ValueError: it is no JSON.
    """
    return [json.loads(body)["subdata"]]


def notified_names(body: str) -> list[str]:
    """Return the file names of S3's own message.

    Args:
        body: the message's body.

    Raises:
        KeyError: it tells of no upload.
        ValueError: it is no JSON.
    """
    keys = (record["s3"]["object"]["key"] for record in json.loads(body)["Records"])
    return [unquote_plus(key).rpartition("/")[2] for key in keys]


def _bucket_and_queue(session: Any, name: str) -> tuple[str, str, str]:  # noqa: ANN401 - LocalStack's
    """Make a bucket and a queue, and return their names and the queue's ARN."""
    bucket = f"performance-{name}"
    session.client("s3").create_bucket(Bucket=bucket)
    sqs = session.client("sqs")
    url: str = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return bucket, url, answer["Attributes"]["QueueArn"]


def _notify(session: Any, bucket: str, kind: str, target: dict[str, str]) -> None:  # noqa: ANN401 - LocalStack's
    """Have a bucket tell of every .json that is uploaded, as the stack's own does."""
    rules = [{"Name": "prefix", "Value": "submissions/"}, {"Name": "suffix", "Value": ".json"}]
    session.client("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            kind: [
                {
                    **target,
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": rules}},
                }
            ]
        },
    )


def _zip(file: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.write(file, file.name)
    return content.getvalue()
