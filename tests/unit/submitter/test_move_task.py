"""SQS moves dead letters back by itself; what it says of it is followed to the end."""

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from types_boto3_sqs import SQSClient

from submitter.errors import SubmitterError
from submitter.move_task import Moved, move_back

DEAD, QUEUE = "arn:dead", "arn:queue"


def _task(status: str, moved: int = 0, **fields: object) -> dict[str, object]:
    return {"Status": status, "ApproximateNumberOfMessagesMoved": moved} | fields


def _refusal(code: str, status: int) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": "no."},
            "ResponseMetadata": cast("Any", {"HTTPStatusCode": status}),
        },
        "StartMessageMoveTask",
    )


class _Sqs:
    """Tells of one task after the other, and refuses to start any if told so."""

    def __init__(self, *told: dict[str, object] | None, refusal: ClientError | None = None) -> None:
        self._told = list(told)
        self._refusal = refusal
        self.started: list[dict[str, object]] = []

    def list_message_move_tasks(self, **options: object) -> dict[str, object]:
        assert options == {"SourceArn": DEAD, "MaxResults": 1}
        told = self._told.pop(0)
        return {} if told is None else {"Results": [told]}

    def start_message_move_task(self, **options: object) -> None:
        if self._refusal is not None:
            raise self._refusal
        self.started.append(options)


def _move(sqs: _Sqs) -> tuple[Moved, list[int], list[float]]:
    progress: list[int] = []
    slept: list[float] = []
    moved = move_back(cast("SQSClient", sqs), DEAD, QUEUE, progress.append, slept.append)
    return moved, progress, slept


@pytest.mark.parametrize("before", [None, _task("COMPLETED", 7), _task("FAILED", 1)])
def test_task_is_started_and_followed_to_its_end(before: dict[str, object] | None) -> None:
    sqs = _Sqs(before, _task("RUNNING"), _task("RUNNING", 40), _task("COMPLETED", 100))

    moved, progress, slept = _move(sqs)

    assert moved == Moved("COMPLETED", 100, None)
    assert progress == [0, 40]
    assert slept == [1, 1]
    assert sqs.started == [{"SourceArn": DEAD, "DestinationArn": QUEUE}]


def test_task_that_is_under_way_is_followed_and_no_second_one_started() -> None:
    sqs = _Sqs(_task("RUNNING", 5), _task("CANCELLING", 9), _task("CANCELLED", 9))

    moved, progress, _ = _move(sqs)

    assert moved == Moved("CANCELLED", 9, None)
    assert progress == [5, 9]
    assert sqs.started == []


def test_task_that_fails_says_why() -> None:
    sqs = _Sqs(None, _task("RUNNING"), _task("FAILED", 3, FailureReason="AccessDenied"))

    moved, _, _ = _move(sqs)

    assert moved == Moved("FAILED", 3, "AccessDenied")


def test_task_that_sqs_forgets_is_not_taken_for_done() -> None:
    moved, _, _ = _move(_Sqs(None, _task("RUNNING"), None))

    assert moved.status == "UNKNOWN"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("InvalidAction", 400),
        ("AWS.SimpleQueueService.InvalidAction", 400),
        ("InternalFailure", 501),
        ("501", 501),
    ],
)
def test_sqs_without_such_tasks_is_said_with_another_way(code: str, status: int) -> None:
    with pytest.raises(SubmitterError, match="reconcile --no-result --yes"):
        _move(_Sqs(None, refusal=_refusal(code, status)))


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("InternalFailure", 500)])
def test_other_refusal_is_not_taken_for_a_lack(code: str, status: int) -> None:
    with pytest.raises(ClientError, match=code):
        _move(_Sqs(None, refusal=_refusal(code, status)))
