"""Reads S3 event notifications: their uploads, and everything else that an event can hold.

The structure is AWS's, version 2.x. Unknown fields are ignored, because minor versions add some:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_plus

from submission.json_object import text_of
from submission.log import NotAnUpload
from submission.message import UploadedObject

BUCKET_VARIABLE = "SUBMITTER_BUCKET"
"""The environment variable that names the stack's bucket."""

_MAJOR_VERSION = "2"
_LONGEST_NAME = 200
"""Characters to log of a foreign event's names."""


class Unrelated(NamedTuple):
    """An event or a record that is not an upload to the stack's bucket."""

    reason: NotAnUpload
    found: str
    """A name, never contents: of the source, the event or the bucket, or of its fields."""


class UnreadableUpload(NamedTuple):
    """A record that says an object was created, but not which.

    It may be a submission, so it must fail and never be ignored.
    """

    problem: str


type Finding = UploadedObject | UnreadableUpload | Unrelated


def read_event(event: object, bucket: str | None = None) -> Iterator[Finding]:
    """Read an event, record by record.

    Args:
        event: the function's event, decoded from JSON; any value.
        bucket: the only bucket whose uploads count; None for any.

    Yields:
        A finding for each record, in the event's order; one finding for an event without
        records. Never raises.
    """
    if not isinstance(event, dict):
        yield Unrelated(NotAnUpload.NOT_AN_EVENT, type(event).__name__)
    elif isinstance(records := event.get("Records"), list) and records:
        yield from (_read_record(record, bucket) for record in records)
    elif event.get("Event") == "s3:TestEvent":
        yield Unrelated(NotAnUpload.TEST_EVENT, "s3:TestEvent")
    else:
        yield Unrelated(NotAnUpload.NO_RECORDS, _name(", ".join(map(_name, event))))


def _read_record(record: object, expected_bucket: str | None) -> Finding:
    if not isinstance(record, dict):
        return Unrelated(NotAnUpload.OTHER_SOURCE, type(record).__name__)
    if (source := record.get("eventSource")) != "aws:s3":
        # SNS writes EventSource, with a capital letter.
        return Unrelated(NotAnUpload.OTHER_SOURCE, _name(source or record.get("EventSource")))
    name = record.get("eventName")
    if not isinstance(name, str):
        return UnreadableUpload("eventName is missing")
    if not name.startswith(("ObjectCreated:", "s3:ObjectCreated:")):
        return Unrelated(NotAnUpload.OTHER_EVENT, _name(name))
    if not _is_known_version(record.get("eventVersion")):
        return UnreadableUpload("eventVersion is not 2.x")
    stored = record.get("s3")
    stored = stored if isinstance(stored, dict) else {}
    bucket = text_of(stored.get("bucket"), "name")
    if bucket is None:
        return UnreadableUpload("s3.bucket.name is missing")
    # Any principal with lambda:InvokeFunction can make up an event.
    if expected_bucket is not None and bucket != expected_bucket:
        return Unrelated(NotAnUpload.OTHER_BUCKET, _name(bucket))
    stored_object = stored.get("object")
    encoded_key = text_of(stored_object, "key")
    if encoded_key is None:
        return UnreadableUpload("s3.object.key is missing")
    return UploadedObject(
        bucket,
        _decode(encoded_key),
        text_of(stored_object, "versionId"),
        text_of(stored_object, "eTag"),
        text_of(record, "eventTime"),
    )


def _is_known_version(version: object) -> bool:
    """Return whether a record's structure is known; a record without a version passes."""
    if isinstance(version, str | int | float):
        return str(version).partition(".")[0] == _MAJOR_VERSION
    return version is None


def _name(value: object) -> str:
    """Return a text's beginning, or the type of any other value."""
    return value[:_LONGEST_NAME] if isinstance(value, str) else type(value).__name__


def _decode(encoded_key: str) -> str:
    """Decode a key, which is form-encoded in events. Nothing else decodes keys."""
    return unquote_plus(encoded_key, errors="surrogateescape")
