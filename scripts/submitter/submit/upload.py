"""Submits as the front end does: the .py first, the .json last, each only if needed."""

from __future__ import annotations

import base64
import hashlib
import re
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from submission.data import CODE_VERSION_METADATA
from submission.log import Outcome
from submitter.aws.intake_log import LogLine, read_intake_log
from submitter.errors import SubmitterError, as_submitter_error, may_pass
from submitter.invocation import command
from submitter.pair import Pair, judge_pair
from submitter.progress import tracked
from submitter.stack.context import Context
from submitter.submit.class_list import Candidate

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef

_MD5 = re.compile(r"[0-9a-f]{32}")
_POLL_SECONDS = 1.0
_CLOCK_SKEW = timedelta(minutes=15)
"""AWS refuses requests from clocks that are further off."""


class State(StrEnum):
    """The state of a submission."""

    TO_UPLOAD = "to_upload"
    """The bucket has another .py, or none."""
    TO_FINISH = "to_finish"
    """The bucket has its .py, but no .json for it."""
    ALREADY_THERE = "already_there"
    """The bucket has both with the same content; nothing is uploaded."""
    UPLOADED = "uploaded"
    ANNOUNCED = "announced"
    """The function's log says so."""
    NOT_ANNOUNCED = "not_announced"
    """The log did not say in time that it was announced."""
    FAILED = "failed"
    """An upload failed or was interrupted."""


TO_DO = frozenset({State.TO_UPLOAD, State.TO_FINISH})
NEEDS_ATTENTION = frozenset({State.NOT_ANNOUNCED, State.FAILED})


@dataclass(frozen=True, slots=True)
class Submitted:
    """One submission, and its state."""

    file: str
    subid: str
    key: str
    state: State
    version_id: str | None = None
    """Of the .json, as an announcement names it."""
    code_version_id: str | None = None
    message_id: str | None = None
    detail: str | None = None


@dataclass(slots=True)
class SubmitReport:
    """All submissions of one command; it is true at every moment of the upload."""

    carried_out: bool
    submissions: list[Submitted]
    warnings: list[str] = field(default_factory=list)

    @property
    def needs_attention(self) -> bool:
        """Whether one of them needs a person, or --yes."""
        return any(each.state in NEEDS_ATTENTION | TO_DO for each in self.submissions)


def plan(context: Context, candidates: list[Candidate]) -> SubmitReport:
    """Return a report of what there is to upload.

    Raises:
        botocore.exceptions.ClientError: AWS refused.
    """
    looks = tracked(context.output, "Looking into the bucket", candidates)
    return SubmitReport(carried_out=False, submissions=[_look(context, each) for each in looks])


def carry_out(context: Context, candidates: list[Candidate], report: SubmitReport) -> None:
    """Upload what a plan's report says is missing; go on after an error of one submission only.

    Raises:
        SubmitterError: the other submissions would fail too.
    """
    report.carried_out = True
    pairs = list(zip(candidates, report.submissions, strict=True))
    uploads = tracked(context.output, "Submitting", pairs)
    for number, (candidate, step) in enumerate(uploads):
        if step.state not in TO_DO:
            continue
        report.submissions[number] = replace(
            step, state=State.FAILED, detail="interrupted during the upload; run it again"
        )
        try:
            report.submissions[number] = _submit(context, candidate, step)
        except Exception as error:
            reason = as_submitter_error(error)
            report.submissions[number] = replace(step, state=State.FAILED, detail=str(reason))
            if not _is_of_one_submission(error):
                raise reason from error


