"""The specification's example, the event files, and builders of more of their kind."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from submission.keys import SubmissionKey
from submission.message import Announcement, UploadedObject

EVENTS_FOLDER = Path(__file__).parents[2] / "events"

BUCKET = "amzn-s3-demo-bucket"
SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
OBJECT_KEY = f"submissions/m.soltys/aws_labs/lab5_containers/{SUBID}/{SUBID}.json"
VERSION_ID = "Xq2b7vLr0mGyT5cE_sNw1aJdHk8uZf4P"
ETAG = "25dc9dd5a7f459f34892c35820dea488"
EVENT_TIME = "2026-11-23T18:30:00.137Z"

type Json = dict[str, Any]


def event_file(name: str) -> Json:
    """Return the event of the file ``tests/events/<name>.json``."""
    event: Json = json.loads((EVENTS_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return event


def encode_key(key: str) -> str:
    """Encode a key as S3 does in events: as a form's value, but with the slashes kept."""
    return quote_plus(key, safe="/*").replace("~", "%7E")


def key_of(
    admin: str = "m.soltys",
    event: str = "aws_labs",
    problem: str = "lab5_containers",
    subid: str = SUBID,
) -> str:
    """Return a key written out from its parts."""
    return f"submissions/{admin}/{event}/{problem}/{subid}/{subid}.json"


def s3_record(key: str = OBJECT_KEY, **fields: object) -> Json:
    """Return a record of an upload of ``key``, which is not encoded yet.

    Args:
        key: the object's key as its uploader wrote it.
        **fields: fields of the record itself, to be set; None takes a field out.
    """
    record: Json = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": EVENT_TIME,
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": BUCKET, "arn": f"arn:aws:s3:::{BUCKET}"},
            "object": {
                "key": encode_key(key),
                "size": 266,
                "eTag": ETAG,
                "versionId": VERSION_ID,
                "sequencer": "00697A41B2C0D5E6F1",
            },
        },
    } | fields
    return {name: value for name, value in record.items() if value is not None}


def s3_event(*records: object) -> Json:
    """Return an event of these records."""
    return {"Records": list(records)}


def subid_of(number: int) -> str:
    """Return a different subid for each number."""
    return f"{number:032x}"


def submission_key(number: int) -> SubmissionKey:
    """Return a different key for each number."""
    return SubmissionKey("m.soltys", "aws_labs", "lab5_containers", subid_of(number))


def announcement(number: int = 0) -> Announcement:
    """Return a different announcement for each number."""
    key = submission_key(number)
    return Announcement(key, UploadedObject(BUCKET, key.data_key, VERSION_ID, ETAG, EVENT_TIME))


def announcements(count: int) -> list[Announcement]:
    """Return so many announcements, each different."""
    return [announcement(number) for number in range(count)]
