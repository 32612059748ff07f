"""`doctor --round-trip`: what it reports, and what it removes."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from submission.keys import ROUND_TRIP_ADMIN, SubmissionKey
from submitter.aws.intake_log import LogLine
from submitter.doctor.findings import Verdict
from submitter.doctor.round_trip import round_trip
from submitter.output import Output
from submitter.stack.context import Context
from unit.submitter.contexts import GRADED
from unit.submitter.mocked_aws import client, intercept, mocked_stack, set_times, write_log

LOST = EndpointConnectionError(endpoint_url="https://aws")
STILL_EXPIRED = RuntimeError("the refreshed credentials are still expired")


def lose(patch: pytest.MonkeyPatch, *operations: str, error: Exception = LOST) -> None:
    """Fail whenever one of some operations is called."""

    def handle(name: str, _arguments: object, call: Callable[[], Any]) -> object:
        if name in operations:
            raise error
        return call()

    intercept(patch, handle)


@pytest.mark.parametrize(
    ("error", "said"), [(LOST, "could not be asked"), (STILL_EXPIRED, "have expired")]
)
def test_round_trip_is_removed_when_the_log_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    lose(monkeypatch, "FilterLogEvents", error=error)
    with mocked_stack(monkeypatch) as stack:
        context = Context(Output(as_json=False), stack_name=stack.name)
        followed, removed = round_trip(context, patience_seconds=0)
        left = client("s3").list_object_versions(Bucket=stack.bucket_name)

    assert followed.verdict is Verdict.UNKNOWN
    assert said in followed.found
    assert removed.verdict is Verdict.OK
    assert "Versions" not in left


@pytest.mark.parametrize("error", [LOST, STILL_EXPIRED])
def test_round_trip_that_cannot_be_removed_is_named(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    lose(monkeypatch, "FilterLogEvents", "ListObjectVersions", error=error)
    with mocked_stack(monkeypatch) as stack:
        context = Context(Output(as_json=False), stack_name=stack.name)
        _, removed = round_trip(context, patience_seconds=0)
        [code, _] = client("s3").list_objects_v2(Bucket=stack.bucket_name)["Contents"]

    assert removed.verdict is Verdict.ATTENTION
    assert f"Remove {code['Key'].rpartition('/')[0]}/ by hand" in removed.advice


@pytest.mark.parametrize(
    ("outcome", "is_current", "verdict", "found"),
    [
        ("announced", True, Verdict.OK, r"was announced after 0\.\d seconds, as message m1\.$"),
        ("announced", False, Verdict.ATTENTION, r"within 0 seconds; .* no log entry for it\.$"),
        ("failed", True, Verdict.ATTENTION, r"the function says: failed \(NoQueue\)\.$"),
        ("ignored", True, Verdict.ATTENTION, r"the function says: ignored \(too_long\)\.$"),
    ],
)
def test_round_trip_reports_what_the_log_says(
    monkeypatch: pytest.MonkeyPatch, outcome: str, verdict: Verdict, found: str, *, is_current: bool
) -> None:
    def log(context: Context, group: str, *, since: datetime, containing: str) -> Iterator[LogLine]:
        assert group == context.deployment.function_log_group_name
        assert since < datetime.now(UTC) - timedelta(minutes=4)
        key = SubmissionKey(ROUND_TRIP_ADMIN, "round-trip", "round-trip", containing).data_key
        version = context.s3.head_object(Bucket=context.deployment.bucket_name, Key=key)
        yield LogLine(
            *(since, outcome, None, key, version["VersionId"] if is_current else "other"),
            *(containing, "m1", "too_long", "NoQueue" if outcome == "failed" else None, None),
        )

    monkeypatch.setattr("submitter.doctor.round_trip.read_log", log)
    steps: list[str] = []
    with mocked_stack(monkeypatch) as stack:
        context = Context(Output(as_json=False), stack_name=stack.name)
        followed, removed = round_trip(context, patience_seconds=0, on_progress=steps.append)

    assert (followed.check, followed.verdict) == ("round trip", verdict)
    assert re.search(found, followed.found)
    assert bool(followed.advice) == (verdict is Verdict.ATTENTION)
    assert removed.verdict is Verdict.OK
    assert [step.split()[0] for step in steps] == ["uploading", "waiting", "removing"]


GONE = {"outcome": "ignored", "reason": "gone"}
RECEIVED = {"outcome": "ignored", "reason": "round_trip"}


@pytest.mark.parametrize(
    ("looks", "patience", "verdict", "found"),
    [
        ([[RECEIVED]], 0, Verdict.OK, r"^The grader got its message, and ignored it\.$"),
        ([[], [GONE, RECEIVED]], 60, Verdict.OK, r"got its message"),
        ([[GONE]], 0, Verdict.ATTENTION, r"the grader says: ignored \(gone\)\.$"),
        ([[]], 0, Verdict.ATTENTION, r"within 0 seconds .* the grader has no log entry for it\.$"),
        ([], 0, Verdict.UNKNOWN, r"could not be asked"),
    ],
)
def test_round_trip_is_followed_to_the_grader(
    monkeypatch: pytest.MonkeyPatch,
    looks: list[list[dict[str, str]]],
    patience: float,
    verdict: Verdict,
    found: str,
) -> None:
    remaining = list(looks)

    def deliver(name: str, arguments: Any, call: Callable[[], Any]) -> object:  # noqa: ANN401
        group = arguments.get("logGroupName")
        if name == "FilterLogEvents" and group == stack.grader_log_group_name:
            if not remaining:
                raise LOST
            [_, uploaded] = client("s3").list_object_versions(Bucket=stack.bucket_name)["Versions"]
            line = {"key": uploaded["Key"], "versionId": uploaded["VersionId"]}
            lines = [{"type": "platform.start"}, *(each | line for each in remaining.pop(0))]
            write_log(group, *((datetime.now(UTC), each) for each in lines))
        answer = call()
        if name == "PutObject" and arguments["Key"].endswith(".json"):
            line = {"key": arguments["Key"], "versionId": answer["VersionId"]}
            announced = (datetime.now(UTC), {"outcome": "announced"} | line)
            write_log(stack.function_log_group_name, announced)
        return answer

    steps: list[str] = []
    monkeypatch.setattr("submitter.doctor.round_trip._LOOK_EVERY_SECONDS", 0)
    with mocked_stack(monkeypatch, GRADED) as stack:
        intercept(monkeypatch, deliver)
        context = Context(Output(as_json=False), stack_name=stack.name)
        followed, reached, removed = round_trip(
            context, patience_seconds=patience, on_progress=steps.append
        )

    assert (followed.check, followed.verdict) == ("round trip", Verdict.OK)
    assert (reached.check, reached.verdict) == ("round trip to the grader", verdict)
    assert re.search(found, reached.found)
    assert bool(reached.advice) == (verdict is Verdict.ATTENTION)
    assert "the back end receives a message for it" in removed.found
    assert [step.split()[0] for step in steps] == ["uploading", "waiting", "waiting", "removing"]


def test_round_trip_that_is_not_announced_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    with mocked_stack(monkeypatch, GRADED) as stack:
        context = Context(Output(as_json=False), stack_name=stack.name)
        followed, _ = round_trip(context, patience_seconds=0)

    assert followed.verdict is Verdict.ATTENTION


def test_round_trip_removes_old_test_submissions_only(monkeypatch: pytest.MonkeyPatch) -> None:
    old = datetime.now(UTC) - timedelta(minutes=61)
    set_times(monkeypatch, lambda key: old if key.endswith("/old") else None)
    folder = f"submissions/{ROUND_TRIP_ADMIN}/round-trip/round-trip"
    with mocked_stack(monkeypatch) as stack:
        s3 = client("s3")
        for key in (f"{folder}/a/old", f"{folder}/b/young", "submissions/other/e/p/old"):
            s3.put_object(Bucket=stack.bucket_name, Key=key)
        context = Context(Output(as_json=False), stack_name=stack.name)
        _, removed = round_trip(context, patience_seconds=0)
        left = s3.list_object_versions(Bucket=stack.bucket_name)["Versions"]

    assert removed.verdict is Verdict.OK
    assert [each["Key"] for each in left] == ["submissions/other/e/p/old", f"{folder}/b/young"]


def test_round_trip_reports_versions_that_s3_did_not_remove(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def handle(name: str, _arguments: object, call: Callable[[], Any]) -> object:
        return {"Errors": [{"Code": "AccessDenied"}]} if name == "DeleteObjects" else call()

    intercept(monkeypatch, handle)
    with mocked_stack(monkeypatch) as stack:
        context = Context(Output(as_json=False), stack_name=stack.name)
        _, removed = round_trip(context, patience_seconds=0)

    assert (removed.verdict, removed.advice) == (Verdict.ATTENTION, "Remove them by hand.")
    assert "S3 did not remove 1 version(s)" in removed.found
