"""An upload becomes a message, through the real bucket, the real zip and the real queue."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest
import urllib3

from emulation.project import EXAMPLE
from local.intake import Intake, Submission

EXAMPLE_SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
EXAMPLE_FOLDER = f"submissions/m.soltys/aws_labs/lab5_containers/{EXAMPLE_SUBID}"

# One worker runs all that shares the stacks, in the order of the files.
pytestmark = pytest.mark.xdist_group("stacks")


def test_specified_example_is_announced_as_specified(intake: Intake) -> None:
    key = f"{EXAMPLE_FOLDER}/{EXAMPLE_SUBID}.json"
    intake.put(f"{EXAMPLE_FOLDER}/{EXAMPLE_SUBID}.py", b"print('hello')\n")
    data = (EXAMPLE / f"{EXAMPLE_SUBID}.json").read_bytes()
    uploaded = intake.s3.put_object(Bucket=intake.bucket, Key=key, Body=data)

    [message] = intake.messages(key)

    assert message.body == '{"subdata": "fc55c0190dde2bc413d8d1e79fb8cca2.json"}'
    assert message.attributes.pop("eventTime").endswith("Z")
    assert message.attributes == {
        "bucket": intake.bucket,
        "key": key,
        "versionId": uploaded["VersionId"],
        "eTag": uploaded["ETag"].strip('"'),
    }


def test_message_is_enough_to_find_the_object(intake: Intake) -> None:
    submission = Submission(problem="lab 5 + containers")
    intake.put(submission.json_key, submission.data)

    [message] = intake.messages(submission.json_key)

    found = intake.s3.get_object(
        Bucket=message.attributes["bucket"],
        Key=message.attributes["key"],
        VersionId=message.attributes["versionId"],
    )
    assert json.load(found["Body"])["subid"] == submission.subid


@pytest.mark.parametrize("json_first", [False, True], ids=["py first", "json first"])
def test_pair_is_announced_once_in_either_order(intake: Intake, *, json_first: bool) -> None:
    submission = Submission()
    for key in sorted((submission.json_key, submission.py_key), reverse=not json_first):
        intake.put(key)

    intake.wait_for_earlier_uploads()

    assert [message.body for message in intake.messages(submission.json_key)] == [submission.body]


def test_py_alone_does_not_start_the_function(intake: Intake) -> None:
    submission = Submission()
    intake.put(submission.py_key, b"print('no data file')\n")

    intake.wait_for_earlier_uploads()

    assert not [line for line in intake.log_lines() if submission.subid in json.dumps(line)]


@pytest.mark.parametrize(
    "key",
    [
        "output/m.soltys/aws_labs/lab5_containers/{subid}/{subid}.json",
        "output/submissions/m.soltys/aws_labs/lab5_containers/{subid}/{subid}.json",
        "/submissions/m.soltys/aws_labs/lab5_containers/{subid}/{subid}.json",
        "{subid}.json",
    ],
)
def test_object_elsewhere_does_not_start_the_function(intake: Intake, key: str) -> None:
    subid = Submission().subid
    intake.put(key.format(subid=subid))

    intake.wait_for_earlier_uploads()

    assert not [line for line in intake.log_lines() if subid in json.dumps(line)]


def _put(intake: Intake, key: str, data: bytes) -> None:
    intake.put(key, data)


def _multipart(intake: Intake, key: str, data: bytes) -> None:
    where = {"Bucket": intake.bucket, "Key": key}
    upload = intake.s3.create_multipart_upload(**where)["UploadId"]
    part = intake.s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=data)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    intake.s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=parts)


def _copy(intake: Intake, key: str, data: bytes) -> None:
    intake.put("staging/original", data)
    source = {"Bucket": intake.bucket, "Key": "staging/original"}
    intake.s3.copy_object(Bucket=intake.bucket, Key=key, CopySource=source)


def _presigned_url(intake: Intake, key: str, data: bytes) -> None:
    parameters = {"Bucket": intake.bucket, "Key": key}
    url = intake.s3.generate_presigned_url("put_object", Params=parameters)
    assert urllib3.request("PUT", url, body=data).status == HTTPStatus.OK


def _presigned_post(intake: Intake, key: str, data: bytes) -> None:
    form = intake.s3.generate_presigned_post(intake.bucket, key)
    fields = {**form["fields"], "file": (key.rpartition("/")[2], data)}
    assert urllib3.request("POST", form["url"], fields=fields).status == HTTPStatus.NO_CONTENT


@pytest.mark.parametrize("upload", [_put, _multipart, _copy, _presigned_url, _presigned_post])
def test_every_way_of_uploading_is_announced(
    intake: Intake, upload: Callable[[Intake, str, bytes], None]
) -> None:
    submission = Submission()
    upload(intake, submission.json_key, submission.data)

    [message] = intake.messages(submission.json_key)

    assert message.body == submission.body
    stored = intake.s3.get_object(Bucket=intake.bucket, Key=submission.json_key)
    assert stored["Body"].read() == submission.data


@pytest.mark.parametrize(
    "problem",
    [
        "lab 5",
        "c++",
        "100%",
        "%2F is no slash",
        "a%20b",
        "été à Zürich",
        "ete\N{COMBINING ACUTE ACCENT}",
        "日本語",
        "rocket 🚀 and family 👨‍👩‍👧",
        "it's (a) & b=c; d?",
    ],
)
def test_names_arrive_unchanged(intake: Intake, problem: str) -> None:
    submission = Submission(admin="m. soltys+ta", problem=problem)
    intake.put(submission.json_key, submission.data)

    [message] = intake.messages(submission.json_key)

    assert message.body == submission.body


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("submissions/m.soltys/aws_labs/{subid}/{subid}.json", "wrong_depth"),
        ("submissions/m.soltys/aws_labs/lab5/extra/{subid}/{subid}.json", "wrong_depth"),
        ("submissions/m.soltys/aws_labs/lab5/{subid}/notes.json", "subid_not_a_digest"),
        ("submissions/m.soltys/aws_labs/lab5/{SUBID}/{SUBID}.json", "subid_not_a_digest"),
        ("submissions/m.soltys/aws_labs/lab5/{other}/{subid}.json", "subid_differs_from_folder"),
        ("submissions/m.soltys//lab5/{subid}/{subid}.json", "unsafe_name"),
        ("submissions/../aws_labs/lab5/{subid}/{subid}.json", "unsafe_name"),
        ("submissions/m.soltys/aws\tlabs/lab5/{subid}/{subid}.json", "unsafe_name"),
        ("submissions/m.soltys/aws_labs/lab5/{subid}/.json", "subid_not_a_digest"),
    ],
)
def test_json_that_is_no_submission_is_logged_as_ignored(
    intake: Intake, key: str, reason: str
) -> None:
    subid = Submission().subid
    key = key.format(subid=subid, SUBID=f"A{subid[1:].upper()}", other=Submission().subid)
    intake.put(key)

    line = intake.log_line("ignored", key=key)
    intake.wait_for_earlier_uploads()

    assert line["reason"] == reason
    assert not intake.received(key)


def test_resubmission_is_a_new_version_with_a_new_message(intake: Intake) -> None:
    submission = Submission()
    versions = {intake.put(submission.json_key, submission.data) for _ in range(2)}

    messages = intake.messages(submission.json_key, 2)

    assert len(versions) == 2
    assert {message.attributes["versionId"] for message in messages} == versions
    assert {message.body for message in messages} == {submission.body}


@pytest.mark.parametrize("count", [60, pytest.param(200, marks=pytest.mark.nightly)])
def test_simultaneous_uploads_are_all_announced(intake: Intake, count: int) -> None:
    submissions = [Submission(problem=f"lab {number}") for number in range(count)]
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda each: intake.put(each.json_key, each.data), submissions))

    bodies = {intake.messages(each.json_key)[0].body for each in submissions}

    assert bodies == {each.body for each in submissions}
