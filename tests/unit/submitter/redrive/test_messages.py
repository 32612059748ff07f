"""Messages are checked, announced once, and only then deleted."""

import json
from collections import Counter
from collections.abc import Callable

import pytest

from submission.message import UploadedObject
from submitter.aws.bucket import CurrentVersion
from submitter.aws.failure_queue import FailureQueue
from submitter.aws.function_call import Handled, Refused
from submitter.redrive.messages import (
    NOT_A_FAILED_EVENT,
    FailureQueueName,
    MessageOutcome,
    QueueReport,
    UploadAnnouncer,
    announce_messages,
    list_messages,
)
from submitter.redrive.view import render_redrive
from unit.submitter.contexts import NOW, rendered
from unit.submitter.sqs_stand_in import Sqs

SUBID = "fc55c0190dde2bc413d8d1e79fb8cca2"
THROTTLED = Refused("TooManyRequestsException", "Rate Exceeded.", is_unavailable=True)


def _key(number: int) -> str:
    return f"submissions/m.soltys/aws_labs/lab5/{number:032x}/{number:032x}.json"


def _body(key: str, condition: str = "RetriesExhausted") -> str:
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "bucket"}, "object": {"key": key, "versionId": "v1"}},
    }
    return json.dumps(
        {
            "requestContext": {"condition": condition},
            "requestPayload": {"Records": [record]},
            "responsePayload": {"errorType": "IntakeError"},
        }
    )


type _Call = Callable[[tuple[CurrentVersion, ...]], Handled | Refused]


def _find(upload: UploadedObject) -> CurrentVersion:
    version = upload.version_id or "current"
    return CurrentVersion(upload.key, "etag", 1, NOW, version)


def _redrive(
    sqs: Sqs,
    call: _Call,
    limit: int = 10_000,
    queue_name: FailureQueueName = FailureQueueName.INTAKE,
    find: Callable[[UploadedObject], CurrentVersion | None] = _find,
) -> QueueReport:
    report = QueueReport(queue_name, carried_out=True, waiting=len(sqs.bodies))
    progress: list[None] = []
    try:
        with FailureQueue.opened(sqs.client, "url", 300, sqs.clock.now) as queue:
            announce_messages(
                queue,
                report,
                "bucket",
                UploadAnnouncer(find, call),
                limit,
                lambda: progress.append(None),
            )
    except KeyboardInterrupt:
        report.interrupted = True
    assert len(progress) == len(report.messages)
    return report


def _look(sqs: Sqs, report: QueueReport) -> None:
    with FailureQueue.opened(sqs.client, "url", 60, sqs.clock.now) as queue:
        list_messages(queue, report, "bucket", 100, lambda: None)


class _Function:
    """Takes events, and keeps their keys; takes its time."""

    def __init__(self, work: Callable[[], None] = lambda: None) -> None:
        self._work = work
        self.announced: Counter[str] = Counter()
        self.stop_after: int | None = None
        self.answer_then: Refused | type[BaseException] = KeyboardInterrupt

    def call(self, versions: tuple[CurrentVersion, ...]) -> Handled | Refused:
        self._work()
        if self.announced.total() == self.stop_after:
            if isinstance(self.answer_then, Refused):
                return self.answer_then
            raise self.answer_then
        self.announced.update(each.key for each in versions)
        return Handled(len(versions), 0)


def test_thousand_events_are_announced_and_reported_once() -> None:
    sqs = Sqs([_body(_key(number)) for number in range(1000)])
    function = _Function(lambda: sqs.clock.sleep(20))

    report = _redrive(sqs, function.call)

    assert function.announced == dict.fromkeys(map(_key, range(1000)), 1)
    assert sqs.bodies == {}
    assert sorted(int(each.message_id) for each in report.messages) == list(range(1000))
    assert {each.fate for each in report.messages} == {MessageOutcome.HANDED_OVER}
    assert (report.moved, report.left, report.seen_all) == (1000, 0, True)
    assert report.causes["RetriesExhausted: IntakeError"].count == 1000


