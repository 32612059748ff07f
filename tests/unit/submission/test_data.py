"""The data file: the specification's five keys, and what names its .py."""

import json

import pytest

from submission.data import CODE_VERSION_METADATA, find_contradiction, write_data
from submission.keys import SubmissionKey
from unit.submission_intake.examples import SUBID

KEY = SubmissionKey("m.soltys", "aws_labs", "lab5_containers", SUBID)


def test_data_file_has_the_five_keys_in_order() -> None:
    assert list(json.loads(write_data(KEY, ("t1", "t2"))).items()) == [
        ("subid", SUBID),
        ("admin", "m.soltys"),
        ("event", "aws_labs"),
        ("problem", "lab5_containers"),
        ("tokens", ["t1", "t2"]),
    ]


def test_metadata_has_the_documented_name() -> None:
    assert CODE_VERSION_METADATA == "code-version-id"


def test_a_data_file_and_its_key_agree() -> None:
    assert find_contradiction(KEY, write_data(KEY, ("t1",))) is None


@pytest.mark.parametrize("field", SubmissionKey._fields)
@pytest.mark.parametrize("value", ["another", None, 1])
def test_a_field_that_contradicts_the_key_is_found(field: str, value: object) -> None:
    data = json.loads(write_data(KEY, ())) | {field: value}
    assert find_contradiction(KEY, json.dumps(data).encode()) == field
    del data[field]
    assert find_contradiction(KEY, json.dumps(data).encode()) == field


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"not JSON"])
def test_what_is_no_object_contradicts_any_key(data: bytes) -> None:
    assert find_contradiction(KEY, data) == "admin"
