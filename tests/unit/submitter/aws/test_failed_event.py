"""Lambda's record of a failed event is recognised among other messages."""

import json
from typing import Any

import pytest

from submitter.aws.failed_event import UNKNOWN_CAUSE, parse_failed_event

KEY = "submissions/m.soltys/aws_labs/lab 5/x/y.json"


def _record(**s3: Any) -> dict[str, Any]:  # noqa: ANN401
    named = {
        "bucket": {"name": "bucket"},
        "object": {"key": KEY.replace(" ", "+"), "versionId": "v1"},
    }
    return {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventVersion": "2.1",
        "s3": named | s3,
    }


def _body(payload: object, **fields: object) -> str:
    return json.dumps({"requestPayload": payload} | fields)


def test_failed_event_has_its_cause_and_uploads() -> None:
    payload = {"Records": [_record(), {"eventSource": "aws:sqs"}]}
    failed = parse_failed_event(
        _body(
            payload,
            requestContext={"condition": "RetriesExhausted"},
            responsePayload={"errorType": "IntakeError", "errorMessage": "no queue"},
        )
    )

    assert failed is not None
    assert (failed.condition, failed.error) == ("RetriesExhausted", "IntakeError: no queue")
    assert [(each.key, each.version_id) for each in failed.uploads] == [(KEY, "v1")]
    assert failed.is_readable


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"requestContext": None, "responsePayload": None},
        {"requestContext": {"condition": 1}, "responsePayload": ["errorType"]},
        {"requestContext": {"condition": ""}, "responsePayload": {"errorType": {}}},
    ],
)
def test_failed_event_without_a_cause_is_accepted(fields: dict[str, object]) -> None:
    failed = parse_failed_event(_body({"Records": [_record()]}, **fields))

    assert failed is not None
    assert (failed.condition, failed.error) == (UNKNOWN_CAUSE, "")


def test_unreadable_event_is_not_foreign() -> None:
    failed = parse_failed_event(_body({"Records": [_record(object={})]}))

    assert failed is not None
    assert (failed.uploads, failed.is_readable) == ((), False)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '"\\u001b"',
        json.dumps({"Records": [_record()]}),
        json.dumps([{"requestPayload": {"Records": [_record()]}}]),
        _body(1),
        _body({}),
        _body([_record()]),
        _body({"Records": []}),
        _body({"Records": "x"}),
        _body({"Event": "s3:TestEvent"}),
        _body({"Records": [{"eventSource": "aws:sqs"}, None, 1]}),
        _body({"Records": [_record() | {"eventName": "ObjectRemoved:Delete"}]}),
        "[" * 200_000,
        '{"a":' * 200_000,
        '{"requestPayload": ' + "[" * 200_000 + "]" * 200_000 + "}",
        f'{{"requestPayload": {"9" * 5000}}}',
    ],
)
def test_other_body_is_foreign(body: str) -> None:
    assert parse_failed_event(body) is None
