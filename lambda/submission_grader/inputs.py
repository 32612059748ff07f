"""Which program is graded: reads a submission's .json and .py, and rejects what is neither."""

import time
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from datetime import UTC, datetime, timedelta

from submission.data import CODE_VERSION_METADATA, find_contradiction
from submission.json_object import read_object
from submission.keys import SubmissionKey
from submission_grader.bucket import Bucket, MissingError, Stored
from submission_grader.ends import RejectedError, Rejection, WaitingError

MAX_CODE_BYTES = 1_000_000

CODE_GRACE = timedelta(seconds=60)
"""How long after its .json a .py may come that should have come first."""
_LOOK_AGAIN_SECONDS = (0.5, 1.0, 2.0, 4.0)


def check_data(key: SubmissionKey, data: Stored) -> None:
    """Check that a .json is its key's.

    Raises:
        RejectedError: it is too large, no JSON, or names another submission.
    """
    if data.content is None:
        raise RejectedError(Rejection.LARGE_DATA)
    if find_contradiction(key, data.content):
        raise RejectedError(Rejection.OTHER_DATA)


def find_code(bucket: Bucket, key: SubmissionKey, data: Stored, grace: timedelta) -> Stored:
    """Return the .py's version that a .json names, else the newest, without its content.

    A front end may upload both at once, so it looks again for a few seconds: a message that comes
    back takes the queue's visibility timeout.

    Raises:
        WaitingError: there is none, but the .json is younger than ``grace``.
        RejectedError: there is none.
    """
    named = data.metadata.get(CODE_VERSION_METADATA) or None
    for delay in (*_LOOK_AGAIN_SECONDS, 0):
        try:
            return bucket.head(key.code_key, named)
        except MissingError:
            if named:
                raise RejectedError(Rejection.CODE_GONE) from None
            if datetime.now(UTC) >= data.time + grace:
                raise RejectedError(Rejection.NO_CODE) from None
        time.sleep(delay)
    raise WaitingError


def read_program(bucket: Bucket, key: SubmissionKey, code: Stored) -> bytes:
    """Return a program's source, in the encoding that it is in: Python decodes it in the sandbox.

    Raises:
        RejectedError: Python can't read it as a source, whatever is in it; or it is too large.
        WaitingError: it vanished.
    """
    if code.size > MAX_CODE_BYTES:
        raise RejectedError(Rejection.LARGE_CODE)
    try:
        program = bucket.get(key.code_key, MAX_CODE_BYTES, code.version_id).content or b""
    except MissingError:
        raise WaitingError from None  # deleted a moment ago: the next attempt finds out
    check_program(program)
    return program


def check_program(program: bytes) -> None:
    """Check that Python can read a program as a source, whatever is in it.

    Raises:
        RejectedError: it can't.
    """
    if not program.strip():
        raise RejectedError(Rejection.EMPTY)
    if program.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise RejectedError(Rejection.UTF_16)
    if b"\0" in program:
        raise RejectedError(Rejection.NUL_BYTES)
    if {"cells", "nbformat"} <= read_object(program).keys():
        raise RejectedError(Rejection.NOTEBOOK)
