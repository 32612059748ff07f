"""The handler on arbitrary events: every record has one known outcome.

An ordinary run tries 150 events, the same ones each time. `make fuzz` tries 100,000
(`FUZZ_CASES`), others in every run.
"""

import contextlib
import copy
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing import CASES, ROUND_CASES, reported
from submission.keys import IgnoredKey
from submission.log import NotAnUpload
from submission_intake.intake import IntakeError, take_in
from unit.submission_intake.examples import (
    BUCKET,
    EVENTS_FOLDER,
    OBJECT_KEY,
    SUBID,
    Json,
    encode_key,
    event_file,
    key_of,
    s3_event,
    s3_record,
    submission_key,
)
from unit.submission_intake.scripted_sqs import (
    ScriptedSqs,
    all_of,
    forgetting,
    message_id,
    of,
    out_of_reach,
    refusing,
    refusing_the_call,
    taken,
    taken_under_other_ids,
)
from unit.submission_intake.sqs_wire import Sent, SqsWire
from unit.submission_intake.strategies import ANY_TEXT, JSON, NEARLY_RECORDS, SAFE_NAMES, SUBIDS
from unit.submission_intake.written_log import writing_the_log

ORDINARY_CASES = 150

LONGEST_LINE_BYTES = 256 * 1024

BODY = re.compile(r'\{"subdata": "([0-9a-f]{32}\.json)"\}')

VALID_KEYS = st.builds(key_of, SAFE_NAMES, SAFE_NAMES, SAFE_NAMES, SUBIDS)
NASTY_NAMES = st.sampled_from(
    ["", ".", "..", "../..", "\\", "\0", "\n", "\x1b[2J", '"', "%2e%2e", "%00", "\ud800", "é" * 999]
)
LONG_KEYS = st.builds(key_of, st.integers(870, 1000).map("a".__mul__), SAFE_NAMES)
KEYS = (
    VALID_KEYS
    | LONG_KEYS
    | st.builds(key_of, NASTY_NAMES | SAFE_NAMES, NASTY_NAMES, SAFE_NAMES, SUBIDS)
    | st.tuples(st.integers(0, len(OBJECT_KEY)), st.integers(0, 2), ANY_TEXT).map(
        lambda edit: OBJECT_KEY[: edit[0]] + edit[2][:3] + OBJECT_KEY[edit[0] + edit[1] :]
    )
    | st.sampled_from(["output/a.json", "submissions/a.json", OBJECT_KEY.replace(".json", ".py")])
    | st.sampled_from([OBJECT_KEY.replace(f"/{SUBID}/", "/lab/"), key_of(subid="lab")])
)
ENCODINGS: st.SearchStrategy[Callable[[str], str]] = st.sampled_from(
    [
        lambda key: encode_key(key.encode(errors="replace").decode()),
        lambda key: key,
        lambda key: "".join(f"%{byte:02x}" for byte in key.encode(errors="replace")),
    ]
)
FIELDS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "eventVersion": st.sampled_from(["2.0", "2.6", "3.0", 2.1, None, True]),
        "eventName": st.sampled_from(
            ["ObjectCreated:Copy", "s3:ObjectCreated:Post", "ObjectRemoved:Delete", 7, None]
        ),
        "eventSource": st.sampled_from(["aws:s3", "aws:sqs", None]),
        "eventTime": ANY_TEXT,
        "a field of tomorrow": JSON,
    },
)


@st.composite
def uploads(draw: st.DrawFn) -> Json:
    """Return a record of an upload, with a key of any kind and perhaps a field of another kind."""
    record = s3_record(**draw(st.just({}) | FIELDS))
    record["s3"]["object"]["key"] = draw(ENCODINGS)(draw(KEYS))
    record["s3"]["object"] |= draw(
        st.just({}) | st.fixed_dictionaries({}, optional={"versionId": ANY_TEXT, "eTag": JSON})
    )
    return record


@st.composite
def damaged_files(draw: st.DrawFn) -> object:
    """Return one of the event files with any JSON in the place of one of its parts."""
    event: Any = event_file(
        draw(
            st.sampled_from(sorted(p.stem for p in EVENTS_FOLDER.iterdir() if p.suffix == ".json"))
        )
    )
    place: Any = event
    while True:
        step = draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
        )
        inner = place[step]
        if not isinstance(inner, dict | list) or not inner or draw(st.integers(0, 4)) == 0:
            place[step] = draw(JSON)
            return event
        place = inner


RECORDS = st.lists(uploads() | NEARLY_RECORDS | JSON, max_size=12)
EVENTS = (
    st.fixed_dictionaries({"Records": RECORDS})
    | st.fixed_dictionaries({"Records": RECORDS}, optional={"Event": JSON, "detail": JSON})
    | damaged_files()
    | JSON
)


