"""Searches in the bucket, in listings of many pages."""

from collections.abc import Iterator

import pytest

from submitter.aws.bucket import find_version, top_level_prefixes, walk_objects, walk_versions
from submitter.output import Output
from submitter.stack.context import Context
from unit.submitter.mocked_aws import REGION, client, mocked_bucket


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    with mocked_bucket(monkeypatch) as stack:
        yield Context(Output(as_json=False), stack_name=stack.name, region=REGION)


def put(context: Context, key: str) -> str:
    answer = client("s3").put_object(Bucket=context.deployment.bucket_name, Key=key)
    return str(answer["VersionId"])


def test_version_is_found_among_many_newer_ones(context: Context) -> None:
    first, *_, newest = [put(context, "submissions/a.json") for _ in range(12)]
    put(context, "submissions/a.json.copy")

    for version, expected in ((first, first), (newest, newest), (None, newest)):
        found = find_version(context, "submissions/a.json", version)
        assert found is not None
        assert found.version_id == expected


def test_version_of_another_key_is_not_found(context: Context) -> None:
    other = put(context, "submissions/a.json.copy")

    assert find_version(context, "submissions/a.json", other) is None
    assert find_version(context, "submissions/a.json", None) is None


def test_every_top_level_folder_is_found(context: Context) -> None:
    folders = [f"{name}/" for name in "abcdefghijkl"]
    for folder in folders:
        put(context, f"{folder}object")
    put(context, "object")

    assert sorted(top_level_prefixes(context)) == [
        *(f"{name}/" for name in "abcdefghijkl"),
        "object",
    ]


def test_every_object_and_version_is_listed(context: Context) -> None:
    keys = [f"submissions/{number:02}" for number in range(12)]
    versions = {put(context, key) for key in (*keys, *keys)}

    assert [each.key for each in walk_objects(context, "submissions/")] == keys
    assert {each.version_id for each in walk_versions(context, "submissions/")} == versions
