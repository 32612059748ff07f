"""Break something while submissions arrive, fix it, and count: none may be lost.

Each submission is announced by itself, or stands where the test says, until the command that the
test names announces it. What the embedded AWS cannot break is in docs/guarantees.md.
"""

import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from emulation.endpoint import free_port
from emulation.waiting import wait_for
from faults.arrivals import Arrivals, Report, arriving, count_up, submitting
from local.intake import ARRIVAL_SECONDS, Intake, Submission
from submitter.aws.bucket import CurrentVersion
from submitter.aws.upload_event import upload_event
from submitter.stack.deployment import Deployment

# One worker runs all that breaks this stack.
pytestmark = pytest.mark.xdist_group("faults")

REDRIVE = ("redrive", "intake")
RECONCILE = ("reconcile", "--older-than", "0s")
FAULTY = Path(__file__).with_name("faulty_function.py")


def _faulty_package(package: Path) -> bytes:
    content = io.BytesIO(package.read_bytes())
    with zipfile.ZipFile(content, "a") as archive:
        archive.write(FAULTY, FAULTY.name)
    return content.getvalue()


@contextmanager
def _faulty_function(intake: Intake, package: Path, fault: str) -> Iterator[None]:
    """Run a function with a fault for the length of a block."""
    name = intake.stack.outputs.function_name
    handler = f"{FAULTY.stem}.lambda_handler"
    intake.deploy(name, _faulty_package(package))
    try:
        with intake.function_changed(name, {"FAULT": fault}, Handler=handler, Timeout=3):
            yield
    finally:
        intake.deploy(name, package.read_bytes())


def _queue_out_of_reach(intake: Intake) -> AbstractContextManager[None]:
    """Give the function a queue address that does not answer."""
    return intake.function_variables(AWS_ENDPOINT_URL_SQS=f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize(
    ("fault", "breaking", "repair"),
    [
        ("queue that is gone", Intake.function_with_missing_queue, REDRIVE),
        ("queue out of reach", _queue_out_of_reach, REDRIVE),
        ("function throttled to zero", Intake.function_throttled_to_zero, REDRIVE),
        ("notification missing", Intake.without_notification, RECONCILE),
    ],
)
def test_fault_around_the_function_loses_nothing(
    intake: Intake,
    report: Report,
    fault: str,
    breaking: Callable[[Intake], AbstractContextManager[None]],
    repair: tuple[str, ...],
) -> None:
    with arriving(submitting(intake)) as arrivals, breaking(intake):
        arrivals.more(10)
        if repair == REDRIVE:
            _wait_for_a_failure(intake, arrivals)

    outcome = count_up(intake, arrivals.uploaded, fault, repair)

    report(outcome)
    assert outcome.lost == 0
    # The fault has struck.
    assert outcome.waiting + outcome.unnoticed > 0


@pytest.mark.parametrize(
    "fault",
    ["crash at import", "crash at the first record", "time-out", "killed after the first batch"],
)
def test_fault_in_the_function_loses_nothing(
    intake: Intake, package: Path, report: Report, fault: str
) -> None:
    with arriving(submitting(intake)) as arrivals, _faulty_function(intake, package, fault):
        arrivals.more()
        _wait_for_a_failure(intake, arrivals)

    outcome = count_up(intake, arrivals.uploaded, fault, REDRIVE)

    report(outcome)
    assert outcome.lost == 0
    # A function that is killed after it has announced does so at each attempt.
    assert outcome.twice > 0 if fault.startswith("killed") else outcome.waiting > 0


def _wait_for_a_failure(intake: Intake, arrivals: Arrivals) -> None:
    with arrivals.paused():
        _wait_for_failures(intake, 1)


def _wait_for_failures(intake: Intake, count: int) -> None:
    queue_url = intake.stack.outputs.intake_failures_queue_url
    wait_for("a failed event", lambda: intake.count(queue_url) >= count, ARRIVAL_SECONDS)


def _upload_unnoticed(intake: Intake, count: int) -> list[CurrentVersion]:
    with intake.without_notification():
        return [_put(intake, Submission(problem="fault")) for _ in range(count)]


def _put(intake: Intake, submission: Submission) -> CurrentVersion:
    version = intake.submit(submission)
    head = intake.s3.head_object(Bucket=intake.bucket, Key=submission.json_key)
    return CurrentVersion(
        key=submission.json_key,
        size=len(submission.data),
        etag=head["ETag"].strip('"'),
        modified=head["LastModified"],
        version_id=version,
    )


def _invoke(intake: Intake, versions: list[CurrentVersion]) -> None:
    """Tell the function of uploads as S3 does: Lambda answers at once, and takes care of it."""
    outputs = intake.stack.outputs
    names = {
        name: getattr(outputs, name) for name in Deployment.__dataclass_fields__ if name != "name"
    }
    deployment = Deployment(name=outputs.name, **names)
    intake.functions.invoke(
        FunctionName=outputs.function_name,
        InvocationType="Event",
        Payload=json.dumps(upload_event(deployment, versions)),
    )


def _uploaded(versions: list[CurrentVersion]) -> dict[str, str]:
    return {version.key: version.version_id for version in versions}


def test_crash_between_two_batches_of_an_event_loses_nothing(
    intake: Intake, package: Path, report: Report
) -> None:
    versions = _upload_unnoticed(intake, 25)
    with _faulty_function(intake, package, "crash between two batches"):
        _invoke(intake, versions)
        _wait_for_failures(intake, 1)

    outcome = count_up(intake, _uploaded(versions), "crash between two batches", REDRIVE)

    report(outcome)
    assert (outcome.announced, outcome.waiting, outcome.lost) == (10, 15, 0)


def test_duplicated_and_reordered_events_announce_each_upload(
    intake: Intake, report: Report
) -> None:
    versions = _upload_unnoticed(intake, 40)
    events = [[version] for version in versions] * 3 + [versions[:20], versions[20:]]
    random.Random(20).shuffle(events)  # noqa: S311 - the same disorder at each run
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda event: _invoke(intake, event), events))

    fault = "events duplicated, reordered, delayed and concurrent"
    outcome = count_up(intake, _uploaded(versions), fault)

    report(outcome)
    assert (outcome.announced, outcome.lost) == (40, 0)
    for version in versions:
        bodies = {(each.body, each.attributes["eTag"]) for each in intake.received(version.key)}
        assert len(bodies) == 1


