"""The function is measured at work: started as on Lambda, and sending a message for each event."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from performance.function_process import FunctionError, Functions, Package, functions


@pytest.fixture
def place() -> Iterator[Functions]:
    with functions() as place:
        yield place


def test_intake_function_is_measured_while_it_announces(place: Functions) -> None:
    runs = place.run(place.intake(), runs=3)

    assert runs.first_message_ms > 0
    # A start loads the SDK; a further run does not.
    assert 0 < 5 * runs.run_cpu_ms < runs.cpu_ms
    assert runs.peak_mib > 10
    # The announcement's line and its metrics, without those of the runs before.
    assert len(runs.log) == 2


def function(folder: Path, code: str) -> Package:
    (folder / "broken.py").write_text(f"def handler(event, context):\n    {code}\n")
    return Package("broken", folder, "broken.handler", 0)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("pass", "broken sent 0 messages"),
        ("raise ValueError('no queue')", "broken failed: .*no queue"),
        ("import os; os._exit(3)", "broken failed"),
    ],
)
def test_function_that_sends_nothing_is_an_error(
    place: Functions, tmp_path: Path, code: str, said: str
) -> None:
    with pytest.raises(FunctionError, match=f"(?s){said}"):
        place.run(function(tmp_path, code))


def test_function_reads_and_writes_objects(place: Functions, tmp_path: Path) -> None:
    code = """import boto3
    from botocore.exceptions import ClientError
    s3, at = boto3.client("s3"), {"Bucket": "amzn-s3-demo-bucket"}
    s3.put_object(**at, Key="output/a b.json", Body=b"written", IfNoneMatch="*")
    found = s3.get_object(**at, Key="in.json")
    assert (found["Body"].read(), found["VersionId"]) == (b"read", "1")
    assert s3.head_object(**at, Key="in.json")["ContentLength"] == 4
    unchanged = {"IfNoneMatch": found["ETag"]}
    for key, condition, status in (("in.json", unchanged, 304), ("no.json", {}, 404)):
        try:
            s3.get_object(**at, Key=key, **condition)
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status
        else:
            raise AssertionError(key)
    """
    place.objects["in.json"] = b"read"

    with place.started(function(tmp_path, code), {}) as process:
        process.invoke(b"{}")

    assert place.objects == {"in.json": b"read", "output/a b.json": b"written"}
