"""A large course's gradebook takes seconds, and holds no documents."""

import io
import json
import time
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from grading.event import Rule, write_event
from submission.data import write_data
from submission.keys import SUBMISSIONS, event_key
from submitter.grades.gradebook import make_gradebook
from submitter.grades.reading import find_event, read_submissions
from unit.submitter.contexts import context_with
from unit.submitter.grades.graded_course import ADMIN, EVENT, IN_TIME, NOW, SETTINGS, key_of

PROBLEMS = 5
RESULT_BYTES = 20_000
PAGE = 1000


class _Bucket:
    """An S3 client that makes its objects up when they are asked for."""

    exceptions = SimpleNamespace(NoSuchKey=KeyError)

    def __init__(self, submissions: int) -> None:
        keys = [
            (key_of(f"lab{number % PROBLEMS}", f"t{number // PROBLEMS}"), f"t{number // PROBLEMS}")
            for number in range(submissions)
        ]
        self._tokens = {key.data_key: token for key, token in keys}
        self._submissions = {key.data_key: key for key, _ in keys}
        self._results = {key.result_key: number for number, (key, _) in enumerate(sorted(keys))}
        self.read = 0

    def get_paginator(self, operation: str) -> "_Bucket":
        assert operation == "list_object_versions"
        return self

    def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
        prefix = asked["Prefix"]
        keys = [event_key(ADMIN, EVENT)]
        if prefix.startswith(SUBMISSIONS):
            keys = [*self._submissions, *(key.code_key for key in self._submissions.values())]
        elif prefix.startswith("output/"):
            keys = [*self._results]
        keys = sorted(key for key in keys if key.startswith(prefix))
        for start in range(0, len(keys), PAGE):
            yield {"Versions": [_listed(key) for key in keys[start : start + PAGE]]}

    def get_object(self, **asked: str) -> dict[str, Any]:
        key = asked["Key"]
        self.read += 1
        if key in self._results:
            said = {
                "submissionVersionId": "v1",
                "codeVersionId": "v1",
                "status": "completed",
                "score": self._results[key] % 11,
                "max_score": 10,
                "submittedAt": IN_TIME.isoformat(),
                "output": "x" * RESULT_BYTES,
            }
            body = json.dumps(said).encode()
        elif key in self._submissions:
            body = write_data(self._submissions[key], (self._tokens[key],))
        else:
            body = write_event(SETTINGS)
        return {"Body": io.BytesIO(body), "Metadata": {}}


def _listed(key: str) -> dict[str, Any]:
    return {
        "Key": key,
        "VersionId": "v1",
        "ETag": '"etag"',
        "Size": 1,
        "LastModified": NOW - timedelta(hours=2),
        "IsLatest": True,
    }


@pytest.mark.parametrize("submissions", [2_000, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_memory_and_time_of_a_large_course(submissions: int) -> None:
    bucket = _Bucket(submissions)
    context = context_with(s3=bucket)
    settings, problems = find_event(context, ADMIN, EVENT)
    begun = time.process_time()
    tracemalloc.start()
    try:
        submitted = read_submissions(context, ADMIN, EVENT, settings)
        book = make_gradebook(settings, problems, submitted, None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    seconds = time.process_time() - begun

    assert settings.rule is Rule.LAST
    assert len(book.students) == submissions // PROBLEMS
    assert book.counts == {"scored": submissions}
    assert bucket.read == 2 * submissions + 1
    # The documents have 20,000 bytes each.
    assert peak / submissions < 3_000, f"{peak / submissions:.0f} bytes each"
    assert seconds / submissions < 0.01, f"{seconds:.1f} s"
