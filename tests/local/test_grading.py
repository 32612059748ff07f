"""A submission becomes a result: the real queue, mapping, zip and sandbox."""

import json
from dataclasses import replace

import pytest

from emulation import example_course
from emulation.example_course import PROBLEM, SOLUTION, example_key
from emulation.localstack import LocalStack
from emulation.waiting import wait_for
from grading.problem import digest_of
from local.grading import SOON_SECONDS, Grading
from local.intake import ARRIVAL_SECONDS, Submission, ignore_progress
from local.tool import run_tool

# One worker runs all that shares the stack.
pytestmark = pytest.mark.xdist_group("grading")

PROGRAMS = {
    "AC": SOLUTION,
    "WA": b"""print('{"status": "completed", "verdict": "AC", "score": 100}')""",
    "TLE": b"while True: pass",
    "MLE": b"x = bytearray(200 << 20)",
    "OLE": b"while True: print('for ever')",
    "RTE": b"import os; os._exit(3)",
}
BUSY = b"for _ in range(60_000_000): pass\n" + SOLUTION
"""Takes seconds."""
SLOW = replace(PROBLEM, limits=replace(PROBLEM.limits, time_limit=30.0), cases=PROBLEM.cases[1:2])
"""A problem with one case, and time for it."""
STRICT = replace(PROBLEM, limits=replace(PROBLEM.limits, time_limit=0.2), cases=PROBLEM.cases[:2])
"""A problem that soon ends what never ends."""


@pytest.fixture(scope="module", autouse=True)
def _problems(grading: Grading) -> None:
    grading.publish("slow", SLOW)
    grading.publish("strict", STRICT)


def test_example_is_graded(grading: Grading) -> None:
    example_course.submit(grading.stack, ignore_progress)
    key = example_key()
    version_id = grading.newest(key.data_key)
    result = grading.result(key, version_id)
    assert (result["score"], result["max_score"], result["verdict"]) == (75, 100, "RTE")
    assert (result["timing"], result["problemDigest"]) == ("in_time", digest_of(PROBLEM))
    assert result["codeVersionId"] == grading.newest(key.code_key)
    staff = grading.read(key.staff_result_key)
    assert staff
    assert staff["submissionVersionId"] == version_id
    assert [test["name"] for test in staff["tests"]] == [case.name for case in PROBLEM.cases]
    hidden = [case.name for case in PROBLEM.cases if case.is_hidden]
    assert [test["name"] for test in result["tests"]].count("hidden") == len(hidden)
    assert not any(name in json.dumps(result) for name in hidden)
    grading.wait_until_queue_is_empty()
    [line] = [each for each in grading.grader_log() if each.get("versionId") == version_id]
    assert (line["outcome"], line["codeVersionId"]) == ("graded", result["codeVersionId"])


def test_each_verdict_is_reached_and_no_program_reaches_the_log(grading: Grading) -> None:
    submissions = {verdict: Submission(problem="strict") for verdict in PROGRAMS}
    syntax_error = Submission(problem="strict")
    versions = {
        verdict: grading.hand_in(submission, PROGRAMS[verdict])
        for verdict, submission in submissions.items()
    }
    wrong = grading.hand_in(syntax_error, b"print('ROSEBUD'")
    results = {
        verdict: grading.result(submission.key, versions[verdict])
        for verdict, submission in submissions.items()
    }
    assert {verdict: result["verdict"] for verdict, result in results.items()} == dict(
        zip(PROGRAMS, PROGRAMS, strict=True)
    )
    sample = grading.result(syntax_error.key, wrong)["tests"][0]
    assert sample["extra_data"]["verdict"] == "RTE"
    assert "SyntaxError: '(' was never closed" in sample["output"]
    assert "ROSEBUD" in sample["extra_data"]["stderr"]["text"]
    grading.wait_until_queue_is_empty()
    assert "ROSEBUD" not in json.dumps(grading.grader_log())


def test_program_that_is_uploaded_after_its_json_is_graded(grading: Grading) -> None:
    submission = Submission()
    version_id = grading.put(submission.json_key, submission.data)
    code = grading.put(submission.py_key, SOLUTION)
    assert grading.result(submission.key, version_id)["codeVersionId"] == code


