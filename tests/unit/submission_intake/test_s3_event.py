"""Reading S3 events, record by record, in any shape."""

from typing import Any

import pytest

from submission.log import NotAnUpload
from submission.message import UploadedObject
from submission_intake.s3_event import Finding, UnreadableUpload, Unrelated, read_event
from unit.submission_intake.examples import (
    BUCKET,
    ETAG,
    EVENT_TIME,
    EVENTS_FOLDER,
    OBJECT_KEY,
    SUBID,
    VERSION_ID,
    event_file,
    s3_event,
    s3_record,
)

UPLOAD = UploadedObject(BUCKET, OBJECT_KEY, VERSION_ID, ETAG, EVENT_TIME)

KEYS_OF_EVENT_FILES: dict[str, list[str]] = {
    "put": [OBJECT_KEY],
    "post": [OBJECT_KEY],
    "copy": [OBJECT_KEY],
    "complete_multipart_upload": [OBJECT_KEY],
    "unversioned_bucket": [OBJECT_KEY],
    "newer_minor_version": [OBJECT_KEY],
    "several_records": [
        OBJECT_KEY,
        OBJECT_KEY.replace(SUBID, "0893fed349236f61acd4f0171ea5d183"),
        "submissions/m.soltys/aws_labs/roster.json",
    ],
    "encoded_keys": [
        f"submissions/{names}/{SUBID}/{SUBID}.json"
        for names in (
            "Ana María/aws labs/lab 5: containers",
            "c++/1+1=2/a + b",
            "100%/%20/%2B%2F",
            "Zoë Łukaszewicz/übung/ex\N{COMBINING ACUTE ACCENT}ercice",
            "👩\N{ZERO WIDTH JOINER}💻/🎓 labs/lab🐳",
            "~tilde*/(quotes) 'single' \"double\"/semi;colon&amp,=@$!",
        )
    ],
}
FINDINGS_OF_EVENT_FILES: dict[str, list[Finding]] = {
    "object_removed": [
        Unrelated(NotAnUpload.OTHER_EVENT, "ObjectRemoved:Delete"),
        Unrelated(NotAnUpload.OTHER_EVENT, "ObjectRemoved:DeleteMarkerCreated"),
    ],
    "test_event": [Unrelated(NotAnUpload.TEST_EVENT, "s3:TestEvent")],
    "sns": [Unrelated(NotAnUpload.OTHER_SOURCE, "aws:sns")],
    "sqs": [Unrelated(NotAnUpload.OTHER_SOURCE, "aws:sqs")],
    "eventbridge_object_created": [
        Unrelated(
            NotAnUpload.NO_RECORDS,
            "version, id, detail-type, source, account, time, region, resources, detail",
        )
    ],
}

NO_TEXTS: list[object] = [None, 0, "", [], {}]
NO_LISTS: list[object] = [None, 0, "", "text", [], {}, {"0": s3_record()}]
NO_SOURCES: list[object] = [None, 0, "", [], {}]
LONG_NAME = "é" * 201
NO_NAMES: list[object] = [None, 0, ["ObjectCreated:Put"], {}]
OTHER_VERSIONS: list[object] = [
    "3.0",
    "1.9",
    "20.1",
    "12",
    "",
    "x",
    " 2.1",
    3,
    3.1,
    [],
    ["2"],
    True,
]


def _uploaded_to(bucket: str) -> dict[str, Any]:
    record = s3_record()
    record["s3"]["bucket"]["name"] = bucket
    return record


