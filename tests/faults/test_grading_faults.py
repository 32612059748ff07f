"""Break grading while submissions arrive, fix it, and count: none may be wrong, stale or lost.

Each submission is graded by itself, or after the command that the test names. Every result that was
ever written counts, the student's and the staff's. What the embedded AWS cannot break is in
docs/guarantees.md.
"""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pytest

from emulation.waiting import wait_for
from faults.arrivals import PACE_SECONDS, SETTLING_SECONDS, Arrivals, Report, arriving
from faults.grades import SECOND, GradingOutcome, GradingStack, Students, count_grades
from local.fault_proxy import Request, Verdict
from local.grading import SOON_SECONDS
from local.intake import ARRIVAL_SECONDS
from submission.json_object import read_object
from submission.keys import RESULTS, SubmissionKey
from submission.result import CODE_VERSION, DATA_VERSION, REASON, STATUS, SUBID, Status
from submission_grader.bucket import Bucket
from submission_grader.results import write_result

# One worker runs all that breaks this stack.
pytestmark = pytest.mark.xdist_group("grading-faults")

REDRIVE = ("redrive", "dead-letter")
RECONCILE = ("reconcile", "--older-than", "0s", "--no-result")


def _enrol(grading: GradingStack, *faults: str) -> list[Students]:
    """Return students for each fault."""
    courses = [Students(grading, fault) for fault in faults]
    for students in courses:
        students.publish()
    return courses


def _in_turns(courses: list[Students]) -> Callable[[], tuple[str, str]]:
    """Return a function with which one of each course submits, one after the other."""
    turns = itertools.cycle(courses)
    return lambda: next(turns).hand_in()


def _wait_for_a_dead_letter(grading: GradingStack, arrivals: Arrivals) -> None:
    queue_url = grading.stack.outputs.dead_letter_queue_url
    with arrivals.paused():
        wait_for("a dead letter", lambda: grading.count(queue_url) > 0, ARRIVAL_SECONDS)


def _conclude(report: Report, outcomes: list[GradingOutcome]) -> None:
    """Record outcomes; none may be wrong, stale or lost."""
    for outcome in outcomes:
        report(outcome)
    found = {each.fault: (each.wrong, each.stale, each.lost) for each in outcomes}
    assert found == dict.fromkeys(found, (0, 0, 0))


@contextmanager
def _faulty(grading: GradingStack, fault: str = "", timeout_seconds: int = 3) -> Iterator[None]:
    """Run a grader with a fault at import, or those of the problems' names, in a block."""
    with grading.function_changed(
        grading.grader,
        {"FAULT": fault},
        Handler="faulty_grader.lambda_handler",
        Timeout=timeout_seconds,
    ):
        yield


@pytest.mark.parametrize("fault", ["crash at import", "bad deploy rolled forward", "throttled"])
def test_no_submission_is_graded(
    grading: GradingStack, grader_package: Path, report: Report, fault: str
) -> None:
    breaking = {
        "crash at import": lambda: _faulty(grading, fault),
        "bad deploy rolled forward": lambda: grading.badly_deployed(
            grading.grader, grader_package.read_bytes()
        ),
        "throttled": lambda: grading.function_throttled_to_zero(grading.grader),
    }
    [students] = _enrol(grading, fault)
    # Deploying takes its time.
    pace = 1 if "deploy" in fault else PACE_SECONDS
    with arriving(students.hand_in, pace, around=2) as arrivals, breaking[fault]():
        arrivals.more(4)
        _wait_for_a_dead_letter(grading, arrivals)
    outcomes = count_grades(REDRIVE, students)
    _conclude(report, outcomes)
    assert outcomes[0].graded < outcomes[0].submitted


def test_grading_is_interrupted(grading: GradingStack, report: Report) -> None:
    courses = _enrol(
        grading,
        "crash in mid-case",
        "killed in mid-case",
        "killed between the two results",
        "out of memory in the sandbox",
        "time-out",
        # Three seconds, and two receives, are little for a start on a busy machine.
        "none but a short timeout",
    )
    hand_in = _in_turns(courses)
    with arriving(hand_in, around=len(courses)) as arrivals, _faulty(grading):
        arrivals.more(3 * len(courses))
        with arrivals.paused():
            wait_for("the end of every message", grading.is_queue_empty, SETTLING_SECONDS)
    outcomes = count_grades(REDRIVE, *courses)
    _conclude(report, outcomes)
    assert all(outcome.graded < outcome.submitted for outcome in outcomes[:-1])


