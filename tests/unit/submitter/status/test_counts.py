"""Counts of a listing, and what needs attention."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from submitter.aws.bucket import StoredObject
from submitter.aws.queues import QueueDepth
from submitter.cli import app
from submitter.reconcile.gaps import Results
from submitter.stack.deployment import Deployment
from submitter.status.counts import (
    PAIR_SECONDS,
    WAIT_SECONDS,
    Alarm,
    CountedResults,
    Replaced,
    ResultCounts,
    SubmissionCounts,
    count_submissions,
    what_needs_attention,
)
from unit.submitter.contexts import GRADED, NOW
from unit.submitter.mocked_aws import (
    client,
    fire_alarm,
    intercept,
    mocked_stack,
    put_alarm,
    put_alarms,
    set_times,
    write_log,
)

SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
FOLDER = f"submissions/a/e/p/{SUBID}"


def _stored(key: str, seconds: float = 60) -> StoredObject:
    return StoredObject(key, "etag", 1, NOW - timedelta(seconds=seconds))


def test_pair_counts_once_with_objects_between() -> None:
    keys = [f"{SUBID}.json", f"{SUBID}.notes/deep/x", f"{SUBID}.py", "z.txt"]

    counts = count_submissions((_stored(f"{FOLDER}/{key}") for key in keys), NOW)

    assert counts == SubmissionCounts(4, 1, 0, 0, 0, 0, 60.0)


@pytest.mark.parametrize(("seconds", "for_long"), [(PAIR_SECONDS, 0), (PAIR_SECONDS + 1, 1)])
def test_single_file_is_unpaired_for_long_after_five_minutes(seconds: float, for_long: int) -> None:
    counts = count_submissions([_stored(f"{FOLDER}/{SUBID}.py", seconds)], NOW)

    assert (counts.code_alone, counts.data_alone, counts.unpaired_for_long) == (1, 0, for_long)


def test_malformed_json_is_counted_separately() -> None:
    keys = ["submissions/stray.json", f"{FOLDER}/{SUBID}.json", f"{FOLDER}/notes.json"]

    counts = count_submissions([_stored(key) for key in keys], NOW)

    assert (counts.malformed, counts.data_alone, counts.submissions) == (2, 1, 0)


@pytest.mark.parametrize("name", [f"{SUBID}.JSON", f"{SUBID}.json.txt", f"{SUBID} (1).json"])
def test_misnamed_data_is_malformed_and_not_missing(name: str) -> None:
    keys = [f"{FOLDER}/{name}", f"{FOLDER}/{SUBID}.py"]

    counts = count_submissions([_stored(key, PAIR_SECONDS + 1) for key in keys], NOW)

    assert (counts.malformed, counts.code_alone, counts.unpaired_for_long) == (1, 1, 0)


@pytest.mark.parametrize(
    ("code_seconds", "data_seconds", "is_newer"),
    [
        (PAIR_SECONDS + 1, PAIR_SECONDS + 2, True),
        (PAIR_SECONDS + 1, PAIR_SECONDS + 1, False),
        (PAIR_SECONDS + 2, PAIR_SECONDS + 1, False),
        (PAIR_SECONDS, PAIR_SECONDS + 2, False),
    ],
)
def test_newer_code_is_found_after_five_minutes(
    code_seconds: float, data_seconds: float, *, is_newer: bool
) -> None:
    code = _stored(f"{FOLDER}/{SUBID}.py", code_seconds)
    data = _stored(f"{FOLDER}/{SUBID}.json", data_seconds)
    found: list[Replaced] = []

    counts = count_submissions([data, code], NOW, found.append)

    assert counts.submissions == 1
    assert found == [Replaced(data, code)] * is_newer


def _replace_code(monkeypatch: pytest.MonkeyPatch, deployment: Deployment) -> dict[str, str]:
    """Submit, and replace the .py; have the same two objects a long while ago in the listing."""
    s3 = client("s3")
    versions = {
        name: s3.put_object(Bucket=deployment.bucket_name, Key=f"{FOLDER}/{SUBID}{name}")[
            "VersionId"
        ]
        for name in (".json", ".py")
    }
    replaced = datetime.now(UTC) - timedelta(hours=1)
    times = {".json": replaced - timedelta(hours=1), ".py": replaced}
    set_times(monkeypatch, lambda key: times.get(key.removeprefix(f"{FOLDER}/{SUBID}")))
    return versions


def _log(deployment: Deployment, version: str, time: datetime) -> None:
    line = {"outcome": "announced", "key": f"{FOLDER}/{SUBID}.json", "versionId": version}
    write_log(deployment.function_log_group_name, (time, line))


@pytest.mark.parametrize(
    ("announced_minutes_ago", "needs_attention"), [(None, True), (119, True), (59, False)]
)
def test_newer_code_needs_attention_until_it_is_announced(
    monkeypatch: pytest.MonkeyPatch, announced_minutes_ago: float | None, *, needs_attention: bool
) -> None:
    with mocked_stack(monkeypatch) as stack:
        versions = _replace_code(monkeypatch, stack)
        if announced_minutes_ago is not None:
            time = datetime.now(UTC) - timedelta(minutes=announced_minutes_ago)
            _log(stack, versions[".json"], time)
        done = _status("--json")

    report = json.loads(done.stdout)
    assert report["submissions"]["code_newer"] == needs_attention
    assert done.exit_code == needs_attention


@pytest.mark.parametrize(
    ("said", "needs_attention"),
    [
        ({"startedAt": "2000-01-01T00:00:00Z"}, True),
        ({"startedAt": "2999-01-01T00:00:00Z"}, False),
        ({"startedAt": "2999-01-01T00:00:00Z", "submissionVersionId": "older"}, True),
        ({"startedAt": "2999-01-01T00:00:00Z", "submissionVersionId": ""}, True),
        ({"startedAt": "2999-01-01T00:00:00Z", "codeVersionId": "older"}, True),
    ],
)
def test_newer_code_that_has_a_result_needs_no_attention(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], *, needs_attention: bool
) -> None:
    with mocked_stack(monkeypatch) as stack:
        versions = _replace_code(monkeypatch, stack)
        result = {"submissionVersionId": versions[".json"]} | said
        client("s3").put_object(
            Bucket=stack.bucket_name,
            Key=f"output/a/e/p/{SUBID}/{SUBID}.json",
            Body=json.dumps(result).encode(),
        )
        done = _status("--json")

    assert json.loads(done.stdout)["submissions"]["code_newer"] == needs_attention


def test_only_objects_at_a_results_key_are_results() -> None:
    keys = [f"output/a/e/p/{SUBID}/{SUBID}.json", f"output/a/e/p/{SUBID}/log.txt", "output/x.json"]

    listing = CountedResults(_stored(key) for key in keys)

    assert [each.key for each in listing] == keys
    assert listing.counts(NOW) == ResultCounts(3, 1, 60.0)


NO_SUBMISSIONS = SubmissionCounts(0, 0, 0, 0, 0, 0, None)
EMPTY = QueueDepth("queue", 0, 0, 0, None)


def _rules(**found: Any) -> tuple[str, ...]:  # noqa: ANN401 - whatever was found
    sound: dict[str, Any] = {
        "submissions": NO_SUBMISSIONS,
        "queue": EMPTY,
        "intake_failures": EMPTY,
        "dead_letters": EMPTY,
        "alarms": (),
    }
    return what_needs_attention(**sound | found)


RULES = (
    ({"intake_failures": replace(EMPTY, visible=1200)}, "1,200 event", "submitter redrive intake"),
    ({"dead_letters": replace(EMPTY, in_flight=1)}, "1 message", "submitter redrive dead-letter"),
    (
        {"failed_results": 1200},
        "1,200 result(s) say that the grader failed",
        "submitter reconcile --no-result --yes",
    ),
    (
        {"queue": replace(EMPTY, oldest_seconds=WAIT_SECONDS + 1)},
        "waited for 15 min",
        "see whether the back end runs",
    ),
    (
        {"alarms": (Alarm("submitter-function-errors", NOW, "It failed."),)},
        "Alarm submitter-function-errors is firing",
        "It failed.",
    ),
    (
        {"submissions": replace(NO_SUBMISSIONS, unpaired_for_long=2)},
        "2 submission(s) have only one of their two files",
        "submitter reconcile",
    ),
    (
        {"submissions": replace(NO_SUBMISSIONS, code_newer=4)},
        "4 submission(s) have a .py that is newer than what was announced",
        "submitter reconcile",
    ),
    (
        {"submissions": replace(NO_SUBMISSIONS, malformed=3)},
        "3 object(s) are named almost like a submission's file",
        "submitter reconcile",
    ),
)


@pytest.mark.parametrize(("found", "what", "advice"), RULES)
def test_rule_names_its_finding_and_a_command(
    found: dict[str, Any], what: str, advice: str
) -> None:
    [said] = _rules(**found)

    assert what in said
    assert advice in said


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"queue": QueueDepth("queue", 5000, 5000, 5000, WAIT_SECONDS)},
        {"submissions": SubmissionCounts(9, 3, 1, 2, 0, 0, 60)},
        {"intake_failures": replace(EMPTY, oldest_seconds=WAIT_SECONDS + 1)},
    ],
)
def test_moving_flow_needs_no_attention(found: dict[str, Any]) -> None:
    assert _rules(**found) == ()


def test_most_urgent_finding_comes_first() -> None:
    everything: dict[str, Any] = {}
    for found, _, _ in RULES:
        everything |= found
    everything["submissions"] = replace(
        NO_SUBMISSIONS, unpaired_for_long=2, code_newer=4, malformed=3
    )

    said = _rules(**everything)

    assert len(said) == len(RULES)
    assert all(what in line for (_, what, _), line in zip(RULES, said, strict=True))


def test_alarm_without_a_description_names_the_runbook() -> None:
    [said] = _rules(alarms=(Alarm("submitter-function-errors", None, ""),))

    assert "docs/runbook.md" in said


def _status(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["status", *arguments])


def test_empty_stack_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with mocked_stack(monkeypatch):
        done, as_json = _status(), _status("--json")

    assert done.exit_code == 0
    assert "submitter: nothing needs attention" in done.stdout
    report = json.loads(as_json.stdout)
    assert report["attention"] == report["alarms"] == []
    assert report["submissions"]["submissions"] == report["queue"]["visible"] == 0
    assert report["submissions"]["oldest_seconds"] is None


def _grade(
    deployment: Deployment, problem: str, logged: str, status: str, time: datetime, **more: str
) -> None:
    """Submit, and have a result that the grader's log may call otherwise."""
    for folder in ("submissions", "output"):
        client("s3").put_object(
            Bucket=deployment.bucket_name,
            Key=f"{folder}/a/e/{problem}/{SUBID}/{SUBID}.json",
            Body=json.dumps({"status": status}).encode(),
        )
    key = f"submissions/a/e/{problem}/{SUBID}/{SUBID}.json"
    line = {"outcome": logged, "key": key, **more}
    write_log(str(deployment.grader_log_group_name), (time, line))


