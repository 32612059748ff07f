"""A course: problems are published, a class hands in, a mistake is corrected, grades exported."""

import csv
import io
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from emulation.example_course import SOLUTION
from emulation.waiting import wait_for
from local.grading import Grading
from local.intake import Submission
from local.tool import Completed, run_tool
from submission.data import write_data

# On the stack of test_grading.py.
pytestmark = pytest.mark.xdist_group("grading")

ADMIN = "m.soltys"
PROBLEMS = ("a_sums", "b_sums", "c_sums", "d_sums", "e_sums")
MISTAKEN = "c_sums"
WRONG = b"print(7)\n"
_GRADING_SECONDS = 0.5
"""For each submission, at most: on a busy machine."""


class Course:
    """An event with problems, and a class."""

    def __init__(self, grading: Grading, folder: Path, students: int) -> None:
        self.grading = grading
        self.folder = folder
        self.event = folder.name
        self.tokens = [secrets.token_hex(16) for _ in range(students)]
        self.submissions: list[Submission] = []

    def tool(self, *arguments: object) -> Completed:
        return run_tool(self.grading.stack, *map(str, arguments))

    def write_problems(self) -> None:
        """Write the event's folder; one answer of one problem is a mistake."""
        assert self.tool("new", "event", self.folder).exit_code == 0
        for name in PROBLEMS:
            assert self.tool("new", "problem", self.folder / name).exit_code == 0
        for path in (self.folder / "sums").rglob("*"):
            if path.is_file():
                path.unlink()
        for path in sorted((self.folder / "sums").rglob("*"), reverse=True):
            path.rmdir()
        (self.folder / "sums").rmdir()
        self.mistake.write_text("1\n")

    @property
    def mistake(self) -> Path:
        return self.folder / MISTAKEN / "data" / "secret" / "2-hard" / "1-none.ans"

    def hand_in(self) -> None:
        """Hand in each student's five programs: each tenth is wrong."""
        pairs = [(token, problem) for token in self.tokens for problem in PROBLEMS]

        def upload(number: int) -> Submission:
            token, problem = pairs[number]
            submission = Submission(ADMIN, self.event, problem)
            self.grading.put(submission.py_key, WRONG if number % 10 == 3 else SOLUTION)
            self.grading.put(submission.json_key, write_data(submission.key, (token,)))
            return submission

        with ThreadPoolExecutor(8) as pool:
            self.submissions = list(pool.map(upload, range(len(pairs))))

    def wait_for_results(self, problem: str | None = None, digest: str | None = None) -> None:
        """Wait until every submission has a result, those of a problem one of its digest."""
        left = [it for it in self.submissions if problem in {None, it.problem}]

        def are_there() -> bool:
            left[:] = [it for it in left if not self._is_graded(it, digest)]
            return not left

        wait_for("the results", are_there, _GRADING_SECONDS * len(left) + 60)

    def _is_graded(self, submission: Submission, digest: str | None) -> bool:
        result = self.grading.read(submission.key.result_key)
        return result is not None and digest in {None, result["problemDigest"]}

    def report(self) -> dict[str, Any]:
        done = self.tool("report", ADMIN, self.event, "--json")
        assert done.exit_code == 0, done.errors
        found: dict[str, Any] = done.report
        return found

    def grades(self) -> str:
        done = self.tool("grades", ADMIN, self.event, "--csv", "plain")
        assert done.exit_code == 0, done.errors
        return done.output


@pytest.mark.parametrize("students", [6, pytest.param(300, marks=pytest.mark.nightly)])
def test_class_is_graded_corrected_and_exported(
    grading: Grading, tmp_path: Path, students: int
) -> None:
    course = Course(grading, tmp_path / f"labs_{secrets.token_hex(4)}", students)
    course.write_problems()
    first = course.tool("publish", course.folder, "--admin", ADMIN, "--yes")
    assert first.exit_code == 0, first.output + first.errors

    course.hand_in()
    course.wait_for_results()

    # Everybody fails a test: that is how the mistake shows.
    [suspect] = [each for each in course.report()["problems"] if each["nobody_passes"]]
    assert (suspect["name"], suspect["nobody_passes"]) == (MISTAKEN, ["secret/2-hard/1-none"])
    assert course.tool("check", course.folder / MISTAKEN).exit_code == 1
    course.mistake.write_text("0\n")
    assert course.tool("check", course.folder).exit_code == 0
    before = course.grades()

    again = course.tool("publish", course.folder, "--admin", ADMIN, "--yes", "--json")
    assert again.exit_code == 0, again.output + again.errors
    preview = course.tool("regrade", ADMIN, course.event, "--sample", "5", "--json")
    assert preview.exit_code == 1
    assert course.grades() == before
    done = course.tool("regrade", ADMIN, course.event, "--yes")
    assert done.exit_code == 0, done.output + done.errors
    digest = json.loads(
        grading.s3.get_object(
            Bucket=grading.bucket, Key=f"events/{ADMIN}/{course.event}/{MISTAKEN}.json"
        )["Body"].read()
    )["digest"]
    course.wait_for_results(MISTAKEN, digest)

    rows = list(csv.DictReader(io.StringIO(course.grades())))
    assert len(rows) == students
    scores = {(row["token"], problem): float(row[problem]) for row in rows for problem in PROBLEMS}
    pairs = [(token, problem) for token in course.tokens for problem in PROBLEMS]
    assert {pair for pair in pairs if scores[pair] == 100} == {
        pair for number, pair in enumerate(pairs) if number % 10 != 3
    }
    assert course.grades() == course.grades()