def test_resubmission_overtakes_the_submission_that_is_being_graded(
    grading: Grading, localstack: LocalStack
) -> None:
    submission = Submission(problem="slow")
    at_work = grading.graders_at_work(localstack)
    older = grading.hand_in(submission, BUSY)
    wait_for("a grader at work", lambda: at_work() or None, ARRIVAL_SECONDS)

    newer = grading.hand_in(submission, SOLUTION)

    assert grading.result(submission.key, newer)["score"] == 100
    grading.wait_until_queue_is_empty()
    outcomes = {
        line["versionId"]: line["outcome"]
        for line in grading.grader_log()
        if line.get("subid") == submission.subid
    }
    assert outcomes == {newer: "graded", older: "superseded"}
    for key in (submission.key.result_key, submission.key.staff_result_key):
        result = grading.read(key)
        assert result
        assert result["submissionVersionId"] == newer


def test_message_that_comes_twice_leaves_one_result(grading: Grading) -> None:
    submission = Submission()
    version_id = grading.hand_in(submission, SOLUTION)
    first = grading.result(submission.key, version_id)

    grading.announce_again(submission, version_id)

    wait_for(
        "the second grading",
        lambda: grading.read(submission.key.result_key) != first,
        ARRIVAL_SECONDS,
    )
    grading.wait_until_queue_is_empty()
    second = grading.result(submission.key, version_id)
    assert {name: second[name] for name in ("score", "verdict", "codeVersionId")} == {
        name: first[name] for name in ("score", "verdict", "codeVersionId")
    }
    assert second.keys() == first.keys()
    assert grading.count(grading.stack.outputs.dead_letter_queue_url) == 0


def test_submission_whose_grader_is_killed_is_graded_all_the_same(
    grading: Grading, localstack: LocalStack
) -> None:
    submission = Submission(problem="slow")
    at_work = grading.graders_at_work(localstack)
    version_id = grading.hand_in(submission, BUSY)
    for grader in wait_for("a grader at work", lambda: at_work() or None, ARRIVAL_SECONDS):
        grader.kill()
    assert grading.result(submission.key, version_id)["score"] == 100


def test_problem_that_is_published_after_the_submission_grades_it(grading: Grading) -> None:
    submission = Submission(problem="published_later")
    version_id = grading.hand_in(submission, SOLUTION)
    failed = grading.result(submission.key, version_id, "failed")
    assert "published_later.json is not published yet" in failed["reason"]
    grading.publish("published_later")
    result = grading.result(submission.key, version_id)
    assert result["score"] == 100
    assert "reason" not in result


def test_submission_that_always_fails_becomes_a_dead_letter_and_can_be_graded_later(
    grading: Grading,
) -> None:
    submission = Submission(problem="published_too_late")
    grading.set_visibility_timeout(1)
    version_id = grading.hand_in(submission, SOLUTION)
    grading.result(submission.key, version_id, "failed")
    wait_for(
        "a dead letter",
        lambda: grading.count(grading.stack.outputs.dead_letter_queue_url) == 1,
        ARRIVAL_SECONDS,
    )
    grading.set_visibility_timeout(SOON_SECONDS)
    grading.publish("published_too_late")

    done = run_tool(grading.stack, "redrive", "dead-letter", "--yes")

    assert done.exit_code == 0, done.output + done.errors
    assert grading.result(submission.key, version_id)["score"] == 100
    assert grading.count(grading.stack.outputs.dead_letter_queue_url) == 0


def test_stack_with_grading_is_sound_and_hands_on_a_round_trip(grading: Grading) -> None:
    done = run_tool(grading.stack, "doctor", "--round-trip", "--json")
    findings = {each["check"]: each["verdict"] for each in done.report["findings"]}
    assert {"grader", "grader mapping", "round trip to the grader"} <= findings.keys()
    # These tests have it shorter than Terraform would.
    wrong = {name for name, verdict in findings.items() if verdict == "attention"}
    assert wrong == {"queue visibility"}
    found = grading.s3.list_objects_v2(Bucket=grading.bucket, Prefix="output/submitter-doctor/")
    assert found["KeyCount"] == 0


def test_staff_see_the_result_of_a_submission(grading: Grading) -> None:
    submission = Submission()
    version_id = grading.hand_in(submission, SOLUTION)
    code = grading.result(submission.key, version_id)["codeVersionId"]

    done = run_tool(grading.stack, "why", submission.subid)

    assert done.exit_code == 0, done.output + done.errors
    for part in ("AC", "100 of 100", version_id, code):
        assert part in done.output
