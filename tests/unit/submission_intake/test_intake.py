"""The intake announces every submission, and logs and counts everything else."""

import pytest

from submission_intake.intake import IntakeError, take_in
from submission_intake.submitter_queue import SubmitterQueue
from unit.submission_intake.examples import (
    BUCKET,
    EVENT_TIME,
    OBJECT_KEY,
    SUBID,
    VERSION_ID,
    Json,
    event_file,
    s3_event,
    s3_record,
    subid_of,
    submission_key,
)
from unit.submission_intake.receiving_queue import ReceivingQueue
from unit.submission_intake.scripted_sqs import (
    DETAIL,
    Answer,
    ScriptedSqs,
    message_id,
    out_of_reach,
    refusing,
    refusing_calls_with,
    taken,
)
from unit.submission_intake.written_log import WrittenLog

BODY = '{"subdata": "fc55c0190dde2bc413d8d1e79fb8cca2.json"}'


def upload(number: int) -> Json:
    """Return a good record, different for each number."""
    return s3_record(submission_key(number).data_key)


def body(number: int) -> str:
    """Return the body that ``upload`` of this number leads to."""
    return f'{{"subdata": "{subid_of(number)}.json"}}'


def record_with_version(version_id: str, key: str = OBJECT_KEY) -> Json:
    """Return a record of an upload of ``key`` as this version."""
    record = s3_record(key)
    record["s3"]["object"]["versionId"] = version_id
    return record


def sent_bodies(sqs: ScriptedSqs) -> list[str]:
    return [message for call in sqs.bodies for message in call]


@pytest.mark.parametrize(
    "name", ["put", "post", "copy", "complete_multipart_upload", "newer_minor_version"]
)
def test_every_way_of_uploading_is_announced_with_five_attributes(
    name: str, queue: SubmitterQueue, receiving: ReceivingQueue
) -> None:
    event = event_file(name)
    uploaded = event["Records"][0]["s3"]["object"]
    assert take_in(event, queue) == {"announced": 1, "ignored": {}}
    (message,) = receiving.receive()
    assert message["Body"] == BODY
    assert {
        attribute: value["StringValue"] for attribute, value in message["MessageAttributes"].items()
    } == {
        "bucket": BUCKET,
        "key": OBJECT_KEY,
        "versionId": uploaded["versionId"],
        "eTag": uploaded["eTag"],
        "eventTime": EVENT_TIME,
    }


def test_records_are_counted_by_outcome() -> None:
    sqs = ScriptedSqs()
    assert take_in(event_file("several_records"), sqs.queue) == {
        "announced": 2,
        "ignored": {"wrong_depth": 1},
    }
    assert sent_bodies(sqs) == [BODY, '{"subdata": "0893fed349236f61acd4f0171ea5d183.json"}']


@pytest.mark.parametrize("count", [1, 1000])
def test_event_may_have_any_number_of_records(count: int) -> None:
    sqs = ScriptedSqs()
    event = s3_event(*map(upload, range(count)))
    assert take_in(event, sqs.queue) == {"announced": count, "ignored": {}}
    assert sent_bodies(sqs) == [body(number) for number in range(count)]


def test_upload_to_another_bucket_is_ignored_and_the_others_announced(log: WrittenLog) -> None:
    forged = s3_record()
    forged["s3"]["bucket"]["name"] = "other"
    sqs = ScriptedSqs()

    answer = take_in(s3_event(forged, upload(1)), sqs.queue, bucket=BUCKET)

    assert answer == {"announced": 1, "ignored": {"other_bucket": 1}}
    assert sent_bodies(sqs) == [body(1)]
    [ignored] = [line for line in log.lines if line["outcome"] == "ignored"]
    assert (ignored["reason"], ignored["found"]) == ("other_bucket", "other")
    # A made-up key would look like one of the stack's own.
    assert "key" not in ignored


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (event_file("sns"), {"reason": "other_source", "found": "aws:sns"}),
        (
            s3_event(s3_record("submissions/roster.json")),
            {
                "reason": "wrong_depth",
                "key": "submissions/roster.json",
                "versionId": VERSION_ID,
            },
        ),
    ],
)
def test_ignored_record_is_counted_and_logged(
    event: Json, said: dict[str, str], log: WrittenLog
) -> None:
    sqs = ScriptedSqs()
    assert take_in(event, sqs.queue) == {"announced": 0, "ignored": {said["reason"]: 1}}
    assert sqs.calls == []
    assert log.lines == [{"level": "WARNING", "message": "ignored", "outcome": "ignored"} | said]


