"""A submission's data file, its .json: the front end uploads it last, the back end reads it."""

import json

from submission.json_object import read_object
from submission.keys import SubmissionKey

CODE_VERSION_METADATA = "code-version-id"
"""User metadata of the .json: the version of its .py."""
MAX_DATA_BYTES = 1_000_000
"""What a back end reads of a .json."""


def write_data(key: SubmissionKey, tokens: tuple[str, ...]) -> bytes:
    """Return a data file's content: JSON with exactly the specification's five keys."""
    fields = {
        "subid": key.subid,
        "admin": key.admin,
        "event": key.event,
        "problem": key.problem,
        "tokens": list(tokens),
    }
    return f"{json.dumps(fields, indent=2)}\n".encode()


def find_contradiction(key: SubmissionKey, data: bytes) -> str | None:
    """Return the first field of a data file that its key contradicts; None if there is none.

    The field is missing or of another value. A file that is no JSON object lacks the first.
    """
    fields = read_object(data)
    return next((name for name, value in key._asdict().items() if fields.get(name) != value), None)