NOT_UPLOADS: dict[NotAnUpload, list[tuple[object, str]]] = {
    NotAnUpload.NOT_AN_EVENT: [
        (None, "NoneType"),
        (True, "bool"),
        (0, "int"),
        (1.5, "float"),
        ("", "str"),
        ("Records", "str"),
        ([], "list"),
        ([s3_record()], "list"),
    ],
    NotAnUpload.TEST_EVENT: [
        ({"Event": "s3:TestEvent"}, "s3:TestEvent"),
        *(({"Event": "s3:TestEvent", "Records": no}, "s3:TestEvent") for no in NO_LISTS),
    ],
    NotAnUpload.NO_RECORDS: [
        ({}, ""),
        ({"Event": "s3:OtherEvent"}, "Event"),
        ({"records": [s3_record()], "secret": "content"}, "records, secret"),
        ({LONG_NAME: 0}, LONG_NAME[:200]),
        *(({"Records": no}, "Records") for no in NO_LISTS),
    ],
    NotAnUpload.OTHER_SOURCE: [
        *(
            (s3_event(record), type(record).__name__)
            for record in (None, 0, "text", [], [s3_record()])
        ),
        (s3_event({"EventSource": "aws:s3"}), "aws:s3"),
        (s3_event({"eventSource": "aws:kafka", "EventSource": "aws:sns"}), "aws:kafka"),
        *(
            (s3_event(s3_record(eventSource=source)), source[:200])
            for source in ("aws:sqs", "aws:s3x", LONG_NAME)
        ),
    ],
    NotAnUpload.OTHER_EVENT: [
        (s3_event(s3_record(eventName=name)), name[:200])
        for name in (
            "",
            "ObjectCreated",
            "ObjectRemoved:Delete",
            "ObjectRestore:Completed",
            "ObjectTagging:Put",
            "s3:ObjectRemoved:Delete",
            "x:ObjectCreated:Put",
            LONG_NAME,
        )
    ],
    NotAnUpload.OTHER_BUCKET: [
        (s3_event(_uploaded_to(name)), name[:200])
        for name in (f"{BUCKET}-of-others", BUCKET.upper(), BUCKET[:-1], f"{BUCKET}\n", LONG_NAME)
    ],
}


def read(event: object) -> list[Finding]:
    return list(read_event(event))


def record_with(*path: str, value: object = None) -> dict[str, Any]:
    """Return a good record but for one field; without a value, the field is missing."""
    record = s3_record()
    *way, last = path
    inner = record
    for name in way:
        inner = inner[name]
    del inner[last]
    if value is not None:
        inner[last] = value
    return record


@pytest.mark.parametrize(("name", "keys"), KEYS_OF_EVENT_FILES.items())
def test_every_way_of_uploading_gives_the_decoded_key(name: str, keys: list[str]) -> None:
    uploads = read(event_file(name))
    assert [upload.key for upload in uploads if isinstance(upload, UploadedObject)] == keys
    assert len(uploads) == len(keys)


@pytest.mark.parametrize(("name", "findings"), FINDINGS_OF_EVENT_FILES.items())
def test_foreign_event_is_no_upload(name: str, findings: list[Finding]) -> None:
    assert read(event_file(name)) == findings


def test_every_event_file_is_tested() -> None:
    assert {path.stem for path in EVENTS_FOLDER.glob("*.json")} == (
        KEYS_OF_EVENT_FILES.keys() | FINDINGS_OF_EVENT_FILES.keys()
    )


def test_upload_has_all_facts_of_the_event() -> None:
    assert read(event_file("put")) == [
        UploadedObject(
            bucket="amzn-s3-demo-bucket",
            key=OBJECT_KEY,
            version_id="Xq2b7vLr0mGyT5cE_sNw1aJdHk8uZf4P",
            etag="25dc9dd5a7f459f34892c35820dea488",
            event_time="2026-11-23T18:30:00.137Z",
        )
    ]


@pytest.mark.parametrize(
    ("reason", "event", "found"),
    [(reason, event, found) for reason, many in NOT_UPLOADS.items() for event, found in many],
)
def test_foreign_record_is_named_with_what_was_found(
    reason: NotAnUpload, event: object, found: str
) -> None:
    assert list(read_event(event, BUCKET)) == [Unrelated(reason, found)]


def test_record_of_another_bucket_is_ignored_without_an_object() -> None:
    record = s3_record()
    record["s3"] = {"bucket": {"name": "other"}}

    assert list(read_event(s3_event(record), BUCKET)) == [
        Unrelated(NotAnUpload.OTHER_BUCKET, "other")
    ]


def test_any_bucket_is_accepted_when_none_is_expected() -> None:
    (finding,) = read_event(s3_event(_uploaded_to("other")))

    assert isinstance(finding, UploadedObject)


