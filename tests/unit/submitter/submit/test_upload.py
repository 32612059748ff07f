"""What is uploaded, in which order, and what is left alone; on moto's S3."""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws
from types_boto3_s3 import S3Client

from submitter.errors import SubmitterError
from submitter.submit.class_list import Candidate, read_candidate
from submitter.submit.upload import State, SubmitReport, Submitted, carry_out, follow, plan
from submitter.submit.view import render_plan, render_submit
from unit.submitter.contexts import context_with, rendered


class _Log:
    """CloudWatch Logs with lines that appear look by look."""

    def __init__(self, *looks: list[dict[str, Any]]) -> None:
        self._looks = list(looks)
        self.starts: list[int] = []

    def get_paginator(self, _name: str) -> "_Log":
        return self

    def paginate(self, **options: int) -> list[dict[str, Any]]:
        self.starts.append(options["startTime"])
        lines = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        return [{"events": [{"message": json.dumps(line), "timestamp": 0} for line in lines]}]


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def candidate(tmp_path: Path) -> Candidate:
    return _candidate(tmp_path, "t1")


def _candidate(folder: Path, token: str, code: bytes = b"print(1)\n") -> Candidate:
    file = folder / f"{token}.py"
    file.write_bytes(code)
    return read_candidate(file, "a", "e", "p", [token])


def _submit(s3: S3Client, *candidates: Candidate) -> SubmitReport:
    context = context_with(s3=s3)
    report = plan(context, list(candidates))
    carry_out(context, list(candidates), report)
    return report


def _versions(s3: S3Client) -> list[str]:
    return [
        each["Key"].rpartition(".")[2]
        for each in s3.list_object_versions(Bucket="bucket").get("Versions", [])
    ]


def test_py_is_uploaded_before_json(s3: S3Client, candidate: Candidate) -> None:
    uploaded: list[str] = []
    s3.meta.events.register(
        "before-parameter-build.s3.PutObject", lambda params, **_: uploaded.append(params["Key"])
    )

    [submitted] = _submit(s3, candidate).submissions

    assert uploaded == [candidate.submission.key.code_key, candidate.submission.key.data_key]
    stored = s3.get_object(Bucket="bucket", Key=submitted.key)
    assert stored["Body"].read() == candidate.submission.data
    assert (submitted.state, submitted.version_id) == (State.UPLOADED, stored["VersionId"])


def test_plan_uploads_nothing(s3: S3Client, candidate: Candidate) -> None:
    report = plan(context_with(s3=s3), [candidate])

    assert report.submissions[0].state is State.TO_UPLOAD
    assert _versions(s3) == []
    assert "add --yes" in rendered(render_plan(report, [candidate]))


def test_existing_submission_is_unchanged(s3: S3Client, candidate: Candidate) -> None:
    [first] = _submit(s3, candidate).submissions

    [again] = _submit(s3, candidate).submissions

    assert (again.state, again.version_id) == (State.ALREADY_THERE, first.version_id)
    assert len(_versions(s3)) == 2


def test_upload_without_its_json_is_finished(s3: S3Client, candidate: Candidate) -> None:
    s3.put_object(
        Bucket="bucket", Key=candidate.submission.key.code_key, Body=candidate.read_code()
    )

    [submitted] = _submit(s3, candidate).submissions

    assert submitted.state is State.UPLOADED
    assert sorted(_versions(s3)) == ["json", "py"]


def test_other_code_is_a_new_version_of_both(s3: S3Client, tmp_path: Path) -> None:
    _submit(s3, _candidate(tmp_path, "t1"))

    _submit(s3, _candidate(tmp_path, "t1", b"print('better')\n"))

    assert sorted(_versions(s3)) == ["json", "json", "py", "py"]


def test_resubmission_without_its_json_is_finished(s3: S3Client, candidate: Candidate) -> None:
    """Both are of the same second: only the version in the .json shows the newer .py."""
    _submit(s3, candidate)
    resubmitted = s3.put_object(
        Bucket="bucket", Key=candidate.submission.key.code_key, Body=candidate.read_code()
    )

    [submitted] = _submit(s3, candidate).submissions
    [again] = _submit(s3, candidate).submissions

    assert (submitted.state, submitted.code_version_id) == (
        State.UPLOADED,
        resubmitted["VersionId"],
    )
    assert again.state is State.ALREADY_THERE


