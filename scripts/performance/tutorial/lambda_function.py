"""A tutorial's handler, to compare the intake function with."""

import json
import os
from urllib.parse import unquote_plus

import boto3

sqs = boto3.client("sqs")


def lambda_handler(event, context):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, ARG001, D103
    for record in event["Records"]:
        key = unquote_plus(record["s3"]["object"]["key"])
        if key.endswith(".json"):
            body = json.dumps({"subdata": key.split("/")[-1]})
            sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=body)
