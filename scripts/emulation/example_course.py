"""The specification's example: its submission, and the event and problem that it is graded with."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from emulation.project import EXAMPLE
from emulation.stack import Progress, Stack
from grading.event import Event, Rule, write_event
from grading.problem import Aggregation, Case, Group, Limits, Problem, ProblemType, write_problem
from submission.keys import CODE_SUFFIX, DATA_SUFFIX, SubmissionKey, event_key, problem_key

_EVENT = Event(
    release_date=datetime(2020, 1, 1, tzinfo=UTC),
    due_date=datetime(2100, 1, 1, tzinfo=UTC),
    late_due_date=None,
    group_size=3,
    rule=Rule.LAST,
)


def _case(name: str, stdin: str, answer: str, hint: str | None = None) -> Case:
    """Return a case; students who fail it see it if it has a hint."""
    return Case(name, (), stdin, answer, (), bool(hint), hint, None)


PROBLEM = Problem(
    name="Add up the sizes of containers, one a line",
    uuid="7b0a7c52-7f6f-4b0e-9e0e-2f3a0c1d5e64",
    type=ProblemType.SCORING,
    limits=Limits(time_limit=1.0, memory=128, output=1),
    groups=(Group("secret", 100, Aggregation.SUM, ()),),
    cases=(
        _case("sample/1", "3\n4\n", "7\n"),
        _case("secret/1-none", "", "0\n"),
        _case("secret/2-negative", "5\n-7\n", "-2\n"),
        _case("secret/3-many", "1000000\n" * 10_000, "10000000000\n"),
        _case("secret/4-empty-line", "3\n\n4\n", "7\n", hint="A line can be empty."),
    ),
    include=(),
)
SOLUTION = b"import sys\nprint(sum(int(line) for line in sys.stdin if line.strip()))\n"
"""A program that gets all of the problem's points."""


def example_key() -> SubmissionKey:
    """Return the submission's key, which its .json has in parts."""
    fields = json.loads(next(EXAMPLE.glob(f"*{DATA_SUFFIX}")).read_text(encoding="utf-8"))
    return SubmissionKey(*(fields[name] for name in SubmissionKey._fields))


def published_files() -> dict[str, bytes]:
    """Return the event's and the problem's objects, by their keys."""
    admin, event, problem, _ = example_key()
    return {
        event_key(admin, event): write_event(_EVENT),
        problem_key(admin, event, problem): write_problem(PROBLEM),
    }


def submitted_files() -> dict[str, bytes]:
    """Return the submission's two objects, by their keys: the .json last."""
    key = example_key()
    return {
        name: next(EXAMPLE.glob(f"*{suffix}")).read_bytes()
        for name, suffix in ((key.code_key, CODE_SUFFIX), (key.data_key, DATA_SUFFIX))
    }


def submit(stack: Stack, progress: Progress) -> None:
    """Upload the submission as a front end does."""
    _put(stack, submitted_files(), progress)


def publish(stack: Stack, progress: Progress) -> None:
    """Put the event and the problem where the grader looks for them."""
    progress("Publishing the example's event and problem, as staff do")
    _put(stack, published_files(), progress)


def _put(stack: Stack, files: Mapping[str, bytes], progress: Progress) -> None:
    bucket = stack.outputs.bucket_name
    for key, content in files.items():
        stack.session.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        progress(f"  s3://{bucket}/{key}")
