"""The client: sends the same requests as boto3's, with less of the SDK loaded."""

import json
import subprocess
import sys
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from types_boto3_sqs import SQSClient

from submission_intake.sqs_client import CONFIG, sqs_client
from unit.submission_intake.examples import EVENT_TIME

_SETTINGS = (
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SQS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)
# What says when, by whom or by which try a request was made.
_OF_ONE_REQUEST = ("user-agent", "x-amz-date", "amz-sdk-invocation-id", "authorization")


@pytest.fixture(autouse=True)
def lambdas_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what Lambda sets, and nothing else."""
    for name in _SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "intake")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793")


class _Raw:
    def stream(self, **_options: object) -> list[bytes]:
        return [b"{}"]


def sent_by(client: SQSClient) -> dict[str, Any]:
    """Have a client send a message, and return what it would have sent to SQS."""
    sent: dict[str, Any] = {}

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        sent["url"], sent["body"] = request.url, request.body
        # The key, the day, the region and the service that it is signed for.
        sent["scope"] = headers["authorization"].partition(", Signature")[0]
        sent["headers"] = {
            name: value for name, value in headers.items() if name not in _OF_ONE_REQUEST
        }
        return AWSResponse(request.url, 200, HTTPHeaders(), _Raw())

    register: Any = client.meta.events.register
    register("before-send", answer)
    attribute: Any = {"eventTime": {"DataType": "String", "StringValue": EVENT_TIME}}
    client.send_message_batch(
        QueueUrl="https://queue",
        Entries=[{"Id": "0", "MessageBody": "{}", "MessageAttributes": attribute}],
    )
    return sent


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"AWS_DEFAULT_REGION": "us-east-1"},
        {"AWS_DEFAULT_REGION": "eu-central-1"},
        {"AWS_DEFAULT_REGION": "cn-north-1"},
        {"AWS_DEFAULT_REGION": "us-gov-west-1"},
        {"AWS_DEFAULT_REGION": "us-iso-east-1"},
        {"AWS_DEFAULT_REGION": "eusc-de-east-1"},
        {"AWS_DEFAULT_REGION": "us-new-9"},
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
        {"AWS_ENDPOINT_URL_SQS": "https://localhost:4566"},
    ],
    ids=lambda settings: ",".join(settings.values()) or "default",
)
def test_message_is_sent_and_signed_as_by_boto3(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    sent = sent_by(sqs_client())
    assert sent == sent_by(boto3.Session().client("sqs", config=CONFIG))
    assert json.loads(sent["body"])["Entries"][0]["Id"] == "0"
    assert "x-amzn-trace-id" in sent["headers"]


def test_function_starts_without_boto3() -> None:
    code = (
        "import sys\n"
        "import submission_intake.handler\n"
        "print(sorted({'boto3', 'botocore', 's3transfer'} & sys.modules.keys()))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={"AWS_DEFAULT_REGION": "us-west-2", "SUBMITTER_QUEUE_URL": "https://queue"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "['botocore']\n"


def test_client_gives_up_before_the_function_times_out() -> None:
    config: Config = sqs_client().meta.config
    options: Any = config
    assert options.retries["mode"] == "standard"
    attempts = options.retries["total_max_attempts"]
    assert 2 <= attempts <= 3
    assert attempts * (options.connect_timeout + options.read_timeout) < 25
