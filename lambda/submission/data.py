"""A submission's data file: what the front end uploads last, and the back end reads."""

import json

from submission.keys import SubmissionKey

CODE_VERSION = "code-version-id"
"""The user metadata of the .json that names the version of its .py."""


def write_data(key: SubmissionKey, tokens: tuple[str, ...]) -> bytes:
    """Return a data file, with exactly the specification's five keys."""
    fields = {
        "subid": key.subid,
        "admin": key.admin,
        "event": key.event,
        "problem": key.problem,
        "tokens": list(tokens),
    }
    return f"{json.dumps(fields, indent=2)}\n".encode()
