"""The data file: the specification's five keys, and what names its .py."""

import json

from submission.data import CODE_VERSION_METADATA, write_data
from submission.keys import SubmissionKey
from unit.submission_intake.examples import SUBID


def test_data_file_has_the_five_keys_in_order() -> None:
    key = SubmissionKey("m.soltys", "aws_labs", "lab5_containers", SUBID)
    assert list(json.loads(write_data(key, ("t1", "t2"))).items()) == [
        ("subid", SUBID),
        ("admin", "m.soltys"),
        ("event", "aws_labs"),
        ("problem", "lab5_containers"),
        ("tokens", ["t1", "t2"]),
    ]


def test_metadata_has_the_documented_name() -> None:
    assert CODE_VERSION_METADATA == "code-version-id"