def test_announcement_is_logged_with_its_message_id(log: WrittenLog) -> None:
    key = OBJECT_KEY.replace("aws_labs", "Zoë +1 🎓")
    take_in(s3_event(s3_record(key)), ScriptedSqs().queue)
    assert log.lines == [
        {
            "level": "INFO",
            "message": "announced",
            "outcome": "announced",
            "subid": SUBID,
            "key": key,
            "versionId": VERSION_ID,
            "messageId": message_id(BODY),
        }
    ]


def test_refused_announcement_is_logged_with_its_cause(log: WrittenLog) -> None:
    sqs = ScriptedSqs([refusing(0, sender_fault=True, code="InvalidMessageContents")])
    with pytest.raises(IntakeError):
        take_in(event_file("put"), sqs.queue)
    assert log.lines == [
        {
            "level": "ERROR",
            "message": "failed",
            "outcome": "failed",
            "cause": "InvalidMessageContents",
            "detail": DETAIL,
            "subid": SUBID,
            "key": OBJECT_KEY,
            "versionId": VERSION_ID,
        }
    ]


def test_unreadable_record_is_an_error_after_the_others_are_sent(log: WrittenLog) -> None:
    record, cause = s3_record(eventVersion="3.0"), "eventVersion is not 2.x"
    sqs = ScriptedSqs()
    with pytest.raises(IntakeError) as raised:
        take_in(s3_event(upload(1), record, upload(2), record), sqs.queue)
    assert sent_bodies(sqs) == [body(1), body(2)]
    message = str(raised.value)
    assert message.startswith("2 record(s) of this event were not announced")
    assert f"(2 x unreadable record: {cause}); 2 were." in message
    failed = [line for line in log.lines if line["outcome"] == "failed"]
    assert [(line["level"], line["cause"]) for line in failed] == [
        ("ERROR", f"unreadable record: {cause}")
    ] * 2


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        ([refusing(0, sender_fault=True, code="InvalidMessageContents"), taken], "Invalid"),
        ([refusing_calls_with(subid_of(0), "AccessDenied")], "AccessDenied"),
    ],
)
def test_refused_announcement_is_an_error_after_the_others_are_sent(
    answers: list[Answer], cause: str, log: WrittenLog
) -> None:
    with pytest.raises(IntakeError, match=rf"^1 record.* \(1 x {cause}.*\); 11 were\."):
        take_in(s3_event(*map(upload, range(12))), ScriptedSqs(answers).queue)
    announced = [line["subid"] for line in log.lines if line["outcome"] == "announced"]
    assert sorted(announced) == [subid_of(number) for number in range(1, 12)]


def test_failures_of_one_event_are_counted_by_cause() -> None:
    sqs = ScriptedSqs([out_of_reach, taken])
    event = s3_event(*map(upload, range(11)), s3_record(eventVersion="3.0"))
    with pytest.raises(IntakeError) as raised:
        take_in(event, sqs.queue)
    message = str(raised.value)
    assert message.startswith("11 record(s)")
    assert "1 x unreadable record: eventVersion is not 2.x, 10 x EndpointConnectionError" in message
    assert "; 1 were." in message


SURROGATE = "\ud800"


@pytest.mark.parametrize(
    ("odd", "field", "key"),
    [
        (record_with_version(SURROGATE), "versionId", OBJECT_KEY),
        (record_with_version(SURROGATE, "roster.json"), "versionId", "roster.json"),
        (s3_record(eventName=SURROGATE), "found", None),
        (s3_record(eventSource=SURROGATE), "found", None),
    ],
)
def test_lone_surrogates_are_logged_escaped(
    odd: Json, field: str, key: str | None, log: WrittenLog
) -> None:
    sqs = ScriptedSqs()
    take_in(s3_event(upload(1), odd, upload(2)), sqs.queue)
    assert {body(1), body(2)} <= set(sent_bodies(sqs))
    assert [(line[field], line.get("key")) for line in log.lines if "ud800" in str(line)] == [
        (r"\ud800", key)
    ]
    assert len(log.lines) == 3


def test_answer_of_sqs_is_logged_with_any_characters(log: WrittenLog) -> None:
    sqs = ScriptedSqs([refusing(0, sender_fault=True, code="Invalid", detail="é\n\ud800")])
    with pytest.raises(IntakeError):
        take_in(s3_event(upload(0), upload(1)), sqs.queue)
    details = [line["detail"] for line in log.lines if line["outcome"] == "failed"]
    assert details == ["é\n\\ud800"]
    assert len(log.lines) == 2