def is_submission(key: str) -> bool:
    """Decide independently of the grammar, by the key's bytes."""
    try:
        encoded = key.encode()
    except UnicodeEncodeError:
        return False
    shape = rb"submissions/([^/]+)/([^/]+)/([^/]+)/([0-9a-f]{32})/([0-9a-f]{32})\.json"
    match = re.fullmatch(shape, encoded, re.DOTALL)
    if match is None or len(encoded) > 1024 or match[4] != match[5]:
        return False
    # C0, DEL and the backslash; C1 as UTF-8 has it; U+FFFE and U+FFFF.
    if re.search(rb"[\x00-\x1f\x7f\\]|\xc2[\x80-\x9f]|\xef\xbf[\xbe\xbf]", encoded):
        return False
    return not {b".", b".."} & set(match.groups())


def decoded(key: str) -> str:
    """Decode independently of the function, byte by byte."""
    unescaped = bytearray()
    encoded = key.encode(errors="surrogatepass")
    place = 0
    while place < len(encoded):
        if re.match(rb"%[0-9A-Fa-f]{2}", encoded[place : place + 3]):
            unescaped.append(int(encoded[place + 1 : place + 3], 16))
            place += 3
        else:
            unescaped += b" " if encoded[place : place + 1] == b"+" else encoded[place : place + 1]
            place += 1
    return unescaped.decode(errors="surrogateescape")


def records_of(event: object) -> list[object]:
    """Return the event's records; an event without any counts as one."""
    records = event.get("Records") if isinstance(event, dict) else None
    return records if isinstance(records, list) and records else [None]


def is_upload(record: object) -> bool:
    """Tell whether S3 says that it created an object: the records that must not be lost."""
    if not isinstance(record, dict) or record.get("eventSource") != "aws:s3":
        return False
    name = record.get("eventName")
    return isinstance(name, str) and name.startswith(("ObjectCreated:", "s3:ObjectCreated:"))


def submissions_of(event: object) -> Counter[str]:
    """Return the keys of the event's readable uploads that are submissions."""
    found: Counter[str] = Counter()
    record: Any
    for record in filter(is_upload, records_of(event)):
        version = record.get("eventVersion", "2.1")
        if version is not None and str(version).split(".")[0] != "2":
            continue
        with contextlib.suppress(KeyError, TypeError):
            bucket, key = record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]
            if bucket == BUCKET and isinstance(key, str) and key:
                key = decoded(key)
                found[key] += is_submission(key)
    return +found


def handled(handler: ModuleType, wire: SqsWire, event: object) -> tuple[Counter[str], list[Sent]]:
    """Handle an event, check everything written, and return the outcomes by reason."""
    wire.clear()
    answer: dict[str, Any] | None = None
    with (
        writing_the_log() as log,
        contextlib.redirect_stdout(io.StringIO()) as stdout,
        contextlib.suppress(IntakeError),  # any other error ends the test
    ):
        answer = handler.lambda_handler(event, None)
    lines = log.lines
    assert all(length < LONGEST_LINE_BYTES for length in log.lengths)
    ends = Counter(line["outcome"] for line in lines)
    reasons = Counter(line["reason"] for line in lines if line["outcome"] == "ignored")
    assert ends.keys() <= {"announced", "ignored", "failed"}
    assert (answer is None) == bool(ends["failed"])
    if answer is not None:
        assert json.loads(json.dumps(answer)) == {
            "announced": ends["announced"],
            "ignored": dict(reasons),
        }
    metrics: Counter[str] = Counter()
    for written in stdout.getvalue().splitlines():
        document = json.loads(written)
        assert document["Stack"] == "fuzzed"
        metrics += Counter(
            {name.lower(): document.get(name, 0) for name in ("Announced", "Ignored", "Failed")}
        )
    assert metrics == ends
    assert set(wire.calls) <= {"sqs.us-west-2.amazonaws.com AmazonSQS.SendMessageBatch"}
    assert len(wire.sent) == ends["announced"]
    return ends + reasons, list(wire.sent)


