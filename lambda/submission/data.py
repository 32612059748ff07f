"""A submission's data file, its .json: the front end uploads it last, the back end reads it."""

import json

from submission.keys import SubmissionKey

CODE_VERSION_METADATA = "code-version-id"
"""User metadata of the .json: the version of its .py."""


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
