"""The real grader with faults in it: see faulty_function.py.

The variable FAULT names one that strikes at import, or else each submission is struck by the fault
that its problem is named after. A program is in mid-case when the grader has sent it to the
sandbox, and waits for its outcome.
"""

import os
import signal
import threading
from typing import Any, NamedTuple, Never

if os.environ["FAULT"] == "crash at import":
    raise RuntimeError

from submission.json_object import read_object
from submission.keys import SubmissionKey, problem_key
from submission.result import DATA_VERSION, MAX_RESULT_BYTES, PROBLEM_DIGEST
from submission_grader import handler
from submission_grader.bucket import MissingError

_GRADER: Any = handler._GRADER  # noqa: SLF001 - where the faults are put in
_SANDBOX: Any = _GRADER._runner  # noqa: SLF001
_BUCKET: Any = _GRADER._bucket  # noqa: SLF001
_RECEIVE, _PUT = _SANDBOX._receive, _BUCKET.put  # noqa: SLF001


class _Upload(NamedTuple):
    """The submission that is being graded."""

    key: SubmissionKey
    version_id: str


_upload = _Upload(SubmissionKey("", "", "", ""), "")


def _receive(largest: int, deadline: float) -> object:
    if largest:  # not for the child's word that it is ready
        _strike(_upload.key.problem.replace("_", " "))
    return _RECEIVE(largest, deadline)


def _strike(fault: str) -> None:
    match fault:
        case "crash in mid-case":
            raise MemoryError
        case "killed in mid-case":
            _die()
        case "out of memory in the sandbox":
            os.kill(_SANDBOX.pid, signal.SIGKILL)
        case "time-out":
            threading.Event().wait()
        case "problem published again in mid-case":
            _wait_for_the_new_problems_result()


def _put(key: str, content: bytes, replaced_etag: str | None) -> object:
    submission = _upload.key
    if submission.problem == "killed_between_the_two_results" and key == submission.result_key:
        _die()
    return _PUT(key, content, replaced_etag)


def _wait_for_the_new_problems_result() -> None:
    """Go on when a result of another problem stands, if one of the same upload and problem does."""
    problem = problem_key(_upload.key.admin, _upload.key.event, _upload.key.problem)
    _, digest = _GRADER._problems._kept[problem].value  # noqa: SLF001
    while _standing() == {DATA_VERSION: _upload.version_id, PROBLEM_DIGEST: digest}:
        _PUT(f"{_upload.key.result_key}.held", b"", None)
        threading.Event().wait(0.1)


def _standing() -> dict[str, object]:
    try:
        found = read_object(_BUCKET.get(_upload.key.result_key, MAX_RESULT_BYTES).content)
    except MissingError:
        return {}
    return {name: found.get(name) for name in (DATA_VERSION, PROBLEM_DIGEST)}


def _die() -> Never:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("The process outlived its end.")


class _Unhurried:
    """A context in which there is time: near its timeout, the grader would not begin a run."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Grade a submission up to its fault."""
    global _upload  # noqa: PLW0603 - one message at a time
    [record] = event["Records"]
    key, version = (
        record["messageAttributes"][name]["stringValue"] for name in ("key", "versionId")
    )
    _upload = _Upload(SubmissionKey(*key.split("/")[1:5]), version)
    return handler.lambda_handler(event, _Unhurried())


_SANDBOX._receive, _BUCKET.put = _receive, _put  # noqa: SLF001