def test_refused_event_is_kept_and_the_others_announced() -> None:
    sqs = Sqs([_body(_key(number)) for number in range(35)])

    def call(versions: tuple[CurrentVersion, ...]) -> Handled | Refused:
        is_bad = versions[0].key == _key(7)
        return Refused("IntakeError", "no queue") if is_bad else Handled(1, 0)

    report = _redrive(sqs, call)

    assert list(sqs.bodies.values()) == [_body(_key(7))]
    assert sqs.visible() == 1
    assert (report.moved, report.left) == (34, 1)
    [kept] = [each for each in report.messages if each.fate is MessageOutcome.LEFT]
    assert (kept.keys, kept.detail) == ((_key(7),), "IntakeError: no queue")


@pytest.mark.parametrize(
    "body", ["hello", pytest.param("[" * 100_000, id="deep"), '{"requestPayload": {"Records": []}}']
)
def test_foreign_message_is_left_and_reported(body: str) -> None:
    sqs = Sqs([body, _body(_key(1))])
    function = _Function()

    report = _redrive(sqs, function.call)

    assert list(sqs.bodies.values()) == [body]
    assert sqs.visible() == 1
    assert function.announced == {_key(1): 1}
    assert (report.moved, report.left) == (1, 1)
    assert [each.detail for each in report.messages] == [NOT_A_FAILED_EVENT, None]


def test_redrive_stops_when_the_function_does_not_run() -> None:
    sqs = Sqs([_body(_key(number)) for number in range(100)])
    function = _Function()
    function.stop_after, function.answer_then = 3, THROTTLED

    report = _redrive(sqs, function.call)

    assert (report.moved, report.left, len(report.messages)) == (3, 97, 4)
    assert report.problem is not None
    assert report.problem == (
        "Lambda does not run the function now (TooManyRequestsException): Rate Exceeded. Check it "
        "with `submitter doctor`, then run this again."
    )
    assert sqs.visible() == 97


def test_limit_is_kept() -> None:
    sqs = Sqs([_body(_key(number)) for number in range(50)])

    report = _redrive(sqs, _Function().call, limit=12)

    assert (report.moved, report.left) == (12, 38)
    assert len(sqs.bodies) == sqs.visible() == 38


def test_queue_with_a_redrive_policy_is_a_problem() -> None:
    sqs = Sqs([_body(_key(1))])
    sqs.attributes["RedrivePolicy"] = "{}"

    report = _redrive(sqs, _Function().call)

    assert report.problem is not None
    assert "redrive policy" in report.problem
    assert "`make plan` and `make apply`" in report.problem
    assert len(sqs.bodies) == report.left == 1


def test_stale_count_of_an_empty_queue_is_ignored() -> None:
    report = QueueReport(FailureQueueName.INTAKE, carried_out=False, waiting=3)
    _look(Sqs([]), report)

    assert report.left == 0
    assert rendered(render_redrive([report], NOW)) == "intake: empty\n"


def test_messages_held_by_others_count_as_left() -> None:
    sqs = Sqs([])
    sqs.attributes["ApproximateNumberOfMessagesNotVisible"] = "3"
    report = QueueReport(FailureQueueName.INTAKE, carried_out=False, waiting=3)
    _look(sqs, report)

    assert report.left == 3


def test_moving_more_than_were_counted_leaves_none() -> None:
    assert QueueReport(FailureQueueName.DEAD_LETTER, carried_out=True, waiting=3, moved=5).left == 0


