"""An event on moto's S3, what teams handed in for it, and the results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from grading.event import Event, Rule, write_event
from submission.data import CODE_VERSION_METADATA, write_data
from submission.keys import SubmissionKey, event_key, problem_key
from submitter.cli import app
from submitter.stack.deployment import Deployment
from unit.submitter.mocked_aws import client, mocked_bucket

ADMIN, EVENT = "m.soltys", "aws_labs"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)
SETTINGS = Event(NOW - 30 * DAY, NOW + DAY, NOW + 4 * DAY, group_size=3, rule=Rule.LAST)
"""What is uploaded now is in time."""
IN_TIME = NOW - HOUR
LATE = SETTINGS.due_date + DAY + HOUR
CLOSED = NOW + 5 * DAY
EARLY = NOW - 31 * DAY


def key_of(problem: str, *tokens: str) -> SubmissionKey:
    """Return the key of a team's submission."""
    text = "\n".join((ADMIN, EVENT, problem, *sorted(tokens)))
    return SubmissionKey(ADMIN, EVENT, problem, hashlib.md5(text.encode()).hexdigest())  # noqa: S324


@dataclass
class Course:
    """An event in a stack's bucket."""

    stack: Deployment

    def __post_init__(self) -> None:
        self.s3 = client("s3")
        self.publish()

    def put(self, key: str, body: bytes, **more: Any) -> str:  # noqa: ANN401
        """Put an object; return its version."""
        answer = self.s3.put_object(Bucket=self.stack.bucket_name, Key=key, Body=body, **more)
        return str(answer["VersionId"])

    def publish(self, *problems: str, **settings: Any) -> None:  # noqa: ANN401
        """Publish the event, with other settings, and problems."""
        self.put(event_key(ADMIN, EVENT), write_event(replace(SETTINGS, **settings)))
        for problem in problems:
            self.put(problem_key(ADMIN, EVENT, problem), b"{}")

    def submit(self, problem: str, *tokens: str, names_code: bool = False) -> str:
        """Upload a team's .py and .json; return the version of the .json."""
        key = key_of(problem, *tokens)
        code = self.put(key.code_key, b"print(42)\n")
        metadata = {CODE_VERSION_METADATA: code} if names_code else {}
        return self.put(key.data_key, write_data(key, tokens), Metadata=metadata)

    def replace_code(self, problem: str, *tokens: str) -> str:
        """Upload another .py, and no .json; return its version."""
        return self.put(key_of(problem, *tokens).code_key, b"print(43)\n")

    def newest_code(self, problem: str, *tokens: str) -> str:
        """Return the version of a team's .py."""
        key = key_of(problem, *tokens).code_key
        return str(self.s3.head_object(Bucket=self.stack.bucket_name, Key=key)["VersionId"])

    def judge(
        self,
        problem: str,
        tokens: Sequence[str],
        version: str,
        score: float | None = 7.5,
        *,
        at: datetime | None = IN_TIME,
        **said: Any,  # noqa: ANN401
    ) -> None:
        """Write both results of a version of a team's submission."""
        result = {
            "submissionVersionId": version,
            "codeVersionId": self.newest_code(problem, *tokens),
            "status": "completed",
            "problemDigest": "digest",
            "verdict": "AC",
            **({} if at is None else {"submittedAt": at.isoformat()}),
            **({} if score is None else {"score": score, "max_score": 10.0}),
            **said,
        }
        document = {name: value for name, value in result.items() if value is not None}
        key = key_of(problem, *tokens)
        self.put(key.staff_result_key, b'{"output": "hidden"}')
        self.put(key.result_key, json.dumps(document).encode())

    def hand_in(self, problem: str, *tokens: str, score: float = 7.5, **said: Any) -> str:  # noqa: ANN401
        """Submit, and write the result."""
        version = self.submit(problem, *tokens)
        self.judge(problem, tokens, version, score, **said)
        return version

    def grades(self, *options: object) -> Result:
        """Run the command."""
        return CliRunner().invoke(app, ["grades", ADMIN, EVENT, *map(str, options)])

    def report(self, *options: object) -> dict[str, Any]:
        """Run the command with --json."""
        done = self.grades("--json", *options)
        assert done.exit_code in {0, 1}, done.output
        report: dict[str, Any] = json.loads(done.stdout)
        assert done.exit_code == any(each["needs_attention"] for each in report["findings"])
        return report

    def grade(self, problem: str, *tokens: str) -> dict[str, Any]:
        """Return the one team's grade for a problem."""
        subid = key_of(problem, *tokens).subid
        [found] = [
            grade
            for team in self.report()["teams"]
            for grade in team["grades"].values()
            if grade["subid"] == subid
        ]
        return dict(found)

    def findings(self, *options: object) -> dict[str, list[str]]:
        """Return where something was found, by kind."""
        return {each["kind"]: each["where"] for each in self.report(*options)["findings"]}


@contextmanager
def running_course(monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    """Have a course, for the length of a block."""
    with mocked_bucket(monkeypatch) as deployment:
        yield Course(deployment)
