"""Students whose programs' grades are known, and the count of what became of them."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from emulation.example_course import PROBLEM, SOLUTION
from emulation.waiting import wait_for
from faults.arrivals import SETTLING_SECONDS, repaired
from grading.problem import Problem, digest_of
from local.fault_proxy import Request, Verdict
from local.grading import Grading
from local.intake import Submission
from local.tool import run_tool
from submission import result
from submission.result import Status

_NONE, _NEGATIVE = PROBLEM.cases[1:3]
_LIMITS = replace(PROBLEM.limits, time_limit=0.2)
FIRST = replace(PROBLEM, limits=_LIMITS, cases=(_NONE, _NEGATIVE))
"""A problem of two cases: no number at all, whose sum is 0, and two, whose sum is -2."""
SECOND = replace(FIRST, cases=(replace(_NONE, answer="1\n"), _NEGATIVE))
"""The same, with another answer."""


class Program(NamedTuple):
    """A program, and its verdict and score for each of the two problems."""

    source: bytes
    first: tuple[str, int]
    second: tuple[str, int]


PROGRAMS = (
    Program(SOLUTION, ("AC", 100), ("WA", 50)),
    Program(b"print(0)", ("WA", 50), ("WA", 0)),
    Program(b"print(0 if not input() else 1)", ("RTE", 0), ("RTE", 0)),
    Program(b"import sys; print(1 // (not sys.stdin.read()))", ("WA", 0), ("RTE", 50)),
)


@dataclass(frozen=True, slots=True)
class GradingOutcome:
    """The outcome of the submissions that arrived around a fault."""

    fault: str
    submitted: int
    resubmitted: int
    """Those of them with a second version."""
    graded: int
    """Without a repair, as their newest version."""
    wrong: int
    """With a result, at any time, that their program does not earn; or a failure replaced it."""
    stale: int
    """Whose last result is of an older version, or that ever had an older one after a newer one."""
    lost: int
    """Without a grade in the student's result, or in the staff's."""
    repaired_by: str


class GradingStack(Grading):
    """A stack with a grader that reaches S3 through a proxy."""

    _judge: Callable[[Request], Verdict] | None = None

    @property
    def grader(self) -> str:
        """The grader's name."""
        name = self.stack.outputs.grader_function_name
        assert name
        return name

    def judge(self, request: Request) -> Verdict:
        """Decide what happens to a request of the grader."""
        return self._judge(request) if self._judge else Verdict.PASS

    @contextmanager
    def broken_s3(self, judge: Callable[[Request], Verdict]) -> Iterator[None]:
        """Have the grader's requests judged for the length of a block."""
        self._judge = judge
        try:
            yield
        finally:
            self._judge = None


@dataclass(slots=True)
class _Versions:
    """What was uploaded for a submission, from the oldest to the newest."""

    data: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Students:
    """Students who submit around a fault, and every third time submit again."""

    grading: GradingStack
    fault: str
    submitted: dict[Submission, _Versions] = field(default_factory=dict)
    _programs: dict[str, Program] = field(default_factory=dict)
    """By version of the .py."""
    _digests: list[str] = field(default_factory=list)
    """Of the problem that was published, from the oldest to the newest."""
    _next: Iterator[Program] = field(default_factory=lambda: itertools.cycle(PROGRAMS))
    _graded: set[Submission] = field(default_factory=set)
    """Those whose newest version has a grade, as far as it was looked for."""

    @property
    def problem(self) -> str:
        """The name of the problem that they solve: their fault's own."""
        return self.fault.replace(" ", "_")

    def publish(self, problem: Problem = FIRST) -> None:
        """Publish their problem; the second one replaces the first, and so do its grades."""
        self._graded.clear()
        self.grading.publish(self.problem, problem)
        self._digests.append(digest_of(problem))

    def hand_in(self) -> tuple[str, str]:
        """Upload a submission; return its key and version."""
        uploads = sum(len(versions.data) for versions in self.submitted.values())
        again = uploads % 3 == 2
        return self.upload([*self.submitted][-1] if again else Submission(problem=self.problem))

    def upload(self, submission: Submission) -> tuple[str, str]:
        """Upload a version with another program than the last one; return its key and version."""
        program = next(self._next)
        self._graded.discard(submission)
        versions = self.submitted.setdefault(submission, _Versions())
        versions.code.append(self.grading.put(submission.py_key, program.source))
        self._programs[versions.code[-1]] = program
        versions.data.append(self.grading.put(submission.json_key, submission.data))
        return submission.json_key, versions.data[-1]

    def graded(self) -> set[Submission]:
        """Return the submissions whose newest version has a grade: the student's comes last."""
        for submission in self.submitted.keys() - self._graded:
            found = self.grading.read(submission.key.result_key) or {}
            if _is_grade(found) and self._is_newest(submission, found):
                self._graded.add(submission)
        return self._graded

    def is_lost(self, submission: Submission) -> bool:
        """Return whether a submission has no grade."""
        return any(
            not written or not _is_grade(written[-1]) for written in self._written(submission)
        )

    def is_stale(self, submission: Submission) -> bool:
        """Return whether a result stands or stood in the place of a newer version's."""
        for written in self._written(submission):
            ages = [self._age(submission, each) for each in written]
            if ages != sorted(ages) or (written and not self._is_newest(submission, written[-1])):
                return True
        return False

    def is_wrong(self, submission: Submission) -> bool:
        """Return whether a result is or was another one than its program earns."""
        return any(
            any(_is_grade(each) and not self._is_right(each) for each in written)
            or any(
                _is_grade(earlier) and not _is_grade(later) and _data(earlier) == _data(later)
                for earlier, later in itertools.pairwise(written)
            )
            for written in self._written(submission)
        )

    def _is_right(self, found: dict[str, Any]) -> bool:
        program = self._programs[found[result.CODE_VERSION]]
        is_first = found[result.PROBLEM_DIGEST] == digest_of(FIRST)
        grade = (found[result.VERDICT], found["score"])
        return grade == (program.first if is_first else program.second)

    def _is_newest(self, submission: Submission, found: dict[str, Any]) -> bool:
        versions = self.submitted[submission]
        newest = (len(versions.data) - 1, len(versions.code) - 1, len(self._digests) - 1)
        return self._age(submission, found) == newest

    def _age(self, submission: Submission, found: dict[str, Any]) -> tuple[int, int, int]:
        """Return the numbers of the .json, the .py and the problem that a result is of."""
        versions = self.submitted[submission]
        data = versions.data.index(_data(found))
        code, digest = found.get(result.CODE_VERSION), found.get(result.PROBLEM_DIGEST)
        return (
            data,
            versions.code.index(code) if code else data,
            self._digests.index(digest) if digest else 0,
        )

    def _written(self, submission: Submission) -> Iterator[list[dict[str, Any]]]:
        """Yield the student's results, then the staff's: from the first to the one that stands."""
        s3, bucket = self.grading.s3, self.grading.bucket
        for key in (submission.key.result_key, submission.key.staff_result_key):
            found = s3.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
            versions = [each["VersionId"] for each in reversed(found) if each["Key"] == key]
            answers = [
                s3.get_object(Bucket=bucket, Key=key, VersionId=version) for version in versions
            ]
            yield [json.loads(answer["Body"].read()) for answer in answers]