@pytest.mark.parametrize(
    ("queue", "bodies", "causes"),
    [
        (
            FailureQueueName.INTAKE,
            [_body(_key(1)), _body(_key(2), "EventAgeExceeded"), _body(_key(3)), "hello"],
            {
                "RetriesExhausted: IntakeError": 2,
                "EventAgeExceeded: IntakeError": 1,
                NOT_A_FAILED_EVENT: 1,
            },
        ),
        (FailureQueueName.DEAD_LETTER, ["x", _body(_key(1))], {"not an announcement": 2}),
    ],
)
def test_look_groups_messages_by_cause_and_leaves_them(
    queue: FailureQueueName, bodies: list[str], causes: dict[str, int]
) -> None:
    sqs = Sqs(bodies)
    report = QueueReport(queue, carried_out=False, waiting=len(bodies))

    _look(sqs, report)

    assert {name: cause.count for name, cause in report.causes.items()} == causes
    assert sqs.visible() == len(bodies)
    shown = rendered(render_redrive([report], NOW))
    assert "Nothing was announced. To announce them:" in shown
    assert f"submitter redrive {queue.value} --yes" in shown


def _letter(number: int) -> str:
    return json.dumps({"subdata": f"{number:032x}.json"})


def _attributes(**named: str) -> dict[str, dict[str, str]]:
    values = {"bucket": "bucket", "key": _key(1), "versionId": "v1"} | named
    return {name: {"DataType": "String", "StringValue": each} for name, each in values.items()}


def test_dead_letter_is_announced_and_deleted() -> None:
    sqs = Sqs([_letter(1)])
    sqs.message_attributes = _attributes()
    function = _Function()

    report = _redrive(sqs, function.call, queue_name=FailureQueueName.DEAD_LETTER)

    assert function.announced == {_key(1): 1}
    assert sqs.bodies == {}
    assert (report.moved, report.left) == (1, 0)


@pytest.mark.parametrize(
    ("body", "named", "fault"),
    [
        (_letter(2), {}, "its body names another file than its key"),
        ("hello", {}, "its body names another file than its key"),
        (_letter(1)[:-1] + ', "x": 1}', {}, "its body names another file than its key"),
        (_letter(1), {"bucket": "another"}, "names another bucket: another"),
        (_letter(1), {"bucket": ""}, "names another bucket: none"),
        (_letter(1), {"key": _key(1).replace(".json", ".py")}, "not an announcement"),
        (_letter(1), {"versionId": "gone"}, "the bucket has no such version (any more)"),
    ],
)
def test_invalid_dead_letter_is_left_with_its_fault(
    body: str, named: dict[str, str], fault: str
) -> None:
    sqs = Sqs([body])
    sqs.message_attributes = _attributes(**named)
    function = _Function()

    report = _redrive(
        sqs,
        function.call,
        queue_name=FailureQueueName.DEAD_LETTER,
        find=lambda upload: None if upload.version_id == "gone" else _find(upload),
    )

    assert not function.announced
    assert list(sqs.bodies.values()) == [body]
    assert (report.moved, report.left) == (0, 1)
    assert report.messages[0].detail == fault


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (_body(_key(1)).replace('"bucket"}', '"another"}'), "names another bucket: another"),
        (_body("submissions/x.json"), "its key is no submission's: wrong_depth"),
        (_body(""), "has a record that the function cannot read"),
    ],
)
def test_invalid_failed_event_is_left_with_its_fault(body: str, fault: str) -> None:
    sqs = Sqs([body])
    function = _Function()

    report = _redrive(sqs, function.call)

    assert not function.announced
    assert list(sqs.bodies.values()) == [body]
    assert [(each.detail, each.cause) for each in report.messages] == [(fault, fault)]


def test_ignored_message_is_left() -> None:
    sqs = Sqs([_body(_key(1))])

    report = _redrive(sqs, lambda _: Handled(0, 1))

    assert len(sqs.bodies) == 1
    assert report.messages[0].detail == "the function ignored it"


def test_dead_letters_are_grouped_by_problem() -> None:
    sqs = Sqs([_letter(1)])
    sqs.message_attributes = _attributes()
    report = QueueReport(FailureQueueName.DEAD_LETTER, carried_out=False, waiting=1)

    _look(sqs, report)

    assert list(report.causes) == ["m.soltys/aws_labs/lab5"]
    assert report.messages[0].keys == (_key(1),)
