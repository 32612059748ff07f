"""A request signed and sent without the SDK's client: what the client itself costs.

No retries, no proxies, no errors' classes: less than what is needed.
"""

from __future__ import annotations

import json
import os
from typing import Any

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


class _Client:
    def __init__(self) -> None:
        environment = os.environ
        self._signer = SigV4Auth(
            Credentials(
                environment["AWS_ACCESS_KEY_ID"],
                environment["AWS_SECRET_ACCESS_KEY"],
                environment.get("AWS_SESSION_TOKEN"),
            ),
            "sqs",
            environment["AWS_REGION"],
        )
        self._pool = urllib3.PoolManager(ca_certs=environment["AWS_CA_BUNDLE"])

    def send_message_batch(self, **request: Any) -> Any:  # noqa: ANN401 - as the SDK's
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "AmazonSQS.SendMessageBatch",
        }
        body = json.dumps(request).encode()
        url = os.environ["AWS_ENDPOINT_URL_SQS"] + "/"
        signed = AWSRequest("POST", url, headers, body)
        self._signer.add_auth(signed)
        sent = signed.prepare()
        answer = self._pool.request("POST", url, body=body, headers=dict(sent.headers.items()))
        return json.loads(answer.data)


def sqs_client() -> Any:  # noqa: ANN401 - as the SDK's
    """Return the client."""
    return _Client()