class _BrokenS3:
    """An S3 that treats each problem's requests as the problem's name says."""

    def __init__(self, grading: GradingStack) -> None:
        self._bucket = Bucket(grading.s3, grading.bucket)
        self._writes: Counter[str] = Counter()
        self.lost_answers = self.conflicts = 0

    def judge(self, request: Request) -> Verdict:
        path = unquote(request.path)
        is_read, is_write = request.method in {"GET", "HEAD"}, request.method == "PUT"
        if "S3_refuses_reads" in path and is_read and "?versions" not in path:
            return Verdict.DENY
        if "S3_refuses_writes" in path and is_write:
            return Verdict.DENY
        if "S3_is_busy" in path:
            return Verdict.BUSY
        key = path.partition("?")[0].removeprefix(f"/{self._bucket.name}/")
        if not is_write:
            return Verdict.PASS
        self._writes[key] += 1
        if "S3_loses_an_answer" in path and self._writes[key] == 1:
            self.lost_answers += 1
            return Verdict.ANSWER_LOST
        if "conflicting_writer" in path and self._writes[key] == 1:
            return Verdict.CONFLICT
        if "conflicting_writer" in path and self._writes[key] <= 3:
            self._write_first(key, request.body)
        return Verdict.PASS

    def _write_first(self, key: str, body: bytes) -> None:
        """Write what another grader would that has failed on the same upload."""
        _, *names = key.split("/")[:5]
        failed = {
            **{name: read_object(body).get(name) for name in (SUBID, DATA_VERSION, CODE_VERSION)},
            STATUS: Status.FAILED,
            REASON: f"write {self._writes[key]}",
        }
        self.conflicts += (
            write_result(self._bucket, SubmissionKey(*names), key, failed) == "written"
        )


def test_s3_refuses_or_another_grader_writes(grading: GradingStack, report: Report) -> None:
    broken = _BrokenS3(grading)
    courses = _enrol(
        grading,
        "S3 refuses reads",
        "S3 refuses writes",
        "S3 is busy",
        "S3 loses an answer",
        "conflicting writer",
    )
    hand_in = _in_turns(courses)
    with arriving(hand_in, around=len(courses)) as arrivals, grading.broken_s3(broken.judge):
        arrivals.more(3 * len(courses))
        with arrivals.paused():
            wait_for("the end of every message", grading.is_queue_empty, SETTLING_SECONDS)
    outcomes = count_grades(REDRIVE, *courses)
    _conclude(report, outcomes)
    assert all(outcome.graded < outcome.submitted for outcome in outcomes[:3])
    assert broken.lost_answers > 0
    assert broken.conflicts > 0


def test_messages_come_twice_and_in_any_order(grading: GradingStack, report: Report) -> None:
    [students] = _enrol(grading, "messages duplicated and reordered")
    with grading.without_notification():
        for _ in range(9):
            students.hand_in()
    messages = 3 * [
        (submission, version)
        for submission, versions in students.submitted.items()
        for version in versions.data
    ]
    random.Random(18).shuffle(messages)  # noqa: S311 - the same disorder at each run
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda message: grading.announce_again(*message), messages))
    _conclude(report, count_grades((), students))


def test_messages_are_lost(grading: GradingStack, report: Report) -> None:
    [students] = _enrol(grading, "messages purged")
    outputs = grading.stack.outputs
    with (
        arriving(students.hand_in, around=2) as arrivals,
        grading.function_throttled_to_zero(grading.grader),
    ):
        arrivals.more(4)
        with arrivals.paused():
            for queue_url in (outputs.queue_url, outputs.dead_letter_queue_url):
                grading.sqs.purge_queue(QueueUrl=queue_url)
    outcomes = count_grades(RECONCILE, students)
    _conclude(report, outcomes)
    assert outcomes[0].graded < outcomes[0].submitted


def test_problem_is_published_again_while_it_is_graded(
    grading: GradingStack, report: Report
) -> None:
    [students] = _enrol(grading, "problem published again in mid-case")
    grading.set_visibility_timeout(SOON_SECONDS)
    for _ in range(4):
        students.hand_in()
    everyone = students.submitted.keys()
    with _faulty(grading, timeout_seconds=60):
        wait_for("grades", lambda: students.graded() == everyone, SETTLING_SECONDS)
        for submission, versions in students.submitted.items():
            grading.announce_again(submission, versions.data[-1])
        wait_for(
            "gradings with the old problem",
            lambda: _held(grading) == len(everyone),
            ARRIVAL_SECONDS,
        )
        students.publish(SECOND)
        outcomes = count_grades(
            ("regrade", "m.soltys", "aws_labs", "--problem", students.problem), students
        )
    _conclude(report, outcomes)


def _held(grading: GradingStack) -> int:
    found = grading.s3.list_objects_v2(Bucket=grading.bucket, Prefix=RESULTS)
    return sum(each["Key"].endswith(".held") for each in found.get("Contents", []))
