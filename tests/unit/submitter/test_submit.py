"""What is uploaded, in which order, and what is left alone; on moto's S3."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from types_boto3_s3 import S3Client

from submitter.class_list import Candidate, read_candidate
from submitter.submit import (
    State,
    SubmitReport,
    Submitted,
    carry_out,
    follow,
    plan,
    render_report,
)
from unit.submitter.surroundings import rendered, surroundings


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
    context = surroundings(s3=s3)
    return carry_out(context, list(candidates), plan(context, list(candidates)))


def _versions(s3: S3Client) -> list[str]:
    return [
        each["Key"].rpartition(".")[2]
        for each in s3.list_object_versions(Bucket="bucket").get("Versions", [])
    ]


def test_py_goes_first_and_json_last(s3: S3Client, candidate: Candidate) -> None:
    uploaded: list[str] = []
    s3.meta.events.register(
        "before-parameter-build.s3.PutObject", lambda params, **_: uploaded.append(params["Key"])
    )

    [submitted] = _submit(s3, candidate).submissions

    assert uploaded == [candidate.submission.code_key, candidate.submission.key.object_key]
    stored = s3.get_object(Bucket="bucket", Key=submitted.key)
    assert stored["Body"].read() == candidate.submission.data
    assert (submitted.state, submitted.version_id) == (State.UPLOADED, stored["VersionId"])


def test_plan_uploads_nothing(s3: S3Client, candidate: Candidate) -> None:
    report = plan(surroundings(s3=s3), [candidate])

    assert report.submissions[0].state is State.TO_UPLOAD
    assert _versions(s3) == []
    assert "add --yes" in rendered(
        render_report(SubmitReport(carried_out=False, submissions=report.submissions * 2))
    )


def test_what_is_there_is_left_alone(s3: S3Client, candidate: Candidate) -> None:
    [first] = _submit(s3, candidate).submissions

    [again] = _submit(s3, candidate).submissions

    assert (again.state, again.version_id) == (State.ALREADY_THERE, first.version_id)
    assert len(_versions(s3)) == 2


def test_upload_that_stopped_between_the_two_is_finished(
    s3: S3Client, candidate: Candidate
) -> None:
    s3.put_object(Bucket="bucket", Key=candidate.submission.code_key, Body=candidate.read_code())

    [submitted] = _submit(s3, candidate).submissions

    assert submitted.state is State.UPLOADED
    assert sorted(_versions(s3)) == ["json", "py"]


def test_other_code_is_a_new_version_of_both(s3: S3Client, tmp_path: Path) -> None:
    _submit(s3, _candidate(tmp_path, "t1"))

    _submit(s3, _candidate(tmp_path, "t1", b"print('better')\n"))

    assert sorted(_versions(s3)) == ["json", "json", "py", "py"]


def test_resubmission_that_stopped_between_the_two_is_finished(candidate: Candidate) -> None:
    """The .json looks the same as ever then, but it announced the code before this one."""
    late = datetime(2026, 11, 23, 12, tzinfo=UTC)

    class Bucket:
        def head_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803
            import hashlib  # noqa: PLC0415

            is_code = Key.endswith(".py")
            content = candidate.read_code() if is_code else candidate.submission.data
            return {
                "ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"',
                "LastModified": late if is_code else late - timedelta(hours=1),
            }

    [step] = plan(surroundings(s3=Bucket()), [candidate]).submissions

    assert step.state is State.TO_FINISH


def test_class_goes_on_after_one_that_fails(s3: S3Client, tmp_path: Path) -> None:
    candidates = [_candidate(tmp_path, f"t{number}") for number in range(3)]
    context = surroundings(s3=s3)
    planned = plan(context, candidates)
    candidates[1].file.unlink()

    report = carry_out(context, candidates, planned)

    states = [each.state for each in report.submissions]
    assert states == [State.UPLOADED, State.FAILED, State.UPLOADED]
    assert report.needs_attention
    assert "Run it again" in rendered(render_report(report))


def test_refused_upload_is_said_in_a_sentence(s3: S3Client, candidate: Candidate) -> None:
    context = surroundings(s3=s3)
    planned = plan(context, [candidate])

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "No."}}, "PutObject")

    s3.meta.events.register("before-call.s3.PutObject", refuse)
    [submitted] = carry_out(context, [candidate], planned).submissions

    assert submitted.state is State.FAILED
    assert "does not let these credentials do this (PutObject)" in str(submitted.detail)


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
    report = follow(
        surroundings(logs=log),
        SubmitReport(carried_out=True, submissions=(submitted,)),
        3,
        clock=lambda: float(len(pauses)),
        pause=pauses.append,
    )
    return report.submissions[0], pauses


def test_announcement_after_a_failed_attempt_is_waited_for() -> None:
    submitted = _uploaded()
    failed = _line(submitted, "failed", cause="KmsThrottled")
    announced = _line(submitted, "announced", messageId="m1")

    followed, pauses = _follow(_Log([], [failed], [failed, announced]), submitted)

    assert (followed.state, followed.message_id) == (State.ANNOUNCED, "m1")
    assert len(pauses) == 2


def test_announcement_of_another_version_is_none_of_this_one() -> None:
    submitted = _uploaded()
    other = _line(submitted, "announced", messageId="m1") | {"versionId": "v0"}

    followed, pauses = _follow(_Log([other]), submitted)

    assert followed.state is State.NOT_ANNOUNCED
    assert len(pauses) == 3
    assert "nothing of it within 3 s" in str(followed.detail)


def test_wait_in_vain_tells_the_last_failure() -> None:
    submitted = _uploaded()

    followed, _ = _follow(_Log([_line(submitted, "failed", cause="KmsThrottled")]), submitted)

    assert "failed (KmsThrottled)" in str(followed.detail)
    assert f"submitter why {submitted.subid}" in str(followed.detail)


def test_hostile_names_do_not_reach_the_terminal() -> None:
    hostile = Submitted("\x1b[2J\u202e.py", "0" * 32, "submissions/\x1b]0;x\x07", State.UPLOADED)
    one = SubmitReport(carried_out=True, submissions=(hostile,))
    many = SubmitReport(carried_out=True, submissions=(hostile, hostile))

    shown = rendered(render_report(one)) + rendered(render_report(many))

    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    assert r"\x1b[2J\u202e.py" in shown
