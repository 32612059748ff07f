"""Makes the event with which S3 would have told of an upload.

Structure 2.1: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from submitter.aws.bucket import CurrentVersion
    from submitter.stack.deployment import Deployment

MAX_RECORDS = 10
"""Records of one event: as many as the function sends to the queue at once."""

CONFIGURATION = "submitter-reconcile"
"""Stands where S3 names the notification's configuration, so that a log tells who sent it."""


def upload_event(deployment: Deployment, versions: Iterable[CurrentVersion]) -> dict[str, Any]:
    """Make an S3 event notification.

    Args:
        deployment: the stack that the objects are in.
        versions: the uploads, as many as the event shall tell of.

    Returns:
        The event, to be written as JSON.
    """
    return {"Records": [_record(deployment, each) for each in versions]}


def _record(deployment: Deployment, version: CurrentVersion) -> dict[str, Any]:
    partition = deployment.queue_arn.split(":")[1]
    moment = version.modified.astimezone(UTC).isoformat(timespec="milliseconds")
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": deployment.region,
        "eventTime": moment.replace("+00:00", "Z"),
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": CONFIGURATION,
            "bucket": {
                "name": deployment.bucket_name,
                "arn": f"arn:{partition}:s3:::{deployment.bucket_name}",
            },
            "object": {
                "key": quote_plus(version.key, safe="/"),
                "size": version.size,
                "eTag": version.etag,
                "versionId": version.version_id,
            },
        },
    }
