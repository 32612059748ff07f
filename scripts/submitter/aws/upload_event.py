"""Makes the event that S3 sends after an upload.

Structure 2.1: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from collections.abc import Iterable
from datetime import UTC
from typing import Any
from urllib.parse import quote_plus

from submitter.aws.bucket import CurrentVersion
from submitter.stack.deployment import Deployment

MAX_RECORDS = 10
"""Records of one event: as many as the function sends at once."""


def upload_event(deployment: Deployment, versions: Iterable[CurrentVersion]) -> dict[str, Any]:
    """Return an S3 event notification for some versions of objects."""
    return {"Records": [_record(deployment, each) for each in versions]}


def _record(deployment: Deployment, version: CurrentVersion) -> dict[str, Any]:
    moment = version.modified.astimezone(UTC).isoformat(timespec="milliseconds")
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": deployment.region,
        "eventTime": moment.replace("+00:00", "Z"),
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            # So that a log shows who sent it.
            "configurationId": "submitter-reconcile",
            "bucket": {
                "name": deployment.bucket_name,
                "arn": deployment.bucket_arn,
            },
            "object": {
                "key": quote_plus(version.key, safe="/"),
                "size": version.size,
                "eTag": version.etag,
                "versionId": version.version_id,
            },
        },
    }