def follow(
    context: Context,
    report: SubmitReport,
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until the function's log shows that each submission was announced.

    The queue is not read: that would take the back end's messages.

    Args:
        context: the command's context.
        report: gets the message ids, or what the log says instead.
        seconds: the longest wait.
        clock: returns the time in seconds.
        pause: waits for seconds.
    """
    started = clock()
    followed = {
        (each.key, each.version_id): each
        for each in report.submissions
        if each.state in {State.UPLOADED, State.ALREADY_THERE}
    }
    since = _since(context, followed.values())
    # CloudWatch can filter by one subid; for a class, all lines are read.
    only = next(iter(followed.values())).subid if len(followed) == 1 else None
    last: dict[tuple[str, str | None], LogLine] = {}
    waiting = set(followed)
    while waiting:
        for line in read_intake_log(context, since=since, containing=only):
            version = (line.key or "", line.version_id)
            if version in waiting:
                last[version] = line
                # Lambda retries a failed attempt, so only an announcement is the end.
                if line.outcome == Outcome.ANNOUNCED:
                    waiting.remove(version)
        if not waiting or clock() - started >= seconds:
            break
        pause(_POLL_SECONDS)
    report.submissions[:] = [
        _followed(each, last.get((each.key, each.version_id)), seconds)
        if (each.key, each.version_id) in followed
        else each
        for each in report.submissions
    ]


def _look(context: Context, candidate: Candidate) -> Submitted:
    submission = candidate.submission
    key = submission.key.data_key
    step = Submitted(str(candidate.file), submission.subid, key, State.TO_UPLOAD)
    code = _head(context, submission.key.code_key)
    if code is None or not _holds(code, candidate.read_code()):
        return step
    data = _head(context, key)
    to_finish = replace(step, state=State.TO_FINISH, code_version_id=code.get("VersionId"))
    if data is None or not _holds(data, submission.data) or not _announces(data, code):
        return to_finish
    return replace(to_finish, state=State.ALREADY_THERE, version_id=data.get("VersionId"))


def _head(context: Context, key: str) -> HeadObjectOutputTypeDef | None:
    try:
        return context.s3.head_object(
            Bucket=context.deployment.bucket_name, Key=key, ChecksumMode="ENABLED"
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "404":
            return None
        raise


def _holds(found: HeadObjectOutputTypeDef, content: bytes) -> bool:
    """Return whether a checksum that S3 verified proves that an object has a content.

    Uploads of this tool have a SHA-256. Others may have only an ETag, which is the MD5 of an upload
    in one piece that is not encrypted with a KMS key or the uploader's; or a checksum of their
    parts, which proves nothing here.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    if found["ContentLength"] != len(content):
        return False
    if found.get("ChecksumType") != "COMPOSITE":
        if sha256 := found.get("ChecksumSHA256"):
            return sha256 == _base64(hashlib.sha256(content).digest())
        if sha1 := found.get("ChecksumSHA1"):
            return sha1 == _base64(hashlib.sha1(content, usedforsecurity=False).digest())
    etag = found["ETag"].strip('"')
    encryption = found.get("ServerSideEncryption", "AES256")
    if encryption == "AES256" and "SSECustomerAlgorithm" not in found and _MD5.fullmatch(etag):
        return etag == hashlib.md5(content, usedforsecurity=False).hexdigest()
    crc32 = None if found.get("ChecksumType") == "COMPOSITE" else found.get("ChecksumCRC32")
    return crc32 == _base64(zlib.crc32(content).to_bytes(4))


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _announces(data: HeadObjectOutputTypeDef, code: HeadObjectOutputTypeDef) -> bool:
    """Return whether a .json was uploaded for the current .py."""
    named = data["Metadata"].get(CODE_VERSION_METADATA)
    if named is not None:
        return named == code.get("VersionId")
    return judge_pair(code["LastModified"], data["LastModified"]) is Pair.COMPLETE


def _is_of_one_submission(error: Exception) -> bool:
    return isinstance(error, SubmitterError) or (isinstance(error, ClientError) and may_pass(error))


def _submit(context: Context, candidate: Candidate, step: Submitted) -> Submitted:
    submission = candidate.submission
    bucket = context.deployment.bucket_name
    code_version = step.code_version_id
    if step.state is State.TO_UPLOAD:
        code_version = context.s3.put_object(
            Bucket=bucket,
            Key=submission.key.code_key,
            Body=candidate.read_code(),
            ContentType="text/x-python",
            ChecksumAlgorithm="SHA256",
        ).get("VersionId")
    data_version = context.s3.put_object(
        Bucket=bucket,
        Key=step.key,
        Body=submission.data,
        ContentType="application/json",
        ChecksumAlgorithm="SHA256",
        Metadata={CODE_VERSION_METADATA: code_version} if code_version else {},
    ).get("VersionId")
    return replace(
        step, state=State.UPLOADED, version_id=data_version, code_version_id=code_version
    )


def _since(context: Context, followed: Iterable[Submitted]) -> datetime:
    """Return a time before the first log line about any of the submissions."""
    present = [
        found["LastModified"]
        for each in followed
        if each.state is State.ALREADY_THERE and (found := _head(context, each.key))
    ]
    return min([datetime.now(UTC), *present]) - _CLOCK_SKEW


def _followed(submitted: Submitted, line: LogLine | None, seconds: float) -> Submitted:
    if line is not None and line.outcome == Outcome.ANNOUNCED:
        return replace(submitted, state=State.ANNOUNCED, message_id=line.message_id)
    outcome = f"nothing about it within {seconds:g} s" if line is None else f"{line.outcome}"
    if line is not None and (why := line.cause or line.reason):
        outcome += f" ({why})"
    return replace(
        submitted,
        state=State.NOT_ANNOUNCED,
        detail=f"the function's log says {outcome}; look: {command(f'why {submitted.subid}')}",
    )