def test_results_are_counted_by_status_with_grading(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    listed: list[str] = []
    now = datetime.now(UTC)
    before = now - timedelta(hours=2)

    def handle(name: str, arguments: Any, call: Callable[[], Any]) -> object:  # noqa: ANN401
        if name == "GetObject":
            fetched.append(arguments["Key"].split("/")[3])
        elif name == "ListObjectsV2":
            listed.append(arguments["Prefix"])
        return call()

    with mocked_stack(monkeypatch, GRADED) as stack:
        _grade(stack, "graded", "graded", "completed", now, reason="failed")
        _grade(stack, "rejected", "rejected", "rejected", before)
        for _ in range(2):
            _grade(stack, "failed", "failed", "failed", now)
        # Announced again since, or the failure of a message that came twice.
        _grade(stack, "repaired", "failed", "completed", now)
        client("s3").put_object(
            Bucket=stack.bucket_name, Key=f"submissions/a/e/waiting/{SUBID}/{SUBID}.json"
        )
        set_times(monkeypatch, lambda key: before if "/rejected/" in key else None)
        intercept(monkeypatch, handle)
        done, as_json = _status(), _status("--json")

    report = json.loads(as_json.stdout)
    results = report["results"]
    assert [results[name] for name in ("results", "graded", "rejected", "failed")] == [4, 2, 1, 1]
    assert report["submissions"]["without_result"] == 1
    assert "1 result(s) say that the grader failed" in report["attention"][0]
    assert (done.exit_code, as_json.exit_code) == (1, 1)
    assert "2 graded, 1 rejected, 1 failed" in done.stdout
    assert "1 without a result" in done.stdout
    assert sorted(fetched) == sorted(["rejected", "failed", "repaired"] * 2)
    assert sorted(listed) == ["output/"] * 2 + ["submissions/"] * 2


@pytest.mark.parametrize(
    ("uploaded", "written", "is_without"),
    [(60, 120, True), (60, 60, False), (60, 30, False), (60, None, True)],
)
def test_submission_waits_for_a_result_that_is_as_new(
    uploaded: float, written: float | None, *, is_without: bool
) -> None:
    key = f"output/a/e/p/{SUBID}/{SUBID}.json"
    results = Results([] if written is None else [_stored(key, written)])

    data = _stored(f"{FOLDER}/{SUBID}.json", uploaded)
    counts = count_submissions([data], NOW, results=results)

    assert counts.without_result == is_without


@pytest.mark.parametrize("has_alarm", [True, False])
def test_message_may_wait_as_long_as_its_alarm_says(
    monkeypatch: pytest.MonkeyPatch, *, has_alarm: bool
) -> None:
    monkeypatch.setattr("submitter.status.counts.oldest_message_seconds", lambda *_: 1200)
    with mocked_stack(monkeypatch):
        name = "submitter-oldest-message-age"
        if has_alarm:
            put_alarm(name, Threshold=1800)
        else:
            client("cloudwatch").delete_alarms(AlarmNames=[name])
        done = _status()

    assert ("has waited for 20 min" in done.stdout) is not has_alarm


def test_status_counts_the_stack_and_only_its_alarms(monkeypatch: pytest.MonkeyPatch) -> None:
    with mocked_stack(monkeypatch) as stack:
        s3, sqs = client("s3"), client("sqs")
        for key in (f"{FOLDER}/{SUBID}.json", f"{FOLDER}/{SUBID}.py", "submissions/\x1b[2J.json"):
            s3.put_object(Bucket=stack.bucket_name, Key=key)
        s3.put_object(Bucket=stack.bucket_name, Key=f"output/a/e/p/{SUBID}/{SUBID}.json")
        sqs.send_message(QueueUrl=stack.queue_url, MessageBody="one")
        sqs.send_message(QueueUrl=stack.queue_url, MessageBody="later", DelaySeconds=900)
        sqs.send_message(QueueUrl=stack.dead_letter_queue_url, MessageBody="dead")
        hostile = "\x1b]0;title\x07[bold]\u202eRun rm"
        put_alarm("submitter-function-errors", AlarmDescription=hostile)
        put_alarms("submitter-test")
        for name in ("submitter-function-errors", "submitter-test-function-throttles"):
            fire_alarm(name)
        done, as_json = _status(), _status("--json")

    report = json.loads(as_json.stdout)
    assert (done.exit_code, as_json.exit_code) == (1, 1)
    assert [alarm["name"] for alarm in report["alarms"]] == ["submitter-function-errors"]
    assert report["submissions"] | {"oldest_seconds": 0} == {
        "objects": 3,
        "submissions": 1,
        "data_alone": 0,
        "code_alone": 0,
        "unpaired_for_long": 0,
        "malformed": 1,
        "oldest_seconds": 0,
        "code_newer": 0,
        "without_result": None,
    }
    assert report["results"]["results"] == 1
    assert report["results"]["graded"] is None
    assert (report["queue"]["visible"], report["queue"]["delayed"]) == (1, 1)
    assert report["dead_letters"]["visible"] == 1
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)
    assert r"\x1b]0;title\x07[bold]\u202eRun rm" in done.stdout
