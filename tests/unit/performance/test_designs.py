"""What a back end reads out of each design's messages."""

import json

import pytest

from performance.flow.design import Design
from performance.flow.designs import announced_names, notified_names


def test_the_specified_message_names_the_file() -> None:
    assert announced_names('{"subdata": "5a.json"}') == ["5a.json"]


def test_s3s_own_message_names_the_file_of_each_record() -> None:
    keys = ("submissions/a/b/c/5a/5a.json", "submissions/a/b+c/d/6b/6b%2B.json")
    body = json.dumps({"Records": [{"s3": {"object": {"key": key}}} for key in keys]})

    assert notified_names(body) == ["5a.json", "6b+.json"]


@pytest.mark.parametrize("read", [announced_names, notified_names])
def test_another_message_is_no_announcement(read: object) -> None:
    assert callable(read)
    with pytest.raises(KeyError):
        read('{"Event": "s3:TestEvent"}')


def test_every_design_has_a_name_for_people() -> None:
    assert len({design.label for design in Design}) == len(Design)