def test_every_record_of_any_event_has_one_outcome(
    wired_handler: ModuleType, wire: SqsWire, capsys: pytest.CaptureFixture[str]
) -> None:
    tally: Counter[str] = Counter()

    @settings(max_examples=min(ROUND_CASES, CASES or ORDINARY_CASES))
    @given(EVENTS)
    def every_event(event: object) -> None:
        event = json.loads(json.dumps(event))
        before = copy.deepcopy(event)
        ends, sent = handled(wired_handler, wire, event)
        assert json.dumps(event) == json.dumps(before)
        records = records_of(event)
        assert ends["announced"] + ends["ignored"] + ends["failed"] == len(records)
        # Uploads are ignored only for their key or bucket; other records never fail.
        uploads = sum(map(is_upload, records))
        for_its_place = sum(ends[reason] for reason in (*IgnoredKey, NotAnUpload.OTHER_BUCKET))
        nameless = ends["failed"] + ends["announced"] + for_its_place - uploads
        assert (
            0
            <= nameless
            <= sum(
                isinstance(record, dict) and record.get("eventSource") == "aws:s3"
                for record in records
            )
        )
        submissions = submissions_of(event)
        keys = Counter(message.attributes["key"] for message in sent)
        # SQS refused the missing ones, and each of them failed.
        assert keys <= submissions
        assert (submissions - keys).total() <= ends["failed"]
        for message in sent:
            match = BODY.fullmatch(message.body)
            assert match
            assert json.loads(message.body) == {"subdata": match[1]}
            assert message.attributes["key"].endswith(f"/{match[1]}")
            assert message.attributes.keys() <= {"bucket", "key", "versionId", "eTag", "eventTime"}
        tally.update(ends | Counter(events=1, records=len(records)))

    with reported(tally, "events", capsys):
        while tally["events"] < (CASES or ORDINARY_CASES):
            every_event()
    # The events must reach every outcome there is; a short run may miss
    # a reason to ignore, which the tests of the grammar and of the events have one by one.
    ends = {"announced", "ignored", "failed"}
    assert ends <= set(tally) <= {"events", "records"} | ends | {*IgnoredKey, *NotAnUpload}
    if CASES >= ROUND_CASES:
        assert {*IgnoredKey, *NotAnUpload} <= set(tally)


def test_split_joined_and_extended_events_lead_to_the_same_messages(
    wired_handler: ModuleType, wire: SqsWire
) -> None:
    seen = 0

    def messages(*records: object) -> Counter[tuple[str, str]]:
        _, sent = handled(wired_handler, wire, s3_event(*records))
        return Counter((one.body, json.dumps(one.attributes)) for one in sent)

    @settings(max_examples=min(ROUND_CASES, (CASES or ORDINARY_CASES) // 4))
    @given(RECORDS, st.integers(0, 12), st.text(min_size=20), JSON)
    def every_split(records: list[object], place: int, name: str, value: object) -> None:
        nonlocal seen
        whole = messages(*records)
        seen += whole.total()
        assert messages(*records[:place]) + messages(*records[place:]) == whole
        assert messages(*reversed(records)) == whole
        assert messages(*records, *records) == whole + whole
        more = [
            {name: value, **record} if isinstance(record, dict) else record for record in records
        ]
        assert messages(*more) == whole

    every_split()
    assert seen


def test_each_submission_is_announced_or_fails_for_any_answer_of_sqs() -> None:
    one_fault = [
        refusing(0, sender_fault=True, code="InvalidMessageContents"),
        refusing(0, sender_fault=False, code="InternalError"),
        forgetting(0),
    ]
    answers = st.sampled_from(
        [
            taken,
            taken_under_other_ids,
            out_of_reach,
            refusing_the_call("AccessDenied"),
            lambda _entries: {},
            *one_fault,
            *(all_of(fault, taken) for fault in one_fault),
            *(of(slice(1), fault) for fault in one_fault),
            of(slice(1), taken),
            of(slice(1, None), taken),
        ]
    )

    @settings(max_examples=min(ROUND_CASES, (CASES or ORDINARY_CASES) // 4))
    @given(st.lists(answers, min_size=1, max_size=6), st.integers(0, 25))
    def every_course(course: list[Any], count: int) -> None:
        sqs = ScriptedSqs(course)
        keys = [submission_key(number) for number in range(count)]
        failed = False
        with writing_the_log() as log:
            try:
                take_in(s3_event(*(s3_record(key.data_key) for key in keys)), sqs.queue)
            except IntakeError:
                failed = True
        told = [line for line in log.lines if "subid" in line]
        assert sorted(line["subid"] for line in told) == [key.subid for key in keys]
        assert failed == any(line["outcome"] == "failed" for line in told)
        for line in told:
            if line["outcome"] == "announced":
                assert line["messageId"] == message_id(f'{{"subdata": "{line["subid"]}.json"}}')

    every_course()


def test_object_of_five_gigabytes_needs_one_call_to_sqs_and_none_to_s3(
    wired_handler: ModuleType, wire: SqsWire
) -> None:
    record = s3_record()
    record["s3"]["object"]["size"] = 5 * 1024**3
    ends, sent = handled(wired_handler, wire, s3_event(record))
    assert ends == {"announced": 1}
    assert [message.attributes["key"] for message in sent] == [OBJECT_KEY]
    # The test refuses other connections, so these were all.
    assert wire.calls == ["sqs.us-west-2.amazonaws.com AmazonSQS.SendMessageBatch"]
