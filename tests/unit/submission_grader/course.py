"""A course on moto's S3, a sandbox that does as it is told, and what went through the SDK."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from grading.event import Event, Rule, write_event
from grading.problem import Problem, write_problem
from sandbox import End, Limits, Outcome
from submission.data import CODE_VERSION_METADATA, write_data
from submission.keys import SubmissionKey, event_key, problem_key
from submission.message import UploadedObject
from submission_grader.bucket import Bucket
from unit.grading.examples import PROBLEM

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

BUCKET = "amzn-s3-demo-bucket"
KEY = SubmissionKey("m.soltys", "aws_labs", "lab5", "fc55c0190dde2bc413d8d1e79fb8cca2")
EVENT_KEY = event_key(KEY.admin, KEY.event)
PROBLEM_KEY = problem_key(KEY.admin, KEY.event, KEY.problem)
PROGRAM = b"print(42)  # the student's own words\n"
DAY = timedelta(days=1)

RIGHT = Outcome(End.EXITED, 0, b"42\n", b"", 1_000, 40_000_000, 0.1, 0.1)
WRONG = Outcome(End.EXITED, 0, b"41\n", b"", 1_000, 40_000_000, 0.1, 0.1)
BROKEN = Outcome(End.BROKEN, detail="the child died, and the program said ROSEBUD")


class Call(NamedTuple):
    """A program that was run."""

    program: bytes
    files: Mapping[str, bytes]
    argv: Sequence[str]
    stdin: bytes
    limits: Limits


@dataclass
class ScriptedRunner:
    """A sandbox: its runs end as told, the last one again and again."""

    outcomes: list[Outcome] = field(default_factory=lambda: [RIGHT])
    meanwhile: Callable[[], object] | None = None
    """What happens during the first run."""
    calls: list[Call] = field(default_factory=list)

    def run(
        self,
        program: bytes,
        files: Mapping[str, bytes],
        argv: Sequence[str],
        stdin: bytes,
        limits: Limits,
    ) -> Outcome:
        self.calls.append(Call(program, files, argv, stdin, limits))
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


def unhurried() -> float:
    return 1e6


def an_event(release: timedelta = -DAY, due: timedelta = DAY) -> Event:
    """Return an event around this moment."""
    now = datetime.now(UTC)
    return Event(now + release, now + due, now + max(due, timedelta(0)), 3, Rule.LAST)


class Course:
    """The bucket, from the uploaders' and staff's side."""

    def __init__(self, client: S3Client) -> None:
        self.client = client
        self.bucket = Bucket(client, BUCKET)
        self.calls: list[tuple[str, str]] = []
        """Operation and key, of each call."""
        self._answers: dict[tuple[str, str], list[Any]] = {}
        client.meta.events.register("before-parameter-build.s3", self._note)
        client.meta.events.register("before-call.s3", self._answer)

    def publish(self, problem: Problem = PROBLEM, event: Event | None = None) -> None:
        self.put(PROBLEM_KEY, write_problem(problem))
        self.put(EVENT_KEY, write_event(event or an_event()))

    def submit(self, program: bytes | None = PROGRAM, data: bytes | None = None) -> UploadedObject:
        """Upload a .py, if there is one, and a .json as the tool does; return what is announced."""
        metadata = {}
        if program is not None:
            metadata[CODE_VERSION_METADATA] = self.put(KEY.code_key, program)
        version = self.put(KEY.data_key, data or write_data(KEY, ("token",)), metadata)
        return UploadedObject(BUCKET, KEY.data_key, version, None, None)

    def put(self, key: str, content: bytes, metadata: Mapping[str, str] | None = None) -> str:
        """Upload an object, and return its version."""
        answer = self.client.put_object(
            Bucket=BUCKET, Key=key, Body=content, Metadata=metadata or {}
        )
        return answer["VersionId"]

    def delete(self, key: str, version: str) -> None:
        self.client.delete_object(Bucket=BUCKET, Key=key, VersionId=version)

    def text(self, key: str) -> str:
        return self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()

    def result(self, key: str = KEY.result_key) -> dict[str, Any]:
        fields: dict[str, Any] = json.loads(self.text(key))
        return fields

    def written(self, key: str = KEY.result_key) -> int:
        """Return how many versions a result has."""
        found = self.client.list_object_versions(Bucket=BUCKET, Prefix=key)
        return len(found.get("Versions", []))

    def answer(self, operation: str, key: str, *answers: Any) -> None:  # noqa: ANN401
        """Answer the next calls: with an HTTP status, or as usual after calling a function."""
        self._answers[operation, key] = [*answers]

    def _note(self, params: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401
        self.calls.append((model.name, params.get("Key") or params.get("Prefix", "")))

    def _answer(self, **_: object) -> Any:  # noqa: ANN401
        answers = self._answers.get(self.calls[-1])
        if not answers:
            return None
        answer = answers.pop(0)
        if callable(answer):
            answer()
            return None
        error = {"Code": f"Code{answer}", "Message": "it says so"}
        metadata = {"HTTPStatusCode": answer}
        return AWSResponse("", answer, HTTPHeaders(), None), {
            "Error": error,
            "ResponseMetadata": metadata,
        }