@pytest.mark.parametrize(
    ("later", "state"), [(1, State.TO_FINISH), (0, State.ALREADY_THERE), (-1, State.ALREADY_THERE)]
)
def test_json_of_a_front_end_announces_a_py_that_is_not_newer(
    s3: S3Client, candidate: Candidate, later: int, state: State
) -> None:
    data_key = candidate.submission.key.data_key
    s3.put_object(
        Bucket="bucket", Key=candidate.submission.key.code_key, Body=candidate.read_code()
    )
    s3.put_object(Bucket="bucket", Key=data_key, Body=candidate.submission.data)
    time = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def set_time(parsed: dict[str, Any], **_: object) -> None:
        is_code = parsed["ContentType"] == "text/x-python" or parsed["ContentLength"] == len(
            candidate.read_code()
        )
        parsed["LastModified"] = time + timedelta(seconds=later if is_code else 0)

    s3.meta.events.register("after-call.s3.HeadObject", set_time)
    [step] = plan(context_with(s3=s3), [candidate]).submissions

    assert step.state is state


def test_json_names_the_version_of_its_py(s3: S3Client, candidate: Candidate) -> None:
    [submitted] = _submit(s3, candidate).submissions

    code = s3.head_object(Bucket="bucket", Key=candidate.submission.key.code_key)
    data = s3.head_object(Bucket="bucket", Key=submitted.key)
    assert data["Metadata"] == {"code-version-id": code["VersionId"]}


def _encrypted_with_a_key(s3: S3Client) -> None:
    """Have S3 answer as it does for SSE-KMS: the ETag is no MD5, though it looks like one."""

    def rewrite(parsed: dict[str, Any], **_: object) -> None:
        if "ETag" in parsed:
            digest = hashlib.md5(parsed["ETag"].encode(), usedforsecurity=False).hexdigest()
            parsed |= {"ETag": f'"{digest}"', "ServerSideEncryption": "aws:kms"}

    s3.meta.events.register("after-call.s3.HeadObject", rewrite)
    s3.meta.events.register("after-call.s3.PutObject", rewrite)


def test_class_in_an_encrypted_bucket_is_not_submitted_again(
    s3: S3Client, candidate: Candidate
) -> None:
    _encrypted_with_a_key(s3)
    _submit(s3, candidate)

    [again] = _submit(s3, candidate).submissions

    assert again.state is State.ALREADY_THERE
    assert len(_versions(s3)) == 2


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        ({}, True),
        ({"ETag": "0" * 32}, False),
        ({"ServerSideEncryption": "AES256"}, True),
        ({"ServerSideEncryption": "aws:kms"}, False),
        ({"ServerSideEncryption": "aws:kms:dsse"}, False),
        ({"SSECustomerAlgorithm": "AES256"}, False),
        ({"ETag": "0" * 32, "ChecksumSHA256": "sha256"}, True),
        ({"ChecksumSHA256": "other"}, False),
        ({"ETag": "0" * 32, "ChecksumSHA1": "sha1"}, True),
        ({"ServerSideEncryption": "aws:kms", "ChecksumCRC32": "crc32"}, True),
        ({"ServerSideEncryption": "aws:kms", "ChecksumCRC32": "other"}, False),
        ({"ETag": "0-1", "ChecksumCRC32": "crc32", "ChecksumType": "FULL_OBJECT"}, True),
        ({"ETag": "0-1", "ChecksumCRC32": "crc32", "ChecksumType": "COMPOSITE"}, False),
        ({"ServerSideEncryption": "aws:kms", "ChecksumCRC64NVME": "any"}, False),
        ({"ContentLength": 1, "ChecksumSHA256": "sha256"}, False),
    ],
)
def test_content_is_recognised_by_a_full_checksum(
    candidate: Candidate, answer: dict[str, Any], *, known: bool
) -> None:
    code = candidate.read_code()
    checksums = {
        "sha256": hashlib.sha256(code).digest(),
        "sha1": hashlib.sha1(code, usedforsecurity=False).digest(),
        "crc32": zlib.crc32(code).to_bytes(4),
        "other": b"other",
        "any": b"any",
    }
    encoded = {name: base64.b64encode(value).decode() for name, value in checksums.items()}

    class Bucket:
        def head_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803
            content = code if Key.endswith(".py") else candidate.submission.data
            found = {
                "ContentLength": len(content),
                "ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"',
                "LastModified": datetime(2026, 11, 23, tzinfo=UTC),
                "Metadata": {},
            }
            if Key.endswith(".py"):
                found |= {name: encoded.get(value, value) for name, value in answer.items()}
            return found

    [step] = plan(context_with(s3=Bucket()), [candidate]).submissions

    assert step.state is (State.ALREADY_THERE if known else State.TO_UPLOAD)


