"""`doctor --round-trip` where AWS is lost on the way: what was uploaded is said."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError

from submitter.doctor.findings import Verdict
from submitter.doctor.round_trip import round_trip
from submitter.output import Output
from submitter.stack.context import Context
from unit.submitter.mocked_aws import mocked_stack

LOST = EndpointConnectionError(endpoint_url="https://aws")
STILL_EXPIRED = RuntimeError("the refreshed credentials are still expired")


@contextmanager
def lost_at(*operations: str, error: Exception = LOST) -> Iterator[None]:
    """Fail whenever one of some operations is asked for."""
    make = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001

    def losing(client: object, name: str, arguments: object) -> object:
        if name in operations:
            raise error
        return make(client, name, arguments)

    with patch.object(BaseClient, "_make_api_call", losing):
        yield


@pytest.mark.parametrize(
    ("error", "said"), [(LOST, "could not be asked"), (STILL_EXPIRED, "have expired")]
)
def test_submission_is_removed_though_its_log_was_not_reached(
    monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    with mocked_stack(monkeypatch) as stack, lost_at("FilterLogEvents", error=error):
        context = Context(Output(as_json=False), stack_name=stack.name)
        followed, removed = round_trip(context, patience_seconds=0)
        left = boto3.client("s3").list_object_versions(Bucket=stack.bucket_name)

    assert followed.verdict is Verdict.UNKNOWN
    assert said in followed.found
    assert removed.verdict is Verdict.OK
    assert "Versions" not in left


@pytest.mark.parametrize("error", [LOST, STILL_EXPIRED])
def test_submission_that_can_not_be_removed_is_named(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    operations = ("FilterLogEvents", "ListObjectVersions")
    with mocked_stack(monkeypatch) as stack, lost_at(*operations, error=error):
        context = Context(Output(as_json=False), stack_name=stack.name)
        _, removed = round_trip(context, patience_seconds=0)
        [code, _] = boto3.client("s3").list_objects_v2(Bucket=stack.bucket_name)["Contents"]

    assert removed.verdict is Verdict.ATTENTION
    assert f"Remove {code['Key'].rpartition('/')[0]}/ by hand" in removed.advice