@pytest.mark.parametrize("source", NO_SOURCES)
def test_record_without_a_source_is_foreign(source: object) -> None:
    (finding,) = read(s3_event(s3_record(eventSource=source)))
    assert isinstance(finding, Unrelated)
    assert finding.reason is NotAnUpload.OTHER_SOURCE


def test_records_of_a_test_event_are_read() -> None:
    assert read(event_file("test_event") | event_file("put")) == [UPLOAD]


def test_every_reason_to_ignore_an_event_is_tested() -> None:
    assert {reason for reason, events in NOT_UPLOADS.items() if events} == set(NotAnUpload)


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        *((s3_record(eventName=name), "eventName is missing") for name in NO_NAMES),
        *(
            (s3_record(eventVersion=version), "eventVersion is not 2.x")
            for version in OTHER_VERSIONS
        ),
        *(
            (record_with(*path, value=value), "s3.bucket.name is missing")
            for path in (("s3",), ("s3", "bucket"), ("s3", "bucket", "name"))
            for value in NO_TEXTS
        ),
        (record_with("s3", value="text"), "s3.bucket.name is missing"),
        *(
            (record_with(*path, value=value), "s3.object.key is missing")
            for path in (("s3", "object"), ("s3", "object", "key"))
            for value in NO_TEXTS
        ),
        (record_with("s3", "object", value="text"), "s3.object.key is missing"),
    ],
)
def test_unreadable_upload_is_never_ignored(record: dict[str, Any], problem: str) -> None:
    assert read(s3_event(record)) == [UnreadableUpload(problem)]


@pytest.mark.parametrize("version", [None, "2.0", "2.1", "2.6", "2.99", "2", 2, 2.1])
def test_every_minor_version_is_read(version: object) -> None:
    assert read(s3_event(s3_record(eventVersion=version))) == [UPLOAD]


@pytest.mark.parametrize("name", ["ObjectCreated:Put", "ObjectCreated:New", "s3:ObjectCreated:Put"])
def test_every_created_event_is_an_upload(name: str) -> None:
    assert read(s3_event(s3_record(eventName=name))) == [UPLOAD]


@pytest.mark.parametrize("value", NO_TEXTS)
@pytest.mark.parametrize(
    ("path", "attribute"),
    [
        (("s3", "object", "versionId"), "version_id"),
        (("s3", "object", "eTag"), "etag"),
        (("eventTime",), "event_time"),
    ],
)
def test_missing_fact_is_none(path: tuple[str, ...], attribute: str, value: object) -> None:
    (upload,) = read(s3_event(record_with(*path, value=value)))
    assert isinstance(upload, UploadedObject)
    assert getattr(upload, attribute) is None
    others = {"bucket", "key", "version_id", "etag", "event_time"} - {attribute}
    assert {name: getattr(upload, name) for name in others} == {
        name: getattr(UPLOAD, name) for name in others
    }


def test_findings_keep_the_order_of_the_event() -> None:
    assert read(
        s3_event(s3_record("b"), None, s3_record("a"), s3_record(eventVersion="3.0"), s3_record())
    ) == [
        UploadedObject(BUCKET, "b", VERSION_ID, ETAG, EVENT_TIME),
        Unrelated(NotAnUpload.OTHER_SOURCE, "NoneType"),
        UploadedObject(BUCKET, "a", VERSION_ID, ETAG, EVENT_TIME),
        UnreadableUpload("eventVersion is not 2.x"),
        UPLOAD,
    ]


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("red+flower", "red flower"),
        ("red%20flower", "red flower"),
        ("red%2Bflower", "red+flower"),
        ("red%252Bflower", "red%2Bflower"),
        ("%2520", "%20"),
        ("%252520", "%2520"),
        ("a%2Fb/c", "a/b/c"),
        ("caf%C3%A9", "café"),
        ("café", "café"),
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("%00%0A", "\0\n"),
        ("%FF", "\udcff"),
        ("%ED%A0%80", "\udced\udca0\udc80"),
    ],
)
def test_key_is_decoded_exactly_once(encoded: str, key: str) -> None:
    record = record_with("s3", "object", "key", value=encoded)
    (upload,) = read(s3_event(record))
    assert isinstance(upload, UploadedObject)
    assert upload.key == key
