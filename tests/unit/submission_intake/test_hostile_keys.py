"""Keys that try to harm the log, the message or a terminal."""

import json
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import example, given

from localstack_process_executor.platform_log import LogFormat
from submission.keys import SubmissionKey, parse_key
from submission_intake.intake import IntakeError, take_in
from unit.localstack_process_executor.environments import configuration, error, invoke, started
from unit.submission_intake.examples import (
    OBJECT_KEY,
    SUBID,
    Json,
    key_of,
    s3_event,
    s3_record,
    submission_key,
)
from unit.submission_intake.scripted_sqs import ScriptedSqs, out_of_reach
from unit.submission_intake.sqs_wire import MAX_MESSAGE_BYTES, SqsWire
from unit.submission_intake.strategies import ANY_TEXT
from unit.submission_intake.written_log import WrittenLog

ROOT = Path(__file__).parents[3]

FORGERIES = [
    *('x\n{"outcome": "announced", "subid": "0"}', 'x\r\n{"outcome": "announced"}\r\n'),
    *('x", "outcome": "announced", "x": "', 'x"}\n{"level": "ERROR", "message": "failed', "x\\"),
    *('\\"', "\\u0022, \\u0022outcome\\u0022: \\u0022announced"),
    "END RequestId: 0\tREPORT RequestId: 0\tDuration: 1 ms",
    "\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}\x0b\x0c\x1c\x85",
    "\x1b[2J\x1b]0;owned\x07\x9b31m\x08\x7f",
    "\N{RIGHT-TO-LEFT OVERRIDE}nosj.\N{ZERO WIDTH NO-BREAK SPACE}",
    '{"_aws": {"CloudWatchMetrics": [{"Namespace": "Submitter"}]}, "Announced": 1000}',
    *("${jndi:ldap://127.0.0.1/a}%s%(outcome)s{outcome}{0}", "\ud800 \udfff"),
]


def hostile_record(name: str) -> Json:
    """Return a record whose key has a name, of which only % is encoded."""
    record = s3_record()
    record["s3"]["object"]["key"] = key_of(event=name.replace("%", "%25"))
    return record


def test_hostile_key_writes_one_line_of_json(log: WrittenLog) -> None:
    sqs = ScriptedSqs()
    take_in(s3_event(*map(hostile_record, FORGERIES)), sqs.queue)
    assert len(log.lines) == len(FORGERIES)
    for line in log.lines:
        assert line["outcome"] == line["message"]
        assert line.keys() <= {
            *("level", "message", "outcome", "reason", "key", "versionId", "subid", "messageId")
        }
    keys = sorted(line["key"] for line in log.lines)
    assert keys == sorted(
        key_of(event=name).encode(errors="backslashreplace").decode() for name in FORGERIES
    )


def test_lambda_runtime_writes_one_line_for_each_hostile_key(tmp_path: Path) -> None:
    code = (
        f"import sys\nsys.path.insert(0, {str(ROOT / 'lambda')!r})\n"
        "from submission_intake.handler import lambda_handler as handler\n"
    )
    environment = {
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        # Nothing listens there, so submissions fail at once.
        "AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:9",
        "SUBMITTER_QUEUE_URL": "http://127.0.0.1:9/queue",
        "SUBMITTER_STACK": "hostile",
    }
    settings = configuration(tmp_path, code, environment=environment, log_format=LogFormat.JSON)
    with started(settings) as function:
        outcome = invoke(function, s3_event(*map(hostile_record, FORGERIES)))
    assert error(outcome)["errorType"] == "IntakeError"
    lines = [json.loads(line) for line in outcome.logs.split("\n") if line]
    told = [line for line in lines if "outcome" in line]
    assert {line["outcome"] for line in told} == {"ignored", "failed"}
    assert sorted(line["key"] for line in told) == sorted(
        key_of(event=name).encode(errors="backslashreplace").decode() for name in FORGERIES
    )
    metrics = [line for line in lines if "_aws" in line]
    assert sum(line.get("Ignored", 0) + line.get("Failed", 0) for line in metrics) == len(told)
    assert not any("Announced" in line for line in metrics)


