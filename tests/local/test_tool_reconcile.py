"""Lose an announcement in each place it can be lost, and bring it back from the bucket."""

import json

import pytest

from local.intake import Intake, Submission
from local.tool import interrupt_tool, run_tool

pytestmark = pytest.mark.xdist_group("tool")

NOW = ("--older-than", "0s")


def _upload_unnoticed(intake: Intake, submission: Submission) -> str:
    with intake.without_notification():
        intake.put(submission.py_key, b"print('hello')\n")
        return intake.put(submission.json_key, submission.data)


def _prefix(submission: Submission) -> tuple[str, str]:
    return "--prefix", f"submissions/{submission.admin}/"


@pytest.mark.parametrize("problem", ["lab5_containers", "été à Zürich + 100%"])
def test_upload_without_notification_is_announced_like_any_other(
    intake: Intake, problem: str
) -> None:
    lost = Submission(admin=f"lost {problem}", problem=problem)
    version = _upload_unnoticed(intake, lost)
    usual = Submission()
    intake.put(usual.json_key, usual.data)

    shown = run_tool(intake.stack, "reconcile", *NOW, *_prefix(lost), "--json")
    assert shown.exit_code == 1, shown.errors
    [gap] = shown.report["named"]
    assert (gap["kind"], gap["key"], gap["version_id"], gap["outcome"]) == (
        "never_announced",
        lost.json_key,
        version,
        "left",
    )
    assert not intake.received(lost.json_key)

    done = run_tool(intake.stack, "reconcile", *NOW, *_prefix(lost), "--yes", "--json")
    assert done.exit_code == 0, done.errors

    [message], [normal] = intake.messages(lost.json_key), intake.messages(usual.json_key)
    assert message.body == lost.body
    assert message.attributes.keys() == normal.attributes.keys()
    head = intake.s3.head_object(Bucket=intake.bucket, Key=lost.json_key)
    assert message.attributes == {
        "bucket": intake.bucket,
        "key": lost.json_key,
        "versionId": version,
        "eTag": head["ETag"].strip('"'),
        "eventTime": message.attributes["eventTime"],
    }
    assert len(message.attributes["eventTime"]) == len(normal.attributes["eventTime"])

    intake.log_line("announced", key=lost.json_key, versionId=version)
    again = run_tool(intake.stack, "reconcile", *NOW, *_prefix(lost), "--yes", "--json")
    assert (again.exit_code, again.report["gaps"]) == (0, {})
    intake.wait_for_earlier_uploads()
    assert len(intake.received(lost.json_key)) == 1


def test_purged_queue_is_refilled_with_submissions_without_results(intake: Intake) -> None:
    purged, judged = Submission(admin="purged"), Submission(admin="purged")
    for each in (purged, judged):
        intake.put(each.py_key)
        version = intake.put(each.json_key, each.data)
        intake.messages(each.json_key)
        intake.log_line("announced", key=each.json_key)
    result = {"subid": judged.subid, "submissionVersionId": version, "status": "passed"}
    intake.put(judged.key.result_key, json.dumps(result).encode())
    intake.sqs.purge_queue(QueueUrl=intake.stack.outputs.queue_url)

    assert run_tool(intake.stack, "reconcile", *NOW, *_prefix(purged)).exit_code == 0
    done = run_tool(
        intake.stack, "reconcile", *NOW, *_prefix(purged), "--no-result", "--yes", "--json"
    )

    assert done.exit_code == 0, done.errors
    assert done.report["gaps"] == {"no_result": 1}
    assert len(intake.messages(purged.json_key, 2)) == 2
    assert len(intake.received(judged.json_key)) == 1


def test_interrupted_reconcile_continues_after_its_last_key(intake: Intake) -> None:
    lost = sorted(
        (Submission(admin="interrupted") for _ in range(12)), key=lambda each: each.json_key
    )
    with intake.without_notification():
        for each in lost:
            intake.put(each.py_key)
            intake.put(each.json_key, each.data)
    arguments = ("reconcile", *NOW, *_prefix(lost[0]), "--yes")

    # Ten go at once; at this rate the other two would only go a long while later.
    stopped = interrupt_tool(intake.stack, " 10 announced", *arguments, "--rate", "0.05", "--json")

    assert stopped.exit_code == 130, stopped.errors
    assert stopped.report["interrupted"]
    assert stopped.report["outcomes"] == {"announced": 10}
    after = stopped.report["resume_after"]
    assert after == lost[9].json_key
    rest = run_tool(intake.stack, *arguments, "--after", after, "--json")
    assert (rest.exit_code, rest.report["outcomes"]) == (0, {"announced": 2}), rest.errors
    for each in lost:
        intake.messages(each.json_key)
    # The last of each event.
    for each in (lost[9], lost[-1]):
        intake.log_line("announced", key=each.json_key)
    assert run_tool(intake.stack, *arguments).exit_code == 0
    intake.wait_for_earlier_uploads()
    assert {len(intake.received(each.json_key)) for each in lost} == {1}


def test_every_kind_of_gap_is_named(intake: Intake) -> None:
    admin = Submission(admin="kinds")
    stale, alone, orphan = (Submission(admin="kinds") for _ in range(3))
    intake.put(alone.json_key, alone.data)
    intake.put(orphan.py_key)
    intake.put(stale.py_key)
    first = intake.put(stale.json_key, stale.data)
    second = intake.put(stale.json_key, stale.data)
    result = json.dumps({"submissionVersionId": first}).encode()
    intake.put(stale.key.result_key, result)
    stray = f"/{admin.json_key}"
    intake.put(stray)
    deep = f"submissions/kinds/{admin.subid}.json"
    intake.put(deep)
    intake.log_line("announced", versionId=second)
    intake.log_line("announced", key=alone.json_key)

    done = run_tool(intake.stack, "reconcile", *NOW, "--json")

    assert done.exit_code == 1, done.errors
    named = {(gap["kind"], gap["key"], gap["reason"]) for gap in done.report["named"]}
    assert {
        ("code_missing", alone.json_key, None),
        ("data_missing", orphan.py_key, None),
        ("older_result", stale.json_key, None),
        ("stray", stray, "not_under_submissions"),
        ("stray", deep, "wrong_depth"),
    } <= named
