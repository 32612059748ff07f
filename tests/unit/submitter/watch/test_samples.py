"""What is new from look to look, and when looks are taken."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from typer.testing import CliRunner

from submitter.cli import app
from submitter.watch.samples import NewItems, Sample, Trouble, Watcher, samples
from unit.submitter.contexts import NOW, Clock, context_with
from unit.submitter.mocked_aws import mocked_stack

QUIET = Sample(NOW, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, 0, 0)
BUSY = ClientError({"Error": {"Code": "InternalError", "Message": "Busy."}}, "ListObjectsV2")


class _Watcher(Watcher):
    """Looks take a given time, and find nothing."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock, self.seconds, self.looks = clock, seconds, list[float]()

    def look(self) -> Sample:
        self.looks.append(self.clock.seconds)
        self.clock.seconds += self.seconds
        return QUIET


def test_item_is_new_once_when_looks_overlap() -> None:
    items: NewItems[str] = NewItems()
    first = [("a", NOW), ("b", NOW)]

    assert list(items.new(first)) == ["a", "b"]
    assert list(items.new([*first, ("c", NOW)])) == ["c"]
    assert list(items.new([*first, ("c", NOW)])) == []


def test_late_item_is_counted() -> None:
    items: NewItems[str] = NewItems()
    list(items.new([("a", NOW)]))

    assert list(items.new([("a", NOW), ("late", NOW - timedelta(seconds=30))])) == ["late"]


def test_old_items_are_not_counted_again() -> None:
    items: NewItems[int] = NewItems()
    list(items.new((number, NOW - timedelta(hours=1)) for number in range(30_000)))
    list(items.new([(-1, NOW)]))

    assert list(items.new([(5, NOW - timedelta(hours=1)), (-1, NOW)])) == []


def test_looks_keep_their_interval_and_end_in_time() -> None:
    clock = Clock()
    watcher = _Watcher(clock, seconds=1)

    list(samples(watcher, 5, 12, clock=clock.now, pause=clock.sleep))

    assert watcher.looks == [5, 10, 12]


def test_look_that_takes_longer_than_the_interval_delays_the_next() -> None:
    clock = Clock()
    watcher = _Watcher(clock, seconds=7)

    list(samples(watcher, 5, 20, clock=clock.now, pause=clock.sleep))

    assert watcher.looks == [5, 12, 19]


def test_item_of_a_failed_look_is_new_once_and_a_missed_one_later() -> None:
    items: NewItems[str] = NewItems()
    list(items.new([("old", NOW)]))
    found: list[str] = []

    def broken_look() -> Iterator[tuple[str, datetime]]:
        yield "shown", NOW + timedelta(minutes=10)
        raise BUSY

    with pytest.raises(ClientError):
        found.extend(items.new(broken_look()))
    whole = [
        ("old", NOW),
        ("not shown", NOW + timedelta(minutes=2)),
        ("shown", NOW + timedelta(minutes=10)),
    ]

    assert list(items.new(whole)) == ["not shown"]


def _stored(number: int, modified: datetime) -> dict[str, Any]:
    key = f"submissions/a/e/p/{number:032x}/{number:032x}.json"
    return {"Key": key, "ETag": f'"{number}"', "Size": 1, "LastModified": modified}


class _Aws:
    """A bucket, a log, three queues and a metric, as a test wants them to be."""

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.depths = dict.fromkeys(("submissions", "dead-letter", "intake-failures"), 0)
        self.ages: list[float] = []
        self.error: Exception | None = None
        self.broken = ""
        """The client that the error is of."""

    def _answer(self, client: str) -> None:
        if self.error is not None and client == self.broken:
            raise self.error

    def get_paginator(self, name: str) -> "_Aws":
        self._answer(name)
        return self

    def paginate(self, **where: object) -> list[dict[str, Any]]:
        return [{"Contents": self.objects} if "Bucket" in where else {"events": self.lines}]

    def get_queue_attributes(self, *, QueueUrl: str, **_: object) -> dict[str, Any]:  # noqa: N803
        self._answer("sqs")
        [visible] = [count for name, count in self.depths.items() if QueueUrl.endswith(name)]
        counts = {"": visible, "NotVisible": 0, "Delayed": 0}
        return {
            "Attributes": {
                f"ApproximateNumberOfMessages{name}": str(count) for name, count in counts.items()
            }
        }

    def get_metric_statistics(self, **_: object) -> dict[str, Any]:
        self._answer("metrics")
        return {"Datapoints": [{"Timestamp": NOW, "Maximum": self.ages.pop(0)}]}

    def log(self, outcome: str, number: int) -> None:
        message = json.dumps({"outcome": outcome, "requestId": str(number)})
        milliseconds = int(NOW.timestamp() * 1000)
        self.lines.append({"message": message, "timestamp": milliseconds})


