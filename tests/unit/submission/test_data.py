"""The data file: the specification's five keys, and what names its .py."""

import json

from submission.data import CODE_VERSION_METADATA, write_data
from submission.keys import SubmissionKey
from unit.submission_intake.examples import SUBID


def test_a_data_file_has_the_specifications_five_keys() -> None:
    key = SubmissionKey("m.soltys", "aws_labs", "lab5_containers", SUBID)
    assert json.loads(write_data(key, ("t1", "t2"))) == {
        "subid": SUBID,
        "admin": "m.soltys",
        "event": "aws_labs",
        "problem": "lab5_containers",
        "tokens": ["t1", "t2"],
    }


def test_the_metadata_has_the_name_that_back_ends_read() -> None:
    assert CODE_VERSION_METADATA == "code-version-id"