def test_event_after_a_newer_upload_announces_the_older_version(
    intake: Intake, report: Report
) -> None:
    submission = Submission(problem="fault")
    with intake.without_notification():
        older, newer = _put(intake, submission), _put(intake, submission)
    _invoke(intake, [newer])
    intake.messages(submission.json_key)
    _invoke(intake, [older])

    announced = [each.attributes["versionId"] for each in intake.messages(submission.json_key, 2)]

    assert announced == [newer.version_id, older.version_id]
    report(count_up(intake, _uploaded([newer]), "event of an older version, delayed"))


def test_storm_on_a_function_with_one_execution_loses_nothing(
    intake: Intake, report: Report
) -> None:
    name = intake.stack.outputs.function_name
    intake.functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    try:
        with ThreadPoolExecutor(8) as pool:
            storm = [Submission(problem="fault") for _ in range(60)]
            versions = list(pool.map(lambda each: _put(intake, each), storm))
        outcome = count_up(intake, _uploaded(versions), "storm on one execution at a time")
    finally:
        intake.functions.delete_function_concurrency(FunctionName=name)

    report(outcome)
    assert (outcome.announced, outcome.lost) == (60, 0)


def test_bad_deploy_that_is_rolled_forward_loses_nothing(
    intake: Intake, package: Path, report: Report
) -> None:
    deployed = intake.badly_deployed(intake.stack.outputs.function_name, package.read_bytes())
    with arriving(submitting(intake)) as arrivals, deployed:
        arrivals.more()
        _wait_for_a_failure(intake, arrivals)

    outcome = count_up(intake, arrivals.uploaded, "bad deploy, rolled forward", REDRIVE)

    report(outcome)
    assert outcome.waiting > 0
    assert outcome.lost == 0
