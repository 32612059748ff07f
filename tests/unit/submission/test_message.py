"""The message: the specified body, and attributes that locate the object."""

import json

import pytest

from submission.keys import SubmissionKey
from submission.message import Announcement, UploadedObject, announced_file, announced_upload
from unit.submission_intake.examples import BUCKET, ETAG, EVENT_TIME, OBJECT_KEY, SUBID, VERSION_ID

KEY = SubmissionKey("m.soltys", "aws_labs", "lab5_containers", SUBID)
ATTRIBUTES = {
    "bucket": BUCKET,
    "key": OBJECT_KEY,
    "versionId": VERSION_ID,
    "eTag": ETAG,
    "eventTime": EVENT_TIME,
}


def test_body_and_attributes_are_as_specified() -> None:
    announcement = Announcement(
        KEY, UploadedObject(BUCKET, OBJECT_KEY, VERSION_ID, ETAG, EVENT_TIME)
    )
    assert announcement.body == '{"subdata": "fc55c0190dde2bc413d8d1e79fb8cca2.json"}'
    assert announcement.attributes == ATTRIBUTES


@pytest.mark.parametrize("missing", [None, ""])
@pytest.mark.parametrize(
    ("argument", "attribute"),
    [("version_id", "versionId"), ("etag", "eTag"), ("event_time", "eventTime")],
)
def test_missing_fact_makes_no_attribute(
    argument: str, attribute: str, missing: str | None
) -> None:
    said = {"version_id": VERSION_ID, "etag": ETAG, "event_time": EVENT_TIME, argument: missing}
    announcement = Announcement(KEY, UploadedObject(BUCKET, OBJECT_KEY, **said))
    assert announcement.attributes == {
        name: value for name, value in ATTRIBUTES.items() if name != attribute
    }


def test_key_attribute_is_the_uploaded_key() -> None:
    key = SubmissionKey("Zoë +1", "100% 🎓", "%2F", SUBID)
    announcement = Announcement(
        key, UploadedObject(BUCKET, key.data_key, VERSION_ID, ETAG, EVENT_TIME)
    )
    assert announcement.attributes["key"] == (
        f"submissions/Zoë +1/100% 🎓/%2F/{SUBID}/{SUBID}.json"
    )


@pytest.mark.parametrize(
    "uploaded",
    [
        UploadedObject(BUCKET, OBJECT_KEY, VERSION_ID, ETAG, EVENT_TIME),
        UploadedObject(BUCKET, OBJECT_KEY, None, ETAG, EVENT_TIME),
        UploadedObject(BUCKET, OBJECT_KEY, VERSION_ID, None, EVENT_TIME),
        UploadedObject(BUCKET, OBJECT_KEY, VERSION_ID, ETAG, None),
    ],
)
def test_message_survives_writing_and_reading(uploaded: UploadedObject) -> None:
    announcement = Announcement(KEY, uploaded)
    assert announced_file(announcement.body) == KEY.file_name
    assert announced_upload(announcement.attributes) == uploaded


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x.json",
        "{}",
        "[]",
        json.dumps({"subdata": None}),
        json.dumps({"subdata": ""}),
        json.dumps({"subdata": "x.json", "more": 1}),
        json.dumps({"Subdata": "x.json"}),
        "[" * 100_000,
    ],
)
def test_other_body_announces_nothing(body: str) -> None:
    assert announced_file(body) is None


def test_message_without_attributes_names_no_upload() -> None:
    assert announced_upload({}) == UploadedObject("", "", None, None, None)