def _is_grade(found: dict[str, Any]) -> bool:
    return found.get(result.STATUS) == Status.COMPLETED


def _data(found: dict[str, Any]) -> str:
    version: str = found[result.DATA_VERSION]
    return version


def count_grades(repair: tuple[str, ...], *courses: Students) -> list[GradingOutcome]:
    """Wait until each submission is graded or waits for a repair; repair; count.

    Args:
        repair: the command that has the rest graded; none if nothing needs it.
        courses: those who submitted, by the fault, which is over.
    """
    grading = courses[0].grading
    everyone = {each.json_key for students in courses for each in students.submitted}

    def missing() -> set[str]:
        return everyone - {each.json_key for students in courses for each in students.graded()}

    def is_settled() -> bool:
        if repair[:1] == ("regrade",):
            return True  # all have a grade, which is old
        if not grading.is_queue_empty():
            return False
        left = missing()
        if left and repair[:1] == ("redrive",):
            return left <= _dead_letters(grading)
        return left == (_gaps(grading, repair) if repair[:1] == ("reconcile",) else set())

    # What is nowhere is lost, which the count shows.
    with suppress(TimeoutError):
        wait_for("every submission to be somewhere", is_settled, SETTLING_SECONDS)
    graded = [len(students.graded()) for students in courses]
    repaired_by = repaired(grading.stack, repair)
    with suppress(TimeoutError):
        # The last message too: one that comes twice or late must not change a grade.
        wait_for(
            "every grade", lambda: grading.is_queue_empty() and not missing(), SETTLING_SECONDS
        )
    return [
        GradingOutcome(
            students.fault,
            submitted=len(students.submitted),
            resubmitted=sum(len(each.data) > 1 for each in students.submitted.values()),
            graded=count,
            wrong=sum(map(students.is_wrong, students.submitted)),
            stale=sum(map(students.is_stale, students.submitted)),
            lost=sum(map(students.is_lost, students.submitted)),
            repaired_by=repaired_by if count < len(students.submitted) else "nobody",
        )
        for students, count in zip(courses, graded, strict=True)
    ]


def _dead_letters(grading: Grading) -> set[str]:
    """Return the keys in the dead-letter queue, as staff sees them."""
    if not grading.count(grading.stack.outputs.dead_letter_queue_url):
        return set()
    [queue] = run_tool(grading.stack, "redrive", "dead-letter", "--json").report
    return {key for message in queue["messages"] for key in message["keys"]}


def _gaps(grading: Grading, repair: tuple[str, ...]) -> set[str]:
    """Return the keys of submissions without a result, as staff sees them."""
    return {gap["key"] for gap in run_tool(grading.stack, *repair, "--json").report["named"]}