@given(ANY_TEXT, ANY_TEXT)
@example('a", "admin": "root', '"}{"subdata": "x')
@example("\\", "\\\\")
def test_body_is_the_subid_alone_for_any_names(admin: str, name: str) -> None:
    sqs = ScriptedSqs()
    parsed = parse_key(key_of(admin, name))
    record = hostile_record(name)
    record["s3"]["object"]["key"] = key_of(admin, name).replace("%", "%25").replace("+", "%2B")
    take_in(s3_event(record), sqs.queue)
    bodies = [body for call in sqs.bodies for body in call]
    assert bodies == ([f'{{"subdata": "{SUBID}.json"}}'] * isinstance(parsed, SubmissionKey))


@pytest.mark.parametrize("character", ["a", "é", "課", "\N{OCTOPUS}"])
def test_ten_of_the_longest_keys_fit_into_one_call(
    character: str, wired_handler: ModuleType, wire: SqsWire
) -> None:
    wire.clear()
    records = []
    for number in range(10):
        key = submission_key(number)
        room = 1024 - len(key_of(event="", subid=key.subid).encode())
        width = len(character.encode())
        name = character * (room // width) + "x" * (room % width)
        record = s3_record(key_of(event=name, subid=key.subid))
        # S3's longest version id.
        record["s3"]["object"]["versionId"] = "v" * 1024
        records.append(record)
    assert wired_handler.lambda_handler(s3_event(*records), None) == {
        "announced": 10,
        "ignored": {},
    }
    assert len(wire.calls) == 1
    assert all(len(message.attributes["key"].encode()) == 1024 for message in wire.sent)


@pytest.mark.parametrize("field", ["versionId", "eTag"])
@pytest.mark.parametrize("text", ["v" * MAX_MESSAGE_BYTES, "\x1b[2J", "\ud800", "\uffff"])
def test_attribute_that_sqs_refuses_fails_only_its_record(
    field: str, text: str, wired_handler: ModuleType, wire: SqsWire, log: WrittenLog
) -> None:
    wire.clear()
    odd = s3_record()
    odd["s3"]["object"][field] = text
    good = [s3_record(submission_key(number).data_key) for number in range(3)]
    with pytest.raises(IntakeError, match=r"^1 record\(s\) of this event were not announced"):
        wired_handler.lambda_handler(s3_event(good[0], odd, *good[1:]), None)
    assert sorted(message.attributes["key"] for message in wire.sent) == [
        submission_key(number).data_key for number in range(3)
    ]
    (failed,) = [line for line in log.lines if line["outcome"] == "failed"]
    assert failed["key"] == OBJECT_KEY
    assert max(log.lengths) < 20_000


def test_key_beyond_s3s_limit_is_cut_in_the_log(log: WrittenLog) -> None:
    record = s3_record()
    record["s3"]["object"]["key"] = "submissions/" + "\x01" * 200_000
    take_in(s3_event(record), ScriptedSqs().queue)
    (line,) = log.lines
    assert line["outcome"] == "ignored"
    assert len(line["key"]) == 1024


def test_longest_key_is_logged_whole(log: WrittenLog) -> None:
    key = key_of(event="e" * (1024 - len(key_of(event=""))))
    with pytest.raises(IntakeError):
        take_in(s3_event(s3_record(key)), ScriptedSqs([out_of_reach]).queue)
    assert [line["key"] for line in log.lines] == [key]


def nested(depth: int) -> object:
    """Return a list in a list in a list."""
    inner: list[object] = []
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize("field", ["eventSource", "eventVersion", "eventName", "s3", "eventTime"])
def test_deeply_nested_field_fails_only_its_record(field: str) -> None:
    sqs = ScriptedSqs()
    odd = s3_record(submission_key(1).data_key, **{field: nested(100_000)})
    failed = False
    try:
        take_in(s3_event(odd, s3_record()), sqs.queue)
    except IntakeError:
        failed = True
    assert f'{{"subdata": "{SUBID}.json"}}' in sqs.bodies[0]
    assert failed == (field in {"eventVersion", "eventName", "s3"})


def test_contents_of_a_foreign_event_are_not_logged(log: WrittenLog) -> None:
    secret = {"password": "of somebody"}
    take_in(s3_event({"eventSource": secret}, {"EventSource": [secret]}), ScriptedSqs().queue)
    assert [line["found"] for line in log.lines] == ["dict", "list"]