def test_class_continues_after_failures_of_single_submissions(s3: S3Client, tmp_path: Path) -> None:
    candidates = [_candidate(tmp_path, f"t{number}") for number in range(3)]
    context = context_with(s3=s3)
    report = plan(context, candidates)
    candidates[1].file.unlink()

    def refuse(params: dict[str, Any], **_: object) -> None:
        if params["Key"] == candidates[0].submission.key.code_key:
            raise ClientError({"Error": {"Code": "InternalError"}}, "PutObject")

    s3.meta.events.register("before-parameter-build.s3.PutObject", refuse)
    carry_out(context, candidates, report)

    states = [each.state for each in report.submissions]
    assert states == [State.FAILED, State.FAILED, State.UPLOADED]
    assert report.needs_attention
    assert "Run it again" in rendered(render_submit(report))


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ExpiredToken", "Message": "Old."}}, "PutObject"),
        EndpointConnectionError(endpoint_url="https://s3"),
        RuntimeError(
            "Credentials were refreshed, but the refreshed credentials are still expired."
        ),
        ConnectionResetError("Connection reset by peer"),
    ],
)
def test_class_stops_when_aws_is_unavailable(
    s3: S3Client, tmp_path: Path, error: Exception
) -> None:
    candidates = [_candidate(tmp_path, f"t{number}") for number in range(4)]
    context = context_with(s3=s3)
    report = plan(context, candidates)
    asked: list[str] = []

    def refuse(params: dict[str, Any], **_: object) -> None:
        asked.append(params["Key"])
        if len(asked) > 3:
            raise error

    s3.meta.events.register("before-parameter-build.s3.PutObject", refuse)
    with pytest.raises(SubmitterError) as stopped:
        carry_out(context, candidates, report)

    states = [each.state for each in report.submissions]
    assert states == [State.UPLOADED, State.FAILED, State.TO_UPLOAD, State.TO_UPLOAD]
    assert report.submissions[1].detail == str(stopped.value)
    assert len(asked) == 4
    assert "1 uploaded, 1 failed" in (said := rendered(render_submit(report)))
    assert "Run it again to submit the rest." in said


def _line(submitted: Submitted, outcome: str, **fields: str) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "subid": submitted.subid,
        "key": submitted.key,
        "versionId": submitted.version_id,
        **fields,
    }


def _uploaded() -> Submitted:
    return Submitted("one.py", "0" * 32, "submissions/key", State.UPLOADED, version_id="v1")


def _follow(log: _Log, submitted: Submitted) -> tuple[Submitted, list[float]]:
    pauses: list[float] = []
    report = SubmitReport(carried_out=True, submissions=[submitted])
    follow(context_with(logs=log), report, 3, clock=lambda: float(len(pauses)), pause=pauses.append)
    return report.submissions[0], pauses


def test_wait_continues_after_a_failed_attempt() -> None:
    submitted = _uploaded()
    failed = _line(submitted, "failed", cause="KmsThrottled")
    announced = _line(submitted, "announced", messageId="m1")

    followed, pauses = _follow(_Log([], [failed], [failed, announced]), submitted)

    assert (followed.state, followed.message_id) == (State.ANNOUNCED, "m1")
    assert len(pauses) == 2


def test_announcement_of_another_version_is_ignored() -> None:
    submitted = _uploaded()
    other = _line(submitted, "announced", messageId="m1") | {"versionId": "v0"}

    followed, pauses = _follow(_Log([other]), submitted)

    assert followed.state is State.NOT_ANNOUNCED
    assert len(pauses) == 3
    assert "nothing about it within 3 s" in str(followed.detail)


def test_wait_that_times_out_names_the_last_failure() -> None:
    submitted = _uploaded()

    followed, _ = _follow(_Log([_line(submitted, "failed", cause="KmsThrottled")]), submitted)

    assert "failed (KmsThrottled)" in str(followed.detail)
    assert f"submitter why {submitted.subid}" in str(followed.detail)