def _watched(aws: _Aws, clock: Clock) -> Watcher:
    context = context_with(s3=aws, logs=aws, sqs=aws, cloudwatch=aws)
    return Watcher(context, "submissions/", clock.now)


def test_look_shows_what_is_new_and_what_waits() -> None:
    aws, clock = _Aws(), Clock()
    aws.objects.append(_stored(1, NOW))
    aws.log("announced", 1)
    aws.depths["submissions"] = 7
    aws.ages = [30.0, 90.0]
    watcher = _watched(aws, clock)

    clock.seconds = 4
    aws.objects += [_stored(number, NOW) for number in (2, 3)]
    aws.objects.append(_stored(4, NOW) | {"Key": "submissions/a/e/p/readme.json"})
    for number, outcome in enumerate(("announced", "ignored", "ignored", "failed"), 2):
        aws.log(outcome, number)
    aws.depths.update({"submissions": 5, "intake-failures": 3, "dead-letter": 2})
    first = watcher.look()
    clock.seconds = 8
    second = watcher.look()

    assert replace(first, time=NOW) == Sample(
        time=NOW,
        seconds=4,
        uploads=2,
        uploads_per_second=0.5,
        announced=1,
        announced_per_second=0.25,
        ignored=2,
        failed=1,
        queue_visible=5,
        queue_in_flight=0,
        queue_delayed=0,
        queue_growth_per_second=-0.5,
        oldest_message_seconds=30,
        intake_failures=3,
        dead_letters=2,
    )
    assert first.time.tzinfo is UTC
    assert first.needs_attention
    # SQS reports to CloudWatch once a minute, so CloudWatch is not asked again so soon.
    assert (second.uploads, second.failed, second.oldest_message_seconds) == (0, 0, 30)
    clock.seconds = 64
    assert watcher.look().oldest_message_seconds == 90


@pytest.mark.parametrize("broken", ["filter_log_events", "sqs", "metrics"])
def test_look_after_a_failed_one_includes_what_that_saw(broken: str) -> None:
    aws, clock = _Aws(), Clock()
    aws.ages = [30.0]
    watcher = _watched(aws, clock)
    aws.objects.append(_stored(1, NOW))
    aws.log("announced", 1)

    aws.error, aws.broken, clock.seconds = BUSY, broken, 5
    with pytest.raises(ClientError):
        watcher.look()
    aws.error, clock.seconds = None, 10
    sample = watcher.look()

    assert (sample.uploads, sample.announced, sample.seconds) == (1, 1, 10)
    assert sample.oldest_message_seconds == 30


class _Erring(Watcher):
    """Each look ends with the next of some errors, and None is a good look."""

    def __init__(self, *errors: Exception | None) -> None:
        self._errors = iter(errors)

    def look(self) -> Sample:
        error = next(self._errors)
        if error is not None:
            raise error
        return QUIET


def test_watch_continues_after_a_passing_error() -> None:
    clock = Clock()
    unreachable = EndpointConnectionError(endpoint_url="https://s3")
    watcher = _Erring(None, BUSY, unreachable, None)

    looks = list(samples(watcher, 5, 20, clock=clock.now, pause=clock.sleep))

    assert [type(look) for look in looks] == [Sample, Trouble, Trouble, Sample]
    assert isinstance(looks[1], Trouble)
    assert looks[1].error.startswith("AWS refused ListObjectsV2: Busy. ")


def test_permanent_error_ends_the_watch() -> None:
    clock = Clock()
    denied = ClientError({"Error": {"Code": "AccessDenied"}}, "ListObjectsV2")
    watcher = _Erring(None, denied)

    with pytest.raises(ClientError):
        list(samples(watcher, 5, 20, clock=clock.now, pause=clock.sleep))


def test_lines_for_a_script_include_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    with mocked_stack(monkeypatch):
        errors: Iterator[Exception | None] = iter([BUSY, None])
        look = Watcher.look

        def erring(watcher: Watcher) -> Sample:
            error = next(errors)
            if error is not None:
                raise error
            return look(watcher)

        monkeypatch.setattr(Watcher, "look", erring)
        done = CliRunner().invoke(app, ["watch", "--for", "1", "--interval", "0.5"])

    trouble, sample = map(json.loads, done.stdout.splitlines())
    assert trouble.keys() == {"time", "error"}
    assert sample["uploads"] == 0
    assert done.exit_code == 0
